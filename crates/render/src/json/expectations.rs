//! The JSON form of what became of expectations.

use answers::expect::{Checked, Claim, Found, Offender};
use schemars::JsonSchema;
use serde::Serialize;

use super::{SCHEMA, Word, schema};
use crate::expectations::{Absence, Unit};
use crate::{Damaged, Faults, Unread};

/// What became of expectations.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Assertions")]
pub(crate) struct ExpectationsJson<'a> {
    /// Always `assertions`.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::expectations_type")]
    pub(crate) kind: Word,
    /// The schema version.
    #[schemars(schema_with = "schema::version")]
    pub(crate) schema: u32,
    /// Whether all of them are met, by what was read; false if nothing could be read.
    pub(crate) met: bool,
    /// Each expectation, in the order given; none if nothing could be read.
    pub(crate) expectations: Vec<ExpectationJson>,
    /// Each input that could not be read.
    pub(crate) unread: &'a [Unread],
    /// The place and the reason of each damage in the input.
    pub(crate) damaged: &'a [Damaged],
}

/// What became of one expectation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Assertion")]
pub(crate) struct ExpectationJson {
    /// The expectation, as synscope understands it.
    pub(crate) expression: String,
    /// Its scope; null if it is about all attempts.
    pub(crate) scope: Option<String>,
    /// Its metric.
    pub(crate) metric: String,
    /// Its operator.
    #[schemars(schema_with = "schema::operator")]
    pub(crate) op: Word,
    /// The unit of `wanted` and `found`: `attempts`, `segments`, `ns`, or `share`, which is
    /// hundred-thousandths of the attempts in scope.
    #[schemars(schema_with = "schema::unit")]
    pub(crate) unit: Word,
    /// The value in the expectation.
    pub(crate) wanted: u64,
    /// The figure; null if there is none.
    pub(crate) found: Option<u64>,
    /// Why there is no figure; null if there is one.
    #[schemars(schema_with = "schema::optional_absence")]
    pub(crate) absent: Option<Word>,
    /// The number of attempts in scope.
    pub(crate) attempts: u64,
    /// Whether it is met.
    pub(crate) met: bool,
    /// The ids of the attempts that count most against it, at most three; empty if it is met.
    pub(crate) offenders: Vec<u64>,
}

impl<'a> ExpectationsJson<'a> {
    pub(super) fn new(checked: &[Checked<'_>], faults: &'a Faults) -> Self {
        Self {
            kind: Word("assertions"),
            schema: SCHEMA,
            met: !checked.is_empty() && checked.iter().all(|checked| checked.is_met),
            expectations: checked.iter().map(ExpectationJson::from).collect(),
            unread: &faults.unread,
            damaged: &faults.damaged,
        }
    }
}

impl From<&Checked<'_>> for ExpectationJson {
    fn from(checked: &Checked<'_>) -> Self {
        let expectation = checked.expectation;
        let (unit, wanted) = match expectation.claim {
            Claim::Count(_, count) => (Unit::Attempts, count),
            Claim::Share(_, share) => (Unit::Share, share.hundred_thousandths().into()),
            Claim::Repeats(_, count) => (Unit::Segments, count),
            Claim::Duration(_, _, ns) => (Unit::Nanoseconds, ns),
        };
        let found = match checked.found {
            Found::NoAttempt => Err(Absence::NoAttempt),
            Found::Unmeasured(_) => Err(Absence::Unmeasured),
            Found::Count(count) => Ok(count),
            Found::Share { share, .. } => Ok(share.hundred_thousandths().into()),
            Found::Duration(ns) => Ok(ns),
        };
        let scope = &expectation.scope;
        Self {
            expression: expectation.to_string(),
            scope: (!scope.is_everything()).then(|| scope.to_string()),
            metric: expectation.claim.metric().to_string(),
            op: Word(expectation.operator.name()),
            unit: Word(unit.name()),
            wanted,
            found: found.ok(),
            absent: found.err().map(|absence| Word(absence.name())),
            attempts: checked.attempts,
            met: checked.is_met,
            offenders: checked.offenders.iter().map(|Offender { id, .. }| *id).collect(),
        }
    }
}
