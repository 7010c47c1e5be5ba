//! What a judgement needs to know of a segment, whether it just came or is in the record already.

use parser::{Flags, Segment, SeqNumber, Timestamp};

use crate::segment::{Kind, SegmentRecord};

/// The facts of one segment that the rules look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) kind: Kind,
    pub(super) seq: SeqNumber,
    /// The acknowledgment field; it means something where `has_ack`.
    pub(super) ack: SeqNumber,
    pub(super) has_ack: bool,
    /// Bytes of data.
    pub(super) len: u32,
    pub(super) fin: bool,
    pub(super) window: u16,
    pub(super) time: Option<i64>,
}

impl Seen {
    #[inline]
    pub(super) fn of(segment: &Segment<'_>, time: Option<Timestamp>) -> Self {
        Self {
            kind: Kind::of(segment.flags),
            seq: segment.seq,
            ack: segment.ack_field,
            has_ack: segment.flags.contains(Flags::ACK),
            len: segment.len,
            fin: segment.flags.contains(Flags::FIN),
            window: segment.window,
            time: time.map(Timestamp::as_nanos),
        }
    }

    pub(super) fn kept(record: &SegmentRecord) -> Self {
        Self {
            kind: record.kind,
            seq: record.seq,
            ack: record.ack.unwrap_or_default(),
            has_ack: record.ack.is_some(),
            len: record.len,
            fin: record.flags.contains(Flags::FIN),
            window: record.window.unwrap_or_default(),
            time: record.timestamp.map(Timestamp::as_nanos),
        }
    }

    /// Whether it takes sequence numbers beyond a SYN: it carries data or a FIN.
    pub(super) fn sends(&self) -> bool {
        self.len > 0 || self.fin
    }

    /// Nanoseconds from `earlier` to this segment, where both have a time.
    pub(super) fn nanos_since(&self, earlier: Option<i64>) -> Option<i64> {
        Some(self.time?.saturating_sub(earlier?))
    }
}

/// What decides whether a segment means anything to a plain attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Says {
    pub(super) flags: Flags,
    pub(super) seq: SeqNumber,
    /// The acknowledgment field.
    pub(super) ack: SeqNumber,
    /// Bytes of data.
    pub(super) len: u32,
    pub(super) time: Option<i64>,
}

/// How far `number` lies beyond `origin`, on the circle.
pub(super) const fn beyond(number: SeqNumber, origin: SeqNumber) -> u32 {
    number.0.wrapping_sub(origin.0)
}
