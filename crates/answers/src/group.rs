//! What the attempts of a group came to.

use handshake::{Facts, Feature, Features, Outcome, Side};
use parser::Timestamp;

use crate::counts_as::{is_hurt, is_partial, nanoseconds};
use crate::durations::Durations;
use crate::evidence::Evidence;
use crate::over_time::OverTime;
use crate::peers::Peers;
use crate::ttls::Ttls;

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
    /// durations are, if there are any. Gives how many cells there are more.
    pub(crate) fn add(
        &mut self,
        facts: &Facts,
        (slot, coarse): (Option<usize>, Option<u32>),
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
        }
        let add = |all: &mut Durations, duration: Option<i64>| {
            let Some(duration) = nanoseconds(duration) else { return false };
            match coarse {
                Some(coarse) => all.add(duration, coarse),
                None => {
                    all.add_to_sums(duration);
                    false
                }
            }
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
