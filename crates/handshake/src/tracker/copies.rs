//! The same packet, seen again: by a second interface, a mirror port, another VLAN, another file.

use parser::{Frame, IcmpError, Origin, Segment, Timestamp};

use super::attempt::Attempt;
use super::mark::UNIDENTIFIED_NS;
use super::seen::beyond;
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};
use crate::side::Side;

/// A packet that is identified may be seen again this much later at the same place,
const SAME_PLACE_NS: u64 = 20_000_000;
/// and this much later at another one: a router, a tunnel or a second capture lies between.
pub(super) const OTHER_PLACE_NS: u64 = 200_000_000;

/// Where a packet was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) origin: Origin,
    pub(super) ttl: u8,
    /// Of the attempt's encapsulations; `None` where it is none of them.
    pub(super) encapsulation: Option<u8>,
}

/// What the other side sent between two equal packets.
#[derive(Clone, Copy, Default)]
struct Between {
    answered: bool,
    /// A SYN of its own: Linux answers it at once, and within one tick of the TSval the answer equals
    /// the SYN-ACK that its timer sent.
    asked_again: bool,
}

impl Place {
    fn of(kept: &SegmentRecord) -> Self {
        Self { origin: kept.origin, ttl: kept.ttl, encapsulation: Some(kept.encapsulation) }
    }
}

impl Attempt {
    /// The place among the kept segments of the packet that `segment` is once more.
    #[inline]
    pub(super) fn original_of(
        &self,
        frame: &Frame<'_>,
        segment: &Segment<'_>,
        from: Side,
        encapsulation: impl FnOnce() -> Option<u8>,
    ) -> Option<usize> {
        // Most segments are like none before them.
        let is_like = |kept: &SegmentRecord| kept.seq == segment.seq && kept.flags == segment.flags;
        if !self.segments.iter().any(is_like) {
            return None;
        }
        let place =
            Place { origin: frame.origin, ttl: segment.ttl, encapsulation: encapsulation() };
        self.original_among_like(segment, from, place, frame.timestamp)
    }

    #[inline(never)]
    fn original_among_like(
        &self,
        segment: &Segment<'_>,
        from: Side,
        place: Place,
        at: Option<Timestamp>,
    ) -> Option<usize> {
        let mut between = Between::default();
        for (index, kept) in self.segments.iter().enumerate().rev() {
            if kept.verdict == Verdict::DuplicateCapture {
                continue;
            }
            if kept.from != from.into() {
                between.answered = true;
                between.asked_again |= kept.kind == Kind::Syn && answers(kept, segment);
            } else if kept.seq == segment.seq
                && is_same(kept, segment)
                && (is_near(kept, segment, place, at, between)
                    || (!between.answered
                        && apart(kept, at).is_some_and(|ns| ns <= UNIDENTIFIED_NS)
                        && self.passes(kept, segment.ttl, place.encapsulation)))
            {
                return Some(index);
            }
        }
        None
    }

    /// Whether a packet went from the scope and hop limit of `kept` to these as another one is known to
    /// have done, or the other side's packets the other way: a router lies between, and both of its
    /// sides are captured.
    fn passes(&self, kept: &SegmentRecord, ttl: u8, encapsulation: Option<u8>) -> bool {
        let Some(to) = encapsulation.filter(|&to| to != kept.encapsulation) else { return false };
        let there = (kept.encapsulation, to);
        let way = |from: Sender| if from == kept.from { there } else { (there.1, there.0) };
        let fell = kept.ttl.checked_sub(ttl);
        self.segments.iter().enumerate().any(|(at, copy)| {
            let is_known = copy.verdict == Verdict::DuplicateCapture && copy.kind != Kind::Icmp;
            is_known
                && self.segments[..at].iter().any(|original| {
                    original.verdict != Verdict::DuplicateCapture
                        && original.is_same_as(copy)
                        && (original.encapsulation, copy.encapsulation) == way(copy.from)
                        && fell.is_some()
                        && original.ttl.checked_sub(copy.ttl) == fell
                })
        })
    }

    /// Whether an equal ICMP error is in the record already.
    pub(super) fn holds_error(
        &self,
        error: &IcmpError,
        place: Place,
        at: Option<Timestamp>,
    ) -> bool {
        self.segments.iter().any(|kept| {
            let same = |known: &IcmpError| IcmpError { ttl: error.ttl, ..*known } == *error;
            kept.icmp.as_deref().is_some_and(same)
                && apart(kept, at).is_some_and(|ns| ns <= limit(kept, place))
        })
    }
}

/// Whether a segment that `from` sent is the packet that is kept, captured again.
pub(super) fn is_again(
    kept: &SegmentRecord,
    frame: &Frame<'_>,
    segment: &Segment<'_>,
    from: Side,
) -> bool {
    let encapsulation = Some(kept.encapsulation);
    let place = Place { origin: frame.origin, ttl: segment.ttl, encapsulation };
    kept.from == from.into()
        && kept.seq == segment.seq
        && is_same(kept, segment)
        && is_near(kept, segment, place, frame.timestamp, Between::default())
}

/// Whether a SYN-ACK acknowledges this SYN, with or without its data.
fn answers(syn: &SegmentRecord, segment: &Segment<'_>) -> bool {
    beyond(segment.ack_field, syn.seq.plus(1)) <= syn.len
}

/// Whether two segments are the same packet by all that a TCP wrote into it.
fn is_same(kept: &SegmentRecord, segment: &Segment<'_>) -> bool {
    kept.flags == segment.flags
        && kept.ack == segment.ack()
        && kept.len == segment.len
        && kept.window == Some(segment.window)
        && kept.ip_id.unwrap_or(0) == segment.ip_id.unwrap_or(0)
        && kept.options.are(segment.option_bytes())
}

/// Whether they are near enough in time. An IP id that counts, or a time stamp, tells a packet from
/// its repetition.
fn is_near(
    kept: &SegmentRecord,
    segment: &Segment<'_>,
    place: Place,
    at: Option<Timestamp>,
    between: Between,
) -> bool {
    let numbered = segment.ip_id.unwrap_or(0) != 0;
    let is_new_answer = !numbered && between.asked_again && Place::of(kept) == place;
    match apart(kept, at) {
        None => numbered && !between.answered,
        Some(_) if is_new_answer => false,
        Some(apart) if numbered || kept.timestamps().is_some() => apart <= limit(kept, place),
        Some(apart) => {
            apart <= UNIDENTIFIED_NS
                && !between.answered
                && Place::of(kept).encapsulation == place.encapsulation
        }
    }
}

fn limit(kept: &SegmentRecord, place: Place) -> u64 {
    if Place::of(kept) == place { SAME_PLACE_NS } else { OTHER_PLACE_NS }
}

fn apart(kept: &SegmentRecord, at: Option<Timestamp>) -> Option<u64> {
    Some(at?.nanos_since(kept.timestamp?).unsigned_abs())
}
