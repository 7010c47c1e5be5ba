//! What is said of a segment, and what it changes.

use parser::SeqNumber;

use crate::segment::{AckCheck, Verdict, Why};
use crate::side::Side;

/// A segment's verdict and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) ack_check: Option<AckCheck>,
    pub(super) effect: Effect,
}

/// What a segment changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    /// It belongs to a connection that has ended, and says nothing of this one.
    Foreign,
    /// The client's first SYN.
    Opened,
    SynAgain,
    /// A SYN of the server: simultaneous or split open.
    ServerSyn,
    /// The server's SYN-ACK with an acceptable acknowledgment.
    SynAck,
    SynAckAgain,
    /// A SYN-ACK with another K.
    OtherIsn,
    /// The server acknowledged J without a SYN, after a SYN of its own.
    JAcked,
    /// The client acknowledged K, as far as K is known. Whether this is the very acknowledgment, or
    /// a later segment and the acknowledgment was not captured.
    KAcked {
        isn: Option<SeqNumber>,
        captured: bool,
    },
    /// The client acknowledged K once more, after the server repeated its SYN-ACK.
    AckedAgain,
    /// The server shows that the handshake was completed, though its last segment was not captured.
    Proved,
    /// The server sends data, and no acknowledgment of the client was captured yet.
    ServerSends,
    /// The client's numbers are out of bounds: the server has to tell.
    Doubt,
    Refused,
    Reset(Side),
    /// The connection seems to go on after its RST.
    AfterReset,
    /// It does go on: the RST was none that counts.
    Disproved,
    /// The server answered the SYN with an acknowledgment that does not fit J.
    WrongAnswer,
    /// The client rejected that answer.
    Rejected,
    /// The server showed that it took the client's acknowledgment.
    Confirmed,
    /// The client reset the connection it had opened.
    ClientClosed,
    /// The server reset the connection that it had let in.
    ServerClosed,
    /// The server reset a connection that it had not let in.
    Aborted,
}

impl Effect {
    pub(super) const fn is_none(self) -> bool {
        matches!(self, Self::None | Self::Foreign)
    }
}

impl Judgement {
    /// That on what belongs to a connection that has ended.
    pub(super) const FOREIGN: Self = Self::new(Verdict::Stray, Effect::Foreign);

    /// That on a packet that was captured twice.
    pub(super) const COPY: Self = Self::new(Verdict::DuplicateCapture, Effect::None);

    /// That on a SYN before it is known what it begins.
    pub(super) const OPENS: Self = Self::advanced(Effect::Opened);

    pub(super) const fn new(verdict: Verdict, effect: Effect) -> Self {
        Self { verdict, ack_check: None, effect }
    }

    pub(super) const fn stray() -> Self {
        Self::new(Verdict::Stray, Effect::None)
    }

    pub(super) const fn advanced(effect: Effect) -> Self {
        Self::new(Verdict::Advanced, effect)
    }

    pub(super) const fn wrong_ack(effect: Effect) -> Self {
        Self::new(Verdict::Unacceptable(Why::WrongAck), effect)
    }

    pub(super) const fn wrong_seq(expected: SeqNumber, effect: Effect) -> Self {
        Self::new(Verdict::Unacceptable(Why::WrongSeq { expected }), effect)
    }

    pub(super) const fn checked(self, check: AckCheck) -> Self {
        Self { ack_check: Some(check), ..self }
    }
}
