//! The outcome of an attempt, in words.

use handshake::{EndedBy, Handshake, Kind, Outcome, Range, Sender};

use crate::language::{Language, Part};
use crate::style::Style;
use crate::text::duration;

/// What became of the attempt, in one line: `established in 61 µs`, `refused after 11.2 s`.
pub(crate) fn outcome(handshake: &Handshake, style: Style) -> String {
    let language = style.language;
    let failed = |what: String| after(what, handshake, style);
    let said = match handshake.outcome {
        Outcome::Established => established(handshake, style),
        Outcome::EstablishedClientOnly if handshake.steps.decisive.is_some() => language
            .say("established for the client only: the server answers its ACK with RST")
            .to_owned(),
        Outcome::EstablishedClientOnly => language
            .say(
                "established for the client only: the server repeats its SYN-ACK, so the ACK was \
                 lost on the path or dropped by the server",
            )
            .to_owned(),
        Outcome::Refused => failed(language.say("refused").to_owned()),
        Outcome::Reset => failed(match handshake.reset_by {
            Some(side) => {
                language.say_with("reset by the {side}", &[("side", &language.say(side.name()))])
            }
            None => language.say("reset").to_owned(),
        }),
        Outcome::Unreachable => unreachable(handshake, style),
        Outcome::Unanswered => unanswered(handshake, style),
        Outcome::Unacknowledged => unacknowledged(handshake, style),
        Outcome::InProgress => in_progress(handshake, style),
    };
    let Some(missing) = not_captured(handshake, language) else { return said };
    language.say_with("{outcome}; {missing}", &[("outcome", &said), ("missing", &missing)])
}

/// Why nothing changes the outcome any more.
pub(crate) const fn ended_by(reason: EndedBy) -> &'static str {
    match reason {
        EndedBy::Segment => "decided by a segment",
        EndedBy::Timeout => "decided by a timeout",
        EndedBy::Lifetime => "cut, as it was older than any handshake becomes",
        EndedBy::CaptureEnd => "as known when the capture ended",
        EndedBy::Evicted => "closed early for want of memory",
    }
}

/// Which of the three segments the capture lacks, though they were sent.
fn not_captured(handshake: &Handshake, language: Language) -> Option<String> {
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
        [(_, one)] => Some(language.say_with("the {one} was not captured", &[("one", one)])),
        [(_, one), (_, other)] => {
            let parts: [Part<'_>; 2] = [("one", one), ("other", other)];
            Some(language.say_with("the {one} and the {other} were not captured", &parts))
        }
        [..] => Some(language.say("none of the three segments was captured").to_owned()),
    }
}

fn unreachable(handshake: &Handshake, style: Style) -> String {
    let language = style.language;
    let said = after(language.say("unreachable").to_owned(), handshake, style);
    let Some(icmp) = handshake.icmp else { return said };
    let error = icmp.family.meaning(icmp.kind, icmp.code);
    let parts: [Part<'_>; 3] = [("outcome", &said), ("error", &error), ("host", &icmp.sender)];
    language.say_with("{outcome}: {error}, reported by {host}", &parts)
}

fn unanswered(handshake: &Handshake, style: Style) -> String {
    let sent = sent(handshake.syn_retransmissions, "SYN", handshake, style);
    // Nothing of the server, or nothing that answers the SYN.
    let sent_by_server = handshake.segments.iter().any(|segment| segment.from == Sender::Server);
    let said = if sent_by_server {
        "unanswered: {sent}, and no acceptable reply"
    } else {
        "unanswered: {sent}, and no reply"
    };
    style.language.say_with(said, &[("sent", &sent)])
}

fn unacknowledged(handshake: &Handshake, style: Style) -> String {
    let has = |sender, kind| handshake.segments.iter().any(|one| one.is_sent(sender, kind));
    if !has(Sender::Server, Kind::Syn) {
        let sent = sent(handshake.syn_ack_retransmissions, "SYN-ACK", handshake, style);
        return style
            .language
            .say_with("never acknowledged: {sent}, and no ACK", &[("sent", &sent)]);
    }
    // The two ends opened to each other.
    let said = match (has(Sender::Client, Kind::SynAck), has(Sender::Server, Kind::SynAck)) {
        (false, false) => "never acknowledged: a SYN of both sides, and no SYN-ACK",
        (true, false) => {
            "never acknowledged: a SYN of both sides, a SYN-ACK of the client, and no ACK"
        }
        (false, true) => {
            "never acknowledged: a SYN of both sides, a SYN-ACK of the server, and no ACK"
        }
        (true, true) => "never acknowledged: a SYN and a SYN-ACK of both sides, and no ACK",
    };
    style.language.say(said).to_owned()
}

fn in_progress(handshake: &Handshake, style: Style) -> String {
    let said = match (handshake.steps.syn_ack, handshake.server_isn) {
        (Some(_), _) => "in progress: no ACK yet",
        (None, Some(_)) => "in progress: no SYN-ACK yet",
        (None, None) => "in progress: no answer yet",
    };
    style.language.say(said).to_owned()
}

fn established(handshake: &Handshake, style: Style) -> String {
    let language = style.language;
    let timing = &handshake.timing;
    let time = |ns: Option<i64>, range| either(ns, range, style);
    let Some(total) = time(timing.total_ns, timing.total_range_ns) else {
        return language.say("established").to_owned();
    };
    let waiting =
        |said, wait: Option<String>| wait.map(|wait| language.say_with(said, &[("wait", &wait)]));
    let retries = time(positive(timing.retry_wait_ns), timing.retry_wait_range_ns);
    let repeats = time(positive(timing.syn_ack_wait_ns), timing.syn_ack_wait_range_ns);
    let waits = match (
        waiting("{wait} waiting to repeat the SYN", retries),
        waiting("{wait} waiting for a repeated SYN-ACK", repeats),
    ) {
        (None, None) => {
            let is_exact = timing.total_ns.is_some();
            let said =
                if is_exact { "established in {total}" } else { "established after {total}" };
            return language.say_with(said, &[("total", &total)]);
        }
        (Some(one), Some(other)) => {
            language.say_with("{one} and {other}", &[("one", &one), ("other", &other)])
        }
        (Some(wait), None) | (None, Some(wait)) => wait,
    };
    let parts: [Part<'_>; 2] = [("total", &total), ("waits", &waits)];
    language.say_with("established after {total}, of which {waits}", &parts)
}

/// A wait that there was.
fn positive(ns: Option<i64>) -> Option<i64> {
    ns.filter(|&ns| ns > 0)
}

/// `refused after 11.2 s`.
fn after(outcome: String, handshake: &Handshake, style: Style) -> String {
    let Some(ns) = handshake.timing.failed_after_ns else { return outcome };
    let parts: [Part<'_>; 2] = [("outcome", &outcome), ("time", &duration(ns, style.unicode))];
    style.language.say_with("{outcome} after {time}", &parts)
}

/// `1 SYN`, `4 SYNs in 7.01 s`.
fn sent(retransmissions: u32, name: &str, handshake: &Handshake, style: Style) -> String {
    let language = style.language;
    let times = match retransmissions {
        0 => language.say_with("1 {name}", &[("name", &name)]),
        n => language.say_with("{n} {name}s", &[("n", &(u64::from(n) + 1)), ("name", &name)]),
    };
    let Some(ns) = handshake.timing.failed_after_ns else { return times };
    let parts: [Part<'_>; 2] = [("sent", &times), ("time", &duration(ns, style.unicode))];
    language.say_with("{sent} in {time}", &parts)
}

/// A duration, or what bounds it: `29 µs`, `1 s to 3 s`, `at most 3 s`.
fn either(ns: Option<i64>, range: Option<Range>, style: Style) -> Option<String> {
    let time = |ns| duration(ns, style.unicode);
    match (ns, range) {
        (Some(ns), _) => Some(time(ns)),
        (None, Some(Range { min: 0, max })) => {
            Some(style.language.say_with("at most {max}", &[("max", &time(max))]))
        }
        (None, Some(Range { min, max })) => {
            let parts: [Part<'_>; 2] = [("first", &time(min)), ("last", &time(max))];
            Some(style.language.say_with("{first} to {last}", &parts))
        }
        (None, None) => None,
    }
}

/// A clock: its name, and what it shows where it shows something.
pub(crate) type Clock = (&'static str, Option<String>);

/// The clocks that an attempt has. Of one that came to something `total` is the sum of the next ones;
/// of a failure there is the time that it took.
pub(crate) fn clocks(handshake: &Handshake, style: Style) -> Vec<Clock> {
    let (timing, language) = (&handshake.timing, style.language);
    let time = |ns, range| either(ns, range, style);
    let failed = time(timing.failed_after_ns, None);
    let total = time(timing.total_ns, timing.total_range_ns);
    let retry_wait = time(timing.retry_wait_ns, timing.retry_wait_range_ns);
    let server_rtt = time(timing.server_rtt_ns, timing.server_rtt_range_ns);
    let syn_ack_wait = time(positive(timing.syn_ack_wait_ns), timing.syn_ack_wait_range_ns);
    let client_rtt = time(timing.client_rtt_ns, timing.client_rtt_range_ns);
    let first = match (failed, handshake.outcome) {
        (None, _) => (language.say("total"), total),
        (failed, Outcome::Unanswered | Outcome::Unacknowledged) => {
            (language.say("tried for"), failed)
        }
        (failed, _) => (language.say("failed after"), failed),
    };
    let mut clocks = vec![first];
    clocks.push((language.say("retry wait"), retry_wait));
    clocks.push((language.say("server RTT"), server_rtt));
    clocks.extend(syn_ack_wait.map(|wait| (language.say("SYN-ACK wait"), Some(wait))));
    clocks.push((language.say("client RTT"), client_rtt));
    clocks.push((language.say("Wireshark iRTT"), time(timing.wireshark_irtt_ns, None)));
    clocks
}

/// What keeps the outcome from being the whole truth.
pub(crate) fn caveats(handshake: &Handshake, style: Style) -> Vec<String> {
    let language = style.language;
    let mut caveats = Vec::new();
    if let Some(other) = handshake.answered_by {
        let said = "answered by {other}: the SYN went to another address";
        caveats.push(language.say_with(said, &[("other", &other)]));
    }
    if let Some(back) = handshake.timing.clock_went_back {
        let by = duration(back.by_ns, style.unicode);
        let said = "the clock went back by {by} at frame {frame}";
        caveats.push(language.say_with(said, &[("by", &by), ("frame", &back.frame)]));
    }
    match handshake.segments_omitted {
        0 => {}
        1 => caveats.push(language.say("1 more segment was not kept").to_owned()),
        n => caveats.push(language.say_with("{n} more segments were not kept", &[("n", &n)])),
    }
    if let Some(close) = &handshake.close {
        caveats.extend(super::close::caveats(close));
    }
    if handshake.context.capture_lost_packets {
        let said = "the capture lost packets: a missing segment may have been sent";
        caveats.push(language.say(said).to_owned());
    }
    caveats
}

#[cfg(test)]
mod tests;
