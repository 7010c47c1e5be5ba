//! Lines of text, measured in terminal columns.

use std::io;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::style::{Ink, Style};
use crate::text::{escape, escape_ascii};

/// A line under construction: pieces of text, each in its ink. Text is escaped when it is added, so
/// nothing that a terminal would obey ever becomes part of a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pieces: Vec<(Ink, String)>,
    width: usize,
}

impl Line {
    /// A line that holds `text`.
    pub(crate) fn of(ink: Ink, text: &str) -> Self {
        let mut line = Self::default();
        line.push(ink, text);
        line
    }

    /// The columns filled so far.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    /// Adds text.
    pub(crate) fn push(&mut self, ink: Ink, text: &str) -> &mut Self {
        let text = escape(text);
        if !text.is_empty() {
            self.width += text.width();
            self.pieces.push((ink, text.into_owned()));
        }
        self
    }

    /// Adds another line.
    pub(crate) fn append(&mut self, other: &Self) -> &mut Self {
        self.pieces.extend(other.pieces.iter().cloned());
        self.width += other.width;
        self
    }

    /// Adds spaces up to `column`.
    pub(crate) fn pad_to(&mut self, column: usize) -> &mut Self {
        self.push(Ink::Plain, &" ".repeat(column.saturating_sub(self.width)))
    }

    /// Adds `other` so that it ends before `column`.
    pub(crate) fn right_align(&mut self, column: usize, other: &Self) -> &mut Self {
        self.pad_to(column.saturating_sub(other.width)).append(other)
    }

    /// Cuts the line down to `columns`; what was cut off shows as an ellipsis.
    pub(crate) fn fit(&mut self, columns: usize, style: Style) -> &mut Self {
        if self.width <= columns {
            return self;
        }
        let mark = style.pick("…", "~");
        let room = columns.saturating_sub(mark.width());
        let pieces = std::mem::take(&mut self.pieces);
        self.width = 0;
        for (ink, text) in pieces {
            let (kept, width) = head(&text, room - self.width);
            let is_cut = kept.len() < text.len();
            self.width += width;
            self.pieces.push((ink, kept.to_owned()));
            if is_cut {
                return if columns == 0 { self } else { self.push(ink, mark) };
            }
        }
        self
    }

    /// Writes the line, at most as long as the terminal is wide, without spaces at its end.
    pub(crate) fn write(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        let mut line = self.clone();
        line.fit(style.columns(), style);
        line.trim();
        for (ink, text) in &line.pieces {
            let text = if style.unicode { text.as_str().into() } else { escape_ascii(text) };
            let ansi = if style.color { ink.ansi() } else { anstyle::Style::new() };
            write!(out, "{ansi}{text}{ansi:#}")?;
        }
        out.write_all(b"\n")
    }

    fn trim(&mut self) {
        while let Some((_, text)) = self.pieces.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                return;
            }
            self.pieces.pop();
        }
    }
}

/// The longest beginning of `text` that takes at most `room` columns, with its width.
fn head(text: &str, room: usize) -> (&str, usize) {
    let mut width = 0;
    for (at, c) in text.char_indices() {
        let wide = c.width().unwrap_or(0);
        if width + wide > room {
            return (&text[..at], width);
        }
        width += wide;
    }
    (text, width)
}

/// Breaks `text` at its spaces into lines of at most `columns`; a longer word is broken where it must.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let text = escape(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for mut word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::take(&mut line));
        }
        while word.width() > columns {
            let (head, _) = head(word, columns);
            // A character wider than the line can't be broken.
            let at = if head.is_empty() {
                word.chars().next().map_or(word.len(), char::len_utf8)
            } else {
                head.len()
            };
            lines.push(word[..at].to_owned());
            word = &word[at..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { unicode: true, ..Style::PLAIN };

    fn written(line: &Line, style: Style) -> String {
        let mut out = Vec::new();
        line.write(&mut out, style).expect("memory takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn lines_are_measured_in_columns() {
        let mut line = Line::of(Ink::Strong, "ab");
        line.pad_to(5).push(Ink::Plain, "中").right_align(12, &Line::of(Ink::Bad, "e\u{301}"));
        assert_eq!(line.width(), 12);
        assert_eq!(written(&line, STYLE), "ab   中    e\u{301}\n");
    }

    #[test]
    fn lines_that_are_too_long_show_it() {
        let mut line = Line::of(Ink::Plain, "abcdef");
        assert_eq!(written(line.clone().fit(6, STYLE), STYLE), "abcdef\n");
        assert_eq!(written(line.clone().fit(5, STYLE), STYLE), "abcd…\n");
        assert_eq!(written(line.clone().fit(5, Style::PLAIN), Style::PLAIN), "abcd~\n");
        assert_eq!(written(line.fit(0, STYLE), STYLE), "\n");
        let mut wide = Line::of(Ink::Plain, "中中中");
        assert_eq!(wide.fit(4, STYLE).width(), 3);
    }

    #[test]
    fn nothing_reaches_the_terminal_unescaped() {
        let line = Line::of(Ink::Plain, "a\x1b[31m\u{202e}ü");
        assert_eq!(written(&line, STYLE), "a\\x1b[31m\\u{202e}ü\n");
        assert_eq!(written(&line, Style::PLAIN), "a\\x1b[31m\\u{202e}\\xfc\n");
        assert_eq!(wrap("x\x1b y", 80), ["x\\x1b y"]);
    }

    #[test]
    fn colours_end_where_they_should() {
        let style = Style { color: true, ..STYLE };
        let line = Line::of(Ink::Bad, "no");
        assert_eq!(written(&line, style), "\x1b[38;5;160mno\x1b[0m\n");
    }

    #[test]
    fn text_wraps_at_spaces() {
        assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("中", 1), ["中"]);
        assert!(wrap("  ", 4).is_empty());
    }
}
