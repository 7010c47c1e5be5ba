//! How far an attempt has gone on the plain course, and what follows from that alone.

use super::report::End;
use super::spans::{LINGER_NS, WAIT_AT_LEAST_NS};
use crate::record::Outcome;

/// How far the plain course has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The place is free.
    Free,
    /// A SYN.
    Sent,
    /// A SYN that was sent again, and nothing else.
    SentAgain,
    /// A SYN and its SYN-ACK.
    Received,
    /// A SYN, its SYN-ACK, and the ACK of that.
    Established,
    /// A SYN and the RST that refuses it.
    Refused,
    /// A SYN, its SYN-ACK, the ACK of that, and the RST with which the client closes.
    ClientClosed,
}

impl Stage {
    /// One for each queue.
    pub(super) const WITH_QUEUES: [Self; 5] =
        [Self::Sent, Self::SentAgain, Self::Received, Self::Established, Self::ClientClosed];

    /// The stage that has this number.
    pub(super) const fn of(number: u8) -> Self {
        match number {
            1 => Self::Sent,
            2 => Self::SentAgain,
            3 => Self::Received,
            4 => Self::Established,
            5 => Self::Refused,
            6 => Self::ClientClosed,
            _ => Self::Free,
        }
    }

    /// The queue of an attempt in this stage. Those in one queue wait equally long.
    pub(super) const fn queue(self) -> usize {
        match self {
            Self::Free | Self::Sent => 0,
            Self::Received => 1,
            Self::Established | Self::Refused => 2,
            Self::ClientClosed => 3,
            Self::SentAgain => 4,
        }
    }

    /// Whether a RST was the last segment.
    pub(super) const fn is_reset(self) -> bool {
        matches!(self, Self::Refused | Self::ClientClosed)
    }

    /// Whether a segment has decided what becomes of the attempt.
    pub(super) const fn is_decided(self) -> bool {
        self.is_reset() || matches!(self, Self::Established)
    }

    /// How long an attempt waits for its next segment.
    pub(super) const fn patience(self) -> i64 {
        match self {
            Self::Free | Self::Sent | Self::SentAgain | Self::Received => WAIT_AT_LEAST_NS,
            Self::Established | Self::Refused | Self::ClientClosed => LINGER_NS,
        }
    }

    /// What an attempt came to that ended in this stage.
    pub(super) fn outcome(self, end: End) -> Outcome {
        match self {
            Self::Established | Self::ClientClosed => Outcome::Established,
            Self::Refused => Outcome::Refused,
            _ if end == End::Interrupted => Outcome::InProgress,
            Self::Free | Self::Sent | Self::SentAgain => Outcome::Unanswered,
            Self::Received => Outcome::Unacknowledged,
        }
    }
}
