//! Lines of text, measured in terminal columns.

use std::io;

use anstyle::Style as Ansi;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::style::{Ink, Style};
use crate::text::{escape, escape_ascii};

/// A line under construction: pieces of text, each in its ink. Text is escaped when it is added, so
/// nothing that a terminal would obey ever becomes part of a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pieces: Vec<(Ansi, String)>,
    width: usize,
}

impl Line {
    /// A line that holds `text`.
    pub(crate) fn of(ink: impl Into<Ansi>, text: &str) -> Self {
        let mut line = Self::default();
        line.push(ink, text);
        line
    }

    /// The columns filled so far.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    /// Adds text.
    pub(crate) fn push(&mut self, ink: impl Into<Ansi>, text: &str) -> &mut Self {
        let text = escape(text);
        if !text.is_empty() {
            self.width += text.width();
            self.pieces.push((ink.into(), text.into_owned()));
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

    /// The line in the middle of `columns`.
    pub(crate) fn centred(&self, columns: usize) -> Self {
        let mut line = Self::default();
        line.pad_to(columns.saturating_sub(self.width) / 2).append(self);
        line
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

    /// The words of the line, each in its inks.
    fn words(&self) -> Vec<Self> {
        let mut words = vec![Self::default()];
        for (ink, text) in &self.pieces {
            for (index, part) in text.split(' ').enumerate() {
                if index > 0 {
                    words.push(Self::default());
                }
                if let Some(word) = words.last_mut() {
                    word.push(*ink, part);
                }
            }
        }
        words.retain(|word| word.width > 0);
        words
    }

    /// The line cut into pieces of at most `columns`, wherever that falls.
    fn cut(&self, columns: usize) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        for (ink, text) in &self.pieces {
            for c in text.chars() {
                let full = lines.last().is_none_or(|line| {
                    line.width > 0 && line.width + c.width().unwrap_or(0) > columns
                });
                if full {
                    lines.push(Self::default());
                }
                if let Some(line) = lines.last_mut() {
                    line.push(*ink, c.encode_utf8(&mut [0; 4]));
                }
            }
        }
        lines
    }

    /// Writes the line, at most as long as the terminal is wide, without spaces at its end.
    pub(crate) fn write(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        let mut line = if style.unicode { self.clone() } else { self.ascii() };
        line.trim();
        line.fit(style.columns(), style);
        for (ink, text) in &line.pieces {
            let ansi = if style.color { *ink } else { Ansi::new() };
            write!(out, "{ansi}{text}{ansi:#}")?;
        }
        out.write_all(b"\n")
    }

    /// The line as a terminal shows it that knows ASCII alone.
    fn ascii(&self) -> Self {
        let mut line = Self::default();
        for (ink, text) in &self.pieces {
            line.push(*ink, &escape_ascii(text));
        }
        line
    }

    /// Takes away the spaces at the end.
    fn trim(&mut self) {
        while let Some((_, text)) = self.pieces.last_mut() {
            let kept = text.trim_end_matches(' ').len();
            self.width -= text.len() - kept;
            text.truncate(kept);
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

/// Sets units of text side by side, `space` columns apart, in lines of at most `columns`. A unit stays
/// whole where it can.
pub(crate) fn pack(units: &[Line], space: usize, columns: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for unit in units {
        match lines.last_mut() {
            Some(line) if line.width + space + unit.width <= columns => {
                line.pad_to(line.width + space).append(unit);
            }
            _ if unit.width <= columns => lines.push(unit.clone()),
            _ => match unit.words() {
                words if words.len() > 1 => lines.extend(pack(&words, 1, columns)),
                _ => lines.extend(unit.cut(columns)),
            },
        }
    }
    lines
}

/// Sets `text` in lines of at most `columns`, broken at its spaces, but not before a unit of time nor
/// after an equals sign.
pub(crate) fn wrap(ink: impl Into<Ansi>, text: &str, columns: usize) -> Vec<Line> {
    let ink = ink.into();
    let mut words: Vec<Line> = Vec::new();
    let mut before = "";
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(last) if UNITS.contains(&word) || before == "=" => {
                last.push(ink, " ").push(ink, word);
            }
            _ => words.push(Line::of(ink, word)),
        }
        before = word;
    }
    pack(&words, 1, columns.max(1))
}

/// What stays with the number before it.
const UNITS: [&str; 5] = ["ns", "µs", "us", "ms", "s"];

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
    }

    #[test]
    fn colours_end_where_they_should() {
        let style = Style { color: true, ..STYLE };
        let line = Line::of(Ink::Bad, "no");
        assert_eq!(written(&line, style), "\x1b[38;5;160mno\x1b[0m\n");
    }

    #[test]
    fn text_wraps_at_spaces() {
        let wrapped = |text: &str, columns| -> Vec<String> {
            let lines = wrap(Ink::Plain, text, columns);
            lines.iter().map(|line| written(line, STYLE).trim_end().to_owned()).collect()
        };
        assert_eq!(wrapped("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrapped("中中", 1), ["中", "中"]);
        assert_eq!(wrapped("after 5 µs", 8), ["after", "5 µs"]);
        assert_eq!(wrapped("bind(1) = 0", 9), ["bind(1)", "= 0"]);
        assert_eq!(wrapped("x\x1b y", 80), ["x\\x1b y"]);
        assert!(wrapped("  ", 4).is_empty());
    }

    #[test]
    fn units_stay_whole_where_they_can() {
        let mut ack = Line::of(Ink::Plain, "ack=305419897");
        ack.push(Ink::Faint, " (").push(Ink::Good, "J+1 ✓").push(Ink::Faint, ")");
        let units = [Line::of(Ink::Strong, "SYN,ACK"), Line::of(Ink::Plain, "seq=1 (K)"), ack];
        let packed = |columns| -> Vec<String> {
            let lines = pack(&units, 2, columns);
            assert!(lines.iter().all(|line| line.width() <= columns), "{columns}: {lines:?}");
            lines.iter().map(|line| written(line, STYLE).trim_end().to_owned()).collect()
        };
        assert_eq!(packed(41), ["SYN,ACK  seq=1 (K)  ack=305419897 (J+1 ✓)"]);
        assert_eq!(packed(40), ["SYN,ACK  seq=1 (K)", "ack=305419897 (J+1 ✓)"]);
        assert_eq!(packed(15), ["SYN,ACK", "seq=1 (K)", "ack=305419897", "(J+1 ✓)"]);
        assert_eq!(packed(9), ["SYN,ACK", "seq=1 (K)", "ack=30541", "9897 (J+1", "✓)"]);
    }
}
