//! Rows of the picture: what stands left and right of the lifelines and between them.

use std::io;

use handshake::Side;

use super::layout::Layout;
use crate::line::Line;
use crate::paper::Paper;
use crate::style::{Ink, Style};

/// One row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// When.
    pub(super) time: Line,
    /// How long after the segment before.
    pub(super) gap: Line,
    /// Outside of the client's lifeline.
    pub(super) client: Line,
    /// In the middle between the lifelines.
    pub(super) middle: Line,
    /// Outside of the server's lifeline.
    pub(super) server: Line,
    /// Where a call begins or ends, by side: the piece of its bracket.
    pub(super) bracket: [Option<&'static str>; 2],
    /// An arrow starts at this side.
    pub(super) starts_at: Option<Side>,
}

/// Draws rows, and keeps what runs through them: lifelines and open calls.
pub(super) struct Canvas<'o> {
    out: &'o mut dyn Paper,
    pub(super) style: Style,
    pub(super) layout: Layout,
    /// Whether anything showed by now that a server is there.
    pub(super) server_is_there: bool,
    /// How many calls are open, by side. A bracket runs along a lifeline while one is.
    pub(super) open_calls: [usize; 2],
    /// A gap that still has to be written, below its time.
    pending_gap: Option<Line>,
    /// The row that is written, put together here every time.
    line: Line,
}

impl<'o> Canvas<'o> {
    pub(super) fn new(out: &'o mut dyn Paper, style: Style, layout: Layout) -> Self {
        Self {
            out,
            style,
            layout,
            server_is_there: false,
            open_calls: [0; 2],
            pending_gap: None,
            line: Line::default(),
        }
    }

    /// Writes a line that is no part of the picture.
    pub(super) fn line(&mut self, line: &Line) -> io::Result<()> {
        self.out.set(line, self.style)
    }

    /// Shows what was written.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(super) fn row(&mut self, mut row: Row) -> io::Result<()> {
        let layout = self.layout;
        if layout.gap == 0 {
            if let Some(gap) = self.pending_gap.take().filter(|_| row.time.width() == 0) {
                row.time = gap;
            }
            if row.gap.width() > 0 {
                self.pending_gap = Some(std::mem::take(&mut row.gap));
            }
        }
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        line.right_align(layout.time - 1, &row.time);
        line.right_align(layout.time + layout.gap - 1, &row.gap);
        row.client.fit(self.gutter(), self.style);
        line.right_align(layout.client() - layout.bracket - 1, &row.client);
        line.push(Ink::Plain, " ");
        self.bracket(&mut line, Side::Client, row.bracket);
        line.push(Ink::Faint, self.lifeline(Side::Client, row.starts_at));
        row.middle.fit(layout.middle, self.style);
        line.centre(layout.middle, &row.middle).pad_to(layout.server());
        line.push(Ink::Faint, self.lifeline(Side::Server, row.starts_at));
        line.push(Ink::Plain, " ");
        self.bracket(&mut line, Side::Server, row.bracket);
        line.append(row.server.fit(self.gutter(), self.style));
        self.line = line;
        self.out.set(&self.line, self.style)
    }

    /// Columns for text in a gutter.
    pub(super) fn gutter(&self) -> usize {
        self.layout.gutter - self.layout.bracket - 1
    }

    /// What stands in a gutter next to the lifeline: a piece of the bracket around an open call.
    fn bracket(&self, line: &mut Line, side: Side, bracket: [Option<&'static str>; 2]) {
        if self.layout.bracket > 0 {
            let open = self.style.pick("│", "|");
            let idle = if self.open_calls[side as usize] > 0 { open } else { " " };
            line.push(Ink::Call, bracket[side as usize].unwrap_or(idle)).push(Ink::Plain, " ");
        }
    }

    fn lifeline(&self, side: Side, starts_at: Option<Side>) -> &'static str {
        match side {
            Side::Client if starts_at == Some(side) => self.style.pick("┝", "|"),
            Side::Server if starts_at == Some(side) => self.style.pick("┥", "|"),
            Side::Server if !self.server_is_there => self.style.pick("┊", ":"),
            _ => self.style.pick("│", "|"),
        }
    }
}
