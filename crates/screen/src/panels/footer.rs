//! The last line: the keys, and how to quit first.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;
use render::escape;

use crate::state::{Order, Page, State};

/// The keys that matter now. Those that are too many for the line are left out, and the help has them.
pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let mut line = Line::default();
    let keys: Vec<(&str, &str)> = if state.is_typing {
        vec![("^C", "quit"), ("Enter", "keep"), ("Esc", "clear")]
    } else {
        normal(state)
    };
    let first = match &state.message {
        _ if state.is_typing => Some(format!("  /{}_", escape(&state.filter))),
        message => message.as_ref().map(|message| format!("  {}", escape(message))),
    };
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
        if let Some(first) = first.clone().filter(|_| at == 0) {
            room = room.saturating_sub(first.chars().count());
            line.push_span(first);
        }
    }
    frame.render_widget(line, area);
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
