//! What the attempts of a group came to.

use std::hash::{BuildHasher as _, Hasher};
use std::net::IpAddr;

use foldhash::fast::RandomState;
use handshake::{Facts, Feature, Features, Outcome, Side};
use parser::{Endpoint, Timestamp};

use crate::by::Key;
use crate::durations::Durations;
use crate::over_time::OverTime;

/// Attempts that are named as evidence of one thing.
pub(crate) const NAMED: usize = 3;
/// A host may be so many routers away from its own containers.
const ROUTERS: u8 = 2;
/// Different addresses that are told apart.
const MOST_PEERS: usize = 32;

/// The sums over the attempts of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Attempts.
    pub attempts: u64,
    /// Attempts by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; Outcome::ALL.len()],
    /// Those of them that only waited when the capture ended: no failures yet.
    pub(crate) cut_off: [u64; Outcome::ALL.len()],
    /// Attempts that were established, and of which the SYN or the SYN-ACK was not captured.
    pub(crate) partial: u64,
    /// Attempts that the client reset.
    pub(crate) reset_by_client: u64,
    /// Attempts that came to nothing although the client sent its SYN again.
    pub(crate) repeated_in_vain: u64,
    /// The least and the greatest hop limit of SYN-ACKs, and of RSTs that refused.
    pub(crate) syn_ack_ttls: Ttls,
    pub(crate) rst_ttls: Ttls,
    /// Attempts in which a SYN was sent again, those apart that were refused in the end.
    pub syn_retried: u64,
    /// Attempts in which a SYN-ACK was sent again.
    pub syn_ack_retried: u64,
    /// Attempts that failed or were retried.
    pub hurt: u64,
    /// SYNs of clients, and how many of these were not the first.
    pub syns: u64,
    /// SYNs beyond the first of each attempt.
    pub syn_retransmissions: u64,
    /// SYN-ACKs of servers, and how many of these were not the first.
    pub syn_acks: u64,
    /// SYN-ACKs beyond the first of each attempt.
    pub syn_ack_retransmissions: u64,
    /// What the attempts lost by waiting, in nanoseconds: until a segment was sent again, or until
    /// they failed.
    pub waited_ns: u64,
    /// Attempts that failed or were retried, or waited when the capture ended, of which that can't be known.
    pub waited_unknown: u64,
    /// From the SYN to the SYN-ACK.
    pub server_rtt: Durations,
    /// From the SYN-ACK to its acknowledgment.
    pub client_rtt: Durations,
    /// Attempts whose SYN offered a feature, in the order of [`Feature::ALL`], where the SYN-ACK was
    /// captured too.
    pub offered: [u64; Feature::ALL.len()],
    /// Of these, those whose SYN-ACK accepted it.
    pub accepted: [u64; Feature::ALL.len()],
    /// How the attempts are spread over time.
    pub over_time: OverTime,
    /// The different clients.
    pub clients: Peers,
    /// Those of them whose SYNs were sent again or got no answer.
    pub(crate) dropped_clients: Peers,
    /// Attempts that show what happened.
    pub evidence: Evidence,
    /// When the first attempt began whose SYN was sent again or got no answer.
    pub dropped_since: Option<Timestamp>,
    /// Attempts that began after that and were established with their first SYN.
    pub answered_since: u64,
}

/// The least and the greatest of some hop limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ttls(Option<(u8, u8)>);

impl Ttls {
    fn add(&mut self, ttl: u8) {
        self.merge(Self(Some((ttl, ttl))));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        let both = self.0.into_iter().chain(other.0);
        self.0 = both.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    }

    /// The two, where all of these are equal and all of the others are equal to something else. One router or
    /// two between a host and what runs on it make no difference.
    pub(crate) fn apart_from(self, other: Self) -> Option<(u8, u8)> {
        let only = |ttls: Self| ttls.0.filter(|(least, greatest)| least == greatest);
        let ((one, _), (another, _)) = (only(self)?, only(other)?);
        (one.abs_diff(another) > ROUTERS).then_some((one, another))
    }
}

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

/// Different addresses, as many as are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peers {
    hashes: Vec<u64>,
    more: bool,
}

/// Hashes peers, and what groups have in common, in a way that nobody outside knows. The hashes are
/// taken for what they are of: no two of so few have the same 64 bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeerHasher(RandomState);

/// Hashes what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 << 8 | u64::from(*byte));
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Group {
    /// Attempts that failed.
    pub fn failed(&self) -> u64 {
        let outcomes = Outcome::ALL.iter().zip(self.outcomes);
        outcomes.filter(|(outcome, _)| outcome.is_failure()).map(|(_, count)| count).sum()
    }

    /// Attempts with this outcome.
    pub fn outcome(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize]
    }

    /// The cells of its durations.
    pub(crate) fn cells(&self) -> usize {
        self.server_rtt.len() + self.client_rtt.len()
    }

    /// Those of them that did not end with the capture.
    pub(crate) fn settled(&self, outcome: Outcome) -> u64 {
        self.outcome(outcome) - self.cut_off[outcome as usize]
    }

    /// Adds an attempt. `slot` is where it stands on the scale of time, `coarse` how wide the cells of
    /// durations are. Gives how many cells there are more.
    pub(crate) fn add(
        &mut self,
        facts: &Facts,
        (slot, coarse): (Option<usize>, u32),
        client: u64,
    ) -> usize {
        self.attempts += 1;
        self.outcomes[facts.outcome as usize] += 1;
        self.cut_off[facts.outcome as usize] += u64::from(facts.cut_off);
        self.partial += u64::from(is_partial(facts));
        self.reset_by_client += u64::from(facts.reset_by == Some(Side::Client));
        let in_vain = matches!(facts.outcome, Outcome::Unanswered | Outcome::Unacknowledged);
        self.repeated_in_vain += u64::from(in_vain && facts.is_syn_repeated());
        if let Some(ttl) = facts.answer_ttl {
            let refused = facts.outcome == Outcome::Refused;
            if refused { &mut self.rst_ttls } else { &mut self.syn_ack_ttls }.add(ttl);
        }
        self.syn_retried += u64::from(facts.is_syn_repeated());
        self.syn_ack_retried += u64::from(facts.syn_ack_retransmissions > 0);
        self.syns += u64::from(facts.syn_captured) + u64::from(facts.syn_retransmissions);
        self.syn_retransmissions += u64::from(facts.syn_retransmissions);
        self.syn_acks += u64::from(facts.syn_ack_captured);
        self.syn_acks += u64::from(facts.syn_ack_retransmissions);
        self.syn_ack_retransmissions += u64::from(facts.syn_ack_retransmissions);
        self.waited_ns = self.waited_ns.saturating_add(nanoseconds(facts.waited_ns).unwrap_or(0));
        // Most attempts of a flood have none.
        if facts.offered != Features::default() {
            for (at, feature) in Feature::ALL.into_iter().enumerate() {
                self.offered[at] += u64::from(facts.offered.contains(feature));
                self.accepted[at] += u64::from(facts.accepted.contains(feature));
            }
        }
        if let Some(slot) = slot {
            self.over_time.slot(slot).add(facts);
        }
        self.clients.add(client);
        self.evidence.add(facts);
        let is_hurt = is_hurt(facts);
        self.hurt += u64::from(is_hurt);
        // How long it would have waited on is not known either.
        self.waited_unknown += u64::from((is_hurt || facts.cut_off) && facts.waited_ns.is_none());
        if facts.is_syn_repeated() || (facts.outcome == Outcome::Unanswered && !facts.cut_off) {
            self.dropped_since = earlier(self.dropped_since, facts.start);
            self.dropped_clients.add(client);
        } else if facts.start > self.dropped_since && self.dropped_since.is_some() {
            self.answered_since += u64::from(facts.outcome == Outcome::Established);
        }
        let add = |all: &mut Durations, duration: Option<i64>| {
            nanoseconds(duration).is_some_and(|duration| all.add(duration, coarse))
        };
        usize::from(add(&mut self.server_rtt, facts.server_rtt_ns))
            + usize::from(add(&mut self.client_rtt, facts.client_rtt_ns))
    }
}

impl Group {
    /// Adds the attempts of `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        let sums = [
            (&mut self.attempts, other.attempts),
            (&mut self.syn_retried, other.syn_retried),
            (&mut self.syn_ack_retried, other.syn_ack_retried),
            (&mut self.hurt, other.hurt),
            (&mut self.syns, other.syns),
            (&mut self.syn_retransmissions, other.syn_retransmissions),
            (&mut self.syn_acks, other.syn_acks),
            (&mut self.syn_ack_retransmissions, other.syn_ack_retransmissions),
            (&mut self.waited_ns, other.waited_ns),
            (&mut self.waited_unknown, other.waited_unknown),
            (&mut self.answered_since, other.answered_since),
            (&mut self.partial, other.partial),
            (&mut self.reset_by_client, other.reset_by_client),
            (&mut self.repeated_in_vain, other.repeated_in_vain),
        ];
        let outcomes = self.outcomes.iter_mut().zip(other.outcomes);
        let cut_off = self.cut_off.iter_mut().zip(other.cut_off);
        let offered = self.offered.iter_mut().zip(other.offered);
        let accepted = self.accepted.iter_mut().zip(other.accepted);
        for (sum, more) in
            sums.into_iter().chain(outcomes).chain(cut_off).chain(offered).chain(accepted)
        {
            *sum = sum.saturating_add(more);
        }
        self.server_rtt.merge(&other.server_rtt);
        self.client_rtt.merge(&other.client_rtt);
        self.over_time.merge(&other.over_time);
        self.clients.merge(&other.clients);
        self.dropped_clients.merge(&other.dropped_clients);
        self.syn_ack_ttls.merge(other.syn_ack_ttls);
        self.rst_ttls.merge(other.rst_ttls);
        self.dropped_since = earlier(self.dropped_since, other.dropped_since);
        self.evidence.merge(&other.evidence);
    }
}

/// The earlier of two times, where there are two.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// Whether an attempt failed before the capture ended.
pub(crate) const fn is_failure(facts: &Facts) -> bool {
    facts.outcome.is_failure() && !facts.cut_off
}

/// Whether an attempt failed or was retried.
pub(crate) const fn is_hurt(facts: &Facts) -> bool {
    is_failure(facts) || facts.is_retried()
}

/// Whether a part of an established attempt was not captured.
fn is_partial(facts: &Facts) -> bool {
    facts.outcome == Outcome::Established && !(facts.syn_captured && facts.syn_ack_captured)
}

/// No measured duration is negative.
pub(crate) fn nanoseconds(duration: Option<i64>) -> Option<u64> {
    duration.and_then(|duration| u64::try_from(duration).ok())
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
    fn add(&mut self, facts: &Facts) {
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

    fn merge(&mut self, other: &Self) {
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

impl Peers {
    /// How many there are, and whether there are more than are told apart.
    pub fn count(&self) -> (usize, bool) {
        (self.hashes.len(), self.more)
    }

    pub(crate) fn add(&mut self, hash: u64) {
        if !self.more && !self.hashes.contains(&hash) {
            self.more = self.hashes.len() == MOST_PEERS;
            if !self.more {
                self.hashes.push(hash);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        other.hashes.iter().for_each(|&hash| self.add(hash));
        self.more |= other.more;
    }

    /// The only one, where there is only one.
    pub(crate) fn only(&self) -> Option<u64> {
        match self.hashes.as_slice() {
            &[only] => Some(only),
            _ => None,
        }
    }
}

impl PeerHasher {
    pub(crate) fn key(&self, key: &Key) -> u64 {
        match key {
            Key::Endpoint(server) => self.endpoint(*server),
            Key::Addr(addr) => self.addr(*addr),
            other => self.0.hash_one(other),
        }
    }

    pub(crate) fn endpoint(&self, end: Endpoint) -> u64 {
        self.0.hash_one((bits(end.addr), end.port))
    }

    pub(crate) fn addr(&self, addr: IpAddr) -> u64 {
        self.0.hash_one(bits(addr))
    }
}

/// An address as one number. An IPv4 address and the IPv6 address that it is mapped to are different.
const fn bits(addr: IpAddr) -> (bool, u128) {
    match addr {
        IpAddr::V4(addr) => (false, addr.to_bits() as u128),
        IpAddr::V6(addr) => (true, addr.to_bits()),
    }
}
