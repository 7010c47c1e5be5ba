//! Sequence numbers relative to the initial ones: J is the client's, K the server's. In a close they are
//! relative to the numbers of the FINs: M is that of who closes first, N the other's.

use std::fmt;

use handshake::{Close, Handshake, SegmentRecord, Sender, Side};
use parser::{Flags, SeqNumber};

/// The number that others count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IsnBase {
    /// The client's.
    J,
    /// The server's.
    K,
    /// The first FIN's.
    M,
    /// The other side's FIN's.
    N,
}

impl IsnBase {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::J => "J",
            Self::K => "K",
            Self::M => "M",
            Self::N => "N",
        }
    }

    /// What the numbers of this side count from in a handshake.
    const fn of(side: Side) -> Self {
        match side {
            Side::Client => Self::J,
            Side::Server => Self::K,
        }
    }

    /// What the numbers of this side count from in a close: its FIN, where that was captured.
    fn of_close(side: Side, close: &Close) -> Self {
        match close.fins[side as usize] {
            Some(_) if close.first_closer() == Some(side) => Self::M,
            Some(_) => Self::N,
            None => Self::of(side),
        }
    }

    /// The number itself, where it is known.
    pub(crate) fn isn(self, handshake: &Handshake) -> Option<SeqNumber> {
        let fin = |is_first: bool| {
            let close = handshake.close.as_ref()?;
            let first = close.first_closer()?;
            close.fins[if is_first { first } else { first.other() } as usize]
        };
        match self {
            Self::J => Some(handshake.client_isn),
            Self::K => handshake.server_isn,
            Self::M => fin(true),
            Self::N => fin(false),
        }
    }
}

/// Whose numbers a segment's sequence number is one of. An ICMP error quotes the sequence number of
/// the segment that it is about.
fn side(handshake: &Handshake, segment: &SegmentRecord) -> Side {
    let is_client = match &segment.icmp {
        Some(error) => error.quoted.source == handshake.client,
        None => segment.from == Sender::Client,
    };
    if is_client { Side::Client } else { Side::Server }
}

/// A segment's numbers, each counted from one that names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relative {
    pub(crate) seq: Option<(IsnBase, i32)>,
    pub(crate) ack: Option<(IsnBase, i32)>,
}

/// The numbers of a segment of the handshake. A FIN that it has, too, and the ACK of one are named as
/// those of the close.
pub(crate) fn relative(handshake: &Handshake, segment: &SegmentRecord) -> Relative {
    let from = side(handshake, segment);
    let close = handshake.close.as_deref();
    let fin = |side: Side| close.and_then(|close| close.fins[side as usize]);
    let in_close = || relative_in_close(handshake, segment);
    let end = segment.seq.plus(segment.len);
    let is_fin = segment.flags.contains(Flags::FIN) && fin(from) == Some(end);
    let acknowledged = segment.ack.filter(|&ack| fin(from.other()) == Some(ack.minus(1)));
    Relative {
        seq: if is_fin { in_close().seq } else { seq_relative(handshake, segment) },
        ack: match acknowledged {
            Some(_) => in_close().ack,
            None => ack_relative(handshake, segment),
        },
    }
}

/// The numbers of a segment of the close.
pub(crate) fn relative_in_close(handshake: &Handshake, segment: &SegmentRecord) -> Relative {
    let from = side(handshake, segment);
    let count = |side: Side, number: SeqNumber| {
        let base = IsnBase::of_close(side, handshake.close.as_deref()?);
        Some((base, number.distance_from(base.isn(handshake)?)))
    };
    let ack = segment.ack.and_then(|ack| count(from.other(), ack));
    Relative { seq: count(from, segment.seq), ack }
}

/// A segment's sequence number, counted from its sender's initial one.
pub(crate) fn seq_relative(
    handshake: &Handshake,
    segment: &SegmentRecord,
) -> Option<(IsnBase, i32)> {
    let base = IsnBase::of(side(handshake, segment));
    Some((base, segment.seq.distance_from(base.isn(handshake)?)))
}

/// A segment's acknowledgment number, counted from the initial one of the side it acknowledges.
pub(crate) fn ack_relative(
    handshake: &Handshake,
    segment: &SegmentRecord,
) -> Option<(IsnBase, i32)> {
    let base = IsnBase::of(side(handshake, segment).other());
    Some((base, segment.ack?.distance_from(base.isn(handshake)?)))
}

/// The sequence number of a segment, counted from its sender's initial one, and its acknowledgment number,
/// counted from that of the other side: modulo 2^32, from -2^31. `None` where that is not known.
pub fn distances(handshake: &Handshake, segment: &SegmentRecord) -> (Option<i32>, Option<i32>) {
    let distance = |(_, distance)| distance;
    (seq_relative(handshake, segment).map(distance), ack_relative(handshake, segment).map(distance))
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
