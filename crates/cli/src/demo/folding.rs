//! Attempts that only prepare the story, folded into a line.

use std::io::{self, Write as _};

use lab::Scenario;
use render::{Language, Record, Summary, View};

use crate::shared::Shared;

/// A view of the attempts that a story is about.
pub(super) struct Folding {
    view: Box<dyn View>,
    out: Shared,
    scenario: &'static Scenario,
    language: Language,
    /// How many attempts there were, and how many of them are not shown.
    met: usize,
    folded: usize,
}

impl Folding {
    pub(super) const fn new(
        view: Box<dyn View>,
        out: Shared,
        scenario: &'static Scenario,
        language: Language,
    ) -> Self {
        Self { view, out, scenario, language, met: 0, folded: 0 }
    }
}

impl View for Folding {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let expected = self.scenario.expected_of(self.met);
        self.met += 1;
        if expected.is_some_and(|expected| expected.is_filler) {
            self.folded += 1;
            return Ok(());
        }
        self.view.handshake(record)
    }

    fn end(&mut self) -> io::Result<()> {
        self.view.end()?;
        let said = match self.folded {
            0 => return Ok(()),
            1 => "1 more attempt fills the accept queue: --all shows it",
            _ => "{n} more attempts fill the accept queue: --all shows them",
        };
        let said = self.language.say_with(said, &[("n", &self.folded)]);
        writeln!(self.out, "{said}\n")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.view.finish(summary)
    }
}
