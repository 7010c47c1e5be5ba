//! Ladders as SVG: the picture of the timeline, for slides and documents. Text stays text.

mod ladder;
mod screen;
mod sheet;
mod theme;

use std::io;

use maud::{Markup, PreEscaped, html};

pub(crate) use ladder::draw_ladder;
pub use screen::{Piece, screen_picture};
pub(crate) use sheet::{Drawing, class, css, runs};
pub(crate) use theme::page_css;

use self::sheet::{LINE, MARGIN};
use crate::style::Style;
use crate::text::count;
use crate::{Exchange, Record, Summary, View};

/// As many attempts are drawn; a picture of more helps nobody.
const MOST: u64 = 50;

/// `--format svg`: one picture, the attempts below each other.
#[derive(Debug)]
pub struct Svg<W> {
    out: W,
    style: Style,
    drawings: Vec<Drawing>,
    left_out: u64,
}

impl<W: io::Write> Svg<W> {
    /// Writes to `out` when all attempts are there.
    pub const fn new(out: W, style: Style) -> Self {
        let style = Style { unicode: true, color: false, width: None, ..style };
        Self { out, style, drawings: Vec::new(), left_out: 0 }
    }
}

impl<W: io::Write> View for Svg<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if self.drawings.len() as u64 >= MOST {
            self.left_out += 1;
        } else {
            self.drawings.push(ladder::draw(record, self.style));
        }
        Ok(())
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        self.drawings.push(ladder::draw_exchange(exchange, self.style));
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let width = self.drawings.iter().map(|drawing| drawing.width).max().unwrap_or(MARGIN * 20);
        let mut height = 0;
        let mut placed = Vec::new();
        for drawing in &self.drawings {
            placed.push((height, &drawing.markup));
            height += drawing.height;
        }
        let note = match (self.drawings.is_empty(), self.left_out) {
            (true, _) => Some(summary.nothing_shown()),
            (false, 0) => None,
            (false, more) => {
                Some(format!("{} more attempts are not drawn: choose with --id", count(more)))
            }
        };
        if note.is_some() {
            height += LINE + 2 * MARGIN;
        }
        let content = html! {
            @for (top, markup) in placed {
                g transform=(format!("translate(0 {top})")) { (markup) }
            }
            @if let Some(note) = note {
                text class="doubtful" x=(MARGIN) y=(height - MARGIN) { (note) }
            }
        };
        let document = document((width, height), self.style, &content);
        self.out.write_all(document.into_string().as_bytes())?;
        self.out.write_all(b"\n")
    }
}

/// A picture that stands alone.
fn document((width, height): (i32, i32), style: Style, content: &Markup) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" xml:lang=[style.language.tag()] xml:space="preserve"
            width=(width) height=(height) viewBox=(format!("0 0 {width} {height}")) {
            style { (PreEscaped(css())) (PreEscaped(theme::css(style.theme))) }
            rect class="paper" width=(width) height=(height) {}
            (content)
        }
    }
}

#[cfg(test)]
mod tests;
