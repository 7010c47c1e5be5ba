//! What a record shows at a glance. Most attempts are plain, and few rules have to look at those.

use std::ops::BitOr;

use parser::{Flags, TcpOption};

use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender, Verdict};

/// Signs without which a rule finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs(u8);

impl Signs {
    /// The rule itself sees at once whether it fits.
    pub(super) const NONE: Self = Self(0);
    /// The client's acknowledgment of K was captured.
    pub(super) const ACKNOWLEDGED: Self = Self(1);
    /// A RST was captured.
    pub(super) const RESET: Self = Self(1 << 1);
    /// The segments are more or others than SYN, SYN-ACK, ACK and RST, each once and in this order.
    pub(super) const NOT_PLAIN: Self = Self(1 << 2);
    /// The attempt waited for something to its end.
    pub(super) const SILENCE: Self = Self(1 << 3);
    /// The client's first SYN asks for ECN.
    pub(super) const ECN: Self = Self(1 << 4);
    /// The client's first SYN is signed.
    pub(super) const SIGNED: Self = Self(1 << 5);

    /// The signs of this record.
    pub(super) fn of(handshake: &Handshake) -> Self {
        let waits = matches!(handshake.outcome, Outcome::Unanswered | Outcome::Unacknowledged);
        let is_reset = handshake.segments.iter().any(|segment| segment.kind == Kind::Rst);
        let syn = handshake.syns().next();
        Self::ACKNOWLEDGED.when(handshake.steps.ack.is_some())
            | Self::RESET.when(is_reset)
            | Self::NOT_PLAIN.when(!is_plain(&handshake.segments))
            | Self::SILENCE.when(waits)
            | Self::ECN.when(syn.is_some_and(|syn| syn.has(Flags::ECE | Flags::CWR)))
            | Self::SIGNED.when(syn.is_some_and(is_signed))
    }

    /// Whether none of `needed` is missing.
    pub(super) const fn include(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    const fn when(self, shown: bool) -> Self {
        if shown { self } else { Self::NONE }
    }
}

impl BitOr for Signs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

fn is_plain(segments: &[SegmentRecord]) -> bool {
    let step = |segment: &SegmentRecord| match (segment.kind, segment.from) {
        _ if segment.verdict != Verdict::Advanced => None,
        (Kind::Syn, Sender::Client) => Some(0),
        (Kind::SynAck, Sender::Server) => Some(1),
        (Kind::Ack, Sender::Client) => Some(2),
        (Kind::Rst, _) => Some(3),
        _ => None,
    };
    let mut least = 0;
    segments.iter().all(|segment| match step(segment) {
        Some(step) if step >= least => {
            least = step + 1;
            true
        }
        _ => false,
    })
}

fn is_signed(syn: &SegmentRecord) -> bool {
    syn.options.iter().any(|option| matches!(option, TcpOption::Md5(_) | TcpOption::Ao { .. }))
}
