//! Lines of `render` as ratatui has them.

use anstyle::{Ansi256Color, Color as Ansi, Effects};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

/// The line, in its colours where there are any.
pub(crate) fn line(line: &render::Line, color: bool) -> Line<'static> {
    let span =
        |(ansi, text): (anstyle::Style, &str)| Span::styled(text.to_owned(), style(ansi, color));
    line.styled().map(span).collect()
}

fn style(ansi: anstyle::Style, color: bool) -> Style {
    let mut style = Style::new();
    if let Some(Ansi::Ansi256(Ansi256Color(index))) = ansi.get_fg_color().filter(|_| color) {
        style = style.fg(Color::Indexed(index));
    }
    if ansi.get_effects().contains(Effects::BOLD) { style.bold() } else { style }
}
