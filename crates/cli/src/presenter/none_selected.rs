//! What is said where no attempt was selected.

use handshake::{Handshake, Pattern};
use jiff::tz::TimeZone;
use parser::Timestamp;

use crate::selection::Selection;

/// Which conditions of a selection no attempt met so far.
pub(super) struct NoneSelected {
    options: Vec<&'static str>,
    unmet: Vec<(&'static str, Selection)>,
}

impl NoneSelected {
    /// `None` where everything is selected, or nothing is to be shown.
    pub(super) fn of(selection: &Selection) -> Option<Self> {
        let unmet = selection.conditions();
        let options = unmet.iter().map(|(option, _)| *option).collect();
        (!unmet.is_empty() && selection.limit != Some(0)).then_some(Self { options, unmet })
    }

    /// Takes the times of conditions for those of a capture that began at `capture_start`.
    pub(super) fn settle(&mut self, capture_start: Timestamp, zone: &TimeZone) {
        for (_, condition) in &mut self.unmet {
            condition.settle(capture_start, zone);
        }
    }

    /// Takes an attempt into account that was not selected.
    pub(super) fn add(&mut self, handshake: &Handshake, patterns: &[Pattern]) {
        self.unmet.retain(|(_, condition)| {
            !(condition.takes(handshake) && condition.takes_patterns(patterns))
        });
    }

    /// A sentence about so many attempts, none of which was selected.
    pub(super) fn sentence(&self, attempts: u64) -> String {
        let attempts =
            if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
        let unmet: Vec<_> = self.unmet.iter().map(|(option, _)| *option).collect();
        let by = match unmet.as_slice() {
            [] => format!("{} together", list(&self.options, "and")),
            unmet => list(unmet, "or"),
        };
        format!("no attempt is selected: the capture holds {attempts}, and none meets {by}")
    }
}

/// `a, b and c`.
fn list(names: &[&str], last: &str) -> String {
    match names.split_last() {
        Some((end, begin)) if !begin.is_empty() => format!("{} {last} {end}", begin.join(", ")),
        _ => names.concat(),
    }
}
