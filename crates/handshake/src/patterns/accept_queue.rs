//! Handshakes that the client completed and the server did not take.

use parser::Flags;

use super::Rule;
use super::evidence::{Finding, LEAST_RETRY_NS, Span, times};
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender};

pub(super) const OVERFLOW: Rule = Rule {
    name: "accept_queue_overflow",
    told_from: "TCP_DEFER_ACCEPT (one late SYN-ACK, then normal), a lost ACK (the ACK sent again \
                ends it) and a packet captured twice (a few ms apart)",
    check_next: "on the server: ss -ltn (Recv-Q above Send-Q), nstat -az TcpExtListenOverflows; \
                 the backlog given to listen(), net.core.somaxconn, and why accept() is slow",
    rests_on_absence: false,
    find: overflow,
};

pub(super) const ABORT: Rule = Rule {
    name: "abort_on_overflow",
    told_from: "an application that closes with SO_LINGER 0, which sends RST+ACK; this RST has no ACK",
    check_next: "on the server: sysctl net.ipv4.tcp_abort_on_overflow, nstat -az \
                 TcpExtListenOverflows; else a balancer that lost the connection's state",
    rests_on_absence: false,
    find: abort,
};

/// One repeated SYN-ACK may follow on a lost ACK or end a deferred accept. That another one comes
/// although the client acknowledged again (RFC 9293, 3.10.7.4) shows that the server drops the ACK;
/// where nothing more was captured, the one is reason enough for a suspicion.
fn overflow(handshake: &Handshake) -> Option<Finding> {
    let (ack, after) = handshake.acknowledgment()?;
    // A SYN-ACK that comes sooner answers a SYN that was sent again while the first was on its way.
    let out_of_silence = |segment: &&SegmentRecord| {
        segment.is_sent(Sender::Server, Kind::SynAck)
            && segment.nanos_since(ack).is_none_or(|ns| ns >= LEAST_RETRY_NS)
    };
    let repeats: Vec<_> = after.iter().filter(out_of_silence).collect();
    let client_only = handshake.outcome == Outcome::EstablishedClientOnly;
    let verdict = match repeats.len() {
        1 if client_only && abort(handshake).is_none() => "suspected: the server drops it",
        0 | 1 => return None,
        _ if client_only => "the server drops it",
        _ => "the server dropped it and took a later one",
    };
    let waits: Vec<_> = repeats
        .iter()
        .filter_map(|repeat| Some(format!("+{:.1}", repeat.nanos_since(ack)? as f64 / 1e9)))
        .collect();
    let at = if waits.is_empty() { String::new() } else { format!(" at {} s", waits.join(", ")) };
    let sent = after
        .iter()
        .filter(|segment| segment.is_sent(Sender::Client, Kind::Ack))
        .map(|segment| segment.seq.plus(segment.len).distance_from(ack.seq))
        .max();
    let data = match sent {
        Some(bytes @ 1..) => format!(", and {bytes} bytes of data with it"),
        Some(_) | None => String::new(),
    };
    let count = times(repeats.len());
    let note = format!("SYN-ACK again {count}{at} after the ACK; {verdict}{data}");
    Some(Finding::new(std::iter::once(ack).chain(repeats), note))
}

fn abort(handshake: &Handshake) -> Option<Finding> {
    let (ack, after) = handshake.acknowledgment()?;
    let bare = |segment: &&SegmentRecord| {
        segment.is_sent(Sender::Server, Kind::Rst)
            && !segment.has(Flags::ACK)
            && Some(segment.seq) == ack.ack
    };
    let rst = after.iter().find(bare)?;
    let wait = rst.nanos_since(ack).map(|ns| format!(" {}", Span(ns))).unwrap_or_default();
    Some(Finding::new([ack, rst], format!("RST without ACK, seq K+1,{wait} after the ACK")))
}
