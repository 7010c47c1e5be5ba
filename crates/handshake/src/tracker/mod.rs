//! From frames to attempts: what is in a frame, which attempt it belongs to, what it does to it.

mod arrival;
mod attempt;
mod attempts;
mod belonging;
mod claim;
mod clock;
mod closed;
mod closing;
mod conclude;
mod copies;
mod course;
mod elsewhere;
mod encapsulation;
mod endpoint_states;
mod errors;
mod fetch;
mod fifo_map;
mod flow;
mod index;
mod judge;
mod judgement;
mod keep;
mod kept;
mod known;
mod late;
mod mark;
mod negotiate;
mod open_ids;
mod opening;
mod patience;
mod plain;
mod plain_attempts;
mod plain_facts;
mod queue;
mod related_attempts;
mod report;
mod seen;
mod slab_list;
mod spans;
mod stage;
mod started_in;
mod state;
mod table;
mod taken;
#[cfg(test)]
mod tests;
mod traffic;
mod vantage;
mod waiting;
mod whole;

use std::slice;

use parser::{Content, Decoder, Frame, Glance, Timestamp};

use attempts::Attempts;
pub use fetch::{Clue, ClueFinder};
use report::OnEvent;
pub use report::{Counters, End, Event, Limits, Reporting};
use started_in::StartedIn;
pub use started_in::period_to_read;
pub use traffic::{Traffic, Undecoded};
pub use waiting::Waiting;
use whole::Whole;

/// Frames that are looked ahead.
pub(crate) const AHEAD: usize = 32;

/// Tracks connection attempts.
#[derive(Debug)]
pub struct Tracker {
    decoder: Decoder,
    traffic: Traffic,
    attempts: Attempts,
    /// Only where connections are followed to their end.
    whole: Option<Box<Whole>>,
    /// Only where not all attempts are told.
    started_in: Option<Box<StartedIn>>,
}

impl Tracker {
    /// A tracker that holds to `limits`.
    pub fn new(limits: Limits, reporting: Reporting) -> Self {
        let (limits, whole) = match reporting {
            Reporting::Whole => {
                let memory = limits.memory / 2;
                (Limits { memory, ..limits }, Some(Box::new(Whole::new(memory))))
            }
            Reporting::Facts | Reporting::Records | Reporting::Decisions => (limits, None),
        };
        Self {
            decoder: Decoder::new(),
            traffic: Traffic::default(),
            attempts: Attempts::new(limits, reporting),
            whole,
            started_in: None,
        }
    }

    /// Takes the next frame.
    #[inline]
    pub fn on_frame(&mut self, frame: &Frame<'_>, on_event: OnEvent<'_>) {
        if self.started_in.is_some() {
            return self.on_frames_around(slice::from_ref(frame), on_event);
        }
        if self.whole.is_some() {
            return self.follow(frame, on_event);
        }
        let glance = Glance::of(frame.link, frame.wire_len, frame.bytes);
        let clue = self.finder().of_glance(frame, glance.as_ref());
        self.take(frame, clue, || glance, on_event);
    }

    /// Takes the next frames. What is known of their attempts is fetched for several of them before
    /// the first one is taken, so that the processor does not wait for each of them anew.
    pub fn on_frames(&mut self, frames: &[Frame<'_>], on_event: OnEvent<'_>) {
        if self.started_in.is_some() {
            return self.on_frames_around(frames, on_event);
        }
        if self.whole.is_some() || !self.attempts.is_worth_fetching() {
            return frames.iter().for_each(|frame| self.on_frame(frame, on_event));
        }
        let finder = self.finder();
        for some in frames.chunks(AHEAD) {
            let mut clues = [Clue::default(); AHEAD];
            for (clue, frame) in clues.iter_mut().zip(some) {
                *clue = finder.find(frame);
            }
            self.take_some(some.iter().copied(), &clues[..some.len()], on_event);
        }
    }

    /// Takes the next frames, for each of which somebody else has found the clue with the finder of this
    /// tracker. With those of another tracker it would not find its attempts. Where facts alone are wanted,
    /// what [`Clue::headers`] gives of a frame is enough. Of most frames only the time and the length are looked
    /// at, so that the others need not be there before they are asked for.
    #[inline]
    pub fn on_frames_with<'a>(
        &mut self,
        mut frames: impl Iterator<Item = Frame<'a>>,
        clues: &[Clue],
        on_event: OnEvent<'_>,
    ) {
        debug_assert!(self.clue_finder().is_some(), "clues are of no use to this tracker");
        for clues in clues.chunks(AHEAD) {
            self.take_some(&mut frames, clues, on_event);
        }
    }

    /// Finds what this tracker looks at first in a frame, on any thread. `None` where it looks at more:
    /// where connections are followed to their end, or only one period counts.
    pub fn clue_finder(&self) -> Option<ClueFinder> {
        let looks_at_all = self.started_in.is_some() || self.whole.is_some();
        (!looks_at_all).then_some(self.finder())
    }

    const fn finder(&self) -> ClueFinder {
        ClueFinder(self.attempts.hasher)
    }

    /// Takes as many frames as there are clues: at most [`AHEAD`].
    #[inline]
    fn take_some<'a>(
        &mut self,
        frames: impl Iterator<Item = Frame<'a>>,
        clues: &[Clue],
        on_event: OnEvent<'_>,
    ) {
        if self.attempts.is_worth_fetching() {
            self.attempts.fetch(clues);
        }
        for (&clue, frame) in clues.iter().zip(frames) {
            // Few frames need it a second time, and keeping it for all costs more.
            let glance = || Glance::of(frame.link, frame.wire_len, frame.bytes);
            self.take(&frame, clue, glance, on_event);
        }
    }

    /// Takes the next frame where connections are followed to their end.
    #[cold]
    fn follow(&mut self, frame: &Frame<'_>, on_event: OnEvent<'_>) {
        let clue = Clue::default();
        self.beside(on_event, |tracker, on_event| tracker.take(frame, clue, || None, on_event));
        if let Some(whole) = &mut self.whole {
            whole.on_frame(frame, on_event);
        }
    }

    /// Does something of which the attempts tell. Where connections are followed to their end, the
    /// records of open ones are kept back.
    fn beside(&mut self, on_event: OnEvent<'_>, act: impl FnOnce(&mut Self, OnEvent<'_>)) {
        let Some(mut whole) = self.whole.take() else { return act(self, on_event) };
        act(self, &mut |event| whole.on_event(event, on_event));
        whole.advance_to(self.attempts.now, on_event);
        self.whole = Some(whole);
    }

    /// Most segments of a capture belong to no open attempt and begin none. The clue tells them, and
    /// they are counted without more ado.
    #[inline]
    fn take<'a>(
        &mut self,
        frame: &Frame<'a>,
        clue: Clue,
        glance: impl FnOnce() -> Option<Glance<'a>>,
        on_event: OnEvent<'_>,
    ) {
        self.traffic.count(frame);
        self.attempts.observe_time(frame.timestamp, on_event);
        if let Some((hash, flags)) = clue.seen() {
            if self.attempts.is_nobodys((hash, flags)) {
                return;
            }
            if let Some(glance) = &glance() {
                return self.attempts.on_glance(frame, (glance, hash), on_event);
            }
        }
        self.decode(frame, on_event);
    }

    #[inline(never)]
    fn decode(&mut self, frame: &Frame<'_>, on_event: OnEvent<'_>) {
        let packet = self.decoder.decode(frame);
        match &packet.content {
            Content::Tcp(segment) => {
                self.attempts.take_segment(frame, packet.layers, segment, on_event);
            }
            Content::Icmp(error) => {
                self.traffic.icmp_errors += 1;
                self.attempts.on_icmp(frame, packet.layers, error, on_event);
            }
            Content::Other(other) => self.traffic.without_tcp.count(*other),
            Content::Stopped(stopped) => self.traffic.count_undecoded(stopped),
        }
    }

    /// Lets time pass: attempts whose next segment is overdue end.
    #[inline]
    pub fn advance_to(&mut self, now: Timestamp, on_event: OnEvent<'_>) {
        self.beside(on_event, |tracker, on_event| {
            tracker.attempts.advance_clock(now.as_nanos(), on_event);
        });
    }

    /// Ends every attempt that is still open.
    pub fn finish(&mut self, end: End, on_event: OnEvent<'_>) {
        self.traffic.count_fragmented(self.decoder.headers_not_reassembled());
        self.beside(on_event, |tracker, on_event| tracker.attempts.finish(end, on_event));
        if let Some(whole) = &mut self.whole {
            whole.finish(on_event);
        }
    }

    /// The smallest id among the attempts that have not ended: every later [`Event::Ended`] has this
    /// id or a greater one.
    pub fn oldest_open(&self) -> Option<u64> {
        let held = self.whole.as_ref().and_then(|whole| whole.oldest());
        self.attempts.oldest_open().into_iter().chain(held).min()
    }

    /// Tells that the capture lost packets: verdicts that rest on a missing segment say so from now on.
    pub fn capture_lost_packets(&mut self) {
        self.attempts.capture_lost_packets();
    }

    /// Whether so many bytes of what the open attempts may take are free.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        let memory = self.attempts.limits.memory;
        self.attempts.table.taken(memory) + bytes <= memory
    }

    /// How many attempts have begun so far: the greatest of their ids.
    pub fn begun(&self) -> u64 {
        self.attempts.begun()
    }

    /// The totals of attempts and segments so far.
    pub fn counters(&self) -> &Counters {
        self.attempts.counters()
    }

    /// The totals of frames so far.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }
}
