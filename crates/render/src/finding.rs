//! What is said of a finding: a sentence, and what to do next.

use std::fmt::Write as _;

use answers::{Finding, What};
use handshake::Side;
use parser::{Endpoint, Timestamp};

use crate::style::Style;
use crate::text::{count, duration, moment, plural};

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// What is so, in one sentence with its numbers.
    pub(crate) sentence: String,
    /// The next step; empty where there is nothing to do.
    pub(crate) next: String,
}

/// What is said of a finding.
pub(crate) fn told(finding: &Finding, style: Style) -> Told {
    let attempts = plural(finding.attempts, "attempt");
    let mut told = match &finding.what {
        What::OneDirection(_) | What::SynOnly | What::Copies | What::RstIgnored => {
            of_capture(&finding.what, &attempts)
        }
        What::Clean { slowest_ns } => clean(&attempts, *slowest_ns, style),
        what => of_hosts(what, &attempts, style),
    };
    match finding.others {
        0 => {}
        others => {
            let others = others_with(&finding.what, others);
            told.sentence = format!("{}; {others} ({attempts} in all)", told.sentence);
        }
    }
    told
}

fn others_with(what: &What, others: usize) -> String {
    let noun = if matches!(what, What::Scan { .. }) { "client" } else { "server" };
    let (verb, nouns) = if others == 1 { ("does", "") } else { ("do", "s") };
    format!("{} other {noun}{nouns} {verb} so too", count(others as u64))
}

fn say(sentence: String, next: impl Into<String>) -> Told {
    Told { sentence, next: next.into() }
}

fn of_capture(what: &What, attempts: &str) -> Told {
    match what {
        What::OneDirection(side) => {
            let missing = if *side == Side::Client { "server" } else { "client" };
            say(
                format!("the capture has one direction only: no segment of a {missing}"),
                "capture where both directions pass, or at one of the two hosts",
            )
        }
        What::SynOnly => say(
            "no segment without SYN was captured: if a filter left them out, `unacknowledged` may be \
             wrong"
                .to_owned(),
            "capture with the filter `tcp`, at least the segments with SYN, RST and the first ACK",
        ),
        What::Copies => say(
            format!("packets of {attempts} were captured more than once"),
            "a mirror port or `any` shows a packet at each place that it passes: capture at one place",
        ),
        _ => say(
            format!("{attempts} went on after a RST that did not end them: somebody forges RSTs"),
            "compare the hop limit (ttl) of the RST with that of the server's other segments",
        ),
    }
}

fn clean(attempts: &str, slowest_ns: Option<u64>, style: Style) -> Told {
    let slowest = slowest_ns.map_or(String::new(), |ns| {
        format!("; the slowest answer took {}", nanoseconds(ns, style))
    });
    say(format!("nothing is wrong: {attempts}, none failed, none had to be repeated{slowest}"), "")
}

fn of_hosts(what: &What, attempts: &str, style: Style) -> Told {
    match what {
        What::Scan { client, targets } => say(
            format!("{client} scans: {attempts} at {}", some(*targets, "server port")),
            "is this a scanner of yours? if not, block it",
        ),
        What::Flood { server, clients } => say(
            format!(
                "{server} is flooded: {attempts} of {} came to nothing",
                some(*clients, "client")
            ),
            "on the server: `nstat -az TcpExtSyncookiesSent TcpExtListenDrops`",
        ),
        What::Drops { .. } => drops(what, style),
        What::Silent { server, clients } => say(
            format!("{server} answers nobody: {attempts} of {}", some(*clients, "client")),
            "is the host up, and does a firewall drop these SYNs? capture at the server",
        ),
        What::Refuses { server, clients, established } => {
            let but = match established {
                0 => String::new(),
                some => format!("; {} succeeded", plural(*some, "attempt")),
            };
            say(
                format!("{server} refuses: {attempts} of {}{but}", some(*clients, "client")),
                format!("does the service run? on the server: {}", listeners(*server)),
            )
        }
        What::Unreachable { server } => say(
            format!("{server} can't be reached: an ICMP error answered {attempts}"),
            "which router sent it, and why? `synscope replay --explain` shows the error",
        ),
        What::NotAccepted { server } => say(
            format!("{server} drops the ACK that completes the handshake: {attempts}"),
            format!("is its accept queue full? on the server: {}", listeners(*server)),
        ),
        What::Reset { server } => say(
            format!("{server}: {attempts} reset after its SYN-ACK"),
            "who sent the RST? `synscope replay --outcome reset` shows it",
        ),
        What::Slower { server, means_ns: (before, after), since } => say(
            format!(
                "{server} answers slower{}: {} in the mean, {} before",
                at(*since, "since", style),
                nanoseconds(*after, style),
                nanoseconds(*before, style),
            ),
            "what changed then: load, route, a deployment?",
        ),
        What::Unacknowledged { server, repeated } => say(
            format!(
                "SYN-ACKs of {server} or their ACKs get lost: {attempts}, {} sent again",
                plural(*repeated, "SYN-ACK")
            ),
            "does the SYN-ACK reach the client? capture there",
        ),
        _ => say(attempts.to_owned(), ""),
    }
}

fn drops(what: &What, style: Style) -> Told {
    let What::Drops { server, syns, repeated, unanswered, since, answered } = what else {
        return say(String::new(), "");
    };
    let mut sentence = format!(
        "{server} does not answer each SYN: {} of {} ({}) were sent again{}",
        count(*repeated),
        plural(*syns, "SYN"),
        percent(*repeated, *syns),
        at(*since, "since", style),
    );
    if *unanswered > 0 {
        let _ = write!(sentence, "; {} got no answer", plural(*unanswered, "attempt"));
    }
    if *answered > 0 {
        let others = plural(*answered, "later attempt");
        let _ = write!(sentence, "; {others} needed no second SYN");
    }
    let next = format!("is its accept queue full? on the server: {}", listeners(*server));
    say(sentence, format!("{next}; else look for loss on the path"))
}

/// The command that shows whether a server listens, and how full its accept queue is.
fn listeners(server: Endpoint) -> String {
    format!("`ss -ltn sport = :{}`", server.port)
}

/// ` since 10:02:11`, where that is known.
fn at(time: Option<Timestamp>, word: &str, style: Style) -> String {
    time.map_or(String::new(), |time| format!(" {word} {}", moment(time, &style.zone())))
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
    let thousandths = u128::from(part) * 1_000 / u128::from(whole);
    match thousandths {
        0 => "under 0.1 %".to_owned(),
        1..100 => format!("{}.{} %", thousandths / 10, thousandths % 10),
        1_000.. => "100 %".to_owned(),
        // What is nearly all is not all.
        _ => format!("{} %", ((thousandths + 5) / 10).min(99)),
    }
}

/// A duration that can't be negative.
pub(crate) fn nanoseconds(ns: u64, style: Style) -> String {
    duration(i64::try_from(ns).unwrap_or(i64::MAX), style.unicode)
}
