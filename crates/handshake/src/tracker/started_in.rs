//! Attempts that began in one period, out of a capture that goes on longer: what has to be read for
//! them, and what is counted.

use std::mem::swap;

use parser::{Frame, Period, Timestamp};

use super::Tracker;
use super::attempts::Attempts;
use super::closed::REMEMBERED_NS;
use super::related_attempts::LATELY_NS;
use super::report::OnEvent;
use super::spans::{CUT_NS, LIFETIME_NS, SLACK_NS};
use super::traffic::Traffic;

/// What came longer before an attempt makes no difference to it: the one before it lived at most
/// [`LIFETIME_NS`] and is remembered for [`REMEMBERED_NS`], and of the others the last minute counts.
const BEFORE_NS: i64 = LIFETIME_NS + REMEMBERED_NS + LATELY_NS;
/// What its client tried is counted in the ten minutes of its beginning and in those before.
const _: () = assert!(BEFORE_NS >= 2 * CUT_NS);
/// After so long an attempt has ended.
const AFTER_NS: i64 = LIFETIME_NS;

/// What has to be read of a capture so that the attempts that began in `period` are told as if all of
/// it was read: 20 minutes before it, and 15 minutes after it.
pub fn period_to_read(period: Period) -> Period {
    period.widened(BEFORE_NS, AFTER_NS)
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    /// It is tracked and counted.
    Inside,
    /// It is tracked.
    Beside,
    /// Its time is noted.
    Outside,
}

/// What a tracker needs to tell of the attempts of one period alone.
#[derive(Debug)]
pub(super) struct StartedIn {
    period: Period,
    read: Period,
    /// Where the latest frame was; one without a time is where the one before it was.
    zone: Zone,
    /// Whether the frames that come are counted.
    counts: bool,
    /// The earliest and the latest time of all frames, counted or not.
    extent: Option<(Timestamp, Timestamp)>,
    /// The totals of those that are not, or of those that are, while they don't come.
    other: Totals,
}

/// What is counted by frames.
#[derive(Debug, Default)]
struct Totals {
    traffic: Traffic,
    tcp_segments: u64,
    outside_handshake: u64,
    odd_segments: u64,
}

impl StartedIn {
    fn zone(&self, time: Option<Timestamp>) -> Zone {
        match time {
            None => self.zone,
            time if self.period.holds(time) => Zone::Inside,
            time if self.read.holds(time) => Zone::Beside,
            _ => Zone::Outside,
        }
    }

    /// The frames at the beginning that have one zone.
    fn first_zone<'f, 'b>(
        &mut self,
        frames: &'f [Frame<'b>],
    ) -> (&'f [Frame<'b>], &'f [Frame<'b>]) {
        if let Some(first) = frames.first() {
            self.zone = self.zone(first.timestamp);
        }
        let beyond = |frame: &Frame<'_>| self.zone(frame.timestamp) != self.zone;
        frames.split_at(frames.iter().position(beyond).unwrap_or(frames.len()))
    }

    fn note_times(&mut self, frames: &[Frame<'_>]) {
        for time in frames.iter().filter_map(|frame| frame.timestamp) {
            let (first, last) = self.extent.unwrap_or((time, time));
            self.extent = Some((first.min(time), last.max(time)));
        }
    }

    /// Lets the totals be those of the period, or those of what is beside it.
    fn count(&mut self, counts: bool, traffic: &mut Traffic, attempts: &mut Attempts) {
        if self.counts == counts {
            return;
        }
        self.counts = counts;
        let Totals { traffic: other, tcp_segments, outside_handshake, odd_segments } =
            &mut self.other;
        swap(traffic, other);
        swap(&mut attempts.counters.tcp_segments, tcp_segments);
        swap(&mut attempts.counters.outside_handshake, outside_handshake);
        swap(&mut attempts.counters.odd_segments, odd_segments);
    }
}

impl Tracker {
    /// The same tracker, which tells of the attempts that begin in `period` and counts them and its
    /// frames alone. Where it is given what [`period_to_read`] says, it tells of them what it would tell
    /// if it was given all: but for their ids (also in notes), the numbers of frames, and what the bounds
    /// of memory let it know of ended attempts and of other hosts. Other frames may come too.
    ///
    /// An attempt whose first segment has no time belongs to a period without a beginning.
    #[must_use]
    pub fn started_in(mut self, period: Period) -> Self {
        self.attempts.started_in = period;
        self.started_in = (period != Period::ALWAYS).then(|| {
            let read = period_to_read(period);
            let zone = if period.holds(None) { Zone::Inside } else { Zone::Outside };
            Box::new(StartedIn {
                period,
                read,
                zone,
                counts: true,
                extent: None,
                other: Totals::default(),
            })
        });
        self
    }

    /// Takes the next frames where not all of them count.
    #[cold]
    pub(super) fn on_frames_around(&mut self, mut frames: &[Frame<'_>], on_event: OnEvent<'_>) {
        let Some(mut around) = self.started_in.take() else { return };
        around.note_times(frames);
        while !frames.is_empty() {
            let (some, rest) = around.first_zone(frames);
            if around.zone == Zone::Outside {
                for frame in some {
                    self.attempts.observe_time(frame.timestamp, on_event);
                }
            } else {
                let counts = around.zone == Zone::Inside;
                around.count(counts, &mut self.traffic, &mut self.attempts);
                self.on_frames(some, on_event);
            }
            frames = rest;
        }
        around.count(true, &mut self.traffic, &mut self.attempts);
        self.attempts.count_taken_back();
        self.started_in = Some(around);
    }

    /// The earliest and the latest time of the frames that were given, if it tells of one period alone.
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        self.started_in.as_ref()?.extent
    }

    /// Tells that the capture goes on after what has to be read of it.
    pub fn goes_on(&mut self, on_event: OnEvent<'_>) {
        if let Some(to) = self.started_in.as_ref().and_then(|around| around.read.to) {
            self.advance_to(to.plus_nanos(SLACK_NS), on_event);
        }
    }
}
