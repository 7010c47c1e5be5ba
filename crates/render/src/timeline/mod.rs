//! The timeline: the picture that a teacher would draw, with two lifelines and an arrow for every
//! segment between them.

mod arrow;
mod calls;
mod canvas;
mod exchange;
mod footer;
mod header;
mod layout;
mod segment;

use std::io;

pub use self::exchange::{Datagram, DatagramKind, Exchange};

use self::canvas::Canvas;
use self::layout::Layout;
use crate::ladder::{self, Rung};
use crate::line::Line;
use crate::style::Style;
use crate::{Record, Summary, View};

/// `--format timeline`: one picture an attempt.
#[derive(Debug)]
pub struct Timeline<W> {
    out: W,
    style: Style,
    footer: bool,
    /// The picture, put together here every time.
    picture: Vec<u8>,
}

impl<W: io::Write> Timeline<W> {
    /// Writes to `out`.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, footer: true, picture: Vec::new() }
    }

    /// Prints the pictures alone, without the outcome and the patterns below them.
    #[must_use]
    pub fn without_footer(self) -> Self {
        Self { footer: false, ..self }
    }
}

impl<W: io::Write> View for Timeline<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let layout = Layout::new(self.style, !record.calls.is_empty());
        self.picture.clear();
        let mut canvas = Canvas::new(&mut self.picture, self.style, layout);
        header::draw(&mut canvas, &ladder::opening(record, self.style))?;
        draw(&mut canvas, ladder::of(record, self.style))?;
        if self.footer {
            footer::draw(&mut canvas, &ladder::closing(record, self.style))?;
        }
        canvas.line(&Line::default())?;
        self.out.write_all(&self.picture)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        summary.write(&mut self.out, self.style)
    }
}

/// Draws everything between the lifelines' heads and the outcome.
fn draw(canvas: &mut Canvas<'_>, rungs: Vec<Rung<'_>>) -> io::Result<()> {
    rungs.into_iter().try_for_each(|rung| match rung {
        Rung::Segment(step) => segment::draw(canvas, *step),
        Rung::Enters(call, time) => calls::enters(canvas, call, time),
        Rung::Returns(call, time) => calls::returns(canvas, call, time),
        Rung::Calls(call, time) => calls::calls(canvas, call, time),
    })
}

#[cfg(test)]
mod tests;
