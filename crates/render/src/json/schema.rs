//! What the JSON Schema says of a field whose type does not say it.

use answers::expect::Operator;
use handshake::{
    Ecn, EndedBy, FastOpen, Kind, Mptcp, Outcome, Sender, Side, TcpState, Verdict, ZeekState,
};
use hostnames::NameSource;
use parser::{Checksum, IcmpFamily};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::expectations::{Absence, Unit};

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

pub(super) fn statistics_type(_: &mut SchemaGenerator) -> Schema {
    constant("statistics")
}

pub(super) fn expectations_type(_: &mut SchemaGenerator) -> Schema {
    constant("assertions")
}

pub(super) fn operator(_: &mut SchemaGenerator) -> Schema {
    one_of(Operator::NAMES)
}

pub(super) fn unit(_: &mut SchemaGenerator) -> Schema {
    one_of(Unit::NAMES)
}

pub(super) fn optional_absence(_: &mut SchemaGenerator) -> Schema {
    one_of_or_null(Absence::NAMES)
}

pub(super) fn optional_date(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "format": "date-time" })
}

pub(super) fn outcome(_: &mut SchemaGenerator) -> Schema {
    one_of(Outcome::NAMES)
}

pub(super) fn ended_by(_: &mut SchemaGenerator) -> Schema {
    one_of(EndedBy::NAMES)
}

pub(super) fn optional_side(_: &mut SchemaGenerator) -> Schema {
    one_of_or_null(Side::NAMES)
}

pub(super) fn optional_state(_: &mut SchemaGenerator) -> Schema {
    // Records have no close.
    let of_handshake = TcpState::ALL.into_iter().take_while(|&state| state != TcpState::FinWait1);
    one_of_or_null(of_handshake.map(TcpState::name))
}

pub(super) fn name_source(_: &mut SchemaGenerator) -> Schema {
    one_of(NameSource::NAMES)
}

pub(super) fn sender(_: &mut SchemaGenerator) -> Schema {
    one_of(Sender::NAMES)
}

pub(super) fn kind(_: &mut SchemaGenerator) -> Schema {
    one_of(Kind::NAMES)
}

pub(super) fn verdict(_: &mut SchemaGenerator) -> Schema {
    one_of(Verdict::NAMES)
}

pub(super) fn checksum(_: &mut SchemaGenerator) -> Schema {
    one_of(Checksum::NAMES)
}

pub(super) fn icmp_family(_: &mut SchemaGenerator) -> Schema {
    one_of(IcmpFamily::NAMES)
}

pub(super) fn ecn(_: &mut SchemaGenerator) -> Schema {
    one_of(Ecn::NAMES)
}

pub(super) fn fast_open(_: &mut SchemaGenerator) -> Schema {
    one_of(FastOpen::NAMES)
}

pub(super) fn zeek_state(_: &mut SchemaGenerator) -> Schema {
    one_of(ZeekState::NAMES)
}

pub(super) fn mptcp(_: &mut SchemaGenerator) -> Schema {
    one_of(Mptcp::NAMES)
}

#[cfg(test)]
mod tests;
