//! Attempts that show what happened in a group.

use handshake::{Facts, Outcome};

use crate::counts_as::{is_partial, nanoseconds};

/// Attempts that are named as evidence of one thing.
pub(crate) const NAMED: usize = 3;

/// The ids of a few attempts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids(Vec<u64>);

/// Attempts that show what happened in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    outcomes: [Ids; Outcome::ALL.len()],
    /// Attempts in which a SYN was sent again.
    pub syn_retried: Ids,
    /// Attempts in which a SYN-ACK was sent again.
    pub syn_ack_retried: Ids,
    /// Attempts that only waited when the capture ended.
    pub(crate) cut_off: Ids,
    /// Attempts that were established, and of which the SYN or the SYN-ACK was not captured.
    pub(crate) partial: Ids,
    /// The attempt with the longest server RTT, and how long it was, in nanoseconds.
    pub slowest: Option<(u64, u64)>,
}

impl Ids {
    /// The ids, in the order in which the attempts ended.
    pub fn as_slice(&self) -> &[u64] {
        &self.0
    }

    pub(crate) fn add(&mut self, id: u64) {
        if self.0.len() < NAMED {
            self.0.push(id);
        }
    }
}

impl Evidence {
    pub(crate) fn add(&mut self, facts: &Facts) {
        if facts.cut_off {
            self.cut_off.add(facts.id);
        } else {
            self.outcomes[facts.outcome as usize].add(facts.id);
        }
        if is_partial(facts) {
            self.partial.add(facts.id);
        }
        if facts.is_syn_repeated() {
            self.syn_retried.add(facts.id);
        }
        if facts.syn_ack_retransmissions > 0 {
            self.syn_ack_retried.add(facts.id);
        }
        if let Some(rtt) = nanoseconds(facts.server_rtt_ns)
            && self.slowest.is_none_or(|(longest, _)| rtt > longest)
        {
            self.slowest = Some((rtt, facts.id));
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        let outcomes = self.outcomes.iter_mut().zip(&other.outcomes);
        for (ids, more) in outcomes.chain([
            (&mut self.syn_retried, &other.syn_retried),
            (&mut self.syn_ack_retried, &other.syn_ack_retried),
            (&mut self.cut_off, &other.cut_off),
            (&mut self.partial, &other.partial),
        ]) {
            more.0.iter().for_each(|&id| ids.add(id));
        }
        self.slowest = self.slowest.max(other.slowest);
    }

    /// A few attempts that failed or were retried.
    pub(crate) fn of_trouble(&self) -> Vec<u64> {
        let failures = Outcome::ALL.iter().filter(|outcome| outcome.is_failure());
        let all = failures.map(|&outcome| self.outcome(outcome));
        let mut ids: Vec<_> = all
            .chain([&self.syn_retried, &self.syn_ack_retried])
            .flat_map(|ids| ids.as_slice().iter().copied())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(NAMED);
        ids
    }

    /// Attempts with this outcome.
    pub fn outcome(&self, outcome: Outcome) -> &Ids {
        &self.outcomes[outcome as usize]
    }
}
