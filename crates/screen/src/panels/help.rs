//! What the keys do.

use std::mem;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;

use render::wrapped;

use super::scrolled;
use crate::state::State;

/// Columns before what a key does.
const COLUMN: usize = 20;
/// Each key with what it does.
const KEYS: [(&str, &str); 18] = [
    ("q, Ctrl-C", "quit; the totals follow on the normal screen"),
    ("up, down, k, j", "select an attempt (a click does too)"),
    ("PgUp, PgDn", "go a page up or down"),
    ("Home", "follow the first attempt of the list"),
    ("End", "select the last attempt of the list"),
    ("right, left, l, h", "go through the ladder step by step, each with its meaning"),
    ("[, ]", "scroll the ladder (the wheel does too)"),
    ("Enter", "give the ladder all the room"),
    ("e", "explain each segment in the ladder"),
    ("/", "type a filter: parts of addresses, outcome and patterns"),
    ("o", "the worst attempts first, or the newest"),
    ("space", "let the list stand still; counting goes on"),
    ("g", "the attempts that ended, by server"),
    ("s", "save the attempt here: attempt-N.json, .svg and .pcapng"),
    ("S", "save the screen here as a picture: screen-N.svg"),
    ("Ctrl-Z", "go back to the shell; fg comes back"),
    ("Esc", "leave what is shown, clear the filter"),
    ("?", "this help"),
];

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &mut State) {
    let mut lines = vec![Line::from(" Keys").bold(), Line::default()];
    for (mut key, what) in KEYS {
        for what in wrapped(what, usize::from(area.width).saturating_sub(COLUMN)) {
            let width = COLUMN - 2;
            let key = format!(" {:<width$} ", mem::take(&mut key)).bold();
            lines.push(Line::from(vec![key, what.text().to_owned().into()]));
        }
    }
    scrolled(frame, area, lines, &mut state.scroll);
}
