//! Handshakes that succeeded.

use parser::Flags;

use super::Rule;
use super::evidence::{Advice, Finding, Found, Span, after, bytes, retries, times};
use super::recovery::{half_open_recovery, old_duplicate_syn};
use super::signs::Signs;
use crate::record::{Handshake, Outcome, Range};
use crate::segment::{AckCheck, Kind, SegmentRecord, Sender, Verdict};
use crate::steps::Cause;

pub(super) const THREE_WAY: Rule = Rule {
    name: "three_way",
    source: "RFC 9293, 3.5, figure 6",
    differs_from: "three segments that only look like a handshake: here the SYN-ACK acknowledges J, \
                and the ACK follows on J and acknowledges K",
    check_next: "nothing: the handshake is normal",
    rests_on_absence: false,
    needs: Signs::ACKNOWLEDGED,
    find: three_way,
};

pub(super) const ACK_WITH_DATA: Rule = Rule {
    name: "ack_with_data",
    source: "RFC 9293, 3.5",
    differs_from: "data sent before the handshake is complete: here the segment acknowledges K",
    check_next: "nothing: the client had data to send at once; if the capture lost packets, a bare \
                 ACK may have come before this segment",
    rests_on_absence: false,
    needs: Signs::ACKNOWLEDGED,
    find: ack_with_data,
};

pub(super) const LATE_ESTABLISH: Rule = Rule {
    name: "late_establish",
    source: "RFC 6298, 5",
    differs_from: "a slow server: its round trip counts from the SYN that was answered",
    check_next: "the place where the SYN without an answer was dropped: the path (mtr -T -P PORT \
                 HOST), or a full queue of the server (on the server nstat -az \
                 TcpExtListenOverflows TcpExtListenDrops)",
    rests_on_absence: false,
    needs: Signs::NOT_PLAIN,
    find: late_establish,
};

const NOT_ALONE: &str = "nothing in these three segments; the other segments of this record show \
                         the problem";

const NO_ANSWER: Advice = Advice {
    client: "the place where the SYN without an answer was dropped: the path (mtr -T -P PORT \
             HOST), or a full queue of the server, which silently drops SYNs",
    server: "on the server, which received the SYN without an answer: nstat -az \
             TcpExtListenOverflows TcpExtListenDrops, then its filters (nft list ruleset)",
};

const NOT_TAKEN: &str = "the place where the SYN-ACK is dropped: the path back to the client (on \
                         the server ip route get ADDRESS), or the client's own filters (nft list \
                         ruleset)";
const NOT_TAKEN_BY: Advice = Advice {
    client: "on the client, whose side the first SYN-ACK reached: its filters (nft list ruleset), \
             and why it did not answer",
    server: "the path back to the client: ip route get ADDRESS on the server, and loss on the path",
};

fn three_way(handshake: &Handshake) -> Option<Finding> {
    if handshake.outcome != Outcome::Established
        || handshake.first(Sender::Server, Kind::Syn).is_some()
    {
        return None;
    }
    // The tracker calls it the acknowledgment only where its number follows on J. It may acknowledge
    // data too that the server sent with or right after its SYN-ACK.
    let (ack, _) = handshake.acknowledgment()?;
    ack.ack_check.filter(AckCheck::ok)?;
    handshake.step(handshake.steps.syn)?;
    handshake.syn_ack().filter(|syn_ack| handshake.acknowledges_j(syn_ack))?;
    let evidence = handshake.answered_syns().chain(handshake.acknowledged_syn_acks()).chain([ack]);
    let finding = Finding::new(evidence, round_trips(handshake));
    let is_more = |segment: &SegmentRecord| {
        !matches!(segment.verdict, Verdict::Advanced | Verdict::DuplicateCapture)
            || segment.kind == Kind::Icmp
    };
    let alone = !handshake.segments.iter().any(is_more);
    Some(if alone { finding } else { finding.check_next(NOT_ALONE) })
}

fn round_trips(handshake: &Handshake) -> Found {
    let timing = &handshake.timing;
    Found::RoundTrips {
        server: timing.server_rtt_ns,
        client: timing.client_rtt_ns,
        wait: timing.syn_ack_wait_ns.filter(|&wait| wait > 0),
    }
}

fn ack_with_data(handshake: &Handshake) -> Option<Finding> {
    let (ack, _) = handshake.acknowledgment()?;
    let note = match (ack.len, ack.has(Flags::FIN)) {
        (0, false) => return None,
        (0, true) => "the acknowledging segment carries FIN".to_owned(),
        (len, false) => format!("the acknowledging segment carries {} of data", bytes(len)),
        (len, true) => format!("the acknowledging segment carries {} of data and FIN", bytes(len)),
    };
    Some(Finding::new([ack], note))
}

/// What another connection's remains made late has its name from them, and where both ends send a SYN,
/// neither is answered in the usual way.
fn late_establish(handshake: &Handshake) -> Option<Finding> {
    if !matches!(handshake.outcome, Outcome::Established | Outcome::EstablishedClientOnly)
        || handshake.first(Sender::Server, Kind::Syn).is_some()
        || half_open_recovery(handshake).is_some()
        || old_duplicate_syn(handshake).is_some()
    {
        return None;
    }
    let done = handshake.steps.ack.or(handshake.steps.proof)?;
    let before = handshake.segments.get(..usize::from(done))?;
    if retries(before).is_empty() {
        return refused_first(handshake, before);
    }
    let syns = before.iter().filter(|segment| segment.is_sent(Sender::Client, Kind::Syn));
    let sent = times(syns.clone().count());
    let (reason, words) = lateness(handshake);
    let evidence = syns.chain(handshake.syn_ack()).chain(handshake.step(Some(done)));
    let finding = Finding::new(evidence, format!("SYN sent {sent}; {reason}"));
    Some(match words {
        Words::NoAnswer => finding.advise(handshake, &NO_ANSWER),
        Words::NotTaken => finding
            .differs_from(
                "a lost SYN: here the server answered the first one before the second \
                           came",
            )
            .check_next(NOT_TAKEN)
            .advise(handshake, &NOT_TAKEN_BY),
        Words::Unknown => finding
            .differs_from(
                "loss: it is not known which SYN was answered, so no SYN is known to be lost",
            )
            .check_next(
                "a capture at the other end, or time stamps (sysctl net.ipv4.tcp_timestamps on \
                 both), to find out which SYN was answered",
            ),
    })
}

/// A client that sends its SYN again after a refusal, as Windows does, and gets an answer then.
fn refused_first(handshake: &Handshake, before: &[SegmentRecord]) -> Option<Finding> {
    let refuses = |segment: &&SegmentRecord| {
        segment.is_sent(Sender::Server, Kind::Rst) && segment.verdict == Verdict::Advanced
    };
    let rst = before.iter().find(refuses)?;
    let syn = handshake.syns().find(|syn| syn.nanos_since(rst).is_none_or(|ns| ns > 0))?;
    let wait = syn.nanos_since(rst).map(|ns| format!(" {} later", Span(ns))).unwrap_or_default();
    let note = format!(
        "refused{} first; the SYN sent again{wait} was accepted",
        after(handshake.offset_of(rst))
    );
    let finding = Finding::new([rst, syn].into_iter().chain(handshake.syn_ack()), note);
    Some(
        finding
            .differs_from("a lost SYN: here the server answered the first one with a refusal")
            .check_next(
                "whether the service started in that time (journalctl on the server), or whether a \
                 load balancer or a device on the path refuses some of the SYNs",
            ),
    )
}

/// What can be said about an answer that came late.
enum Words {
    /// A SYN got no answer, a later one did.
    NoAnswer,
    /// The first SYN was answered before it came again.
    NotTaken,
    /// It can't be known which SYN was answered.
    Unknown,
}

fn lateness(handshake: &Handshake) -> (String, Words) {
    let timing = &handshake.timing;
    let Some(syn_ack) = handshake.syn_ack() else {
        return ("its SYN-ACK was not captured".to_owned(), Words::Unknown);
    };
    let answered = after(handshake.offset_of(syn_ack));
    match (handshake.steps.answered, timing.retry_wait_ns) {
        (Cause::Known(at), _) if Some(at) == handshake.steps.syn => (
            format!("the SYN-ACK came{answered}, before the second SYN; no ACK of it came in time"),
            Words::NotTaken,
        ),
        (Cause::Known(_), Some(wait)) => {
            (format!("+{} waiting until the answered SYN", Span(wait)), Words::NoAnswer)
        }
        (Cause::Known(_), None) => ("a later SYN was answered".to_owned(), Words::NoAnswer),
        (Cause::Unknown, _) => {
            let reason = format!("the answered SYN was not captured; SYN-ACK{answered}");
            (reason, Words::Unknown)
        }
        (Cause::OneOf(first, _), _) if Some(first) == handshake.steps.syn => {
            let arrived = if echoes(syn_ack, handshake.step(Some(first))) {
                "; it echoes the time stamp of the first SYN, so that one arrived"
            } else {
                ""
            };
            let reason =
                format!("SYN-ACK{answered}{arrived}; it is not known which SYN it answers");
            (reason, Words::Unknown)
        }
        (Cause::OneOf(..), _) => {
            let wait = timing.retry_wait_range_ns.map(|Range { min, max }| {
                format!("+{} to +{} waiting until the answered SYN", Span(min), Span(max))
            });
            (wait.unwrap_or_else(|| "a later SYN was answered".to_owned()), Words::NoAnswer)
        }
    }
}

fn echoes(syn_ack: &SegmentRecord, syn: Option<&SegmentRecord>) -> bool {
    let echoed = syn_ack.timestamps().map(|(_, tsecr)| tsecr);
    let sent = syn.and_then(SegmentRecord::timestamps).map(|(tsval, _)| tsval);
    echoed.is_some() && echoed == sent
}
