//! The JSON form of what other programs print.

use handshake::{Completeness, Handshake, ZeekConnection};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Word, schema};

/// What other programs print of the segments of the attempt (docs/compare.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Compare")]
pub(crate) struct CompareJson {
    /// `tcp.completeness` of Wireshark.
    pub(crate) wireshark_completeness: u8,
    /// The same in letters.
    pub(crate) wireshark_completeness_flags: String,
    /// The initial RTT as Wireshark computes it.
    pub(crate) wireshark_irtt_ns: Option<i64>,
    /// `conn_state` of Zeek.
    #[schemars(schema_with = "schema::zeek_state")]
    pub(crate) zeek_conn_state: Word,
    /// `history` of Zeek.
    pub(crate) zeek_history: String,
}

impl From<&Handshake> for CompareJson {
    fn from(handshake: &Handshake) -> Self {
        let completeness = Completeness::of(handshake);
        let zeek = ZeekConnection::of(handshake);
        Self {
            wireshark_completeness: completeness.0,
            wireshark_completeness_flags: completeness.letters('·'),
            wireshark_irtt_ns: handshake.timing.wireshark_irtt_ns,
            zeek_conn_state: Word(zeek.state.name()),
            zeek_history: zeek.history,
        }
    }
}
