//! The JSON Schema of the output, generated from the types that write it.

use handshake::{Ecn, EndedBy, FastOpen, Kind, Mptcp, Outcome, Sender, Side, State};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::{AttemptJson, Document, SummaryJson};

/// The JSON Schema (draft 2020-12) of everything the JSON views write: the document of `json`, and the
/// two kinds of lines of `jsonl`.
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
    }

    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Output<'_>>().to_value()
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> Schema {
    let names: Vec<_> = names.into_iter().collect();
    json_schema!({ "type": "string", "enum": names })
}

fn one_of_or_null(names: impl IntoIterator<Item = &'static str>) -> Schema {
    let names: Vec<_> = names.into_iter().map(Some).chain([None]).collect();
    json_schema!({ "type": ["string", "null"], "enum": names })
}

fn constant(value: impl Into<Value>) -> Schema {
    json_schema!({ "const": value.into() })
}

pub(super) fn version(_: &mut SchemaGenerator) -> Schema {
    constant(super::SCHEMA)
}

pub(super) fn attempt_type(_: &mut SchemaGenerator) -> Schema {
    constant("handshake")
}

pub(super) fn summary_type(_: &mut SchemaGenerator) -> Schema {
    constant("summary")
}

pub(super) fn optional_date(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "format": "date-time" })
}

pub(super) fn outcome(_: &mut SchemaGenerator) -> Schema {
    one_of(Outcome::ALL.map(Outcome::name))
}

pub(super) fn ended_by(_: &mut SchemaGenerator) -> Schema {
    use EndedBy as E;
    one_of([E::Segment, E::Timeout, E::CaptureEnd, E::Evicted].map(E::name))
}

pub(super) fn optional_side(_: &mut SchemaGenerator) -> Schema {
    one_of_or_null([Side::Client, Side::Server].map(Side::name))
}

pub(super) fn optional_state(_: &mut SchemaGenerator) -> Schema {
    use State as S;
    one_of_or_null([S::Listen, S::SynSent, S::SynReceived, S::Established, S::Closed].map(S::name))
}

pub(super) fn sender(_: &mut SchemaGenerator) -> Schema {
    one_of([Sender::Client, Sender::Server, Sender::Network].map(Sender::name))
}

pub(super) fn kind(_: &mut SchemaGenerator) -> Schema {
    use Kind as K;
    one_of([K::Syn, K::SynAck, K::Ack, K::Rst, K::Icmp, K::Other].map(K::name))
}

pub(super) fn verdict(_: &mut SchemaGenerator) -> Schema {
    use handshake::{Verdict as V, Why};
    let unacceptable = V::Unacceptable(Why::WrongAck);
    let all = [
        V::Advanced,
        V::Retransmission,
        V::DuplicateCapture,
        unacceptable,
        V::ChallengeAck,
        V::Stray,
    ];
    one_of(all.map(V::name))
}

pub(super) fn checksum(_: &mut SchemaGenerator) -> Schema {
    one_of(["ok", "partial", "bad", "unknown"])
}

pub(super) fn icmp_family(_: &mut SchemaGenerator) -> Schema {
    one_of(["icmp", "icmpv6"])
}

pub(super) fn ecn(_: &mut SchemaGenerator) -> Schema {
    use Ecn as E;
    one_of([E::None, E::Offered, E::Refused, E::Classic, E::Accurate].map(E::name))
}

pub(super) fn fast_open(_: &mut SchemaGenerator) -> Schema {
    use FastOpen as F;
    let all = [F::None, F::CookieRequested, F::CookieGranted, F::Offered, F::Accepted, F::Ignored];
    one_of(all.map(F::name))
}

pub(super) fn mptcp(_: &mut SchemaGenerator) -> Schema {
    use Mptcp as M;
    one_of([M::None, M::Offered, M::Refused, M::Capable, M::Join].map(M::name))
}

#[cfg(test)]
mod tests;
