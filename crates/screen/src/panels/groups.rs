//! The attempts that ended, put together by server.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;

use super::scrolled;
use crate::spans;
use crate::state::State;

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &mut State) {
    let color = state.style.color;
    let mut lines: Vec<_> = state.sums.groups.iter().map(|line| spans::line(line, color)).collect();
    if lines.is_empty() {
        let nothing = if state.stands.has_ended {
            "  there was no attempt"
        } else {
            "  no attempt has ended yet"
        };
        lines.push(Line::from(nothing).italic());
    }
    scrolled(frame, area, lines, &mut state.scroll);
}
