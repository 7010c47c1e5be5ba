//! Handshakes that the client completed and the server did not take.

use super::Rule;
use super::evidence::{Advice, Finding, LEAST_RETRY_NS, Span, bytes, times};
use super::opening::syn_ack_mismatch;
use super::signs::Signs;
use crate::record::{Handshake, Outcome};
use crate::segment::{Kind, SegmentRecord, Sender};
use crate::side::Side;

pub(super) const OVERFLOW: Rule = Rule {
    name: "accept_queue_overflow",
    source: "Linux, tcp_v4_syn_recv_sock()",
    differs_from: "TCP_DEFER_ACCEPT (one late SYN-ACK, then normal) and one lost ACK (a second ACK \
                   ends it); a path that drops every ACK to the server looks the same",
    check_next: "on the server: ss -ltn (Recv-Q above Send-Q), nstat -az TcpExtListenOverflows, \
                 the backlog given to listen(), net.core.somaxconn, and why accept() is slow; then \
                 any device that drops the ACK on the path",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: overflow,
};

const OVERFLOW_BY: Advice = Advice {
    client: OVERFLOW.check_next,
    server: "ss -ltn (Recv-Q above Send-Q), nstat -az TcpExtListenOverflows, the backlog given to \
             listen(), net.core.somaxconn, and why accept() is slow",
};

pub(super) const ABORT: Rule = Rule {
    name: "abort_on_overflow",
    source: "Linux, net.ipv4.tcp_abort_on_overflow",
    differs_from: "an application that closes with SO_LINGER 0, which sends RST+ACK: this RST has no \
                ACK, and the server took and sent nothing",
    check_next: "on the server: sysctl net.ipv4.tcp_abort_on_overflow, nstat -az \
                 TcpExtListenOverflows; then a load balancer that lost the connection's state",
    rests_on_absence: false,
    needs: Signs::RESET,
    find: abort,
};

/// The SYN-ACKs with the K that the client acknowledged which came again after that out of silence.
/// One that comes sooner answers a SYN that was sent again while the first was on its way.
fn repeats<'a>(
    handshake: &Handshake,
    ack: &SegmentRecord,
    after: &'a [SegmentRecord],
) -> Vec<&'a SegmentRecord> {
    let out_of_silence = |segment: &&SegmentRecord| {
        segment.is_sent(Sender::Server, Kind::SynAck)
            && Some(segment.seq) == handshake.server_isn
            && segment.nanos_since(ack).is_none_or(|ns| ns >= LEAST_RETRY_NS)
    };
    after.iter().filter(out_of_silence).collect()
}

/// One repeated SYN-ACK may follow on a lost ACK or end a deferred accept. That another one comes
/// although the client acknowledged again (RFC 9293, 3.10.7.4) shows that its ACK is not taken;
/// where nothing more was captured, the one is reason enough for a suspicion.
fn overflow(handshake: &Handshake) -> Option<Finding> {
    let (ack, after) = handshake.acknowledgment()?;
    let repeats = repeats(handshake, ack, after);
    let client_only = handshake.outcome == Outcome::EstablishedClientOnly;
    let dropped = match handshake.captured_at() {
        Some(Side::Server) => "the server drops it",
        Some(Side::Client) | None => "the server drops it, or the path loses it",
    };
    let verdict = match repeats.len() {
        1 if client_only && abort(handshake).is_none() => format!("suspected: {dropped}"),
        0 | 1 => return None,
        _ if client_only => dropped.to_owned(),
        _ => "the server took a later one".to_owned(),
    };
    let waits: Vec<_> = repeats
        .iter()
        .filter_map(|repeat| Some(format!("+{:.1}", repeat.nanos_since(ack)? as f64 / 1e9)))
        .collect();
    let at = if waits.is_empty() { String::new() } else { format!(" at {} s", waits.join(", ")) };
    let count = times(repeats.len());
    let data = data_sent(ack, after);
    let note = format!("SYN-ACK again {count}{at} after the ACK; {verdict}{data}");
    let finding = Finding::new(std::iter::once(ack).chain(repeats), note);
    Some(finding.advise(handshake, &OVERFLOW_BY))
}

/// The data that the client sent meanwhile, as far as it is in the record.
fn data_sent(ack: &SegmentRecord, after: &[SegmentRecord]) -> String {
    let sent = after
        .iter()
        .filter(|segment| segment.is_sent(Sender::Client, Kind::Ack))
        .map(|segment| segment.seq.plus(segment.len).distance_from(ack.seq))
        .max();
    match sent {
        Some(sent @ 1..) => format!("; the client sent {} of data meanwhile", bytes(sent)),
        Some(_) | None => String::new(),
    }
}

/// Whether the client reset the connection before that: a RST of the server may answer an
/// acknowledgment that the client's own RST had overtaken.
fn is_closed_before(rst: &SegmentRecord, after: &[SegmentRecord]) -> bool {
    after
        .iter()
        .take_while(|segment| segment.frame != rst.frame)
        .any(|segment| segment.is_sent(Sender::Client, Kind::Rst))
}

/// A RST that comes after the server's own schedule, or after an ICMP error, has the earlier cause;
/// where two servers answered, the one whose SYN-ACK was not acknowledged sends it.
fn abort(handshake: &Handshake) -> Option<Finding> {
    if handshake.outcome != Outcome::EstablishedClientOnly {
        return None;
    }
    let (ack, after) = handshake.acknowledgment()?;
    // What decides such an attempt is the server's RST without ACK.
    let rst = handshake.step(handshake.steps.decisive)?;
    if repeats(handshake, ack, after).len() > 1
        || syn_ack_mismatch(handshake).is_some()
        || is_closed_before(rst, after)
        || handshake.segments.iter().any(|segment| segment.kind == Kind::Icmp)
    {
        return None;
    }
    let wait = rst.nanos_since(ack).map(|ns| format!(" {}", Span(ns))).unwrap_or_default();
    let mut note = format!("RST without ACK, seq K+1,{wait} after the ACK");
    if let Some(ttl) = handshake.server_ttl().filter(|&ttl| ttl != rst.ttl) {
        note = format!(
            "{note}; its hop limit is {}, that of the SYN-ACK {ttl}: a device on the path may have \
             sent it",
            rst.ttl
        );
    }
    Some(Finding::new([ack, rst], note))
}
