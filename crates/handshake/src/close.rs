//! How a connection is closed, as far as it was captured.

use parser::{Flags, SeqNumber};

use crate::segment::SegmentRecord;
use crate::side::Side;

/// What was captured of a connection after its handshake (docs/handshake.md, The close).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// FINs, the ACKs of FINs and RSTs, in capture order.
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
    /// Whether there may be more: numbers show bytes (or a FIN) that were not captured, or bytes came
    /// again or late.
    pub is_least: bool,
}

impl Data {
    /// Whether nothing is known to have been sent.
    pub const fn is_none(&self) -> bool {
        self.segments == 0 && !self.is_least
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.segments = self.segments.saturating_add(other.segments);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.is_least |= other.is_least;
    }
}

impl Close {
    /// Who closed first: the sender of the first FIN.
    pub fn first_closer(&self) -> Option<Side> {
        let sides = [Side::Client, Side::Server];
        let closers = || sides.into_iter().filter(|&side| self.fins[side as usize].is_some());
        let is_fin = |side: Side, one: &SegmentRecord| {
            one.from == side.into() && one.flags.contains(Flags::FIN)
        };
        // A FIN that is in none of them is one of the handshake.
        let at = |side: Side| self.segments.iter().position(|one| is_fin(side, one));
        closers().min_by_key(|&side| at(side).map_or(0, |at| at + 1))
    }
}
