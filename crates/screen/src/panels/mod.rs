//! The parts of the screen, each in a file.

pub(crate) mod footer;
pub(crate) mod groups;
pub(crate) mod help;
pub(crate) mod ladder;
pub(crate) mod list;
pub(crate) mod standing;
pub(crate) mod title;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

/// Draws lines from `scroll` on, which goes no further than the last line.
fn scrolled(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>, scroll: &mut usize) {
    *scroll = (*scroll).min(lines.len().saturating_sub(area.height.into()));
    let seen: Vec<_> = lines.into_iter().skip(*scroll).take(area.height.into()).collect();
    frame.render_widget(Paragraph::new(seen), area);
}
