//! A screen of text as a picture.

use super::document;
use super::sheet::{Anchor, MARGIN, Sheet};
use crate::line::Line;
use crate::style::{Style, Theme, Tone};

/// The height of a row: what stands in two rows touches, as on a terminal.
const ROW: i32 = 15;

/// The width of a column, in hundredths: in the common fonts a line of signs has no gaps then.
const COLUMN: i32 = 783;

/// A piece of a row: the column where it begins, how a terminal shows it, and its text.
pub type Piece = (u16, anstyle::Style, String);

/// Draws what a terminal shows, row by row.
pub fn screen_picture(rows: &[Vec<Piece>], columns: u16, theme: Theme) -> String {
    let mut sheet = Sheet::default();
    let x = |column: u16| MARGIN + i32::from(column) * COLUMN / 100;
    let mut y = MARGIN;
    for row in rows {
        y += ROW;
        // Each at its place: letters that a font lacks may be wider than the others.
        for (column, style, text) in row {
            let line = Line::of(Tone::shown_as(*style), text);
            sheet.text((x(*column), y), Anchor::Start, &line);
        }
    }
    let drawing = sheet.finish(x(columns) + MARGIN, y + MARGIN);
    let style = Style { theme, ..Style::PLAIN };
    let mut picture =
        document((drawing.width, drawing.height), style, &drawing.markup).into_string();
    picture.push('\n');
    picture
}
