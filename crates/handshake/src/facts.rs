//! What an attempt came to, without its segments: all that statistics need.

use parser::{Endpoint, Layer, Origin, Timestamp, named};

use crate::negotiated::{Ecn, FastOpen, Mptcp};
use crate::patterns::PatternName;
use crate::record::{Handshake, Outcome};
use crate::side::Side;
use crate::steps::Steps;

/// The facts of one attempt that has ended. They are those of its [`Handshake`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Counts attempts by their first segment, from 1.
    pub id: u64,
    /// The active opener.
    pub client: Endpoint,
    /// The passive opener.
    pub server: Endpoint,
    /// Where the first segment was seen.
    pub origin: Origin,
    /// The innermost VLAN of its first segment.
    pub vlan: Option<u16>,
    /// Its outcome.
    pub outcome: Outcome,
    /// Whether it only waited when the capture ended, for less than a second: the outcome says what was
    /// captured, and nothing of what became of it.
    pub cut_off: bool,
    /// Who reset it, where the outcome is [`Outcome::Reset`].
    pub reset_by: Option<Side>,
    /// When the first segment came.
    pub start: Option<Timestamp>,
    /// Whether a SYN of the client was captured.
    pub syn_captured: bool,
    /// Whether the segment with which the server acknowledged J was captured.
    pub syn_ack_captured: bool,
    /// SYNs beyond the first.
    pub syn_retransmissions: u32,
    /// SYN-ACKs beyond the first.
    pub syn_ack_retransmissions: u32,
    /// The SYN that was answered to the first SYN-ACK, in nanoseconds.
    pub server_rtt_ns: Option<i64>,
    /// The SYN-ACK that was acknowledged to the segment that acknowledges K, in nanoseconds.
    pub client_rtt_ns: Option<i64>,
    /// The first SYN to the segment that acknowledges K, in nanoseconds.
    pub total_ns: Option<i64>,
    /// What the attempt lost by waiting until a SYN or a SYN-ACK was sent again, in nanoseconds. Of a
    /// failure, all of its time. `None` where that can't be known.
    pub waited_ns: Option<i64>,
    /// The first segment to what decided a failure, in nanoseconds.
    pub failed_after_ns: Option<i64>,
    /// What the SYN offered, where the SYN-ACK was captured too.
    pub offered: Features,
    /// What of that the SYN-ACK accepted.
    pub accepted: Features,
    /// The hop limit of what answered the SYN: the SYN-ACK, or the RST that refused it.
    pub answer_ttl: Option<u8>,
    /// The patterns that were recognised in it. Of what a tracker counts without a record, those that
    /// its own segments show; none where nothing came but a SYN, its answer, the ACK of that, and a RST of
    /// the client.
    pub patterns: PatternSet,
}

named! {
    /// What a SYN offers and a SYN-ACK accepts.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Feature {
        /// Window scaling (RFC 7323).
        WindowScale = "window_scale",
        /// Selective acknowledgments (RFC 2018).
        Sack = "sack",
        /// Time stamps (RFC 7323).
        Timestamps = "timestamps",
        /// Explicit congestion notification (RFC 3168, RFC 9768).
        Ecn = "ecn",
        /// TCP Fast Open (RFC 7413).
        FastOpen = "fast_open",
        /// Multipath TCP (RFC 8684).
        Mptcp = "mptcp",
    }
}

/// A set of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u8);

/// A set of patterns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatternSet(u64);

impl Features {
    /// Whether `feature` is among them.
    pub const fn contains(self, feature: Feature) -> bool {
        self.0 & 1 << feature as u8 != 0
    }

    /// What was offered and what was accepted, by features that were or were not.
    pub(crate) fn agreed(
        features: impl IntoIterator<Item = (Feature, bool, bool)>,
    ) -> (Self, Self) {
        let bit = |feature, it_is: bool| u8::from(it_is) << feature as u8;
        let (mut offered, mut accepted) = (0, 0);
        for (feature, is_offered, is_accepted) in features {
            offered |= bit(feature, is_offered);
            accepted |= bit(feature, is_accepted);
        }
        (Self(offered), Self(accepted))
    }
}

impl PatternSet {
    /// Whether `pattern` is among them.
    pub const fn contains(self, pattern: PatternName) -> bool {
        self.0 & 1 << pattern as u8 != 0
    }
}

impl FromIterator<PatternName> for PatternSet {
    fn from_iter<I: IntoIterator<Item = PatternName>>(patterns: I) -> Self {
        Self(patterns.into_iter().fold(0, |set, pattern| set | 1 << pattern as u8))
    }
}

const _: () = assert!(PatternName::ALL.len() <= u64::BITS as usize);

/// The hop limit of what answered the SYN.
fn answer_ttl(handshake: &Handshake) -> Option<u8> {
    let Steps { syn_ack, decisive, .. } = handshake.steps;
    let at = if handshake.outcome == Outcome::Refused { decisive } else { syn_ack };
    handshake.segments.get(usize::from(at?)).map(|answer| answer.ttl)
}

impl Outcome {
    /// Whether the attempt still waited: nothing decided it.
    pub(crate) const fn waits(self) -> bool {
        matches!(self, Self::Unanswered | Self::Unacknowledged)
    }

    /// Whether the attempt failed: the two ends did not both come to be connected.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Established | Self::InProgress)
    }
}

/// The id of the innermost VLAN tag.
pub(crate) fn innermost_vlan(layers: &[Layer]) -> Option<u16> {
    layers.iter().rev().find_map(|layer| match layer {
        Layer::Vlan(id) => Some(*id),
        _ => None,
    })
}

impl Facts {
    /// The facts of `handshake`, in which `patterns` were recognised.
    pub fn of(handshake: &Handshake, patterns: PatternSet) -> Self {
        let timing = &handshake.timing;
        let is_failure = handshake.outcome.is_failure();
        let failed_after = timing.failed_after_ns.filter(|_| is_failure);
        let waits = timing.retry_wait_ns.zip(timing.syn_ack_wait_ns);
        let waited = waits.map(|(syn, syn_ack)| syn.saturating_add(syn_ack));
        let (offered, accepted) = features(handshake);
        let layers = handshake.encapsulations.first().map_or(&[][..], Vec::as_slice);
        Self {
            id: handshake.id,
            client: handshake.client,
            server: handshake.server,
            origin: handshake.origin,
            vlan: innermost_vlan(layers),
            outcome: handshake.outcome,
            cut_off: handshake.context.cut_off
                && handshake.outcome.waits()
                && handshake.syn_retransmissions == 0
                && handshake.syn_ack_retransmissions == 0,
            reset_by: handshake.reset_by,
            start: timing.start,
            syn_captured: handshake.syn_captured,
            syn_ack_captured: handshake.syn_ack_captured,
            syn_retransmissions: handshake.syn_retransmissions,
            syn_ack_retransmissions: handshake.syn_ack_retransmissions,
            server_rtt_ns: timing.server_rtt_ns,
            client_rtt_ns: timing.client_rtt_ns,
            total_ns: timing.total_ns,
            waited_ns: if is_failure { failed_after } else { waited },
            failed_after_ns: failed_after,
            offered,
            accepted,
            answer_ttl: answer_ttl(handshake),
            patterns,
        }
    }

    /// Whether the SYN was sent again, and not because a RST had answered it.
    pub fn is_syn_repeated(&self) -> bool {
        self.syn_retransmissions > 0 && self.outcome != Outcome::Refused
    }

    /// Whether a segment of the handshake had to be sent again.
    pub const fn is_retried(&self) -> bool {
        self.syn_retransmissions > 0 || self.syn_ack_retransmissions > 0
    }
}

/// What was offered, and what of it was accepted, where both could be seen.
fn features(handshake: &Handshake) -> (Features, Features) {
    if !(handshake.syn_captured && handshake.syn_ack_captured) {
        return Default::default();
    }
    let told = &handshake.negotiated;
    Features::agreed([
        (Feature::WindowScale, told.window_scale.client.is_some(), told.window_scale.agreed()),
        (Feature::Sack, told.sack.client.is_some(), told.sack.agreed()),
        (Feature::Timestamps, told.timestamps.client.is_some(), told.timestamps.agreed()),
        (Feature::Ecn, told.ecn != Ecn::None, told.ecn.is_used()),
        (
            Feature::FastOpen,
            told.fast_open != FastOpen::None,
            matches!(told.fast_open, FastOpen::CookieGranted | FastOpen::Accepted),
        ),
        (
            Feature::Mptcp,
            told.mptcp != Mptcp::None,
            matches!(told.mptcp, Mptcp::Capable | Mptcp::Join),
        ),
    ])
}
