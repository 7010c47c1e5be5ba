//! What tells a packet from others with the same numbers.

use parser::{Segment, SeqNumber};

use super::seen::Seen;
use crate::segment::SegmentRecord;

/// A packet that was captured elsewhere, too, comes within this time.
pub(super) const COPY_NS: i64 = 200_000_000;
/// Without anything that identifies a packet, two equal ones within this time are one that was
/// captured twice: Linux repeats a SYN within two jiffies after a bad acknowledgment.
pub(super) const UNIDENTIFIED_NS: u64 = 5_000_000;

/// What identifies a packet beside its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    #[default]
    None,
    IpId(u16),
    Tsval(u32),
}

impl Mark {
    pub(super) fn of(segment: &Segment<'_>) -> Self {
        Self::new(segment.ip_id, || segment.options().timestamps().map(|(tsval, _)| tsval))
    }

    pub(super) fn kept(record: &SegmentRecord) -> Self {
        Self::new(record.ip_id, || record.timestamps().map(|(tsval, _)| tsval))
    }

    /// An IP id that counts is enough.
    pub(super) fn new(ip_id: Option<u16>, tsval: impl Fn() -> Option<u32>) -> Self {
        match ip_id.filter(|&id| id != 0) {
            Some(id) => Self::IpId(id),
            None => tsval().map_or(Self::None, Self::Tsval),
        }
    }

    /// Whether both come from one packet.
    pub(super) fn is_same(self, other: Self) -> bool {
        self != Self::None && self == other
    }
}

/// A segment that ended an attempt and is in no record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confirming {
    pub(super) seq: SeqNumber,
    ack: SeqNumber,
    at: i64,
    pub(super) mark: Mark,
}

impl Confirming {
    pub(super) fn of(segment: &Segment<'_>, seen: &Seen) -> Option<Self> {
        Some(Self { seq: seen.seq, ack: seen.ack, at: seen.time?, mark: Mark::of(segment) })
    }

    /// Whether a segment may be this one, captured again.
    pub(super) fn is_repeated(&self, seen: &Seen) -> bool {
        (self.seq, self.ack) == (seen.seq, seen.ack)
            && seen.time.is_some_and(|time| time.abs_diff(self.at) <= COPY_NS as u64)
    }
}
