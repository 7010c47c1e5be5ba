//! Lines of text, measured in terminal columns.

use std::io;

use unicode_linebreak::linebreaks;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::style::{Ink, Style, Tone};
use crate::text::{escape, escape_ascii, is_printable_ascii};

/// A line under construction: pieces of text, each in its ink. Text is escaped when it is added, so
/// nothing that a terminal would obey ever becomes part of a line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    text: String,
    /// The tone of each piece, and where in the text it ends.
    pieces: Vec<(Tone, usize)>,
    width: usize,
}

impl Line {
    pub(crate) fn of(ink: impl Into<Tone>, text: &str) -> Self {
        let mut line = Self::default();
        line.push(ink, text);
        line
    }

    /// Its text, escaped for a terminal.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns filled so far.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Empties the line, to be filled anew.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
        self.width = 0;
    }

    pub(crate) fn push(&mut self, ink: impl Into<Tone>, text: &str) -> &mut Self {
        let text = escape(text);
        self.add(ink.into(), &text, columns(&text))
    }

    /// Adds a sign of ours that many times.
    pub(crate) fn repeat(&mut self, ink: Ink, sign: &'static str, times: usize) -> &mut Self {
        if times > 0 {
            self.text.extend(std::iter::repeat_n(sign, times));
            self.width += columns(sign) * times;
            self.pieces.push((ink.into(), self.text.len()));
        }
        self
    }

    /// Adds text that is escaped and this wide.
    fn add(&mut self, ink: Tone, text: &str, width: usize) -> &mut Self {
        if !text.is_empty() {
            self.text.push_str(text);
            self.width += width;
            self.pieces.push((ink, self.text.len()));
        }
        self
    }

    pub(crate) fn append(&mut self, other: &Self) -> &mut Self {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.pieces.extend(other.pieces.iter().map(|&(ink, end)| (ink, start + end)));
        self.width += other.width;
        self
    }

    pub(crate) fn pad_to(&mut self, column: usize) -> &mut Self {
        let mut missing = column.saturating_sub(self.width);
        while missing > 0 {
            let some = missing.min(SPACES.len());
            self.add(Ink::Plain.into(), &SPACES[..some], some);
            missing -= some;
        }
        self
    }

    /// Adds `other` in the middle of the next `columns`, where it fits in there.
    pub(crate) fn centre(&mut self, columns: usize, other: &Self) -> &mut Self {
        self.pad_to(self.width + columns.saturating_sub(other.width) / 2).append(other)
    }

    /// Adds `other` so that it ends before `column`.
    pub(crate) fn right_align(&mut self, column: usize, other: &Self) -> &mut Self {
        self.pad_to(column.saturating_sub(other.width)).append(other)
    }

    /// The pieces, each with its tone.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.pieces.iter().scan(0, |start, &(ink, end)| {
            let piece = &self.text[*start..end];
            *start = end;
            Some((ink, piece))
        })
    }

    /// The pieces, each as a terminal shows it.
    pub fn styled(&self) -> impl Iterator<Item = (anstyle::Style, &str)> {
        self.pieces().map(|(tone, text)| (tone.ansi(), text))
    }

    /// Cuts the line down to `columns`; what was cut off shows as an ellipsis.
    pub(crate) fn fit(&mut self, columns: usize, style: Style) -> &mut Self {
        if self.width <= columns {
            return self;
        }
        let mark = style.pick("…", "~");
        let room = columns.saturating_sub(mark.width());
        let whole = std::mem::take(self);
        for (ink, text) in whole.pieces() {
            let (kept, width) = head(text, room - self.width);
            self.add(ink, kept, width);
            if kept.len() < text.len() {
                return if columns == 0 { self } else { self.push(ink, mark) };
            }
        }
        self
    }

    /// The words of the line, each in its inks.
    fn words(&self) -> Vec<Self> {
        let mut words = vec![Self::default()];
        for (ink, text) in self.pieces() {
            for (index, part) in text.split(' ').enumerate() {
                if index > 0 {
                    words.push(Self::default());
                }
                if let Some(word) = words.last_mut() {
                    word.push(ink, part);
                }
            }
        }
        words.retain(|word| word.width > 0);
        words
    }

    /// The line cut into pieces of at most `columns`, wherever that falls.
    fn cut(&self, columns: usize) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        for (ink, text) in self.pieces() {
            for c in text.chars() {
                let full = lines.last().is_none_or(|line| {
                    line.width > 0 && line.width + c.width().unwrap_or(0) > columns
                });
                if full {
                    lines.push(Self::default());
                }
                if let Some(line) = lines.last_mut() {
                    line.push(ink, c.encode_utf8(&mut [0; 4]));
                }
            }
        }
        lines
    }

    /// Writes the line, at most as long as a terminal is wide, without spaces at its end.
    pub(crate) fn write(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        if !style.unicode && !is_printable_ascii(self.text.as_bytes()) {
            return self.ascii().write(out, style);
        }
        let text = self.text.trim_end_matches(' ');
        let width = self.width - (self.text.len() - text.len());
        if let Some(limit) = style.limit().filter(|&limit| width > limit) {
            return self.clone().fit(limit, style).write(out, style);
        }
        if style.color {
            let mut left = text.len();
            for (tone, piece) in self.pieces() {
                let piece = &piece[..piece.len().min(left)];
                if piece.is_empty() {
                    break;
                }
                let ansi = tone.ansi();
                write!(out, "{ansi}{piece}{ansi:#}")?;
                left -= piece.len();
            }
        } else {
            out.write_all(text.as_bytes())?;
        }
        out.write_all(b"\n")
    }

    /// The line as a terminal shows it that knows ASCII alone.
    pub(crate) fn ascii(&self) -> Self {
        let mut line = Self::default();
        for (ink, text) in self.pieces() {
            line.push(ink, &escape_ascii(text));
        }
        line
    }
}

/// What lines are padded with, as much at a time as most of them take.
const SPACES: &str = "                                                                ";

/// The columns that `text` takes, which holds nothing unsafe.
fn columns(text: &str) -> usize {
    if is_printable_ascii(text.as_bytes()) { text.len() } else { text.width() }
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
    let mut lines = Vec::new();
    for unit in units {
        place(&mut lines, unit, space, columns);
    }
    lines
}

/// Sets a unit in the last of `lines` or below it.
fn place(lines: &mut Vec<Line>, unit: &Line, space: usize, columns: usize) {
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

/// Sets `text` in lines of at most `columns`, broken at its spaces, but not before a unit of time nor
/// after an equals sign. Between wide letters, which have no spaces, a line may end as Unicode allows.
pub(crate) fn wrap(ink: impl Into<Tone>, text: &str, columns: usize) -> Vec<Line> {
    let (ink, columns) = (ink.into(), columns.max(1));
    let (mut lines, mut unit, mut space) = (Vec::new(), Line::default(), 0);
    let mut before = "";
    for word in text.split_whitespace() {
        let mut start = 0;
        for end in wide_breaks(word).chain([word.len()]) {
            let part = &word[start..end];
            let stays = before == "=" || is_unit(part) && !before.is_empty();
            if start == 0 && stays {
                unit.push(ink, " ");
            } else {
                if !unit.text.is_empty() {
                    place(&mut lines, &unit, space, columns);
                }
                unit.clear();
                space = usize::from(start == 0);
            }
            unit.push(ink, part);
            start = end;
        }
        before = word;
    }
    if !unit.text.is_empty() {
        place(&mut lines, &unit, space, columns);
    }
    lines
}

/// `text` in one line of at most `columns`; what is cut off shows as an ellipsis.
pub fn fitted(text: &str, columns: usize, style: Style) -> Line {
    let mut line = Line::of(Ink::Plain, text);
    line.fit(columns, style);
    line
}

/// `text` in lines of at most `columns`, ended between words, for what stands around the pictures.
pub fn wrapped(text: &str, columns: usize) -> Vec<Line> {
    wrap(Ink::Plain, text, columns)
}

/// Where a line may end in a word that has wide letters: beside one of them, and not where a sign belongs
/// to the letter before or after it (UAX 14).
fn wide_breaks(word: &str) -> impl Iterator<Item = usize> {
    let is_wide = |c: Option<char>| c.and_then(char::width) == Some(2);
    let breaks = linebreaks(if word.is_ascii() { "" } else { word }).map(|(at, _)| at);
    breaks.filter(move |&at| {
        let (before, after) = word.split_at(at);
        is_wide(after.chars().next()) || !after.is_empty() && is_wide(before.chars().next_back())
    })
}

/// Whether this is a unit of time, maybe with a sign behind it.
fn is_unit(word: &str) -> bool {
    UNITS.contains(&word.trim_end_matches(|c: char| !c.is_ascii()))
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
    fn wide_text_wraps_between_its_letters_and_never_before_a_comma() {
        let wrapped = |text: &str, columns| -> Vec<String> {
            let lines = wrap(Ink::Plain, text, columns);
            assert!(lines.iter().all(|line| line.width() <= columns), "{lines:?}");
            lines.iter().map(|line| line.text().to_owned()).collect()
        };
        assert_eq!(wrapped("客户调用它，然后", 10), ["客户调用", "它，然后"]);
        assert_eq!(wrapped("客户（它）等", 6), ["客户", "（它）", "等"]);
        assert_eq!(wrapped("调用 connect()，返回", 14), ["调用", "connect()，返", "回"]);
        assert_eq!(wrapped("客户 SYN-SENT 等", 100), ["客户 SYN-SENT 等"]);
        assert_eq!(wrapped("等了 1.02 s，再发", 9), ["等了", "1.02 s，", "再发"]);
        assert_eq!(wrapped("中文", 2), ["中", "文"]);
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
