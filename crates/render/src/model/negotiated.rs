//! The JSON form of what both sides offered.

use handshake::{Handshake, Kind, Offer};
use schemars::JsonSchema;
use serde::Serialize;

use super::schema;

/// What SYN and SYN-ACK agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Negotiated")]
pub struct NegotiatedJson {
    /// Maximum segment sizes, in bytes.
    pub mss: OfferJson<u16>,
    /// Window scale shifts.
    pub window_scale: OfferJson<u8>,
    /// Whether both sides permit selective acknowledgments; null where one of them was not heard.
    pub sack: Option<bool>,
    /// Who offered that.
    pub sack_offered: OfferedJson,
    /// Whether both sides use timestamps; null where one of them was not heard.
    pub timestamps: Option<bool>,
    /// Who offered that.
    pub timestamps_offered: OfferedJson,
    /// What the ECN bits agreed on.
    #[schemars(schema_with = "schema::ecn")]
    pub ecn: &'static str,
    /// What became of TCP Fast Open.
    #[schemars(schema_with = "schema::fast_open")]
    pub fast_open: &'static str,
    /// What became of Multipath TCP.
    #[schemars(schema_with = "schema::mptcp")]
    pub mptcp: &'static str,
}

/// What each side said; null where it said nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Offer_{T}")]
pub struct OfferJson<T> {
    /// In its SYN.
    pub client: Option<T>,
    /// In its SYN-ACK.
    pub server: Option<T>,
}

/// Whether each side offered an option; null where the segment that would hold it was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Offered")]
pub struct OfferedJson {
    /// In its SYN.
    pub client: Option<bool>,
    /// In its SYN-ACK.
    pub server: Option<bool>,
}

impl NegotiatedJson {
    pub(super) fn new(handshake: &Handshake) -> Self {
        let offers = &handshake.negotiated;
        let sack_offered = OfferedJson::new(handshake, offers.sack);
        let timestamps_offered = OfferedJson::new(handshake, offers.timestamps);
        Self {
            mss: OfferJson { client: offers.mss.client, server: offers.mss.server },
            window_scale: OfferJson {
                client: offers.window_scale.client,
                server: offers.window_scale.server,
            },
            sack: sack_offered.agreed(),
            sack_offered,
            timestamps: timestamps_offered.agreed(),
            timestamps_offered,
            ecn: offers.ecn.name(),
            fast_open: offers.fast_open.name(),
            mptcp: offers.mptcp.name(),
        }
    }
}

impl OfferedJson {
    /// Silence is an answer only where the segment that could have spoken was seen.
    fn new(handshake: &Handshake, offer: Offer<()>) -> Self {
        let answered = handshake.segments.iter().any(|segment| segment.kind == Kind::SynAck)
            || offer.server.is_some();
        Self {
            client: handshake.syn_captured.then_some(offer.client.is_some()),
            server: answered.then_some(offer.server.is_some()),
        }
    }

    fn agreed(self) -> Option<bool> {
        Some(self.client? && self.server?)
    }
}
