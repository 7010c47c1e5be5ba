//! What each step means to the programs at both ends, with what Linux does.

use std::borrow::Cow;

use handshake::{Handshake, Kind, Outcome, SegmentRecord, Sender, Verdict, Why};
use parser::{Flags, IcmpError, IcmpFamily};

/// What segment `index` means. `None` where nothing is worth saying.
pub(crate) fn explain_segment(handshake: &Handshake, index: usize) -> Option<Cow<'static, str>> {
    let segment = handshake.segments.get(index)?;
    if let Some(error) = &segment.icmp {
        return Some(icmp(error));
    }
    tcp(handshake, segment).map(Cow::Borrowed)
}

fn tcp(handshake: &Handshake, segment: &SegmentRecord) -> Option<&'static str> {
    match segment.verdict {
        Verdict::DuplicateCapture => {
            Some("One packet, seen twice by the capture. It was sent once.")
        }
        Verdict::ChallengeAck => Some(
            "The sender still holds an old connection on these ports and asks whether it is \
             dead (RFC 5961).",
        ),
        Verdict::Unacceptable(Why::ResetWithoutAck) => Some(
            "A client in SYN-SENT believes a RST only where it acknowledges J+1, so it goes on \
             waiting (RFC 9293, 3.10.7.3).",
        ),
        Verdict::Unacceptable(Why::Disproved) => Some(
            "Both sides went on after this RST, so neither took it for the other's: somebody between \
             them forged it, or its checksum is wrong.",
        ),
        Verdict::Unacceptable(Why::WrongAck | Why::WrongSeq { .. }) => {
            Some("RFC 9293 discards it: the number does not fit what was sent.")
        }
        Verdict::Stray => None,
        Verdict::Retransmission => again(segment),
        Verdict::Advanced => first(handshake, segment),
    }
}

fn again(segment: &SegmentRecord) -> Option<&'static str> {
    match segment.kind {
        Kind::Syn => Some(
            "No answer came, so the kernel sends the same SYN again. Linux since 6.5 sends at 0, 1, \
             2, 3, 4, 5, 7, 11, 19, 35 and 67 s (net.ipv4.tcp_syn_retries).",
        ),
        Kind::SynAck => Some(
            "The server has no ACK, or dropped it because its accept queue is full. Linux repeats \
             the SYN-ACK after 1, 2, 4, 8 and 16 s.",
        ),
        _ => None,
    }
}

fn first(handshake: &Handshake, segment: &SegmentRecord) -> Option<&'static str> {
    match (segment.kind, segment.from) {
        (Kind::Syn, Sender::Client) => Some(
            "connect() draws J at random, sends it and waits in SYN-SENT. A full accept queue drops \
             a SYN without a word.",
        ),
        (Kind::Syn, _) => Some("The other side opens too: a simultaneous open (RFC 9293, 3.5)."),
        (Kind::SynAck, _) => Some(
            "The kernel answers for the listening program: K is its own number, ack = J+1 says that \
             J arrived. When it arrives, connect() returns.",
        ),
        (Kind::Ack, Sender::Client) if handshake.outcome == Outcome::EstablishedClientOnly => {
            Some("The client is connected. What follows shows that the server dropped this ACK.")
        }
        (Kind::Ack, Sender::Client) => Some(
            "ack = K+1: each side knows that the other has its number. From now on accept() can \
             return; the kernel has done all this whether or not it was called.",
        ),
        (Kind::Rst, Sender::Server) if handshake.outcome == Outcome::Refused => {
            Some("Nobody listens on this port. connect() returns ECONNREFUSED.")
        }
        (Kind::Rst, Sender::Client) => {
            Some("The client takes it back: nothing there waits for this answer.")
        }
        (Kind::Rst, _) => Some("The server gives the attempt up."),
        (Kind::Ack | Kind::Icmp | Kind::Other, _) => None,
    }
}

/// What an ICMP error does to the program that connects.
fn icmp(error: &IcmpError) -> Cow<'static, str> {
    if !error.is_unreachable() {
        return "That refuses nothing: the sender adapts, and goes on.".into();
    }
    match errno(error) {
        Some(errno) => format!("A Linux connect() ends at once, with {errno}.").into(),
        None => "A Linux connect() ends at once.".into(),
    }
}

/// The error that Linux makes of an unreachable (`icmp_err_convert` in net/ipv4/icmp.c,
/// `icmpv6_err_convert` in net/ipv6/icmp.c).
const fn errno(error: &IcmpError) -> Option<&'static str> {
    Some(match (error.family, error.kind, error.code) {
        (IcmpFamily::V4, 3, 0 | 6 | 9 | 11) | (IcmpFamily::V6, 1, 0) => "ENETUNREACH",
        (IcmpFamily::V4, 3, 1 | 10 | 12..=15)
        | (IcmpFamily::V4, 11, _)
        | (IcmpFamily::V6, 1, 2 | 3)
        | (IcmpFamily::V6, 3, _) => "EHOSTUNREACH",
        (IcmpFamily::V4, 3, 2) => "ENOPROTOOPT",
        (IcmpFamily::V4, 3, 3) | (IcmpFamily::V6, 1, 4) => "ECONNREFUSED",
        (IcmpFamily::V4, 3, 5) => "EOPNOTSUPP",
        (IcmpFamily::V4, 3, 7) => "EHOSTDOWN",
        (IcmpFamily::V4, 3, 8) => "ENONET",
        (IcmpFamily::V6, 1, 1 | 5 | 6) => "EACCES",
        (IcmpFamily::V4, 12, _) | (IcmpFamily::V6, 4, _) => "EPROTO",
        _ => return None,
    })
}

/// What the end means, where it is no segment that says it.
pub(crate) fn explain_end(handshake: &Handshake) -> Option<&'static str> {
    match handshake.outcome {
        Outcome::Unanswered => Some(
            "connect() goes on waiting; with Linux defaults it returns ETIMEDOUT after about 131 s.",
        ),
        Outcome::Unacknowledged => {
            Some("The server keeps a half-open entry; Linux gives it up after about 63 s.")
        }
        Outcome::EstablishedClientOnly => Some(
            "The client may send data already, and the server ignores it until its accept queue has \
             room. listen(0) admits one connection.",
        ),
        Outcome::Reset if is_overflow(handshake) => {
            Some("With net.ipv4.tcp_abort_on_overflow a full accept queue answers with RST.")
        }
        _ => None,
    }
}

/// A RST of the server without ACK, after the client's.
fn is_overflow(handshake: &Handshake) -> bool {
    handshake.segments.last().is_some_and(|last| {
        last.kind == Kind::Rst && last.from == Sender::Server && !last.flags.contains(Flags::ACK)
    })
}

#[cfg(test)]
mod tests;
