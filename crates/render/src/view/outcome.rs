//! The outcome of an attempt, in words.

use handshake::{EndedBy, Handshake, Kind, Outcome, Range, Sender};

use crate::text::duration;

/// What became of the attempt, in one line: `established in 61 µs`, `refused after 11.2 s`.
pub(crate) fn outcome(handshake: &Handshake, unicode: bool) -> String {
    let failed = |what: &str| after(what, handshake, unicode);
    let said = match handshake.outcome {
        Outcome::Established => established(handshake, unicode),
        Outcome::EstablishedClientOnly if handshake.steps.decisive.is_some() => {
            "established for the client only: the server answers its ACK with RST".to_owned()
        }
        Outcome::EstablishedClientOnly => {
            "established for the client only: the server repeats its SYN-ACK, so the ACK was lost \
             on the path or dropped by the server"
                .to_owned()
        }
        Outcome::Refused => failed("refused"),
        Outcome::Reset => match handshake.reset_by {
            Some(side) => failed(&format!("reset by the {}", side.name())),
            None => failed("reset"),
        },
        Outcome::Unreachable => match handshake.icmp {
            Some(icmp) => {
                let name = icmp.family.meaning(icmp.kind, icmp.code);
                format!("{}: {name}, reported by {}", failed("unreachable"), icmp.sender)
            }
            None => failed("unreachable"),
        },
        Outcome::Unanswered => format!("unanswered: {}", unanswered(handshake, unicode)),
        Outcome::Unacknowledged => {
            format!("never acknowledged: {}", unacknowledged(handshake, unicode))
        }
        Outcome::InProgress => match (handshake.steps.syn_ack, handshake.server_isn) {
            (Some(_), _) => "in progress: no ACK yet".to_owned(),
            (None, Some(_)) => "in progress: no SYN-ACK yet".to_owned(),
            (None, None) => "in progress: no answer yet".to_owned(),
        },
    };
    match not_captured(handshake) {
        Some(missing) => format!("{said}; {missing}"),
        None => said,
    }
}

/// Why nothing changes the outcome any more.
pub(crate) const fn ended_by(reason: EndedBy) -> &'static str {
    match reason {
        EndedBy::Segment => "decided by a segment",
        EndedBy::Timeout => "decided by a timeout",
        EndedBy::CaptureEnd => "as known when the capture ended",
        EndedBy::Evicted => "closed early for want of memory",
    }
}

/// Which of the three segments the capture lacks, though they were sent.
fn not_captured(handshake: &Handshake) -> Option<String> {
    let is_done =
        matches!(handshake.outcome, Outcome::Established | Outcome::EstablishedClientOnly);
    let steps = [
        (!handshake.syn_captured, "SYN"),
        (is_done && !handshake.syn_ack_captured, "SYN-ACK"),
        (is_done && !handshake.ack_captured, "ACK"),
    ];
    let names: Vec<_> = steps.iter().filter(|(is_missing, _)| *is_missing).collect();
    match names[..] {
        [] => None,
        [(_, one)] => Some(format!("the {one} was not captured")),
        [(_, one), (_, other)] => Some(format!("the {one} and the {other} were not captured")),
        [..] => Some("none of the three segments was captured".to_owned()),
    }
}

fn unanswered(handshake: &Handshake, unicode: bool) -> String {
    let sent = sent(handshake.syn_retransmissions, "SYN", handshake, unicode);
    // Nothing of the server, or nothing that answers the SYN.
    let sent_by_server = handshake.segments.iter().any(|segment| segment.from == Sender::Server);
    format!("{sent}, and {}", if sent_by_server { "no acceptable reply" } else { "no reply" })
}

fn unacknowledged(handshake: &Handshake, unicode: bool) -> String {
    let has = |sender, kind| handshake.segments.iter().any(|one| one.is_sent(sender, kind));
    if !has(Sender::Server, Kind::Syn) {
        let sent = sent(handshake.syn_ack_retransmissions, "SYN-ACK", handshake, unicode);
        return format!("{sent}, and no ACK");
    }
    // The two ends opened to each other.
    match (has(Sender::Client, Kind::SynAck), has(Sender::Server, Kind::SynAck)) {
        (false, false) => "a SYN of both sides, and no SYN-ACK".to_owned(),
        (true, false) => "a SYN of both sides, a SYN-ACK of the client, and no ACK".to_owned(),
        (false, true) => "a SYN of both sides, a SYN-ACK of the server, and no ACK".to_owned(),
        (true, true) => "a SYN and a SYN-ACK of both sides, and no ACK".to_owned(),
    }
}

fn established(handshake: &Handshake, unicode: bool) -> String {
    let timing = &handshake.timing;
    let time = |ns: Option<i64>, range| either(ns, range, unicode);
    let Some(total) = time(timing.total_ns, timing.total_range_ns) else {
        return "established".to_owned();
    };
    let retries = time(positive(timing.retry_wait_ns), timing.retry_wait_range_ns);
    let repeats = time(positive(timing.syn_ack_wait_ns), timing.syn_ack_wait_range_ns);
    let waits: Vec<_> = [
        retries.map(|wait| format!("{wait} waiting to repeat the SYN")),
        repeats.map(|wait| format!("{wait} waiting for a repeated SYN-ACK")),
    ]
    .into_iter()
    .flatten()
    .collect();
    match waits.is_empty() {
        true if timing.total_ns.is_some() => format!("established in {total}"),
        true => format!("established after {total}"),
        false => format!("established after {total}, of which {}", waits.join(" and ")),
    }
}

/// A wait that there was.
fn positive(ns: Option<i64>) -> Option<i64> {
    ns.filter(|&ns| ns > 0)
}

/// `refused after 11.2 s`.
fn after(what: &str, handshake: &Handshake, unicode: bool) -> String {
    match handshake.timing.failed_after_ns {
        Some(ns) => format!("{what} after {}", duration(ns, unicode)),
        None => what.to_owned(),
    }
}

/// `1 SYN`, `4 SYNs in 7.01 s`.
fn sent(retransmissions: u32, name: &str, handshake: &Handshake, unicode: bool) -> String {
    let times = match retransmissions {
        0 => format!("1 {name}"),
        n => format!("{} {name}s", u64::from(n) + 1),
    };
    match handshake.timing.failed_after_ns {
        Some(ns) => format!("{times} in {}", duration(ns, unicode)),
        None => times,
    }
}

/// A duration, or what bounds it: `29 µs`, `1 s to 3 s`, `at most 3 s`.
fn either(ns: Option<i64>, range: Option<Range>, unicode: bool) -> Option<String> {
    let time = |ns| duration(ns, unicode);
    match (ns, range) {
        (Some(ns), _) => Some(time(ns)),
        (None, Some(Range { min: 0, max })) => Some(format!("at most {}", time(max))),
        (None, Some(Range { min, max })) => Some(format!("{} to {}", time(min), time(max))),
        (None, None) => None,
    }
}

/// A clock: its name, and what it shows where it shows something.
pub(crate) type Clock = (&'static str, Option<String>);

/// The clocks that an attempt has. Of one that came to something `total` is the sum of the next ones;
/// of a failure there is the time that it took.
pub(crate) fn clocks(handshake: &Handshake, unicode: bool) -> Vec<Clock> {
    let timing = &handshake.timing;
    let time = |ns, range| either(ns, range, unicode);
    let failed = time(timing.failed_after_ns, None);
    let total = time(timing.total_ns, timing.total_range_ns);
    let syn_ack_wait = time(positive(timing.syn_ack_wait_ns), timing.syn_ack_wait_range_ns);
    let mut clocks = vec![match (failed, handshake.outcome) {
        (None, _) => ("total", total),
        (failed, Outcome::Unanswered | Outcome::Unacknowledged) => ("tried for", failed),
        (failed, _) => ("failed after", failed),
    }];
    clocks.push(("retry wait", time(timing.retry_wait_ns, timing.retry_wait_range_ns)));
    clocks.push(("server RTT", time(timing.server_rtt_ns, timing.server_rtt_range_ns)));
    clocks.extend(syn_ack_wait.map(|wait| ("SYN-ACK wait", Some(wait))));
    clocks.push(("client RTT", time(timing.client_rtt_ns, timing.client_rtt_range_ns)));
    clocks.push(("Wireshark iRTT", time(timing.wireshark_irtt_ns, None)));
    clocks
}

/// What keeps the outcome from being the whole truth.
pub(crate) fn caveats(handshake: &Handshake, unicode: bool) -> Vec<String> {
    let mut caveats = Vec::new();
    if let Some(other) = handshake.answered_by {
        caveats.push(format!("answered by {other}: the SYN went to another address"));
    }
    if let Some(back) = handshake.timing.clock_went_back {
        let by = duration(back.by_ns, unicode);
        caveats.push(format!("the clock went back by {by} at frame {}", back.frame));
    }
    match handshake.segments_omitted {
        0 => {}
        1 => caveats.push("1 more segment was not kept".to_owned()),
        n => caveats.push(format!("{n} more segments were not kept")),
    }
    if let Some(close) = &handshake.close {
        caveats.extend(super::close::caveats(close));
    }
    if handshake.context.capture_lost_packets {
        caveats.push("the capture lost packets: a missing segment may have been sent".to_owned());
    }
    caveats
}

#[cfg(test)]
mod tests;
