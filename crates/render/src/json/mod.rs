//! JSON: one document, or one object a line. Schema version 1: within a version fields are only ever added.
//!
//! Integers are integers, what is absent is `null` or missing and never 0, times are nanoseconds.
//! Field order is the order of the output. What a record has any number of (segments, options,
//! patterns) takes its form one by one as it is written, so that a record costs no memory.

mod build;
mod compare;
mod expectations;
mod finding;
mod negotiated;
mod options;
mod schema;
mod segment;
mod serializer;
mod statistics;
mod totals;
mod word;
mod writer;

use std::net::IpAddr;

use handshake::{CommunityId, Note, Pattern, Uid};
use parser::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::Record;
use crate::view::WiresharkFilter;

use compare::CompareJson;
use expectations::ExpectationsJson;
use finding::FindingJson;
use negotiated::NegotiatedJson;
use segment::{IcmpJson, SegmentJson};
use totals::{OutcomesJson, SummaryJson};
use word::Word;

pub use statistics::StatsJson;
pub use writer::{Json, JsonLines, Records, write_expectations_json};

/// The schema version that this crate writes.
pub(crate) const SCHEMA: u32 = 1;

/// The document that `--format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Document<'a> {
    /// The schema version.
    #[schemars(schema_with = "schema::version")]
    pub(crate) schema: u32,
    /// All attempts, in the order of their first segments.
    pub(crate) handshakes: Vec<AttemptJson<'a>>,
    /// The totals.
    pub(crate) summary: SummaryJson<'a>,
}

/// One connection attempt.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Attempt")]
pub(crate) struct AttemptJson<'a> {
    /// Always `handshake`.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::attempt_type")]
    pub(crate) kind: Word,
    /// The schema version.
    #[schemars(schema_with = "schema::version")]
    pub(crate) schema: u32,
    /// Counts attempts in the order of their first segments, from 1.
    pub(crate) id: u64,
    /// Identifies the attempt in every run: a hash of what it began with.
    #[serde(serialize_with = "build::words")]
    #[schemars(with = "&'a str")]
    pub(crate) uid: Uid,
    /// The Community ID (version 1, seed 0) of its addresses and ports, as other programs have it.
    #[serde(serialize_with = "build::words")]
    #[schemars(with = "&'a str")]
    pub(crate) community_id: CommunityId,
    /// The attempt before this one on the same addresses and ports.
    pub(crate) previous_id: Option<u64>,
    /// Nanoseconds from the last segment of that attempt to the first of this one.
    pub(crate) previous_ended_ns_ago: Option<i64>,
    /// The file or live capture that holds the first segment.
    pub(crate) source: Option<&'a str>,
    /// The interface that saw the first segment.
    pub(crate) interface: Option<&'a str>,
    /// The active opener; for a simultaneous open, the sender of the first SYN.
    pub(crate) client: EndpointJson<'a>,
    /// The passive opener.
    pub(crate) server: EndpointJson<'a>,
    /// The endpoint that answered in place of the server, if the answer came from another address.
    pub(crate) answered_by: Option<EndpointJson<'a>>,
    /// The layers around the innermost IP headers of the segments, outermost first (`vlan 100`,
    /// `vxlan 42`): each distinct stack once. Empty if all segments are plain; an empty stack among
    /// others stands for plain segments.
    pub(crate) encapsulations: Vec<Vec<String>>,
    /// The outcome of the attempt.
    #[schemars(schema_with = "schema::outcome")]
    pub(crate) outcome: Word,
    /// Why the record was closed.
    #[schemars(schema_with = "schema::ended_by")]
    pub(crate) ended_by: Word,
    /// The side that reset the attempt, if the outcome is `reset`.
    #[schemars(schema_with = "schema::optional_side")]
    pub(crate) reset_by: Option<Word>,
    /// Whether a SYN of the client was captured.
    pub(crate) syn_captured: bool,
    /// Whether the segment with which the server acknowledged J was captured.
    pub(crate) syn_ack_captured: bool,
    /// Whether the segment with which the client first acknowledged K was captured.
    pub(crate) ack_captured: bool,
    /// The client's state at the end, as RFC 9293 names it; null if nothing shows it.
    #[schemars(schema_with = "schema::optional_state")]
    pub(crate) client_state: Option<Word>,
    /// The server's; null if nothing shows it.
    #[schemars(schema_with = "schema::optional_state")]
    pub(crate) server_state: Option<Word>,
    /// J, the client's initial sequence number.
    pub(crate) client_isn: u32,
    /// K, the server's, once a segment showed it.
    pub(crate) server_isn: Option<u32>,
    /// When the first segment was captured (RFC 3339, UTC).
    #[serde(serialize_with = "build::date")]
    #[schemars(schema_with = "schema::optional_date")]
    pub(crate) start: Option<Timestamp>,
    /// The times.
    pub(crate) timing: TimingJson,
    /// SYNs beyond the first.
    pub(crate) syn_retransmissions: u32,
    /// SYN-ACKs beyond the first.
    pub(crate) syn_ack_retransmissions: u32,
    /// The patterns recognised.
    #[serde(serialize_with = "build::patterns")]
    #[schemars(with = "Vec<PatternJson<'a>>")]
    pub(crate) patterns: &'a [Pattern],
    /// The options that both sides offered and agreed on.
    pub(crate) negotiated: NegotiatedJson,
    /// The ICMP error that counts.
    pub(crate) icmp: Option<IcmpJson>,
    /// The frame in which the server showed that it took the acknowledgment; not one of `segments`.
    pub(crate) confirmed_frame: Option<u64>,
    /// A display filter of Wireshark that finds the frames of the attempt in the file `source`.
    #[serde(serialize_with = "build::filter")]
    #[schemars(with = "&'a str")]
    pub(crate) wireshark_filter: WiresharkFilter<'a>,
    /// The filters for other files that saw segments of it; missing if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) wireshark_filter_elsewhere: Vec<FilterJson<'a>>,
    /// What other programs print; missing without `--compare`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CompareJson")]
    pub(crate) compare: Option<CompareJson>,
    /// Facts from other attempts that the patterns use.
    pub(crate) context: ContextJson,
    /// The segments, in capture order; missing with `--no-segments`.
    #[serde(serialize_with = "build::segments", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<SegmentJson<'a>>")]
    pub(crate) segments: Option<Record<'a>>,
    /// Segments of the attempt beyond those that a record keeps in `segments`.
    pub(crate) segments_omitted: u32,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Endpoint")]
pub(crate) struct EndpointJson<'a> {
    /// The innermost IP address; IPv6 as RFC 5952 writes it.
    pub(crate) addr: IpAddr,
    /// The port.
    pub(crate) port: u16,
    /// The name of the host; missing if names are not wanted, or if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "&'a str")]
    pub(crate) name: Option<&'a str>,
    /// Where that name is from; missing without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::name_source")]
    pub(crate) name_source: Option<Word>,
}

/// Durations in nanoseconds, from packet time stamps alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Timing")]
pub(crate) struct TimingJson {
    /// The first segment, since 1970-01-01 UTC.
    pub(crate) start_ns: Option<i64>,
    /// First SYN to the acknowledging segment.
    pub(crate) total_ns: Option<i64>,
    /// Its bounds, if that segment was not captured.
    pub(crate) total_range_ns: Option<(i64, i64)>,
    /// First SYN to the SYN that was answered.
    pub(crate) retry_wait_ns: Option<i64>,
    /// Its bounds, if it is not known which SYN was answered.
    pub(crate) retry_wait_range_ns: Option<(i64, i64)>,
    /// Answered SYN to SYN-ACK.
    pub(crate) server_rtt_ns: Option<i64>,
    /// Its bounds, if it is not known which SYN was answered.
    pub(crate) server_rtt_range_ns: Option<(i64, i64)>,
    /// First SYN-ACK to the one that was acknowledged; 0 if that is the first.
    pub(crate) syn_ack_wait_ns: Option<i64>,
    /// Its bounds, if it is not known which SYN-ACK was acknowledged.
    pub(crate) syn_ack_wait_range_ns: Option<(i64, i64)>,
    /// The SYN-ACK that was acknowledged to the acknowledging segment.
    pub(crate) client_rtt_ns: Option<i64>,
    /// Its bounds, if it is not known which SYN-ACK was acknowledged.
    pub(crate) client_rtt_range_ns: Option<(i64, i64)>,
    /// The first segment to the RST or the first ICMP error that decided a failure; without an
    /// answer, to the last SYN or SYN-ACK that was sent again.
    pub(crate) failed_after_ns: Option<i64>,
    /// The initial RTT as Wireshark computes it.
    pub(crate) wireshark_irtt_ns: Option<i64>,
    /// The place where time went backwards within the attempt.
    pub(crate) clock_went_back: Option<ClockWentBackJson>,
}

/// A segment with an earlier time than one captured before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "ClockWentBack")]
pub(crate) struct ClockWentBackJson {
    /// The frame whose time is too early.
    pub(crate) frame: u64,
    /// The step, in nanoseconds.
    pub(crate) by_ns: i64,
}

/// A pattern with its evidence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Pattern")]
pub(crate) struct PatternJson<'a> {
    /// Its name.
    pub(crate) name: Word,
    /// The frames that show it.
    pub(crate) frames: &'a [u64],
    /// The finding, with its numbers.
    #[serde(serialize_with = "build::words")]
    #[schemars(with = "&'a str")]
    pub(crate) note: &'a Note,
    /// The look-alike, and the difference; missing if the words of `synscope patterns` fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) differs_from: Option<&'static str>,
    /// The next check; missing if the words of `synscope patterns` fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) check_next: Option<&'static str>,
}

/// A display filter for another file than that of the first segment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Filter")]
pub(crate) struct FilterJson<'a> {
    /// The file in which it finds frames.
    pub(crate) source: Option<&'a str>,
    /// The filter.
    #[serde(serialize_with = "build::filter")]
    #[schemars(with = "&'a str")]
    pub(crate) filter: WiresharkFilter<'a>,
}

/// Facts from other attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Context")]
pub(crate) struct ContextJson {
    /// The frame in which the server answered another SYN while this attempt waited without an
    /// answer, or in the second before it began.
    pub(crate) others_answered_frame: Option<u64>,
    /// Whether that SYN came from the same client host; null if there is none.
    pub(crate) others_answered_same_host: Option<bool>,
    /// The frame in which the client host completed another handshake after this attempt began.
    pub(crate) client_completed_frame: Option<u64>,
    /// The hop limit of SYN-ACKs that the same server host sent.
    pub(crate) server_syn_ack_ttl: Option<u8>,
    /// The number of server end points that the client host tried recently, with this one.
    pub(crate) targets_of_client: u32,
    /// The greatest number of attempts of one minute that were undecided at the server end point at
    /// the same time, in the minute after this one began and until it was decided; with this one.
    pub(crate) pending_at_server: u32,
    /// Whether the capture lost packets before the record was closed.
    pub(crate) capture_lost_packets: bool,
}

/// The JSON Schema (draft 2020-12) of everything the JSON views write: the document of `json`, the
/// two kinds of lines of `jsonl`, the statistics, and what became of expectations.
pub fn json_schema() -> Value {
    #[derive(JsonSchema)]
    #[schemars(untagged, title = "synscope, schema version 1")]
    #[expect(dead_code, clippy::large_enum_variant, reason = "only its schema is wanted")]
    enum Output<'a> {
        /// What `--format json` writes.
        Document(Document<'a>),
        /// A line of `--format jsonl`: one attempt.
        Attempt(AttemptJson<'a>),
        /// The last line of `--format jsonl`.
        Summary(SummaryJson<'a>),
        /// What `stats --format json` writes.
        Statistics(statistics::StatisticsJson<'a>),
        /// What `synscope assert --format json` writes.
        Expectations(ExpectationsJson<'a>),
    }

    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Output<'_>>().to_value()
}
