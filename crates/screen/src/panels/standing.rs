//! How the capture stands: outcomes, time, and what the capture lost.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;
use render::{Line, escape, outcome_lines, plural, wrapped};

use crate::spans;
use crate::state::State;

pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let lines = words(state, area.width);
    let lines = lines.iter().chain(&state.sums.over_time);
    let lines: Vec<_> = lines.map(|line| spans::line(line, state.style.color)).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// What there is to say in words, what matters first.
pub(crate) fn words(state: &State, width: u16) -> Vec<Line> {
    let mut lines = outcome_lines(state.stands.outcomes, width.into());
    let remark = state.stands.remark.as_deref().map(|remark| escape(remark).into_owned());
    let said = remark.into_iter().chain([health(state)]);
    lines.extend(said.flat_map(|said| wrapped(&said, width.into())));
    lines
}

/// `1,204 packets, 0 dropped by the kernel, 3 attempts closed early for want of memory`.
fn health(state: &State) -> String {
    let stands = &state.stands;
    let (evicted, gone) = (stands.tracked.evicted, state.history.gone);
    let dropped = stands.dropped.map(|dropped| format!("{dropped} dropped by the kernel"));
    let early = format!("{} closed early for want of memory", plural(evicted, "attempt"));
    let left_out = format!("{} left out of the list", plural(gone, "attempt"));
    let said = [
        Some(plural(stands.tracked.frames, "packet")),
        dropped,
        (evicted > 0).then_some(early),
        (gone > 0).then_some(left_out),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
