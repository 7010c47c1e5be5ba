//! The facts of attempts on the plain course.

use parser::Timestamp;

use super::kept::Brief;
use super::negotiate::ecn;
use super::plain::{PlainAttempts, Stage};
use crate::facts::{Facts, Feature, Features, PatternSet};
use crate::negotiated::Ecn;
use crate::record::Outcome;

impl PlainAttempts {
    /// What an attempt has come to: what the judge and the clock would say of its segments.
    pub(super) fn facts(&self, at: u32, outcome: Outcome) -> Facts {
        let slot = self.get(at);
        let stage = slot.stage();
        let mut segments = [None; 3];
        for (segment, (brief, _)) in segments.iter_mut().zip(self.segments(at)) {
            *segment = Some(brief);
        }
        let [syn, answer, ack] = segments;
        let since = |from: Option<Brief>, to: Option<Brief>| Some(to?.time - from?.time);
        let syn_ack = answer.filter(|_| slot.has_server_isn());
        let refused_ns = since(syn, answer.filter(|_| stage == Stage::Refused));
        let answered_ns = since(syn, syn_ack);
        let (offered, accepted) = agreed(syn, syn_ack);
        Facts {
            id: slot.id(),
            client: slot.client(),
            server: slot.server(),
            origin: syn.map(|syn| self.origin_of(&syn)).unwrap_or_default(),
            vlan: None,
            outcome,
            start: syn.map(|syn| Timestamp::from_nanos(syn.time)),
            syn_captured: true,
            syn_ack_captured: syn_ack.is_some(),
            syn_retransmissions: 0,
            syn_ack_retransmissions: 0,
            server_rtt_ns: answered_ns,
            client_rtt_ns: since(syn_ack, ack),
            total_ns: since(syn, syn_ack.and(ack)),
            waited_ns: if outcome.is_failure() {
                refused_ns
            } else {
                ack.and(answered_ns).map(|_| 0)
            },
            failed_after_ns: refused_ns,
            offered,
            accepted,
            patterns: PatternSet::default(),
        }
    }
}

/// What was offered, and what of it was accepted, where both could be seen.
fn agreed(syn: Option<Brief>, syn_ack: Option<Brief>) -> (Features, Features) {
    let Some((syn, syn_ack)) = syn.zip(syn_ack) else { return Default::default() };
    let ecn = ecn(Some(syn.flags()), Some(syn_ack.flags()));
    let offers = syn.offers().into_iter().zip(syn_ack.offers());
    let offers =
        offers.map(|((feature, offered), (_, answered))| (feature, offered, offered && answered));
    Features::agreed(offers.chain([(Feature::Ecn, ecn != Ecn::None, ecn.is_used())]))
}
