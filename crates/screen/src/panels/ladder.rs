//! The ladder of the selected attempt.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use render::{Style, picture};

use super::scrolled;
use crate::spans;
use crate::state::State;

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &mut State) {
    let style = Style { width: Some(area.width), ..state.style };
    let Some(record) = state.record() else { return };
    let lines = picture(&record, style, state.steps);
    let lines = lines.iter().map(|line| spans::line(line, style.color)).collect();
    let mut scroll = state.top_of_ladder();
    scrolled(frame, area, lines, &mut scroll);
    state.scroll = scroll;
}

/// What stands between the list and the ladder beside it.
pub(crate) fn rule(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let sign = if state.style.unicode { "│" } else { "|" };
    let lines = vec![Line::from(sign).dim(); area.height.into()];
    frame.render_widget(Paragraph::new(lines), area);
}
