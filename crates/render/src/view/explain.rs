//! What each step means to the programs at both ends, with what Linux does.

use std::borrow::Cow;

use handshake::{Handshake, Kind, Outcome, SegmentRecord, Sender, Verdict, Why};
use parser::{IcmpError, IcmpFamily};

use crate::language::Language;

/// What segment `index` means. `None` where nothing is worth saying.
pub(crate) fn explain_segment(
    handshake: &Handshake,
    index: usize,
    language: Language,
) -> Option<Cow<'static, str>> {
    let segment = handshake.segments.get(index)?;
    if let Some(error) = &segment.icmp {
        return Some(icmp(handshake, index, error, language));
    }
    tcp(handshake, index, segment).map(|text| language.say(text).into())
}

fn tcp(handshake: &Handshake, index: usize, segment: &SegmentRecord) -> Option<&'static str> {
    match segment.verdict {
        Verdict::DuplicateCapture => {
            Some("The capture holds this packet twice: two points saw it, or the path made a copy.")
        }
        Verdict::ChallengeAck => Some(
            "The sender still has a connection on these ports. Its answer asks whether that \
             connection is dead (RFC 5961).",
        ),
        Verdict::Unacceptable(Why::ResetWithoutAck) => Some(
            "A client in SYN-SENT accepts a RST only if it acknowledges J+1, so it continues to wait \
             (RFC 9293, 3.10.7.3).",
        ),
        Verdict::Unacceptable(Why::Disproved) => Some(
            "Both sides continued after this RST, so it ended nothing. It may be forged or damaged.",
        ),
        Verdict::Unacceptable(Why::WrongAck | Why::WrongSeq { .. }) => {
            Some("RFC 9293 discards it: the number is not an expected one.")
        }
        Verdict::Stray => None,
        Verdict::Retransmission => again(handshake, index, segment),
        Verdict::Advanced => first(handshake, index, segment),
    }
}

/// What a segment means that was sent before.
fn again(handshake: &Handshake, index: usize, segment: &SegmentRecord) -> Option<&'static str> {
    let before = &handshake.segments[..index];
    match (segment.kind, segment.from) {
        (Kind::Syn, _) if before.iter().any(|one| one.from != segment.from) => {
            Some("The segments before did not end the wait: the client sends the same SYN again.")
        }
        (Kind::Syn, _) => Some(
            "No answer came, so the kernel sends the same SYN again. Linux since 6.5 sends at 0, 1, \
             2, 3, 4, 5, 7, 11, 19, 35 and 67 s (net.ipv4.tcp_syn_retries).",
        ),
        (Kind::SynAck, Sender::Server) => Some(if before.last()?.kind == Kind::Syn {
            "The SYN came again, and the server answers with its SYN-ACK again."
        } else if handshake.steps.ack.is_some_and(|ack| usize::from(ack) < index) {
            "The server repeats its SYN-ACK after the ACK: the ACK was lost or had not arrived \
             yet, or the server dropped it. A server drops it while its accept queue is full."
        } else {
            "The server has no ACK. Linux repeats the SYN-ACK after 1, 2, 4, 8 and 16 s."
        }),
        _ => None,
    }
}

/// What a segment means that moved the handshake on.
fn first(handshake: &Handshake, index: usize, segment: &SegmentRecord) -> Option<&'static str> {
    let both_open = handshake.client == handshake.server
        || handshake.segments.iter().any(|one| one.is_sent(Sender::Server, Kind::Syn));
    let is_decisive = handshake.steps.decisive.map(usize::from) == Some(index);
    Some(match (segment.kind, segment.from) {
        (Kind::Syn, Sender::Client) => {
            "This is what connect() does: the kernel chooses J, sends it and waits in SYN-SENT."
        }
        (Kind::Syn, _) => "The other side sends its own SYN: both sides open (RFC 9293, 3.5).",
        (Kind::SynAck, Sender::Server) if !both_open => {
            "The kernel answers for the listening program: K is its own number, and its ack says \
             that J arrived. When it arrives, connect() returns."
        }
        (Kind::SynAck, _) => "Its ack says that the other side's SYN arrived.",
        (Kind::Ack, Sender::Client) if handshake.outcome == Outcome::EstablishedClientOnly => {
            "The client is connected. The segments after it show that the server is not."
        }
        (Kind::Ack, Sender::Client) if both_open => {
            "Its ack says that the other side's SYN arrived."
        }
        (Kind::Ack, Sender::Client) => {
            "It says that K arrived. When this ACK arrives, each side knows that the other has its \
             number, and accept() can return. The kernel does all this even if no program calls \
             accept()."
        }
        (Kind::Rst, Sender::Server) if handshake.outcome == Outcome::Refused => {
            "No program listens on this port, or a filter answers in the server's name. connect() \
             returns ECONNREFUSED."
        }
        (Kind::Rst, Sender::Client) if is_decisive => {
            "The client gives up: no program there waits for the answer any more."
        }
        (Kind::Rst, Sender::Client) => {
            "The client resets this answer: it belongs to another connection (RFC 9293, 3.5.1)."
        }
        (Kind::Rst, _) => "A RST in the server's name ends the attempt.",
        (Kind::Ack | Kind::Icmp | Kind::Other, _) => return None,
    })
}

/// What an ICMP error does to the program that connects.
fn icmp(
    handshake: &Handshake,
    index: usize,
    error: &IcmpError,
    language: Language,
) -> Cow<'static, str> {
    let say = |text| language.say(text).into();
    if !error.is_unreachable() {
        return say("This is not a refusal: the host that gets it adapts and continues.");
    }
    let after = &handshake.segments[index + 1..];
    let went_on = error.quoted.source == handshake.client
        && after
            .iter()
            .any(|one| one.from == Sender::Client && one.verdict != Verdict::DuplicateCapture);
    if went_on {
        return say("This client continues; a Linux connect() would end here.");
    }
    match errno(error) {
        Some(errno) => {
            let text = "A Linux connect() ends at once, with {errno}.";
            language.say_with(text, &[("errno", &errno)]).into()
        }
        None => say("A Linux connect() ends at once."),
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
pub(crate) fn explain_end(handshake: &Handshake, language: Language) -> Option<&'static str> {
    let is_aborted = handshake.steps.decisive.is_some();
    let server_sent = handshake.segments.iter().any(|segment| segment.from == Sender::Server);
    let text = match handshake.outcome {
        Outcome::Unanswered if server_sent => {
            "No captured segment ends the wait; with Linux defaults connect() returns ETIMEDOUT \
             after about 131 s."
        }
        Outcome::Unanswered => {
            "A filter, a lost packet and a full accept queue look the same from here. With Linux \
             defaults connect() returns ETIMEDOUT after about 131 s."
        }
        Outcome::Unacknowledged if handshake.steps.syn_ack.is_some() => {
            "The server stays in SYN-RECEIVED; Linux gives up after about 63 s."
        }
        Outcome::EstablishedClientOnly if is_aborted => {
            "With net.ipv4.tcp_abort_on_overflow a full accept queue answers the ACK with RST."
        }
        Outcome::EstablishedClientOnly => {
            "The client may send data already. The server does not take the data before it takes \
             the ACK. If its accept queue is full, it takes the ACK once there is room; listen(0) \
             admits one connection."
        }
        _ => return None,
    };
    Some(language.say(text))
}

#[cfg(test)]
mod tests;
