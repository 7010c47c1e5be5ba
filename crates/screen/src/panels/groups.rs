//! The attempts that ended, put together by server.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::scrolled;
use crate::spans;
use crate::state::State;

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &mut State) {
    let color = state.style.color;
    let lines = state.sums.groups.iter().map(|line| spans::line(line, color)).collect();
    scrolled(frame, area, lines, &mut state.scroll);
}
