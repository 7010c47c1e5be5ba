//! From frames to the presenter. Replay, live capture and demo have different sources and different
//! ends; they share the way of a frame.

use anyhow::Context as _;
use capture::file::Recorder;
use capture::{Damage, FrameSource, Next};
use handshake::{Clue, ClueFinder, End, Reporting, Tracker};
use hostnames::AnswerFinder;
use parser::{Frame, Names, Origin, Period, Timestamp};
use render::Summary;

use crate::faults;
use crate::memory::Memory;
#[cfg(unix)]
use crate::metrics::Metrics;
#[cfg(unix)]
use crate::presenter::{Checking, PresentWatched};
use crate::presenter::{Present, Presenter};
use crate::status;

const UNWRITTEN: &str = "the output can't be written";
const UNRECORDED: &str = "the recording can't be written";

/// Tracks the attempts in frames and shows those that were selected.
pub(crate) struct Pipeline<P = Presenter> {
    tracker: Tracker,
    /// Where the presenter wants DNS answers.
    answers: Option<AnswerFinder>,
    origins: Origins,
    /// Whether the presenter knows when the capture began.
    has_begun: bool,
    presenter: P,
    recorder: Option<Recorder>,
}

/// The item that the source delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A frame, captured at this time.
    Frame(Option<Timestamp>),
    /// Nothing for now; it is this time.
    Idle(Timestamp),
    /// Nothing will come any more.
    End,
}

#[cfg(unix)]
impl<'a, P: PresentWatched> Pipeline<Checking<'a, P>> {
    /// A pipeline that records every frame, too.
    pub(crate) fn recording(
        presenter: Checking<'a, P>,
        memory: Memory,
        recorder: Option<Recorder>,
    ) -> Self {
        Self { recorder, ..Self::new(presenter, memory) }
    }

    /// Reports something beside the output.
    pub(crate) fn report(&mut self, what: &dyn std::fmt::Display) -> anyhow::Result<()> {
        self.presenter.presenter.report(what).context(UNWRITTEN)
    }

    /// Whether somebody waits for metrics.
    pub(crate) fn is_asked(&self) -> bool {
        self.presenter.metrics.as_ref().is_some_and(Metrics::is_asked)
    }

    /// Tells whoever asks for metrics how the capture stands, which has lost so many packets.
    pub(crate) fn answer(&mut self, dropped: Option<u64>) {
        if let Some(metrics) = &mut self.presenter.metrics {
            metrics.answer(&self.tracker, dropped);
        }
    }

    /// How many attempts were shown. Only `watch` asks: without it, this would be dead code.
    pub(crate) fn shown(&self) -> u64 {
        self.presenter.presenter.count()
    }
}

impl<P: Present> Pipeline<P> {
    /// A pipeline that ends in `presenter`.
    pub(crate) fn new(presenter: P, memory: Memory) -> Self {
        let reporting = presenter.reporting();
        let limits = memory.limits(reporting, presenter.is_in_order());
        Self {
            tracker: Tracker::new(limits, reporting),
            answers: presenter.wants_answers().then(AnswerFinder::default),
            origins: Origins::default(),
            has_begun: false,
            presenter,
            recorder: None,
        }
    }

    /// The same pipeline for the attempts that begin in `period` alone.
    pub(crate) fn started_in(self, period: Period) -> Self {
        Self { tracker: self.tracker.started_in(period), ..self }
    }

    /// When the frames were captured, where attempts of one period are told alone.
    pub(crate) fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        self.tracker.extent()
    }

    /// Notes that the capture goes on after what was read of it.
    pub(crate) fn goes_on(&mut self) {
        let presenter = &mut self.presenter;
        self.tracker.goes_on(&mut |event| presenter.event(event));
    }

    /// Takes the next item of the source.
    ///
    /// # Errors
    /// The source ends in an error, or the output can't be written.
    pub(crate) fn step(&mut self, source: &mut impl FrameSource) -> anyhow::Result<Step> {
        self.take_many(source)?;
        match source.next()? {
            Next::Frame(frame) if !self.origins.is_new(frame.origin) => self.frame(&frame),
            Next::Frame(frame) => {
                // The source can be asked for the name of the interface once the frame has let go
                // of it.
                let bytes = frame.bytes.to_vec();
                let frame = Frame { bytes: &bytes, ..frame };
                self.presenter.learn_names(source.names());
                self.frame(&frame)
            }
            Next::Idle(now) => self.idle(now),
            Next::End => {
                // A source without a frame has a name too.
                self.presenter.learn_names(source.names());
                Ok(Step::End)
            }
        }
    }

    /// Takes in one loop the frames that a source holds in memory, up to the first one of an origin
    /// that was not met yet.
    fn take_many(&mut self, source: &mut impl FrameSource) -> anyhow::Result<()> {
        if self.recorder.is_some() {
            return Ok(());
        }
        source.next_many(|frames| {
            let known = frames.first().is_some_and(|first| self.origins.is_known(first.origin));
            if known {
                self.track(frames);
            }
            known
        });
        self.presenter.release(&self.tracker).context(UNWRITTEN)
    }

    /// Takes frames that were read on another thread, whose names are known.
    ///
    /// # Errors
    /// The output can't be written.
    pub(crate) fn take(&mut self, frames: &[Frame<'_>]) -> anyhow::Result<()> {
        self.track(frames);
        self.presenter.release(&self.tracker).context(UNWRITTEN)
    }

    /// Takes frames of which the other thread has found the clues, too. [`Pipeline::begin`] comes first.
    ///
    /// # Errors
    /// The output can't be written.
    pub(crate) fn take_with<'a>(
        &mut self,
        frames: impl Iterator<Item = Frame<'a>>,
        clues: &[Clue],
    ) -> anyhow::Result<()> {
        let Self { tracker, presenter, .. } = self;
        tracker.on_frames_with(frames, clues, &mut |event| presenter.event(event));
        self.presenter.release(&self.tracker).context(UNWRITTEN)
    }

    /// Takes over names that were learned on another thread.
    pub(crate) fn learn_names(&mut self, names: &Names) {
        self.presenter.learn_names(names);
    }

    /// Whether attempts are counted alone, without records of them.
    pub(crate) fn is_of_facts(&self) -> bool {
        self.presenter.reporting() == Reporting::Facts
    }

    /// Whether so many bytes of what open attempts may take are free.
    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        self.tracker.has_room_for(bytes)
    }

    /// Finds clues for [`Pipeline::take_with`], where these help.
    pub(crate) fn clue_finder(&self) -> Option<ClueFinder> {
        self.tracker.clue_finder().filter(|_| self.answers.is_none())
    }

    /// Tells the presenter when the capture began, once a frame shows it: one of these, if any.
    #[inline]
    pub(crate) fn begin(&mut self, times: impl IntoIterator<Item = Option<Timestamp>>) {
        if !self.has_begun
            && let Some(first) = times.into_iter().flatten().next()
        {
            self.has_begun = true;
            self.presenter.begin(first);
        }
    }

    #[inline]
    fn track(&mut self, frames: &[Frame<'_>]) {
        self.begin(frames.iter().map(|frame| frame.timestamp));
        let Self { tracker, answers, presenter, .. } = self;
        match answers {
            None => tracker.on_frames(frames, &mut |event| presenter.event(event)),
            Some(answers) => track_and_learn(tracker, answers, presenter, frames),
        }
    }

    fn frame(&mut self, frame: &Frame<'_>) -> anyhow::Result<Step> {
        if let Some(recorder) = &mut self.recorder {
            recorder.record(self.presenter.names(), frame).context(UNRECORDED)?;
        }
        let frames = std::slice::from_ref(frame);
        self.begin([frame.timestamp]);
        let presenter = &mut self.presenter;
        match &mut self.answers {
            None => self.tracker.on_frame(frame, &mut |event| presenter.event(event)),
            Some(answers) => track_and_learn(&mut self.tracker, answers, presenter, frames),
        }
        self.presenter.release(&self.tracker).context(UNWRITTEN)?;
        Ok(Step::Frame(frame.timestamp))
    }

    fn idle(&mut self, now: Timestamp) -> anyhow::Result<Step> {
        if let Some(recorder) = &mut self.recorder {
            recorder.flush().context(UNRECORDED)?;
        }
        let presenter = &mut self.presenter;
        self.tracker.advance_to(now, &mut |event| presenter.event(event));
        self.presenter.idle(&self.tracker, now).context(UNWRITTEN)?;
        Ok(Step::Idle(now))
    }

    /// Notes that the capture lost packets: from now on a missing segment proves little.
    #[cfg(unix)]
    pub(crate) fn capture_lost_packets(&mut self) {
        self.tracker.capture_lost_packets();
    }

    /// Ends every attempt and shows the totals.
    pub(crate) fn finish(mut self, end: End, ending: &Ending<'_>) -> anyhow::Result<()> {
        if let Some(recorder) = self.recorder {
            recorder.finish(ending.received, ending.lost).context(UNRECORDED)?;
        }
        let presenter = &mut self.presenter;
        if ending.lost.is_some_and(|lost| lost > 0) {
            self.tracker.capture_lost_packets();
        }
        self.tracker.finish(end, &mut |event| presenter.event(event));
        self.presenter.release(&self.tracker).context(UNWRITTEN)?;
        let summary = Summary {
            files: self.presenter.names().sources().len() as u64,
            traffic: self.tracker.traffic().clone(),
            counters: self.tracker.counters().clone(),
            kernel_dropped: ending.lost,
            damaged: ending.damage.iter().map(faults::damaged).collect(),
            ..Summary::default()
        };
        let is_empty = summary.handshakes() == 0;
        self.presenter.finish(summary).context(UNWRITTEN)?;
        if is_empty && let Some(remark) = &ending.if_none {
            status::report(remark);
        }
        Ok(())
    }
}

/// Takes frames, and tells the presenter of each DNS answer in them when the frames before it are taken.
fn track_and_learn(
    tracker: &mut Tracker,
    answers: &mut AnswerFinder,
    presenter: &mut impl Present,
    mut frames: &[Frame<'_>],
) {
    let find = |answers: &mut AnswerFinder, frames: &[Frame<'_>]| {
        frames.iter().enumerate().find_map(|(at, frame)| Some((at, answers.find(frame)?)))
    };
    while let Some((at, answer)) = find(answers, frames) {
        let (before, rest) = frames.split_at(at + 1);
        tracker.on_frames(before, &mut |event| presenter.event(event));
        presenter.learn_answer(answer, tracker.begun());
        frames = rest;
    }
    tracker.on_frames(frames, &mut |event| presenter.event(event));
}

/// The report of a source at its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending<'a> {
    /// The places at which it broke off.
    pub(crate) damage: &'a [Damage],
    /// How many packets the capture got, where anything counted them.
    pub(crate) received: Option<u64>,
    /// How many it lost.
    pub(crate) lost: Option<u64>,
    /// What is to be said where there was no attempt.
    pub(crate) if_none: Option<String>,
}

/// The origins of frames that were met so far.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    /// For each source, by index: 0 where it was never seen, else one more than the number of its
    /// interfaces that are known.
    seen: Vec<u32>,
}

impl Origins {
    fn level(origin: Origin) -> u32 {
        origin.interface.map_or(1, |interface| u32::from(interface) + 2)
    }

    pub(crate) fn is_known(&self, origin: Origin) -> bool {
        let seen = self.seen.get(usize::from(origin.source));
        seen.is_some_and(|&seen| seen >= Self::level(origin))
    }

    /// Whether this origin is met for the first time.
    pub(crate) fn is_new(&mut self, origin: Origin) -> bool {
        let is_new = !self.is_known(origin);
        let source = usize::from(origin.source);
        if self.seen.len() <= source {
            self.seen.resize(source + 1, 0);
        }
        let seen = &mut self.seen[source];
        *seen = (*seen).max(Self::level(origin));
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_new_once() {
        let mut origins = Origins::default();
        let mut is_new = |source, interface| origins.is_new(Origin { source, interface });
        let seen = [(0, None), (0, None), (0, Some(1)), (0, Some(0)), (2, Some(0)), (1, None)];
        let found = seen.map(|(source, interface)| is_new(source, interface));
        assert_eq!(found, [true, false, true, false, true, true]);
    }
}
