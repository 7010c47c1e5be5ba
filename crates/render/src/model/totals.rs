//! The JSON form of the totals.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{SCHEMA, schema};
use crate::text::rfc3339;
use crate::{Damaged, Summary, Undecoded};

/// The totals over everything that was read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SummaryJson<'a> {
    /// Always `summary`.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::summary_type")]
    pub kind: &'static str,
    /// The schema version.
    #[schemars(schema_with = "schema::version")]
    pub schema: u32,
    /// Files or live captures read.
    pub files: u64,
    /// Frames read.
    pub frames: u64,
    /// Bytes those frames had on the wire.
    pub bytes: u64,
    /// TCP segments among them.
    pub tcp_segments: u64,
    /// When the first frame was captured (RFC 3339, UTC).
    #[schemars(schema_with = "schema::optional_date")]
    pub first: Option<String>,
    /// When the last frame was captured.
    #[schemars(schema_with = "schema::optional_date")]
    pub last: Option<String>,
    /// Attempts, by outcome.
    pub handshakes: OutcomesJson,
    /// Attempts, by pattern; only the patterns that occurred.
    pub patterns: BTreeMap<&'a str, u64>,
    /// Segments that belong to no attempt.
    pub outside_handshake: u64,
    /// SYN+FIN, SYN+RST, NULL and XMAS segments.
    pub odd_segments: u64,
    /// Frames that could not be decoded, by layer and reason.
    pub undecoded: Vec<UndecodedJson<'a>>,
    /// Attempts closed because the table was full.
    pub evicted: u64,
    /// Packets that the kernel dropped; null where nothing counts them (files).
    pub kernel_dropped: Option<u64>,
    /// Where and why input broke off.
    pub damaged: Vec<DamagedJson<'a>>,
}

/// Attempts by outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field counts the attempts with the outcome of its name")]
pub struct OutcomesJson {
    pub established: u64,
    pub established_client_only: u64,
    pub refused: u64,
    pub reset: u64,
    pub unreachable: u64,
    pub unanswered: u64,
    pub unacknowledged: u64,
    pub in_progress: u64,
}

/// Frames that could not be decoded for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UndecodedJson<'a> {
    /// The layer that could not be decoded.
    pub layer: &'a str,
    /// Why.
    pub reason: &'a str,
    /// How many frames.
    pub count: u64,
}

/// Input that broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DamagedJson<'a> {
    /// The file.
    pub source: &'a str,
    /// Byte offset of the broken record.
    pub offset: u64,
    /// Frames delivered before it.
    pub frames: u64,
    /// What is wrong.
    pub reason: &'a str,
}

impl<'a> From<&'a Summary> for SummaryJson<'a> {
    fn from(summary: &'a Summary) -> Self {
        Self {
            kind: "summary",
            schema: SCHEMA,
            files: summary.files,
            frames: summary.frames,
            bytes: summary.bytes,
            tcp_segments: summary.tcp_segments,
            first: summary.first.map(rfc3339),
            last: summary.last.map(rfc3339),
            handshakes: outcomes(summary),
            patterns: summary.patterns.iter().map(|(&name, &count)| (name, count)).collect(),
            outside_handshake: summary.outside_handshake,
            odd_segments: summary.odd_segments,
            undecoded: summary.undecoded.iter().map(UndecodedJson::from).collect(),
            evicted: summary.evicted,
            kernel_dropped: summary.kernel_dropped,
            damaged: summary.damaged.iter().map(DamagedJson::from).collect(),
        }
    }
}

/// The counts under their names: [`handshake::Outcome::ALL`] gives their order.
const fn outcomes(summary: &Summary) -> OutcomesJson {
    let [
        established,
        established_client_only,
        refused,
        reset,
        unreachable,
        unanswered,
        unacknowledged,
        in_progress,
    ] = summary.outcomes;
    OutcomesJson {
        established,
        established_client_only,
        refused,
        reset,
        unreachable,
        unanswered,
        unacknowledged,
        in_progress,
    }
}

impl<'a> From<&'a Undecoded> for UndecodedJson<'a> {
    fn from(undecoded: &'a Undecoded) -> Self {
        Self { layer: &undecoded.layer, reason: &undecoded.reason, count: undecoded.count }
    }
}

impl<'a> From<&'a Damaged> for DamagedJson<'a> {
    fn from(damaged: &'a Damaged) -> Self {
        Self {
            source: &damaged.source,
            offset: damaged.offset,
            frames: damaged.frames,
            reason: &damaged.reason,
        }
    }
}
