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
use crate::page::{Lines, Page};
use crate::style::Style;
use crate::view::explain_segment;
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
        self.picture.clear();
        let mut canvas = begin(&mut self.picture, record, self.style)?;
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

/// The picture of an attempt as lines, for a screen: all of it, or its first `steps` segments, with what
/// the last one of them means.
pub fn picture(record: &Record<'_>, style: Style, steps: Option<usize>) -> Vec<Line> {
    let mut page = Lines::default();
    // Nothing fails where lines are kept.
    let _ = set(&mut page, record, style, steps);
    page.0
}

fn set(
    page: &mut Lines,
    record: &Record<'_>,
    style: Style,
    steps: Option<usize>,
) -> io::Result<()> {
    let mut canvas = begin(page, record, style)?;
    let mut rungs = ladder::of(record, style);
    let Some(steps) = steps else {
        draw(&mut canvas, rungs)?;
        return footer::draw(&mut canvas, &ladder::closing(record, style));
    };
    rungs.truncate(steps);
    draw(&mut canvas, rungs)?;
    canvas.line(&Line::default())?;
    let said = steps.checked_sub(1).and_then(|last| explain_segment(record.handshake, last));
    footer::meaning(&mut canvas, &said.unwrap_or_default())
}

/// Begins a picture: which attempt this is, and the heads of the lifelines.
fn begin<'p>(page: &'p mut dyn Page, record: &Record<'_>, style: Style) -> io::Result<Canvas<'p>> {
    let mut canvas = Canvas::new(page, style, Layout::new(style, !record.calls.is_empty()));
    let ends = (record.handshake.client, record.handshake.server);
    header::draw(&mut canvas, &ladder::opening(record, style), ends)?;
    Ok(canvas)
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
