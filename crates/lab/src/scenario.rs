//! The scenarios that the lab can play.

use std::time::Duration;

use crate::error::ScenarioError;
use crate::requirement::Requirement;
use crate::stage::Stage;

/// What real sockets play, and what an observer of their packets must come to say.
#[derive(Debug)]
pub struct Scenario {
    /// Its name on a command line: `three-way`.
    pub name: &'static str,
    /// One line.
    pub title: &'static str,
    /// What happens, in a few sentences, and where the usual picture of it is wrong.
    pub story: &'static str,
    /// What to look at while it runs.
    pub notice: &'static [&'static str],
    /// The outcome and patterns due for each attempt, in the order of their first segments. Further
    /// attempts are expected to end as the last one does. Empty where no handshake takes place.
    pub expected: &'static [Expectation],
    /// About how long it takes: retries of the kernel happen in real time.
    pub duration: Duration,
    pub(crate) requirements: &'static [Requirement],
    pub(crate) play: fn(&Stage) -> Result<(), ScenarioError>,
}

/// The outcome and patterns due for one attempt, in the words of docs/handshake.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The outcome.
    pub outcome: &'static str,
    /// Patterns that must be among those named.
    pub patterns: &'static [&'static str],
    /// Whether the attempt only fills the accept queue for the one that the story is about.
    pub is_filler: bool,
}

impl Scenario {
    /// What is expected of the attempt with this index, in the order of their first segments.
    pub fn expected_of(&self, index: usize) -> Option<&'static Expectation> {
        self.expected.get(index).or(self.expected.last())
    }
}

impl Expectation {
    pub(crate) const fn new(outcome: &'static str, patterns: &'static [&'static str]) -> Self {
        Self { outcome, patterns, is_filler: false }
    }

    pub(crate) const fn filler() -> Self {
        Self { is_filler: true, ..Self::new("established", &["three_way"]) }
    }
}
