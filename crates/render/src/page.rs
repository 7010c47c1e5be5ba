//! What lines are set on.

use std::io;

use crate::line::Line;
use crate::style::Style;

/// Takes lines, from top to bottom.
pub(crate) trait Page {
    /// Sets the next line, no longer than the style allows.
    ///
    /// # Errors
    /// Where it goes to a writer, and that fails.
    fn set(&mut self, line: &Line, style: Style) -> io::Result<()>;
}

impl<W: io::Write> Page for W {
    fn set(&mut self, line: &Line, style: Style) -> io::Result<()> {
        line.write(self, style)
    }
}

/// Lines that are kept, for a screen.
#[derive(Debug, Default)]
pub(crate) struct Lines(pub(crate) Vec<Line>);

impl Page for Lines {
    fn set(&mut self, line: &Line, style: Style) -> io::Result<()> {
        let mut line = if style.unicode { line.clone() } else { line.ascii() };
        if let Some(limit) = style.limit() {
            line.fit(limit, style);
        }
        self.0.push(line);
        Ok(())
    }
}
