//! The first line: whether something is captured, which attempts are listed, and what is captured.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;
use render::{escape, fitted};

use crate::state::{Doing, Order, State};

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
    let title = format!("  {}", escape(&state.title));
    let room = usize::from(area.width).saturating_sub(line.width());
    line.push_span(fitted(&title, room, state.style).text().to_owned());
    frame.render_widget(line, area);
}

/// `capturing`, `42 % is read`, `paused`, `the scenario has ended`.
fn doing(state: &State) -> String {
    let stands = &state.stands;
    if state.is_paused {
        return "paused".to_owned();
    }
    match (state.doing, stands.has_ended) {
        (Doing::Reading, true) => "all is read".to_owned(),
        (Doing::Reading, false) => reading(stands.read),
        (Doing::Following, true) => "no more is read".to_owned(),
        (Doing::Following, false) => "following".to_owned(),
        (Doing::Capturing, true) => "the capture has ended".to_owned(),
        (Doing::Capturing, false) => "capturing".to_owned(),
        (Doing::Playing, true) => "the scenario has ended".to_owned(),
        (Doing::Playing, false) => "playing".to_owned(),
    }
}

/// How much was read, of how much.
fn reading(read: Option<(u64, Option<u64>)>) -> String {
    match read {
        Some((read, Some(total))) => {
            let percent = u128::from(read) * 100 / u128::from(total.max(1));
            format!("{} % is read", percent.min(100))
        }
        Some((read, None)) => format!("{} kB are read", read / 1_000),
        None => "reading".to_owned(),
    }
}
