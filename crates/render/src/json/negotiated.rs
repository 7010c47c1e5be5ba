//! The JSON form of what both sides offered.

use handshake::{Handshake, Offer};
use schemars::JsonSchema;
use serde::Serialize;

use super::schema;
use super::word::Word;
use crate::view;

/// The result of the negotiation in SYN and SYN-ACK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Negotiated")]
pub(crate) struct NegotiatedJson {
    /// Maximum segment sizes, in bytes.
    pub(crate) mss: OfferJson<u16>,
    /// Window scale shifts.
    pub(crate) window_scale: OfferJson<u8>,
    /// Whether both sides permit selective acknowledgments; null if the SYN of one of them was not
    /// captured.
    pub(crate) sack: Option<bool>,
    /// Whether each side offered it.
    pub(crate) sack_offered: OfferedJson,
    /// Whether both sides use timestamps; null if the SYN of one of them was not captured.
    pub(crate) timestamps: Option<bool>,
    /// Whether each side offered it.
    pub(crate) timestamps_offered: OfferedJson,
    /// The result of the ECN bits.
    #[schemars(schema_with = "schema::ecn")]
    pub(crate) ecn: Word,
    /// The result of TCP Fast Open.
    #[schemars(schema_with = "schema::fast_open")]
    pub(crate) fast_open: Word,
    /// The result of Multipath TCP.
    #[schemars(schema_with = "schema::mptcp")]
    pub(crate) mptcp: Word,
}

/// The value of each side; null if it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Offer_{T}")]
pub(crate) struct OfferJson<T> {
    /// In its SYN.
    pub(crate) client: Option<T>,
    /// In its SYN-ACK.
    pub(crate) server: Option<T>,
}

/// Whether each side offered an option; null if the segment that would hold it was not captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Offered")]
pub(crate) struct OfferedJson {
    /// In its SYN.
    pub(crate) client: Option<bool>,
    /// In its SYN-ACK.
    pub(crate) server: Option<bool>,
}

impl NegotiatedJson {
    pub(super) fn new(handshake: &Handshake) -> Self {
        let offers = &handshake.negotiated;
        Self {
            mss: OfferJson { client: offers.mss.client, server: offers.mss.server },
            window_scale: OfferJson {
                client: offers.window_scale.client,
                server: offers.window_scale.server,
            },
            sack: view::used_by_both(handshake, offers.sack),
            sack_offered: OfferedJson::new(handshake, offers.sack),
            timestamps: view::used_by_both(handshake, offers.timestamps),
            timestamps_offered: OfferedJson::new(handshake, offers.timestamps),
            ecn: Word(offers.ecn.name()),
            fast_open: Word(offers.fast_open.name()),
            mptcp: Word(offers.mptcp.name()),
        }
    }
}

impl OfferedJson {
    fn new(handshake: &Handshake, offer: Offer<()>) -> Self {
        let (client, server) = view::offered_by(handshake, offer);
        Self { client, server }
    }
}
