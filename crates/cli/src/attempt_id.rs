//! What an attempt is called on a command line.

use handshake::{Handshake, Uid};

/// Names an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptId {
    /// By its number in this run.
    Number(u64),
    /// By what it has in every run.
    Uid(Uid),
}

impl AttemptId {
    /// Whether it names this one.
    pub(crate) fn is_of(self, handshake: &Handshake) -> bool {
        match self {
            Self::Number(number) => handshake.id == number,
            Self::Uid(uid) => handshake.uid() == uid,
        }
    }
}
