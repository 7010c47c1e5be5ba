//! The facts of attempts on the plain course.

use parser::Timestamp;

use super::kept::Brief;
use super::negotiate::ecn;
use super::plain_attempts::PlainAttempts;
use super::stage::Stage;
use crate::facts::{Facts, Feature, Features, PatternSet, innermost_vlan};
use crate::negotiated::Ecn;
use crate::record::Outcome;

impl PlainAttempts {
    /// What an attempt with this SYN has come to: what the judge and the clock would say of its segments.
    #[inline]
    pub(super) fn facts(&self, at: u32, syn: &Brief, (outcome, cut_off): (Outcome, bool)) -> Facts {
        let slot = self.get(at);
        let vantage = self.vantage_of(at, syn);
        let mut facts = Facts {
            id: slot.id(),
            client: slot.client(),
            server: slot.server(),
            origin: vantage.origin,
            vlan: innermost_vlan(&vantage.layers),
            outcome,
            cut_off: cut_off && outcome.waits(),
            reset_by: None,
            start: Some(Timestamp::from_nanos(syn.time)),
            syn_captured: true,
            syn_ack_captured: false,
            syn_retransmissions: 0,
            syn_ack_retransmissions: 0,
            server_rtt_ns: None,
            client_rtt_ns: None,
            total_ns: None,
            waited_ns: None,
            failed_after_ns: None,
            offered: Features::default(),
            accepted: Features::default(),
            answer_ttl: None,
            patterns: PatternSet::default(),
        };
        let (answer, ack) = self.answer_and_ack(at);
        facts.answer_ttl = answer.map(Brief::ttl);
        match answer {
            Some(rst) if slot.stage() == Stage::Refused => {
                facts.failed_after_ns = Some(rst.time - syn.time);
                facts.waited_ns = facts.failed_after_ns;
            }
            Some(syn_ack) => {
                facts.syn_ack_captured = true;
                facts.server_rtt_ns = Some(syn_ack.time - syn.time);
                facts.client_rtt_ns = ack.map(|ack| ack.time - syn_ack.time);
                facts.total_ns = ack.map(|ack| ack.time - syn.time);
                facts.waited_ns = ack.map(|_| 0);
                (facts.offered, facts.accepted) = agreed(syn, syn_ack);
            }
            None => {}
        }
        facts
    }
}

/// What was offered, and what of it was accepted.
fn agreed(syn: &Brief, syn_ack: &Brief) -> (Features, Features) {
    let ecn = ecn(Some(syn.flags()), Some(syn_ack.flags()));
    let offers = syn.offers().into_iter().zip(syn_ack.offers());
    let offers =
        offers.map(|((feature, offered), (_, answered))| (feature, offered, offered && answered));
    Features::agreed(offers.chain([(Feature::Ecn, ecn != Ecn::None, ecn.is_used())]))
}
