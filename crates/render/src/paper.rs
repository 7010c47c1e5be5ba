//! What lines are set on.

use std::io;

use crate::line::Line;
use crate::style::Style;

/// Takes lines, from top to bottom.
pub(crate) trait Paper {
    /// Sets the next line, no longer than the style allows.
    ///
    /// # Errors
    /// Where it goes to a writer, and that fails.
    fn set(&mut self, line: &Line, style: Style) -> io::Result<()>;

    /// Lets somebody see what is set, where they can.
    ///
    /// # Errors
    /// As of [`set`](Self::set).
    fn flush(&mut self) -> io::Result<()>;
}

impl<W: io::Write> Paper for W {
    fn set(&mut self, line: &Line, style: Style) -> io::Result<()> {
        line.write(self, style)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(self)
    }
}

/// Lines that are kept, for a screen.
#[derive(Debug, Default)]
pub(crate) struct Lines(pub(crate) Vec<Line>);

impl Paper for Lines {
    fn set(&mut self, line: &Line, style: Style) -> io::Result<()> {
        let mut line = if style.unicode { line.clone() } else { line.ascii() };
        if let Some(limit) = style.limit() {
            line.fit(limit, style);
        }
        self.0.push(line);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
