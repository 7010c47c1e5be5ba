//! Attempts in, statistics and findings out.

mod findings;
mod stats;

use handshake::{Facts, Features, Outcome, PatternName, PatternSet, Side};
use parser::{Endpoint, Origin, Timestamp};

use crate::findings::{Captured, Finding, SynsRepeated, Trouble, What, findings};
use crate::stats::{MOST_CELLS, MOST_CLIENTS};
use crate::{By, Durations, Group, Key, MOST_GROUPS, Quantile, Question, Rtts, Sort, Stats};

const MS: i64 = 1_000_000;
const SERVER: Endpoint = Endpoint { addr: v4(80), port: 443 };
const OTHER: Endpoint = Endpoint { addr: v4(81), port: 80 };

const fn v4(last: u8) -> std::net::IpAddr {
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, last))
}

/// An attempt that was established within 3 ms, at this millisecond.
pub(crate) fn attempt(id: u64, at_ms: i64) -> Facts {
    Facts {
        id,
        client: Endpoint::new([192, 0, 2, 1], 40_000),
        server: SERVER,
        origin: Origin::default(),
        vlan: None,
        outcome: Outcome::Established,
        cut_off: false,
        reset_by: None,
        start: Some(Timestamp::from_nanos(at_ms * MS)),
        syn_captured: true,
        syn_ack_captured: true,
        syn_retransmissions: 0,
        syn_ack_retransmissions: 0,
        server_rtt_ns: Some(2 * MS),
        client_rtt_ns: Some(MS),
        total_ns: Some(3 * MS),
        waited_ns: Some(0),
        failed_after_ns: None,
        offered: Features::default(),
        accepted: Features::default(),
        answer_ttl: None,
        patterns: PatternSet::default(),
    }
}

/// One that came to nothing of that.
pub(crate) fn failed(id: u64, at_ms: i64, outcome: Outcome) -> Facts {
    let syn_ack_captured = matches!(outcome, Outcome::Unacknowledged | Outcome::Established);
    let server_rtt_ns = syn_ack_captured.then_some(2 * MS);
    let (client_rtt_ns, total_ns) = (None, None);
    Facts {
        outcome,
        syn_ack_captured,
        server_rtt_ns,
        client_rtt_ns,
        total_ns,
        ..attempt(id, at_ms)
    }
}

fn of_client(facts: Facts, number: u16) -> Facts {
    let [high, low] = number.to_be_bytes();
    Facts { client: Endpoint::new([10, 0, high, low], 40_000), ..facts }
}

fn stats(question: Question, attempts: impl IntoIterator<Item = Facts>) -> Stats {
    let mut stats = Stats::new(question);
    attempts.into_iter().for_each(|facts| stats.add(&facts));
    stats
}

fn found(attempts: impl IntoIterator<Item = Facts>) -> Vec<Finding> {
    findings(&stats(Question::default(), attempts), Captured::default())
}

fn by(by: By) -> Question {
    Question { by, ..Question::default() }
}

fn keys(stats: &Stats) -> Vec<(Key, u64)> {
    stats.ranking().first.iter().map(|(key, group)| (*key, group.attempts)).collect()
}
