//! What is wrong in a capture, in a few findings, each with its evidence.
//!
//! A finding is about all attempts that have one trouble: the server or client that has most of it is
//! named, others with the same trouble are counted. `docs/findings.md` gives the rules.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::net::IpAddr;

use handshake::{Outcome, PatternName, Side};
use parser::{Endpoint, Timestamp};

use crate::by::Key;
use crate::evidence::{Ids, NAMED};
use crate::group::Group;
use crate::over_time::Slot;
use crate::stats::{Client, Stats};
use crate::step::{Step, best_step};

/// A client that tried as many different servers or ports, mostly in vain, scans.
const SCANNED: usize = 10;
/// As many attempts that came to nothing, of more clients than are told apart, are a flood.
const FLOOD: u64 = 100;
/// Fewer attempts of one client say nothing about that client.
const OF_ONE_CLIENT: u64 = 3;
/// Something that is to be known about a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub what: What,
    /// The attempts that it is about.
    pub attempts: u64,
    /// Those of them that are of the named server or client.
    pub at_worst: u64,
    /// Further servers, or clients of a scan, with the same trouble.
    pub others: usize,
    /// Attempts that show it.
    pub evidence: Vec<u64>,
}

/// What is to be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// All segments are of one side.
    OneDirection(Side),
    /// No segment without SYN was captured.
    SynOnly,
    /// A client tries many servers or ports.
    Scan {
        /// Who.
        client: IpAddr,
        /// How many, and whether there are more.
        targets: (usize, bool),
    },
    /// A server has a trouble.
    AtServer(Endpoint, Trouble),
    /// RSTs that did not end their attempts.
    RstIgnored,
    /// Packets that were captured twice.
    Copies,
    /// Attempts were closed before their time.
    Evicted,
    /// Attempts failed or were retried at servers that are not told apart.
    Untold,
    /// Attempts were established, and their SYN or SYN-ACK was not captured.
    Partial,
    /// Attempts only waited when the capture ended.
    CutOff,
    /// Nothing is wrong.
    Clean {
        /// The longest server RTT, in nanoseconds.
        slowest_ns: Option<u64>,
    },
}

/// A trouble of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Many clients begin and do not complete.
    Flood {
        /// How many, and whether there are more.
        clients: (usize, bool),
    },
    /// SYNs to a server that answers some were sent again, or got no answer.
    SynsRepeated(SynsRepeated),
    /// It answered nobody.
    Silent {
        /// How many clients, and whether there are more.
        clients: (usize, bool),
    },
    /// It refuses with a RST.
    Refuses {
        /// How many clients, and whether there are more; `None` where it did not refuse all.
        clients: Option<(usize, bool)>,
        /// Attempts that it did not refuse.
        established: u64,
        /// The hop limit of its RSTs and that of the host's SYN-ACKs, where they differ.
        hop_limits: Option<(u8, u8)>,
    },
    /// An ICMP error says that it can't be reached.
    Unreachable,
    /// It drops the acknowledgment that completes the handshake.
    NotAccepted,
    /// Its SYN-ACKs were sent again, or not acknowledged.
    SynAcksRepeated {
        /// SYN-ACKs that it sent.
        syn_acks: u64,
        /// Those that were not the first of their attempt.
        repeated: u64,
        /// Attempts in which none was acknowledged.
        unacknowledged: u64,
    },
    /// Attempts are reset after its SYN-ACK.
    Reset {
        /// Those that the client reset.
        by_client: u64,
    },
    /// It answers later than it did before.
    Slower {
        /// Its usual server RTT before and after, in nanoseconds.
        usual_ns: (u64, u64),
        /// When.
        since: Option<Timestamp>,
    },
}

/// The SYNs of [`Trouble::SynsRepeated`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynsRepeated {
    /// The attempts at the server.
    pub attempts: u64,
    /// SYNs that it was sent.
    pub syns: u64,
    /// Those that were not the first of their attempt.
    pub repeated: u64,
    /// Attempts that got no answer at all.
    pub unanswered: u64,
    /// When the first such attempt began.
    pub since: Option<Timestamp>,
    /// Attempts that were established with their first SYN and began later. The time of a capture has up to
    /// 64 parts, and what began in the same part does not count.
    pub answered: u64,
    /// The only client that it happened to, where other clients were there too.
    pub only_client: Option<IpAddr>,
}

/// What only the totals tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// The only side that was captured, where it is only one.
    pub one_direction: Option<Side>,
    /// No segment without SYN was captured.
    pub syn_only: bool,
    /// Attempts that were closed before their time for want of room, and had no outcome by then.
    pub evicted: u64,
}

/// A trouble of one server, its attempts, and those that show it.
type Found = (Trouble, u64, Vec<u64>);
/// Finds one trouble of a server in its attempts.
type Rule = fn(&Stats, Endpoint, &Group) -> Option<Found>;

/// The troubles of servers. Each server may have several.
const RULES: [Rule; 9] = [
    flood,
    syns_repeated,
    silent,
    refuses,
    unreachable,
    not_accepted,
    syn_acks_repeated,
    reset,
    slower,
];

/// What is to be known of the attempts, the worst first.
pub fn findings(stats: &Stats, captured: Captured) -> Vec<Finding> {
    let scanners: Vec<_> = stats.clients.iter().filter(|(_, client)| scans(client)).collect();
    let hashes = scanners.iter().map(|(hash, _)| **hash).collect();
    let mut found: Vec<_> = RULES.iter().filter_map(|rule| worst(stats, &hashes, *rule)).collect();
    found.extend(scan(&scanners));
    let told = |what, pattern| some(what, stats.pattern(pattern), stats.shown(pattern));
    found.extend(told(What::RstIgnored, PatternName::RstIgnored));
    found.extend(told(What::Copies, PatternName::DuplicateCapture));
    let untold = stats.servers().untold();
    found.extend(some(What::Untold, untold.hurt, untold.evidence.of_trouble()));
    let all = stats.all();
    if captured.one_direction.is_none() {
        found.extend(some(What::Partial, all.partial, all.evidence.partial.as_slice().to_vec()));
    }
    found.sort_by_key(|finding| (rank(&finding.what), Reverse(finding.attempts)));
    found.extend(cut_off(stats));
    let about_all = |what| Finding {
        what,
        attempts: all.attempts,
        at_worst: all.attempts,
        others: 0,
        evidence: Vec::new(),
    };
    let partial = match captured.one_direction {
        Some(side) => Some(What::OneDirection(side)),
        None => captured.syn_only.then_some(What::SynOnly),
    };
    if let Some(partial) = partial {
        found.insert(0, about_all(partial));
    }
    if captured.evicted > 0 {
        let attempts = captured.evicted;
        found.insert(0, Finding { attempts, at_worst: attempts, ..about_all(What::Evicted) });
    }
    if found.is_empty() && all.attempts > 0 {
        let slowest = all.evidence.slowest;
        let evidence = slowest.iter().map(|&(_, id)| id).collect();
        let what = What::Clean { slowest_ns: slowest.map(|(rtt, _)| rtt) };
        found.push(Finding { evidence, ..about_all(what) });
    }
    found
}

/// What comes first: what failed or was repeated, then what is worth a look, then what only the capture has.
const fn rank(what: &What) -> u8 {
    match what {
        What::RstIgnored | What::AtServer(_, Trouble::Slower { .. }) => 1,
        What::Copies | What::Partial => 2,
        _ => 0,
    }
}

/// What is to be known of so many attempts of no server in particular, if there are any.
fn some(what: What, attempts: u64, evidence: Vec<u64>) -> Option<Finding> {
    (attempts > 0).then_some(Finding { what, attempts, at_worst: attempts, others: 0, evidence })
}

/// The attempts that only waited when the capture ended, but for those that are a flood's.
fn cut_off(stats: &Stats) -> Option<Finding> {
    let (mut attempts, mut evidence) = (0, Vec::new());
    let told = stats.servers().iter().map(|(_, group)| group);
    for group in told.chain([stats.servers().untold()]).filter(|group| !is_flooded(group)) {
        attempts += group.cut_off.iter().sum::<u64>();
        evidence.extend_from_slice(group.evidence.cut_off.as_slice());
    }
    evidence.sort_unstable();
    evidence.truncate(NAMED);
    some(What::CutOff, attempts, evidence)
}

/// The server that has most of a trouble; the others are counted. What a scan came to is the scan's.
fn worst(stats: &Stats, scanners: &HashSet<u64>, rule: Rule) -> Option<Finding> {
    let mut others = 0;
    let mut sum = 0;
    let mut worst: Option<(Endpoint, Found)> = None;
    for (key, group) in stats.servers().iter() {
        let Key::Endpoint(server) = *key else { continue };
        if group.clients.only().is_some_and(|only| scanners.contains(&only)) {
            continue;
        }
        let Some(found) = rule(stats, server, group) else { continue };
        sum += found.1;
        others += 1;
        let is_worse = |(than, (_, attempts, _)): &(Endpoint, Found)| {
            (found.1, Reverse(server)) > (*attempts, Reverse(*than))
        };
        if worst.as_ref().is_none_or(is_worse) {
            worst = Some((server, found));
        }
    }
    let (server, (trouble, at_worst, evidence)) = worst?;
    let what = What::AtServer(server, trouble);
    Some(Finding { what, attempts: sum, at_worst, others: others - 1, evidence })
}

/// Whether a client tries many servers or ports, mostly in vain, and none of them over and over.
fn scans(client: &Client) -> bool {
    let (targets, more) = client.targets.count();
    let is_once = more || client.attempts <= 2 * targets as u64;
    targets >= SCANNED && client.failed * 2 > client.attempts && is_once
}

/// The client that scans most.
fn scan(scanners: &[(&u64, &Client)]) -> Option<Finding> {
    let (_, client) =
        scanners.iter().max_by_key(|(_, client)| (client.failed, Reverse(client.addr)))?;
    Some(Finding {
        what: What::Scan { client: client.addr, targets: client.targets.count() },
        at_worst: client.attempts,
        attempts: scanners.iter().map(|(_, client)| client.attempts).sum(),
        others: scanners.len() - 1,
        evidence: client.ids.as_slice().to_vec(),
    })
}

/// A trouble of `attempts` attempts, if there are any.
fn found(trouble: Trouble, attempts: u64, evidence: &Ids) -> Option<Found> {
    (attempts > 0).then(|| (trouble, attempts, evidence.as_slice().to_vec()))
}

fn in_vain(group: &Group) -> u64 {
    group.outcome(Outcome::Unanswered) + group.outcome(Outcome::Unacknowledged)
}

/// Who is there repeats a SYN that gets no answer; who lends somebody else's address does not. A server
/// that answers nobody is not there.
fn is_flooded(group: &Group) -> bool {
    let in_vain = in_vain(group);
    group.syn_acks > 0
        && group.clients.count().1
        && in_vain >= FLOOD
        && in_vain * 2 > group.attempts
        && group.syn_retried * 2 < in_vain
}

fn flood(_: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    let answered = group.outcome(Outcome::Unacknowledged) > group.outcome(Outcome::Unanswered);
    let outcome = if answered { Outcome::Unacknowledged } else { Outcome::Unanswered };
    let trouble = Trouble::Flood { clients: group.clients.count() };
    let attempts = if is_flooded(group) { in_vain(group) - group.repeated_in_vain } else { 0 };
    let ids = group.evidence.outcome(outcome);
    let ids = if ids.as_slice().is_empty() { &group.evidence.cut_off } else { ids };
    found(trouble, attempts, ids)
}

/// Attempts that show that a server is there: it or a RST in its name answered.
fn answered(group: &Group) -> u64 {
    let silent = [Outcome::Unanswered, Outcome::Unreachable, Outcome::InProgress];
    group.attempts - silent.into_iter().map(|outcome| group.outcome(outcome)).sum::<u64>()
}

fn syns_repeated(stats: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    if answered(group) == 0 {
        return None;
    }
    // Who repeats its SYN is there: it is none of those that flood.
    let unanswered =
        if is_flooded(group) { group.repeated_in_vain } else { group.settled(Outcome::Unanswered) };
    let dropped = group.syn_retried.max(unanswered);
    let trouble = Trouble::SynsRepeated(SynsRepeated {
        attempts: group.attempts,
        syns: group.syns,
        repeated: group.syn_retransmissions,
        unanswered,
        since: group.dropped_since,
        answered: later(stats, group).map(|slot| u64::from(slot.at_once)).sum(),
        only_client: only_client(stats, group, dropped),
    });
    let unanswered_ids = group.evidence.outcome(Outcome::Unanswered);
    let is_lost = unanswered > 0 && !is_flooded(group);
    let ids = if is_lost { unanswered_ids } else { &group.evidence.syn_retried };
    found(trouble, dropped, ids)
}

/// The slots after the one in which the first attempt began whose SYN was dropped.
fn later<'a>(stats: &Stats, group: &'a Group) -> impl Iterator<Item = &'a Slot> {
    let begin = group.dropped_since.and_then(|since| stats.scale().slot_of(since.as_nanos()));
    let slots = group.over_time.slots();
    slots.iter().skip(begin.map_or(slots.len(), |begin| begin + 1))
}

/// The only client whose SYNs were dropped, where none of its attempts succeeded and as many of others did after
/// that began.
fn only_client(stats: &Stats, group: &Group, dropped: u64) -> Option<IpAddr> {
    let client = stats.client(group.dropped_clients.only()?)?;
    let succeeded: u64 =
        later(stats, group).map(|slot| u64::from(slot.attempts - slot.failed)).sum();
    let is_it =
        dropped >= OF_ONE_CLIENT && client.failed == client.attempts && succeeded >= dropped;
    is_it.then_some(client.addr)
}

fn silent(_: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    let unanswered = group.settled(Outcome::Unanswered);
    let is_silent = answered(group) == 0 && !is_flooded(group);
    let trouble = Trouble::Silent { clients: group.clients.count() };
    let evidence = group.evidence.outcome(Outcome::Unanswered);
    found(trouble, if is_silent { unanswered } else { 0 }, evidence)
}

fn refuses(stats: &Stats, server: Endpoint, group: &Group) -> Option<Found> {
    if group.outcome(Outcome::Refused) == 0 {
        return None;
    }
    let trouble = Trouble::Refuses {
        clients: (group.outcome(Outcome::Refused) == group.attempts).then(|| group.clients.count()),
        established: group.outcome(Outcome::Established),
        hop_limits: group.rst_ttls.apart_from(stats.syn_ack_ttls(server.addr)),
    };
    of_outcome(trouble, group, Outcome::Refused)
}

fn unreachable(_: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    of_outcome(Trouble::Unreachable, group, Outcome::Unreachable)
}

fn not_accepted(_: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    of_outcome(Trouble::NotAccepted, group, Outcome::EstablishedClientOnly)
}

fn reset(_: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    of_outcome(Trouble::Reset { by_client: group.reset_by_client }, group, Outcome::Reset)
}

fn of_outcome(trouble: Trouble, group: &Group, outcome: Outcome) -> Option<Found> {
    found(trouble, group.outcome(outcome), group.evidence.outcome(outcome))
}

fn syn_acks_repeated(_: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    let unacknowledged = group.settled(Outcome::Unacknowledged);
    // A full accept queue repeats SYN-ACKs too.
    if is_flooded(group) || group.outcome(Outcome::EstablishedClientOnly) > 0 {
        return None;
    }
    let trouble = Trouble::SynAcksRepeated {
        syn_acks: group.syn_acks,
        repeated: group.syn_ack_retransmissions,
        unacknowledged,
    };
    let ids = group.evidence.outcome(Outcome::Unacknowledged);
    let ids = if unacknowledged > 0 { ids } else { &group.evidence.syn_ack_retried };
    found(trouble, group.syn_ack_retried.max(unacknowledged), ids)
}

/// A server that answered much later from a time on.
fn slower(stats: &Stats, _: Endpoint, group: &Group) -> Option<Found> {
    let slots = group.over_time.slots();
    let Step { at, usual_ns } = best_step(slots)?;
    let since = stats.scale().begin_of(at).map(Timestamp::from_nanos);
    let attempts = slots[at..].iter().map(|slot| u64::from(slot.attempts)).sum();
    let slowest = group.evidence.slowest.iter().map(|&(_, id)| id).collect();
    Some((Trouble::Slower { usual_ns, since }, attempts, slowest))
}
