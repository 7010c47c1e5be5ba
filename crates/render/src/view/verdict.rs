//! The verdict on an attempt, in words.

use handshake::{Handshake, Kind, Outcome, Range, Sender};

use super::offset_ns;
use crate::text::duration;

/// What became of the attempt, in one line: `established in 61 µs`, `refused after 11.2 s`.
pub(crate) fn verdict(handshake: &Handshake, unicode: bool) -> String {
    let time = |ns| duration(ns, unicode);
    match handshake.outcome {
        Outcome::Established => established(handshake, unicode),
        Outcome::EstablishedClientOnly => {
            "established for the client alone: the server dropped the ACK".to_owned()
        }
        Outcome::Refused => after("refused", last(handshake, Kind::Rst), unicode),
        Outcome::Reset => {
            let reset = match handshake.reset_by {
                Some(side) => format!("reset by the {}", side.name()),
                None => "reset".to_owned(),
            };
            after(&reset, last(handshake, Kind::Rst), unicode)
        }
        Outcome::Unreachable => {
            let report = after("unreachable", last(handshake, Kind::Icmp), unicode);
            match handshake.icmp {
                Some(icmp) => {
                    let name = icmp.family.meaning(icmp.kind, icmp.code);
                    format!("{report}: {name}, says {}", icmp.sender)
                }
                None => report,
            }
        }
        Outcome::Unanswered => {
            let sent = times(handshake.syn_retransmissions, "SYN");
            match last(handshake, Kind::Syn) {
                Some(ns) if ns > 0 => {
                    format!("unanswered: {sent} in {}, and {}", time(ns), silence(handshake))
                }
                _ => format!("unanswered: {sent}, and {}", silence(handshake)),
            }
        }
        Outcome::Unacknowledged => {
            let sent = times(handshake.syn_ack_retransmissions, "SYN-ACK");
            format!("never acknowledged: {sent}, and no ACK")
        }
        Outcome::InProgress => match handshake.server_isn {
            Some(_) => "in progress: the ACK is to come".to_owned(),
            None => "in progress: the answer is to come".to_owned(),
        },
    }
}

/// What the client heard of the server: nothing, or nothing that answers its SYN.
fn silence(handshake: &Handshake) -> &'static str {
    let heard = handshake.segments.iter().any(|segment| segment.from == Sender::Server);
    if heard { "no acceptable reply" } else { "no reply" }
}

fn established(handshake: &Handshake, unicode: bool) -> String {
    let time = |ns| duration(ns, unicode);
    let timing = &handshake.timing;
    match (timing.total_ns, timing.retry_wait_ns) {
        (Some(total), Some(wait)) if wait > 0 => {
            let waited = time(wait);
            format!(
                "established after {}, of which {waited} waiting to repeat the SYN",
                time(total)
            )
        }
        (Some(total), _) => format!("established in {}", time(total)),
        (None, _) => "established".to_owned(),
    }
}

/// `refused after 11.2 s`.
fn after(what: &str, ns: Option<i64>, unicode: bool) -> String {
    match ns {
        Some(ns) => format!("{what} after {}", duration(ns, unicode)),
        None => what.to_owned(),
    }
}

/// `1 SYN`, `4 SYNs`.
fn times(retransmissions: u32, name: &str) -> String {
    match retransmissions {
        0 => format!("1 {name}"),
        n => format!("{} {name}s", u64::from(n) + 1),
    }
}

/// Nanoseconds from the start to the last segment of a kind.
fn last(handshake: &Handshake, kind: Kind) -> Option<i64> {
    let last = handshake.segments.iter().rfind(|segment| segment.kind == kind)?;
    offset_ns(handshake, last)
}

/// The clocks with their names. `None` where one has no value.
pub(crate) fn clocks(handshake: &Handshake, unicode: bool) -> [(&'static str, Option<String>); 5] {
    let timing = &handshake.timing;
    let one = |ns: Option<i64>| ns.map(|ns| duration(ns, unicode));
    let either = |ns: Option<i64>, range: Option<Range>| {
        one(ns).or_else(|| {
            let Range { min, max } = range?;
            Some(format!("{} to {}", duration(min, unicode), duration(max, unicode)))
        })
    };
    [
        ("total", one(timing.total_ns)),
        ("retry wait", one(timing.retry_wait_ns)),
        ("server RTT", either(timing.server_rtt_ns, timing.server_rtt_range_ns)),
        ("client RTT", either(timing.client_rtt_ns, timing.client_rtt_range_ns)),
        ("Wireshark iRTT", one(timing.wireshark_irtt_ns)),
    ]
}

/// What keeps the verdict from being the whole truth.
pub(crate) fn doubts(handshake: &Handshake, unicode: bool) -> Vec<String> {
    let mut doubts = Vec::new();
    if !handshake.syn_captured {
        doubts.push("the SYN was not captured".to_owned());
    }
    if let Some(back) = handshake.timing.clock_went_back {
        let by = duration(back.by_ns, unicode);
        doubts.push(format!("the clock went back by {by} at frame {}", back.frame));
    }
    match handshake.segments_omitted {
        0 => {}
        1 => doubts.push("1 more segment was not kept".to_owned()),
        n => doubts.push(format!("{n} more segments were not kept")),
    }
    if handshake.context.capture_lost_packets {
        doubts.push("the capture lost packets: a missing segment proves little".to_owned());
    }
    doubts
}

#[cfg(test)]
mod tests;
