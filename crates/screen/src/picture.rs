//! The screen as a picture, for slides and manuals.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use anstyle::{Ansi256Color, Effects};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};
use render::{Piece, screen_picture};

use crate::draw::draw;
use crate::state::State;

/// Saves the screen in `directory` as the first of `screen-1.svg`, `screen-2.svg` … that is not there.
/// Gives its name.
///
/// # Errors
/// The file can't be created, or not be written.
pub(crate) fn save_picture(state: &mut State, size: Size, directory: &Path) -> io::Result<String> {
    let picture = picture(state, size);
    for number in 1_u32.. {
        let name = format!("screen-{number}.svg");
        match File::create_new(directory.join(&name)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return created?.write_all(picture.as_bytes()).map(|()| name),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn picture(state: &mut State, size: Size) -> String {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(size.width, size.height));
    let Ok(_) = terminal.draw(|frame| draw(frame, state));
    let rows = rows(terminal.backend().buffer());
    screen_picture(&rows, size.width, state.style.theme)
}

/// The rows, in pieces that look alike.
fn rows(buffer: &Buffer) -> Vec<Vec<Piece>> {
    let width = usize::from(buffer.area.width.max(1));
    buffer.content.chunks(width).map(row).collect()
}

fn row(cells: &[Cell]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut column = 0;
    for alike in cells.chunk_by(|one, next| style(one) == style(next)) {
        let text: String = alike.iter().map(Cell::symbol).collect();
        if let Some(first) = alike.first().filter(|_| !text.trim().is_empty()) {
            pieces.push((column, style(first), text.trim_end().to_owned()));
        }
        column += alike.len() as u16;
    }
    pieces
}

fn style(cell: &Cell) -> anstyle::Style {
    let mut effects = Effects::new();
    if cell.modifier.contains(Modifier::BOLD) {
        effects |= Effects::BOLD;
    }
    if cell.modifier.contains(Modifier::DIM) {
        effects |= Effects::DIMMED;
    }
    let color = match cell.fg {
        Color::Indexed(index) => Some(Ansi256Color(index).into()),
        _ => None,
    };
    anstyle::Style::new().fg_color(color).effects(effects)
}
