//! How a connection is closed, as far as it was captured.

use parser::{Flags, SeqNumber};

use crate::segment::{SegmentRecord, Verdict};
use crate::side::Side;

/// What was captured of a connection after its handshake (docs/handshake.md, The close).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// FINs, the ACKs of FINs and RSTs, in capture order; those among the segments of the handshake, too.
    pub segments: Vec<SegmentRecord>,
    /// The data before each of them and after the last one, of the client and of the server.
    pub data: Vec<[Data; 2]>,
    /// The sequence number of the client's FIN and of the server's, where one was captured.
    pub fins: [Option<SeqNumber>; 2],
    /// Segments beyond the bound, which are not in `segments`.
    pub omitted: u32,
    /// Whether it was not followed to its end: there was no memory, or another attempt has its numbers.
    pub is_cut: bool,
}

/// Data of one side that is in no segment of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Data {
    /// Segments with data that was not captured before.
    pub segments: u32,
    /// Bytes of it.
    pub bytes: u64,
    /// Whether numbers show bytes (or a FIN) that were not captured.
    pub misses: bool,
    /// Whether bytes came again, or late.
    pub repeats: bool,
}

impl Data {
    /// Whether nothing is known to have been sent.
    pub const fn is_none(&self) -> bool {
        self.segments == 0 && !self.is_least()
    }

    /// Whether there may be more than is counted.
    pub const fn is_least(&self) -> bool {
        self.misses || self.repeats
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.segments = self.segments.saturating_add(other.segments);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.misses |= other.misses;
        self.repeats |= other.repeats;
    }
}

impl Close {
    /// Whether segment `index` arrived: a FIN if it is acknowledged, and an ACK unless the FIN comes
    /// again.
    pub fn arrives(&self, index: usize) -> bool {
        arrives(&self.segments, index)
    }

    /// Who closed first: the sender of the first FIN.
    pub fn first_closer(&self) -> Option<Side> {
        let sides = [Side::Client, Side::Server];
        let closers = || sides.into_iter().filter(|&side| self.fins[side as usize].is_some());
        let is_fin = |side: Side, one: &SegmentRecord| {
            one.from == side.into() && one.flags.contains(Flags::FIN)
        };
        // A FIN that is in none of them came later.
        let at = |side: Side| self.segments.iter().position(|one| is_fin(side, one));
        closers().min_by_key(|&side| at(side).unwrap_or(usize::MAX))
    }
}

/// Whether a segment has a part in a close.
pub(crate) fn counts(segment: &SegmentRecord) -> bool {
    matches!(segment.verdict, Verdict::Advanced | Verdict::Retransmission)
}

pub(crate) fn arrives(segments: &[SegmentRecord], index: usize) -> bool {
    let Some(segment) = segments.get(index) else { return false };
    let mut later = segments[index + 1..].iter().filter(|one| counts(one));
    let answers = |one: &SegmentRecord| one.from != segment.from && one.ack_check.is_some();
    let is_again = |one: &SegmentRecord, is_own: bool| {
        (one.from == segment.from) == is_own && one.verdict == Verdict::Retransmission
    };
    if segment.flags.contains(Flags::FIN) {
        later.find(|one| answers(one) || is_again(one, true)).is_some_and(answers)
    } else {
        !later.any(|one| is_again(one, false))
    }
}
