//! From frames to the screen. Replay, live capture and demo differ in where frames come from and in
//! when they stop; what happens to a frame is here, once.

use std::borrow::Cow;

use anyhow::Context as _;
use capture::file::Recorder;
use capture::{Damage, FrameSource, Next};
use handshake::{End, Limits, Tracker};
use parser::{Content, Decoder, Frame, Glance, Origin, Stopped, Timestamp};
use render::{Damaged, Summary, Undecoded};

use crate::screen::Screen;

const UNWRITTEN: &str = "the output can't be written";
const UNRECORDED: &str = "the recording can't be written";

/// Decodes frames, tracks the attempts in them, shows those that were selected, counts everything.
pub(crate) struct Pipeline {
    decoder: Decoder,
    tracker: Tracker,
    traffic: Traffic,
    screen: Screen,
    recorder: Option<Recorder>,
}

/// What the source said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A frame, captured at this time.
    Frame(Option<Timestamp>),
    /// Nothing for now; it is this time.
    Idle(Timestamp),
    /// Nothing will come any more.
    End,
}

impl Pipeline {
    /// A pipeline that ends on `screen`.
    pub(crate) fn new(screen: Screen) -> Self {
        Self {
            decoder: Decoder::new(),
            tracker: Tracker::new(Limits::default(), screen.reporting()),
            traffic: Traffic::default(),
            screen,
            recorder: None,
        }
    }

    /// A pipeline that records every frame, too.
    #[cfg(unix)]
    pub(crate) fn recording(screen: Screen, recorder: Option<Recorder>) -> Self {
        Self { recorder, ..Self::new(screen) }
    }

    /// Takes what the source has to say next.
    ///
    /// # Errors
    /// Where the source ends in an error, or the output can't be written.
    pub(crate) fn step(&mut self, source: &mut impl FrameSource) -> anyhow::Result<Step> {
        self.glance_at(source)?;
        match source.next()? {
            Next::Frame(frame) if !self.traffic.is_new(frame.origin) => self.frame(&frame),
            Next::Frame(frame) => {
                // The source can be asked for the name of the interface once the frame has let go
                // of it.
                let bytes = frame.bytes.to_vec();
                let frame = Frame { bytes: &bytes, ..frame };
                self.screen.learn_names(source.names());
                self.frame(&frame)
            }
            Next::Idle(now) => self.idle(now),
            Next::End => {
                // Those of sources without a frame.
                self.screen.learn_names(source.names());
                Ok(Step::End)
            }
        }
    }

    /// Counts the frames that need no more than a glance: in a file, that is nearly all of them.
    fn glance_at(&mut self, source: &mut impl FrameSource) -> anyhow::Result<()> {
        if self.recorder.is_some() {
            return Ok(());
        }
        let Self { tracker, traffic, screen, .. } = self;
        source.pass_over(|frame| {
            let glance = Glance::of(frame.link, frame.wire_len, frame.bytes);
            let passed = glance.is_some_and(|glance| {
                tracker.on_glance(frame.timestamp, &glance, &mut |event| screen.event(event))
            });
            if passed {
                traffic.count(frame);
            }
            passed
        });
        self.screen.release(&self.tracker).context(UNWRITTEN)
    }

    fn frame(&mut self, frame: &Frame<'_>) -> anyhow::Result<Step> {
        if let Some(recorder) = &mut self.recorder {
            recorder.record(self.screen.names(), frame).context(UNRECORDED)?;
        }
        self.traffic.count(frame);
        let packet = self.decoder.decode(frame);
        if let Content::Stopped(stopped) = &packet.content {
            self.traffic.count_undecoded(stopped);
        }
        let screen = &mut self.screen;
        self.tracker.on_packet(frame, &packet, &mut |event| screen.event(event));
        self.screen.release(&self.tracker).context(UNWRITTEN)?;
        Ok(Step::Frame(frame.timestamp))
    }

    fn idle(&mut self, now: Timestamp) -> anyhow::Result<Step> {
        if let Some(recorder) = &mut self.recorder {
            recorder.flush().context(UNRECORDED)?;
        }
        let screen = &mut self.screen;
        self.tracker.advance_to(now, &mut |event| screen.event(event));
        self.screen.release(&self.tracker).and_then(|()| self.screen.flush()).context(UNWRITTEN)?;
        Ok(Step::Idle(now))
    }

    /// Tells that the capture lost packets, so that what is missing proves little from now on.
    #[cfg(unix)]
    pub(crate) fn capture_lost_packets(&mut self) {
        self.tracker.capture_lost_packets();
    }

    /// How many attempts were shown.
    #[cfg(unix)]
    pub(crate) fn shown(&self) -> u64 {
        self.screen.count()
    }

    /// Ends every attempt and shows the totals.
    pub(crate) fn finish(mut self, end: End, ending: &Ending<'_>) -> anyhow::Result<()> {
        if let Some(recorder) = self.recorder {
            recorder.finish(ending.received, ending.lost).context(UNRECORDED)?;
        }
        let screen = &mut self.screen;
        if ending.lost.is_some_and(|lost| lost > 0) {
            self.tracker.capture_lost_packets();
        }
        self.tracker.finish(end, &mut |event| screen.event(event));
        self.screen.release(&self.tracker).context(UNWRITTEN)?;
        let counters = self.tracker.counters();
        let summary = Summary {
            files: self.screen.names().sources().len() as u64,
            frames: self.traffic.frames,
            bytes: self.traffic.bytes,
            tcp_segments: counters.tcp_segments,
            first: self.traffic.first,
            last: self.traffic.last,
            outcomes: counters.outcomes,
            outside_handshake: counters.outside_handshake,
            odd_segments: counters.odd_segments,
            undecoded: self.traffic.undecoded,
            evicted: counters.evicted,
            kernel_dropped: ending.lost,
            damaged: ending.damage.iter().map(damaged).collect(),
            ..Summary::default()
        };
        self.screen.finish(summary).context(UNWRITTEN)
    }
}

/// What a source tells at its end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ending<'a> {
    /// Where it broke off.
    pub(crate) damage: &'a [Damage],
    /// How many packets the capture got, where anything counted them.
    pub(crate) received: Option<u64>,
    /// How many it lost.
    pub(crate) lost: Option<u64>,
}

fn damaged(damage: &Damage) -> Damaged {
    let Damage { source, offset, frames, reason } = damage.clone();
    Damaged { source, offset, frames, reason }
}

/// Counts what has nothing to do with handshakes.
#[derive(Debug, Default)]
struct Traffic {
    frames: u64,
    bytes: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    undecoded: Vec<Undecoded>,
    /// For each source, by index: 0 where it was never seen, else one more than the number of its
    /// interfaces that are known.
    seen: Vec<u32>,
}

impl Traffic {
    fn count(&mut self, frame: &Frame<'_>) {
        self.frames += 1;
        self.bytes = self.bytes.saturating_add(u64::from(frame.wire_len));
        if let Some(time) = frame.timestamp {
            self.first.get_or_insert(time);
            self.last = Some(time);
        }
    }

    /// There are few layers and few reasons, so that a list is the fastest table.
    fn count_undecoded(&mut self, stopped: &Stopped) {
        let (layer, reason) = (stopped.layer, stopped.reason.name());
        match self.undecoded.iter_mut().find(|like| like.layer == layer && like.reason == reason) {
            Some(like) => like.count += 1,
            None => self.undecoded.push(Undecoded {
                layer: Cow::Borrowed(layer),
                reason: Cow::Borrowed(reason),
                count: 1,
            }),
        }
    }

    fn is_new(&mut self, origin: Origin) -> bool {
        let source = usize::from(origin.source);
        let level = origin.interface.map_or(1, |interface| u32::from(interface) + 2);
        if self.seen.len() <= source {
            self.seen.resize(source + 1, 0);
        }
        let seen = &mut self.seen[source];
        let is_new = *seen < level;
        *seen = level.max(*seen);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parser::Reason;

    #[test]
    fn an_origin_is_new_once() {
        let mut traffic = Traffic::default();
        let mut is_new = |source, interface| traffic.is_new(Origin { source, interface });
        let seen = [(0, None), (0, None), (0, Some(1)), (0, Some(0)), (2, Some(0)), (1, None)];
        let found = seen.map(|(source, interface)| is_new(source, interface));
        assert_eq!(found, [true, false, true, false, true, true]);
    }

    #[test]
    fn frames_that_stopped_alike_are_counted_together() {
        let mut traffic = Traffic::default();
        for needed in [20, 40] {
            let reason = Reason::Truncated { needed, got: 3 };
            traffic.count_undecoded(&Stopped { layer: "ipv4", reason, offset: 14 });
        }
        traffic.count_undecoded(&Stopped { layer: "tcp", reason: Reason::TooDeep, offset: 0 });
        let counts: Vec<_> = traffic.undecoded.iter().map(|one| (&*one.layer, one.count)).collect();
        assert_eq!(counts, [("ipv4", 2), ("tcp", 1)]);
    }
}
