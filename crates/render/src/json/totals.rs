//! The JSON form of the totals.

use std::borrow::Cow;
use std::collections::BTreeMap;

use handshake::{Outcome, Side, Undecoded};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Map;

use super::{FindingJson, SCHEMA, schema};
use crate::text::Rfc3339;
use crate::{Damaged, Summary};

/// The totals over everything that was read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Summary")]
pub(crate) struct SummaryJson<'a> {
    /// Always `summary`.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::summary_type")]
    pub(crate) kind: &'static str,
    /// The schema version.
    #[schemars(schema_with = "schema::version")]
    pub(crate) schema: u32,
    /// Files or live captures read.
    pub(crate) files: u64,
    /// Frames read.
    pub(crate) frames: u64,
    /// Bytes of those frames on the wire.
    pub(crate) bytes: u64,
    /// TCP segments among them.
    pub(crate) tcp_segments: u64,
    /// When the first frame was captured (RFC 3339, UTC).
    #[schemars(schema_with = "schema::optional_date")]
    pub(crate) first: Option<String>,
    /// When the last frame was captured.
    #[schemars(schema_with = "schema::optional_date")]
    pub(crate) last: Option<String>,
    /// Attempts, by outcome.
    pub(crate) handshakes: OutcomesJson,
    /// The number of them that were shown; null without a selection (all were shown).
    pub(crate) shown: Option<u64>,
    /// Attempts, by pattern; only the patterns that occurred. Null if no patterns were looked for:
    /// statistics of all attempts need no records.
    pub(crate) patterns: Option<&'a BTreeMap<&'static str, u64>>,
    /// What is wrong, the worst first; missing in `jsonl`, and in statistics, which have it beside the
    /// totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<FindingJson>")]
    pub(crate) findings: Option<Vec<FindingJson>>,
    /// Segments that belong to no attempt.
    pub(crate) outside_handshake: u64,
    /// SYN+FIN, SYN+RST, NULL and XMAS segments.
    pub(crate) odd_segments: u64,
    /// The only side whose segments were captured, if it is certain that the other one sent some.
    #[schemars(schema_with = "schema::optional_side")]
    pub(crate) one_direction: Option<&'static str>,
    /// Whether segments of both sides were captured, and none without SYN.
    pub(crate) syn_only: bool,
    /// Frames without a TCP segment, by their content.
    pub(crate) without_tcp: Vec<WithoutTcpJson>,
    /// Frames that could not be decoded, by layer and reason.
    pub(crate) undecoded: Vec<UndecodedJson<'a>>,
    /// Attempts closed because there was no room for them, by the outcome that they had by then:
    /// only the outcomes that occurred.
    #[schemars(schema_with = "some_outcomes")]
    pub(crate) evicted: BTreeMap<&'static str, u64>,
    /// Packets that the kernel dropped; null if nothing counts them (files).
    pub(crate) kernel_dropped: Option<u64>,
    /// The place and the reason of each damage in the input.
    pub(crate) damaged: &'a [Damaged],
}

/// Attempts by outcome, in the order of [`Outcome::ALL`]: an object with a count for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutcomesJson([u64; Outcome::ALL.len()]);

impl OutcomesJson {
    pub(crate) const fn of(counts: [u64; Outcome::ALL.len()]) -> Self {
        Self(counts)
    }
}

impl Serialize for OutcomesJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Outcome::NAMES.into_iter().zip(self.0))
    }
}

impl JsonSchema for OutcomesJson {
    fn schema_name() -> Cow<'static, str> {
        "Outcomes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut all = some_outcomes(generator);
        all.insert("description".to_owned(), "Attempts by outcome.".into());
        all.insert("required".to_owned(), Outcome::NAMES.to_vec().into());
        all
    }
}

/// An object with counts of some outcomes.
fn some_outcomes(generator: &mut SchemaGenerator) -> Schema {
    let count = generator.subschema_for::<u64>();
    let names = Outcome::NAMES;
    let counts: Map<_, _> =
        names.map(|name| (name.to_owned(), count.clone().to_value())).into_iter().collect();
    json_schema!({ "type": "object", "properties": counts, "additionalProperties": false })
}

/// Frames without a TCP segment that have the same content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "WithoutTcp")]
pub(crate) struct WithoutTcpJson {
    /// Their content: `udp`, `arp`.
    pub(crate) protocol: String,
    /// The number of frames.
    pub(crate) count: u64,
}

/// Frames that could not be decoded for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Undecoded")]
pub(crate) struct UndecodedJson<'a> {
    /// The layer that could not be decoded.
    pub(crate) layer: &'a str,
    /// The reason.
    pub(crate) reason: &'a str,
    /// The number of frames.
    pub(crate) count: u64,
}

impl<'a> SummaryJson<'a> {
    /// The totals with the findings.
    pub(super) fn with_findings(summary: &'a Summary) -> Self {
        Self::new(summary, Some(FindingJson::all(summary)))
    }

    /// The totals without the findings.
    pub(super) fn alone(summary: &'a Summary) -> Self {
        Self::new(summary, None)
    }

    fn new(summary: &'a Summary, findings: Option<Vec<FindingJson>>) -> Self {
        let traffic = &summary.traffic;
        Self {
            kind: "summary",
            schema: SCHEMA,
            files: summary.files,
            frames: traffic.frames,
            bytes: traffic.bytes,
            tcp_segments: summary.counters.tcp_segments,
            first: traffic.first.map(|time| Rfc3339(time).to_string()),
            last: traffic.last.map(|time| Rfc3339(time).to_string()),
            handshakes: OutcomesJson(summary.counters.outcomes),
            shown: summary.shown,
            patterns: summary.patterns.as_ref(),
            findings,
            outside_handshake: summary.counters.outside_handshake,
            odd_segments: summary.counters.odd_segments,
            one_direction: summary.one_direction().map(Side::name),
            syn_only: summary.syn_only(),
            without_tcp: summary.without_tcp().into_iter().map(WithoutTcpJson::from).collect(),
            undecoded: traffic.undecoded.iter().map(UndecodedJson::from).collect(),
            evicted: Outcome::NAMES
                .into_iter()
                .zip(summary.counters.evicted)
                .filter(|&(_, count)| count > 0)
                .collect(),
            kernel_dropped: summary.kernel_dropped,
            damaged: &summary.damaged,
        }
    }
}

impl From<(String, u64)> for WithoutTcpJson {
    fn from((protocol, count): (String, u64)) -> Self {
        Self { protocol, count }
    }
}

impl<'a> From<&'a Undecoded> for UndecodedJson<'a> {
    fn from(undecoded: &'a Undecoded) -> Self {
        Self { layer: undecoded.layer, reason: undecoded.reason, count: undecoded.count }
    }
}
