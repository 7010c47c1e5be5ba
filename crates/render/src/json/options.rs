//! The JSON form of TCP options.

use parser::TcpOption;
use schemars::JsonSchema;
use serde::Serialize;

use super::word::Word;
use crate::text::hex;

/// One TCP option, in wire order among its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Option")]
pub(crate) struct OptionJson {
    /// The kind.
    pub(crate) kind: u8,
    /// Its name; null if the kind is unknown.
    pub(crate) name: Option<Word>,
    /// Its value; missing if the option has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<OptionValue>,
    /// The bytes after kind and length of an unknown option; of a malformed one, all bytes from the
    /// kind on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hex: Option<String>,
    /// The error in it; no option follows after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) malformed: Option<&'static str>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
pub(crate) enum OptionValue {
    /// `mss` in bytes, `window_scale` as a shift.
    Number(u16),
    /// `timestamps`.
    Timestamps {
        /// The sender's clock.
        tsval: u32,
        /// The other side's clock, echoed.
        tsecr: u32,
    },
    /// `sack`.
    Sack(Vec<SackBlock>),
    /// `md5`.
    Md5 {
        /// The digest, as hex.
        digest: String,
    },
    /// `user_timeout`.
    UserTimeout {
        /// The time-out in seconds.
        seconds: u32,
    },
    /// `ao`.
    Ao {
        /// The key id.
        key_id: u8,
        /// The key id that the sender wants next.
        next_key_id: u8,
        /// The message authentication code, as hex.
        mac: String,
    },
    /// `mptcp`.
    Mptcp {
        /// The subtype's number: 0 `MP_CAPABLE`, 1 `MP_JOIN`.
        subtype: u8,
        /// All bytes after kind and length, as hex.
        body: String,
    },
    /// `fast_open`.
    FastOpen {
        /// The cookie, as hex; empty asks for one.
        cookie: String,
    },
}

/// A range of sequence numbers that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SackBlock {
    /// Its first sequence number.
    pub(crate) left: u32,
    /// The one after its last.
    pub(crate) right: u32,
}

impl From<TcpOption<'_>> for OptionJson {
    fn from(option: TcpOption<'_>) -> Self {
        use TcpOption as O;
        let (value, hex, malformed) = match option {
            O::EndOfList | O::Nop | O::SackPermitted => (None, None, None),
            O::Mss(mss) => (Some(OptionValue::Number(mss)), None, None),
            O::WindowScale(shift) => (Some(OptionValue::Number(shift.into())), None, None),
            O::Sack(blocks) => (Some(OptionValue::Sack(sack(blocks))), None, None),
            O::Timestamps { tsval, tsecr } => {
                (Some(OptionValue::Timestamps { tsval, tsecr }), None, None)
            }
            O::Md5(digest) => (Some(OptionValue::Md5 { digest: hex(digest) }), None, None),
            O::UserTimeout { value, minutes } => {
                let seconds = u32::from(value) * if minutes { 60 } else { 1 };
                (Some(OptionValue::UserTimeout { seconds }), None, None)
            }
            O::Ao { key_id, next_key_id, mac } => {
                let mac = hex(mac);
                (Some(OptionValue::Ao { key_id, next_key_id, mac }), None, None)
            }
            O::Mptcp { subtype, body } => {
                (Some(OptionValue::Mptcp { subtype, body: hex(body) }), None, None)
            }
            O::FastOpen { cookie, .. } => {
                (Some(OptionValue::FastOpen { cookie: hex(cookie) }), None, None)
            }
            O::Unknown { body, .. } => (None, Some(hex(body)), None),
            O::Malformed { bytes, why, .. } => (None, Some(hex(bytes)), Some(why)),
        };
        Self { kind: option.kind(), name: option.name().map(Word), value, hex, malformed }
    }
}

/// The blocks of a SACK option: two numbers of four bytes each (RFC 2018, section 3).
fn sack(blocks: &[u8]) -> Vec<SackBlock> {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n: u32, &byte| n << 8 | u32::from(byte));
    blocks
        .chunks_exact(8)
        .map(|block| {
            let (left, right) = block.split_at(4);
            SackBlock { left: number(left), right: number(right) }
        })
        .collect()
}
