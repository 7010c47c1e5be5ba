//! Sums of attempts that only grow, server by server: for whoever asks again and again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use handshake::{Facts, Outcome};
use parser::Endpoint;

use crate::counts_as::nanoseconds;
use crate::group::Group;
use crate::histogram::Histogram;

/// Servers that are told apart, whatever became of the attempts at them.
pub const MOST_SERVERS: usize = 50;
/// Servers that are told apart when a connection to the last of them was established.
pub const MOST_CONNECTED: usize = 100;

/// What the attempts of a group came to, as far as sums tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Attempts by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; Outcome::ALL.len()],
    /// SYNs of clients.
    pub syns: u64,
    /// SYNs beyond the first of each attempt.
    pub syn_retransmissions: u64,
    /// SYN-ACKs of servers.
    pub syn_acks: u64,
    /// SYN-ACKs beyond the first of each attempt.
    pub syn_ack_retransmissions: u64,
    /// What the attempts lost by waiting, in nanoseconds.
    pub waited_ns: u64,
    /// From the first SYN to the acknowledgment of the SYN-ACK, of established connections. `None`
    /// where it was not measured.
    pub handshake: Option<Histogram>,
    /// From the SYN to the SYN-ACK.
    pub server_rtt: Histogram,
    /// From the SYN-ACK to its acknowledgment.
    pub client_rtt: Histogram,
}

/// The sums of each server. A server that has some of its own keeps them; those of servers that came
/// when there were too many are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSums {
    servers: BTreeMap<Endpoint, Sums>,
    other: Sums,
}

impl Default for ServerSums {
    fn default() -> Self {
        Self { servers: BTreeMap::new(), other: Sums::none() }
    }
}

impl Sums {
    /// Those of no attempt, where each of them will be measured.
    fn none() -> Self {
        Self { handshake: Some(Histogram::default()), ..Self::default() }
    }

    fn add(&mut self, facts: &Facts) {
        let syn_retransmissions = u64::from(facts.syn_retransmissions);
        let syn_ack_retransmissions = u64::from(facts.syn_ack_retransmissions);
        self.outcomes[facts.outcome as usize] += 1;
        self.syns += u64::from(facts.syn_captured) + syn_retransmissions;
        self.syn_retransmissions += syn_retransmissions;
        self.syn_acks += u64::from(facts.syn_ack_captured) + syn_ack_retransmissions;
        self.syn_ack_retransmissions += syn_ack_retransmissions;
        self.waited_ns = self.waited_ns.saturating_add(nanoseconds(facts.waited_ns).unwrap_or(0));
        let total_ns = facts.total_ns.filter(|_| facts.outcome == Outcome::Established);
        for (histogram, duration) in [
            (self.handshake.as_mut(), total_ns),
            (Some(&mut self.server_rtt), facts.server_rtt_ns),
            (Some(&mut self.client_rtt), facts.client_rtt_ns),
        ] {
            if let Some((histogram, duration)) = histogram.zip(nanoseconds(duration)) {
                histogram.add(duration);
            }
        }
    }

    /// Those of a group.
    pub fn of(group: &Group) -> Self {
        Self {
            outcomes: group.outcomes,
            syns: group.syns,
            syn_retransmissions: group.syn_retransmissions,
            syn_acks: group.syn_acks,
            syn_ack_retransmissions: group.syn_ack_retransmissions,
            waited_ns: group.waited_ns,
            handshake: None,
            server_rtt: group.server_rtt.histogram().clone(),
            client_rtt: group.client_rtt.histogram().clone(),
        }
    }
}

impl ServerSums {
    /// Adds an attempt. Whoever scans a host fills no more than the places of servers without a
    /// connection.
    pub fn add(&mut self, facts: &Facts) {
        let is_connected = facts.outcome == Outcome::Established;
        let most = if is_connected { MOST_CONNECTED } else { MOST_SERVERS };
        let is_full = self.servers.len() >= most;
        let sums = match self.servers.entry(facts.server) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(_) if is_full => &mut self.other,
            Entry::Vacant(entry) => entry.insert(Sums::none()),
        };
        sums.add(facts);
    }

    /// The servers that are told apart.
    pub fn servers(&self) -> impl Iterator<Item = (Endpoint, &Sums)> {
        self.servers.iter().map(|(server, sums)| (*server, sums))
    }

    /// What the attempts at all other servers came to.
    pub const fn other(&self) -> &Sums {
        &self.other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{attempt, failed};
    use crate::{Question, Stats};

    fn at(port: u16, facts: Facts) -> Facts {
        Facts { server: Endpoint { port, ..facts.server }, ..facts }
    }

    #[test]
    fn the_sums_of_a_server_are_those_of_its_statistics() {
        // No duration is a bound: statistics count it with the end of its cell.
        let one =
            Facts { client_rtt_ns: Some(700_000), total_ns: Some(2_700_000), ..attempt(1, 0) };
        let repeated = Facts {
            syn_retransmissions: 1,
            syn_ack_retransmissions: 2,
            waited_ns: Some(1_000_000_000),
            total_ns: Some(1_002_700_000),
            ..one
        };
        let attempts = [repeated, one, failed(3, 0, Outcome::Unacknowledged)];
        let (mut servers, mut stats) = (ServerSums::default(), Stats::new(Question::default()));
        for facts in &attempts {
            servers.add(facts);
            stats.add(facts);
        }
        let [(server, sums)] = servers.servers().collect::<Vec<_>>()[..] else {
            panic!("one server: {servers:?}")
        };
        assert_eq!(server, attempts[0].server);
        let mut handshakes = Histogram::default();
        handshakes.add(1_002_700_000);
        handshakes.add(2_700_000);
        assert_eq!(sums.handshake, Some(handshakes));
        let told = Sums { handshake: None, ..sums.clone() };
        assert_eq!(told, Sums::of(&stats.all()));
        assert_eq!(*servers.other(), Sums::none());
    }

    #[test]
    fn a_scan_leaves_places_for_servers_with_connections_and_no_sum_goes_down() {
        let mut servers = ServerSums::default();
        let count = |servers: &ServerSums| servers.servers().count();
        for port in 1..=1_000 {
            servers.add(&at(port, failed(1, 0, Outcome::Unanswered)));
        }
        assert_eq!(count(&servers), MOST_SERVERS);
        assert_eq!(servers.other().outcomes.iter().sum::<u64>(), 1_000 - MOST_SERVERS as u64);
        for port in 1..=1_000 {
            let before = servers.clone();
            servers.add(&at(port, attempt(1, 0)));
            let stays = |(server, sums): (Endpoint, &Sums)| {
                let now = servers.servers().find(|(other, _)| *other == server);
                now.is_some_and(|(_, now)| now.syns >= sums.syns)
            };
            assert!(before.servers().all(stays));
            assert!(servers.other().syns >= before.other().syns);
        }
        assert_eq!(count(&servers), MOST_CONNECTED);
        let all: u64 = servers.servers().map(|(_, sums)| sums.syns).sum();
        assert_eq!(all + servers.other().syns, 2_000);
    }
}
