//! The view that shows the totals alone.

use std::io;

use crate::{Exchange, Record, Style, Summary, Timeline, View};

/// `--format summary`: the totals alone.
#[derive(Debug)]
pub struct Totals<W> {
    out: W,
    style: Style,
}

impl<W: io::Write> Totals<W> {
    /// Writes to `out`.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style }
    }
}

impl<W: io::Write> View for Totals<W> {
    fn handshake(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }

    /// A screen shows attempts only.
    fn exchange(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        Timeline::new(&mut self.out, self.style).exchange(exchange)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        summary.write(&mut self.out, self.style)
    }
}
