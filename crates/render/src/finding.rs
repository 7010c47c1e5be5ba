//! What is said of a finding: a sentence, and what to do next.

use std::fmt::Write as _;
use std::net::IpAddr;

use answers::{Finding, Key, SynsRepeated, Trouble, What};
use handshake::Side;
use hostnames::HostNames;
use parser::{Endpoint, Timestamp, seeming_port};

use crate::host;
use crate::style::{Ink, Style};
use crate::text::{count, duration, moment, plural};

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// What is so, in one sentence with its numbers.
    pub(crate) sentence: String,
    /// The next step; empty where there is nothing to do.
    pub(crate) next: String,
}

impl From<&What> for Ink {
    fn from(what: &What) -> Self {
        match what {
            What::Clean { .. } => Self::Good,
            What::OneDirection(_)
            | What::SynOnly
            | What::Copies
            | What::Evicted
            | What::Partial
            | What::CutOff => Self::Doubtful,
            What::Scan { .. } | What::AtServer(..) | What::RstIgnored | What::Untold => Self::Bad,
        }
    }
}

/// What is said of a finding.
pub(crate) fn told(finding: &Finding, host_names: &HostNames, style: Style) -> Told {
    let attempts = plural(finding.at_worst, "attempt");
    let host = host_of(&finding.what).and_then(|key| host::of_group(&key, host_names));
    let host = host.unwrap_or_default();
    let mut told = match &finding.what {
        What::OneDirection(side) => one_direction(*side),
        What::SynOnly => say(
            "no segment without SYN was captured: if a filter left them out, `unacknowledged` may be \
             wrong"
                .to_owned(),
            "capture with the filter `tcp`, at least the segments with SYN, RST and the first ACK",
        ),
        What::Evicted => say(
            format!("{attempts} closed early for want of memory: their outcomes may be wrong"),
            "use more memory: `--memory 1GB`",
        ),
        What::Untold => say(
            format!("{attempts} at further servers failed or had to be repeated"),
            "too many servers to tell apart: `synscope stats --by subnet/24 FILE...` puts some together",
        ),
        What::Partial => say(
            format!("of {attempts}, all established, the SYN or the SYN-ACK was not captured"),
            "lost by the capture, or on another path? capture where both directions pass",
        ),
        What::CutOff => {
            let of = if finding.attempts == 1 { "it" } else { "them" };
            let waited = "had waited for less than a second when the capture ended";
            say(
                format!("{attempts} {waited}: what became of {of} is not known"),
                "capture for longer",
            )
        }
        What::Copies => say(
            format!("packets of {attempts} were captured more than once"),
            "a mirror port or `any` shows a packet at each place that it passes: capture at one place",
        ),
        What::RstIgnored => say(
            format!("{attempts} went on after a RST"),
            "was it forged? compare its hop limit (ttl) with that of the server's other segments",
        ),
        What::Scan { client, targets } => say(
            format!(
                "{host} tries many servers or ports, mostly in vain: {attempts} at {}",
                some(*targets, "server port")
            ),
            format!(
                "a scan, or a program whose servers are gone? `synscope replay --client {} FILE...` \
                 shows it",
                typed(*client)
            ),
        ),
        What::AtServer(server, trouble) => {
            let show = show(&finding.evidence);
            at_server((*server, &host), trouble, (finding.at_worst, &show), style)
        }
        What::Clean { slowest_ns } => clean(&attempts, *slowest_ns, style),
    };
    match finding.others {
        0 => {}
        others => {
            let others = others_with(&finding.what, others);
            let all = plural(finding.attempts, "attempt");
            told.sentence = format!("{}; {others} ({all} in all)", told.sentence);
        }
    }
    told
}

/// The server or the client that has most of it.
pub(crate) const fn host_of(what: &What) -> Option<Key> {
    match what {
        What::Scan { client, .. } => Some(Key::Addr(*client)),
        What::AtServer(server, _) => Some(Key::Endpoint(*server)),
        _ => None,
    }
}

fn others_with(what: &What, others: usize) -> String {
    let noun = if matches!(what, What::Scan { .. }) { "client" } else { "server" };
    let nouns = if others == 1 { "" } else { "s" };
    format!("the same at {} more {noun}{nouns}", count(others as u64))
}

fn say(sentence: String, next: impl Into<String>) -> Told {
    Told { sentence, next: next.into() }
}

fn one_direction(side: Side) -> Told {
    let missing = if side == Side::Client { "server" } else { "client" };
    say(
        format!("the capture has one direction only: no segment of a {missing}"),
        "capture where both directions pass, or at one of the two hosts",
    )
}

fn clean(attempts: &str, slowest_ns: Option<u64>, style: Style) -> Told {
    let slowest = slowest_ns.map_or(String::new(), |ns| {
        format!("; the slowest answer took {}", nanoseconds(ns, style))
    });
    say(format!("clean: {attempts}, none failed, none had to be repeated{slowest}"), "")
}

fn at_server(
    (server, host): (Endpoint, &str),
    trouble: &Trouble,
    (number, show): (u64, &str),
    style: Style,
) -> Told {
    let attempts = plural(number, "attempt");
    match trouble {
        Trouble::Flood { clients } => say(
            format!(
                "{host} may be flooded: {attempts} of {} came to nothing, and few sent their SYN again",
                some(*clients, "client")
            ),
            "on the server: `nstat -az TcpExtSyncookiesSent TcpExtListenDrops`",
        ),
        Trouble::SynsRepeated(syns) => syns_repeated((server, host), syns, show, style),
        Trouble::Silent { clients } => say(
            format!("{host}: {attempts} of {}, all `unanswered`", some(*clients, "client")),
            "is the host up, and does a firewall drop these SYNs? capture at the server",
        ),
        Trouble::Refuses { clients, established, hop_limits } => {
            refuses((server, host), (&attempts, *clients, *established), *hop_limits)
        }
        Trouble::Unreachable => say(
            format!("{host} can't be reached: an ICMP error answered {attempts}"),
            format!("which router sent it, and why? {show} shows the error"),
        ),
        Trouble::NotAccepted => say(
            format!("{host} did not take the ACK that completes the handshake: {attempts}"),
            format!("is its accept queue full? on the server: {}", listeners(server)),
        ),
        Trouble::Reset { by_client } => reset(host, (number, *by_client), show),
        Trouble::Slower { usual_ns: (before, after), since } => say(
            format!(
                "{host} answers slower{}: {} as a rule, {} before",
                at(*since, " since", style),
                nanoseconds(*after, style),
                nanoseconds(*before, style),
            ),
            "what changed then: load, route, or the clients? `synscope stats --by client FILE...` \
             compares them",
        ),
        Trouble::SynAcksRepeated { syn_acks, repeated, unacknowledged } => {
            let lost = (*unacknowledged, "`unacknowledged`");
            say(
                format!("{host}: {}", repeats(("SYN-ACK", *syn_acks, *repeated), lost)),
                "does the SYN-ACK reach the client? capture there; a server that defers its accept \
                 looks the same",
            )
        }
    }
}

fn refuses(
    (server, host): (Endpoint, &str),
    (attempts, clients, established): (&str, Option<(usize, bool)>, u64),
    hop_limits: Option<(u8, u8)>,
) -> Told {
    let of = clients.map_or(String::new(), |clients| format!(" of {}", some(clients, "client")));
    let but = match established {
        0 => String::new(),
        some => format!("; {} succeeded", plural(some, "attempt")),
    };
    let sentence = format!("{host} refuses: {attempts}{of}{but}");
    match hop_limits {
        None => {
            say(sentence, format!("does the service run? on the server: {}", listeners(server)))
        }
        Some((rst, syn_ack)) => say(
            format!(
                "{sentence}; the hop limit of its RSTs is {rst}, that of the host's SYN-ACKs {syn_ack}"
            ),
            "a firewall may have sent these RSTs in its name: capture at the server, which sends none \
             then",
        ),
    }
}

fn reset(host: &str, (number, by_client): (u64, u64), show: &str) -> Told {
    let attempts = plural(number, "attempt");
    if by_client == number {
        return say(
            format!("{host}: the client reset {attempts} after a SYN-ACK"),
            format!("a probe (a health check, a scan), or did it give up? {show} shows one"),
        );
    }
    let of_these = match by_client {
        0 => String::new(),
        some => format!(", {} by the client", count(some)),
    };
    say(
        format!("{host}: {attempts} reset after a SYN-ACK{of_these}"),
        format!("who sent the RST, and why? {show} shows it"),
    )
}

/// An address as it can be typed: in brackets where it seems to end in a port.
fn typed(addr: IpAddr) -> String {
    let text = addr.to_string();
    if seeming_port(&text).is_some() { format!("'[{text}]'") } else { text }
}

/// The command that shows the first attempt that shows it.
fn show(evidence: &[u64]) -> String {
    evidence.first().map_or_else(
        || "`synscope replay --failed FILE...`".to_owned(),
        |id| format!("`synscope replay --id {id} FILE...`"),
    )
}

fn syns_repeated(
    (server, host): (Endpoint, &str),
    of: &SynsRepeated,
    show: &str,
    style: Style,
) -> Told {
    let lost = (of.unanswered, "`unanswered`");
    let mut sentence = format!("{host}: {}", repeats(("SYN", of.syns, of.repeated), lost));
    let first = at(of.since, ", the first such at", style);
    let _ = write!(sentence, " (of {} there{first})", plural(of.attempts, "attempt"));
    if let Some(client) = of.only_client {
        let _ = write!(sentence, "; all of them of {client}, and others were answered meanwhile");
        let next =
            "is its path to the server filtered, or does it lose packets? capture at this client";
        return say(sentence, format!("{next}; {show} shows one"));
    }
    if of.answered > 0 {
        let later = plural(of.answered, "attempt");
        let _ = write!(sentence, "; {later} that began later needed no second SYN");
    }
    let next = format!("is the accept queue full (on the server: {})", listeners(server));
    say(
        sentence,
        format!("{show} shows what answered; if nothing did: {next}, or are packets lost?"),
    )
}

/// 3 of 8 SYNs (38 %) were sent again, 1 attempt `unanswered`.
fn repeats((segment, sent, repeated): (&str, u64, u64), (number, failed): (u64, &str)) -> String {
    let were = if repeated == 1 { "was" } else { "were" };
    let (share, sent) = (percent(repeated, sent), plural(sent, segment));
    let again = format!("{} of {sent} ({share}) {were} sent again", count(repeated));
    let lost = format!("{} {failed}", plural(number, "attempt"));
    match (repeated, number) {
        (0, _) => lost,
        (_, 0) => again,
        _ => format!("{again}, {lost}"),
    }
}

/// The command that shows whether a server listens, and how full its accept queue is.
fn listeners(server: Endpoint) -> String {
    format!("`ss -ltn sport = :{}`", server.port)
}

/// ` since 10:02:11 UTC`, where that is known.
fn at(time: Option<Timestamp>, since: &str, style: Style) -> String {
    time.map_or(String::new(), |time| format!("{since} {}", moment(time, &style.zone())))
}

/// `3 clients`, `more than 32 clients`.
fn some((number, more): (usize, bool), noun: &str) -> String {
    let number = plural(number as u64, noun);
    if more { format!("more than {number}") } else { number }
}

/// A share in percent: `37 %`, `0.4 %`, `under 0.1 %`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let thousandths = (part * 1_000 + whole / 2) / whole;
    match thousandths {
        _ if part == whole => "100 %".to_owned(),
        0 => "under 0.1 %".to_owned(),
        1..100 => format!("{}.{} %", thousandths / 10, thousandths % 10),
        // What is nearly all is not all.
        _ => format!("{} %", ((part * 100 + whole / 2) / whole).min(99)),
    }
}

/// A duration that can't be negative.
pub(crate) fn nanoseconds(ns: u64, style: Style) -> String {
    duration(i64::try_from(ns).unwrap_or(i64::MAX), style.unicode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_so_that_it_can_be_typed() {
        let typed = |text: &str| typed(text.parse().expect("an address"));
        assert_eq!(typed("192.0.2.1"), "192.0.2.1");
        assert_eq!(typed("2001:db8::1"), "2001:db8::1");
        assert_eq!(typed("2001:db8::5:8080"), "'[2001:db8::5:8080]'");
    }
}
