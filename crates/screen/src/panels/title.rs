//! The first line: whether something is captured, which attempts are listed, and what is captured.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;
use render::escape;

use crate::state::{Order, State};

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let mut line = Line::from(vec![" synscope ".bold().reversed(), " ".into()]);
    line.push_span(doing(state).bold());
    if state.order == Order::Worst {
        line.push_span("  worst first");
    }
    if !state.filter.is_empty() && !state.is_typing {
        line.push_span(format!("  /{}", escape(&state.filter)));
    }
    // A path may be long.
    line.push_span(format!("  {}", escape(&state.title)));
    frame.render_widget(line, area);
}

/// `capturing`, `42 % is read`, `paused`, `all is read`.
fn doing(state: &State) -> String {
    let stands = &state.stands;
    if state.is_paused {
        return "paused".to_owned();
    }
    match (stands.has_ended, state.is_live, stands.read) {
        (true, true, _) => "the capture has ended".to_owned(),
        (true, false, _) => "all is read".to_owned(),
        (false, true, _) => "capturing".to_owned(),
        (false, false, Some((read, Some(total)))) => {
            let percent = u128::from(read) * 100 / u128::from(total.max(1));
            format!("{} % is read", percent.min(100))
        }
        (false, false, Some((read, None))) => format!("{} kB are read", read / 1_000),
        (false, false, None) => "reading".to_owned(),
    }
}
