//! Values with names, in which `-` and `_` are the same.

use std::ffi::OsStr;

use answers::Sort;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};
use handshake::{Outcome, PatternName};
#[cfg(target_os = "linux")]
use lab::Scenario;

/// Which scenarios are played.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scenarios {
    One(&'static Scenario),
    All,
}

/// The name of [`Scenarios::All`].
#[cfg(target_os = "linux")]
const ALL: &str = "all";

/// Takes one of these names, however its words are joined.
#[derive(Clone, Debug)]
struct Named {
    names: Vec<&'static str>,
    parser: PossibleValuesParser,
}

impl Named {
    fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        let names: Vec<_> = names.into_iter().collect();
        Self { parser: PossibleValuesParser::new(names.clone()), names }
    }
}

impl TypedValueParser for Named {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        let typed = value.to_string_lossy().replace('_', "-");
        let known = self.names.iter().find(|name| name.replace('_', "-") == typed);
        self.parser.parse_ref(command, arg, known.map_or(value, OsStr::new))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.parser.possible_values()
    }
}

pub(super) fn outcomes() -> impl TypedValueParser<Value = Outcome> {
    Named::new(Outcome::ALL.map(Outcome::name)).try_map(|name| {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name).ok_or("no such outcome")
    })
}

pub(super) fn patterns() -> impl TypedValueParser<Value = PatternName> {
    Named::new(PatternName::ALL.iter().map(|pattern| pattern.name()))
        .try_map(|name| PatternName::from_name(&name).ok_or("no such pattern"))
}

/// The orders of groups by their names.
const SORTS: [(&str, Sort, &str); 8] = [
    ("worst", Sort::Worst, "Most attempts that failed or had to be repeated first"),
    ("attempts", Sort::Attempts, "Most attempts first"),
    ("failed", Sort::Failed, "Most failed attempts first"),
    ("retried", Sort::Retried, "Most segments that were sent again first"),
    ("waited", Sort::Waited, "Most time lost by waiting first"),
    ("server-rtt", Sort::ServerRtt, "Longest server RTT first (99th percentile)"),
    ("client-rtt", Sort::ClientRtt, "Longest client RTT first (99th percentile)"),
    ("name", Sort::Key, "By the name of the group"),
];

pub(super) fn sorts() -> impl TypedValueParser<Value = Sort> {
    let values = SORTS.map(|(name, _, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(values).try_map(|typed| {
        let known = SORTS.iter().find(|(name, ..)| *name == typed);
        known.map(|(_, sort, _)| *sort).ok_or("no such order")
    })
}

/// The scenarios by their names.
#[cfg(target_os = "linux")]
pub(super) fn scenario() -> impl TypedValueParser<Value = &'static Scenario> {
    Named::new(Scenario::all().iter().map(|scenario| scenario.name))
        .try_map(|name| Scenario::find(&name).ok_or("no such scenario"))
}

/// The scenarios by their names, or `all`.
#[cfg(target_os = "linux")]
pub(super) fn scenarios() -> impl TypedValueParser<Value = Scenarios> {
    let names = Scenario::all().iter().map(|scenario| scenario.name);
    Named::new(names.chain([ALL])).try_map(|name| match name.as_str() {
        ALL => Ok(Scenarios::All),
        name => Scenario::find(name).map(Scenarios::One).ok_or("no such scenario"),
    })
}
