//! The JSON form of a segment.

use std::net::IpAddr;

use handshake::{IcmpEvidence, OptionBytes, SegmentRecord};
use parser::{Flags, IcmpError};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::options::OptionJson;
use super::schema;
use super::word::Word;
use crate::Record;
use crate::view;

/// One segment of an attempt, or an ICMP error that quotes one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Segment")]
pub(crate) struct SegmentJson<'a> {
    /// 1-based within its file, as Wireshark numbers it.
    pub(crate) frame: u64,
    /// The file that holds it, if that is not the record's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<&'a str>,
    /// The place of its stack in the record's `encapsulations`, if that is not the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encapsulation: Option<u8>,
    /// Nanoseconds after the first segment; negative if the clock went back.
    pub(crate) offset_ns: Option<i64>,
    /// Who sent it.
    #[schemars(schema_with = "schema::sender")]
    pub(crate) from: Word,
    /// Its kind.
    #[schemars(schema_with = "schema::kind")]
    pub(crate) kind: Word,
    /// The control bits that are set, SYN first.
    #[serde(serialize_with = "flags")]
    #[schemars(with = "Vec<&'static str>")]
    pub(crate) flags: Flags,
    /// The sequence number; of an ICMP error, that of the segment it quotes.
    pub(crate) seq: u32,
    /// The acknowledgment number, if the ACK bit is set.
    pub(crate) ack: Option<u32>,
    /// `seq` minus the initial sequence number of its sender, modulo 2^32, from -2^31.
    pub(crate) seq_relative: Option<i32>,
    /// `ack` minus the initial sequence number of the other side, modulo 2^32, from -2^31.
    pub(crate) ack_relative: Option<i32>,
    /// Bytes of data.
    pub(crate) len: u32,
    /// The window field, unscaled.
    pub(crate) window: Option<u16>,
    /// IPv4 time to live or IPv6 hop limit.
    pub(crate) ttl: u8,
    /// IPv4 identification.
    pub(crate) ip_id: Option<u16>,
    /// The state of the checksum; `partial` appears in a capture on the sending host, with offload.
    #[schemars(schema_with = "schema::checksum")]
    pub(crate) checksum: Word,
    /// The options, in wire order.
    #[serde(serialize_with = "options")]
    #[schemars(with = "Vec<OptionJson>")]
    pub(crate) options: &'a OptionBytes,
    /// The ICMP error, if this is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) icmp: Option<IcmpJson>,
    /// Its effect on the attempt.
    #[schemars(schema_with = "schema::verdict")]
    pub(crate) verdict: Word,
    /// The reason, with the arithmetic.
    pub(crate) note: Option<String>,
    /// The client's state after it; null if nothing shows it.
    #[schemars(schema_with = "schema::optional_state")]
    pub(crate) client_state: Option<Word>,
    /// The server's; null if nothing shows it.
    #[schemars(schema_with = "schema::optional_state")]
    pub(crate) server_state: Option<Word>,
}

/// An ICMP or `ICMPv6` error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Icmp")]
pub(crate) struct IcmpJson {
    /// The frame that holds it, if it is not the enclosing segment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frame: Option<u64>,
    /// `icmp` or `icmpv6`.
    #[schemars(schema_with = "schema::icmp_family")]
    pub(crate) family: Word,
    /// The message type.
    #[serde(rename = "type")]
    pub(crate) kind: u8,
    /// The code within the type.
    pub(crate) code: u8,
    /// The meaning of type and code.
    pub(crate) name: &'static str,
    /// The host that reports the error.
    pub(crate) sender: IpAddr,
    /// The next-hop MTU, if the message carries one.
    pub(crate) mtu: Option<u32>,
}

impl From<&IcmpError> for IcmpJson {
    fn from(error: &IcmpError) -> Self {
        Self {
            frame: None,
            family: Word(error.family.name()),
            kind: error.kind,
            code: error.code,
            name: error.family.meaning(error.kind, error.code),
            sender: error.sender,
            mtu: error.mtu,
        }
    }
}

impl From<&IcmpEvidence> for IcmpJson {
    fn from(error: &IcmpEvidence) -> Self {
        Self {
            frame: Some(error.frame),
            family: Word(error.family.name()),
            kind: error.kind,
            code: error.code,
            name: error.family.meaning(error.kind, error.code),
            sender: error.sender,
            mtu: error.mtu,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn flags<S: Serializer>(flags: &Flags, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(flags.names().map(Word))
}

fn options<S: Serializer>(options: &OptionBytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(options.iter().map(OptionJson::from))
}

impl<'a> SegmentJson<'a> {
    /// `segment`, the record's number `index`.
    pub(super) fn new(record: &Record<'a>, index: usize, segment: &'a SegmentRecord) -> Self {
        let Record { handshake, names, .. } = *record;
        let elsewhere = segment.origin.source != handshake.origin.source;
        let (seq_relative, ack_relative) = view::distances(handshake, segment);
        Self {
            frame: segment.frame,
            source: if elsewhere { names.source(segment.origin) } else { None },
            encapsulation: Some(segment.encapsulation).filter(|&place| place > 0),
            offset_ns: view::offset_ns(handshake, segment),
            from: Word(segment.from.name()),
            kind: Word(segment.kind.name()),
            flags: segment.flags,
            seq: segment.seq.0,
            ack: segment.ack.map(|ack| ack.0),
            seq_relative,
            ack_relative,
            len: segment.len,
            window: segment.window,
            ttl: segment.ttl,
            ip_id: segment.ip_id,
            checksum: Word(segment.checksum.name()),
            options: &segment.options,
            icmp: segment.icmp.as_deref().map(IcmpJson::from),
            verdict: Word(segment.verdict.name()),
            note: view::note(handshake, index),
            client_state: segment.client_state.map(|state| Word(state.name())),
            server_state: segment.server_state.map(|state| Word(state.name())),
        }
    }
}
