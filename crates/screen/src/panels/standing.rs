//! How the capture stands: outcomes, time, and what the capture lost.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use render::{escape, outcome_lines, plural};

use crate::spans;
use crate::state::State;

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    frame.render_widget(Paragraph::new(lines(state, area.width)), area);
}

/// All there is to say, what matters first.
pub(crate) fn lines(state: &State, width: u16) -> Vec<Line<'static>> {
    let color = state.style.color;
    let outcomes = outcome_lines(state.stands.outcomes, width.into());
    let mut lines: Vec<_> = outcomes.iter().map(|line| spans::line(line, color)).collect();
    lines.push(Line::from(health(state)));
    lines.extend(state.sums.over_time.iter().map(|line| spans::line(line, color)));
    lines
}

/// `1,204 packets, 0 dropped by the kernel, 3 attempts closed early for want of memory`.
fn health(state: &State) -> String {
    let stands = &state.stands;
    let (evicted, gone) = (stands.tracked.evicted, state.history.gone);
    let dropped = stands.dropped.map(|dropped| format!("{dropped} dropped by the kernel"));
    let early = format!("{} closed early for want of memory", plural(evicted, "attempt"));
    let left_out = format!("{} left out of the list", plural(gone, "attempt"));
    let remark = stands.remark.as_deref().map(|remark| escape(remark).into_owned());
    let said = [
        Some(plural(stands.tracked.frames, "packet")),
        dropped,
        (evicted > 0).then_some(early),
        (gone > 0).then_some(left_out),
        remark,
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
