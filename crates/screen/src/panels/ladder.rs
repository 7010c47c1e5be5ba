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

/// What stands between the list and the ladder: which step this is, where it is a step.
pub(crate) fn rule(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let unicode = state.style.unicode;
    if area.width == 1 && area.height > 1 {
        let sign = if unicode { "│" } else { "|" };
        let lines = vec![Line::from(sign).dim(); area.height.into()];
        return frame.render_widget(Paragraph::new(lines), area);
    }
    let sign = if unicode { "─" } else { "-" };
    frame.render_widget(Line::from(sign.repeat(area.width.into())).dim(), area);
}
