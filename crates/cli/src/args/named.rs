//! One of several names, for which `-` and `_` are the same.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};

/// Takes one of these names, however its words are joined.
#[derive(Clone, Debug)]
pub(super) struct Named {
    names: Vec<&'static str>,
    parser: PossibleValuesParser,
}

impl Named {
    pub(super) fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
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
