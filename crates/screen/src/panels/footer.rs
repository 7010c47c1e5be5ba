//! The last line: the keys, and how to quit first.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use render::{escape, fitted, wrapped};

use crate::spans;
use crate::state::{Order, Page, State};

/// Columns of the longest first key, and of the space behind it.
const QUIT: usize = 9;

/// The keys that matter now. Those that are too many for the line are left out, and the help has them.
pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let mut line = Line::default();
    let keys: Vec<(&str, &str)> = if state.is_typing {
        vec![("^C", "quit"), ("Enter", "keep"), ("Esc", "clear")]
    } else {
        normal(state)
    };
    let above = usize::from(area.height).saturating_sub(1);
    let said = beside(state).filter(|_| above == 0);
    let mut room = usize::from(area.width);
    for (at, (key, what)) in keys.into_iter().enumerate() {
        let needed = key.chars().count() + 1 + what.len() + if at == 0 { 0 } else { 2 };
        if needed > room && at > 0 {
            continue;
        }
        room = room.saturating_sub(needed);
        line.push_span(if at == 0 { "" } else { "  " });
        line.push_span(key.bold());
        line.push_span(format!(" {what}"));
        if let Some(said) = said.as_ref().filter(|_| at == 0) {
            let said = fitted(said, room, state.style);
            room -= said.width().min(room);
            line.push_span(said.text().to_owned());
        }
    }
    let said = self::above(state, area.width).into_iter().take(above);
    let lines: Vec<_> = said.map(|said| spans::line(&said, false)).chain([line]).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// What stands beside the first key: what is typed, or what was done last.
fn beside(state: &State) -> Option<String> {
    if state.is_typing {
        return Some(format!("  /{}_", escape(&state.filter)));
    }
    state.message.as_ref().map(|message| format!("  {}", escape(message)))
}

/// The same in lines above the keys, where it is too long to stand there.
pub(crate) fn above(state: &State, width: u16) -> Vec<render::Line> {
    let width = usize::from(width);
    let said = beside(state).map(|said| wrapped(&said, width)).unwrap_or_default();
    let is_long = said.len() > 1 || said.iter().any(|said| said.width() + QUIT > width);
    if is_long { said } else { Vec::new() }
}

fn normal(state: &State) -> Vec<(&'static str, &'static str)> {
    let order = if state.order == Order::Newest { "worst first" } else { "newest first" };
    let pause = if state.is_paused { "go on" } else { "pause" };
    let zoom = if state.is_zoomed { "list" } else { "zoom" };
    match state.page {
        Page::Help => vec![("q", "quit"), ("Esc", "back")],
        Page::Groups => vec![("q", "quit"), ("?", "help"), ("g", "attempts"), ("space", pause)],
        Page::Attempts => vec![
            ("q", "quit"),
            ("?", "help"),
            ("/", "filter"),
            (if state.style.unicode { "←→" } else { "h l" }, "steps"),
            ("space", pause),
            ("g", "servers"),
            ("o", order),
            ("Enter", zoom),
            ("e", "explain"),
            ("s", "save"),
        ],
    }
}
