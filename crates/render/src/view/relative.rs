//! Sequence numbers relative to the initial ones: J is the client's, K the server's.

use std::fmt;

use handshake::{Handshake, SegmentRecord, Sender};
use parser::SeqNumber;

/// The initial sequence number that a number counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IsnBase {
    /// The client's.
    J,
    /// The server's.
    K,
}

impl IsnBase {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::J => "J",
            Self::K => "K",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::J => Self::K,
            Self::K => Self::J,
        }
    }

    /// The initial sequence number, where it is known.
    pub(crate) const fn isn(self, handshake: &Handshake) -> Option<SeqNumber> {
        match self {
            Self::J => Some(handshake.client_isn),
            Self::K => handshake.server_isn,
        }
    }
}

/// Whose numbers a segment's sequence number is one of. An ICMP error quotes the sequence number of
/// the segment that it is about.
fn base(handshake: &Handshake, segment: &SegmentRecord) -> IsnBase {
    let is_client = match &segment.icmp {
        Some(error) => error.quoted.source == handshake.client,
        None => segment.from == Sender::Client,
    };
    if is_client { IsnBase::J } else { IsnBase::K }
}

/// A segment's sequence number, counted from its sender's initial one.
pub(crate) fn seq_relative(
    handshake: &Handshake,
    segment: &SegmentRecord,
) -> Option<(IsnBase, i32)> {
    let base = base(handshake, segment);
    Some((base, segment.seq.distance_from(base.isn(handshake)?)))
}

/// A segment's acknowledgment number, counted from the initial one of the side it acknowledges.
pub(crate) fn ack_relative(
    handshake: &Handshake,
    segment: &SegmentRecord,
) -> Option<(IsnBase, i32)> {
    let base = base(handshake, segment).other();
    Some((base, segment.ack?.distance_from(base.isn(handshake)?)))
}

/// A number relative to an initial one, as it is written: `J`, `J+1`, `K-4999`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named(pub(crate) (IsnBase, i32));

impl Named {
    pub(crate) fn write_to(self, out: &mut impl fmt::Write) -> fmt::Result {
        let Self((base, distance)) = self;
        out.write_str(base.name())?;
        match distance {
            0 => Ok(()),
            // Nearly every acknowledgment is this one.
            1 => out.write_str("+1"),
            _ => write!(out, "{distance:+}"),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}
