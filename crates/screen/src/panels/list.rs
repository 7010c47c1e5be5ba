//! The attempts, a line each, below those that still wait.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize as _;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use render::{Rows, waiting_line};

use crate::spans;
use crate::state::State;

/// Columns for the mark of the selected attempt.
const MARK: u16 = 2;

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &mut State) {
    if area.height == 0 {
        return;
    }
    let (color, height) = (state.style.color, usize::from(area.height));
    let highest = state.history.newest_first().next().map_or(0, |(id, _)| id);
    let rows = Rows::within(state.style, area.width.saturating_sub(MARK), highest);
    let mut lines = vec![marked(false, &rows.titles(), state)];
    lines.extend(waiting(state, height));
    let room = height.saturating_sub(lines.len());
    let selected = state.place();
    state.top = state.top.min(selected).max((selected + 1).saturating_sub(room));
    state.top = state.top.min(state.listed.len().saturating_sub(room));
    for (place, id) in state.listed.iter().enumerate().skip(state.top).take(room) {
        let Some(attempt) = state.history.get(*id) else { continue };
        let row = rows.row(&attempt.record(&state.names, state.capture_start));
        let line = marked(place == selected, &row, state);
        lines.push(if place == selected { line.bold() } else { line });
    }
    if state.listed.is_empty() {
        lines.push(spans::line(&render::Line::default(), color));
        lines.push(Line::from(nothing(state)).italic());
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// Lines that all of it would take, whatever the filter is: the room for it does not change with each
/// letter that is typed.
pub(crate) fn height(state: &State) -> usize {
    1 + state.history.len()
        + if state.stands.has_ended { 0 } else { state.stands.tracked.waiting.len() }
}

/// The place in the list of what stands in a row of the screen.
pub(crate) fn place_at(area: Rect, row: u16, state: &State) -> Option<usize> {
    let above = 1 + waiting(state, area.height.into()).len();
    let below = usize::from(row.checked_sub(area.y)?).checked_sub(above)?;
    let place = state.top + below;
    (place < state.listed.len()).then_some(place)
}

fn marked(is_selected: bool, row: &render::Line, state: &State) -> Line<'static> {
    let mark = match (is_selected, state.style.unicode) {
        (false, _) => "  ",
        (true, true) => "▶ ",
        (true, false) => "> ",
    };
    let mut line = Line::from(mark);
    line.extend(spans::line(row, state.style.color));
    line
}

/// Those that wait, in a third of the list at most.
fn waiting(state: &State, height: usize) -> Vec<Line<'static>> {
    if state.stands.has_ended {
        return Vec::new();
    }
    let tracked = &state.stands.tracked;
    let mut lines: Vec<_> = tracked
        .waiting
        .iter()
        .take(height / 3)
        .map(|(since, waiting)| {
            spans::line(&waiting_line(waiting, *since, state.style), state.style.color)
        })
        .collect();
    let more = tracked.waiting_count.saturating_sub(lines.len());
    if more > 0 && lines.pop().is_some() {
        lines.push(Line::from(format!(" and {} more wait for an answer", more + 1)));
    }
    lines
}

fn nothing(state: &State) -> &'static str {
    match (state.filter.is_empty(), state.stands.has_ended) {
        (false, _) => "  no attempt matches the filter (Esc clears it)",
        (true, true) => "  there was no attempt",
        (true, false) => "  no attempt yet",
    }
}
