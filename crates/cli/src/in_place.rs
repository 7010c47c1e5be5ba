//! Lines at the end of a terminal's text, changed in place.

use std::io::{self, Write as _};

use crate::shared::Shared;

/// Returns the columns and lines of a terminal.
pub(crate) type Size = fn() -> (usize, usize);

/// The columns of a terminal that does not report them, and its lines.
const DEFAULT_SIZE: (u16, u16) = (80, 24);

/// Lines above the cursor that may change. They must fit on the screen, and none may be wider than it.
/// Before anything else is written they must be erased.
pub(crate) struct InPlace {
    out: Shared,
    size: Size,
    lines: Vec<String>,
}

impl InPlace {
    /// No lines yet, on a terminal of this size that `out` writes to.
    pub(crate) fn new(out: Shared, size: Size) -> Self {
        Self { out, size, lines: Vec::new() }
    }

    /// The columns and lines of the terminal by now.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.size)()
    }

    /// Puts `lines` in the place of those on the screen, as soon as the output is flushed.
    pub(crate) fn replace(&mut self, lines: Vec<String>) -> io::Result<()> {
        if lines == self.lines {
            return Ok(());
        }
        let change = change(&self.lines, &lines);
        self.lines = lines;
        self.out.write_all(change.as_bytes())
    }

    /// Puts the lines below what somebody else wrote after them, as soon as the output is flushed.
    #[cfg(unix)]
    pub(crate) fn repeat(&mut self) -> io::Result<()> {
        self.out.write_all(change(&[], &self.lines).as_bytes())
    }

    /// Shows what was replaced.
    #[cfg(unix)]
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The size of the terminal that is standard output.
pub(crate) fn size_of_stdout() -> (usize, usize) {
    let (_, lines) = reported_size();
    (columns_of_stdout().into(), lines.unwrap_or(DEFAULT_SIZE.1).into())
}

/// Its columns.
pub(crate) fn columns_of_stdout() -> u16 {
    reported_size().0.unwrap_or(DEFAULT_SIZE.0)
}

/// What the terminal reports. A program that makes one may give it columns and no lines.
#[cfg(unix)]
fn reported_size() -> (Option<u16>, Option<u16>) {
    let size = rustix::termios::tcgetwinsize(io::stdout());
    let known = |number: u16| (number > 0).then_some(number);
    size.map_or((None, None), |size| (known(size.ws_col), known(size.ws_row)))
}

#[cfg(not(unix))]
fn reported_size() -> (Option<u16>, Option<u16>) {
    terminal_size::terminal_size_of(io::stdout())
        .map(|(columns, lines)| (columns.0, lines.0))
        .unzip()
}

/// The escape sequences that change lines that end above the cursor. They erase line by line: some
/// terminals keep a copy of a screen that is erased as a whole. The cursor's own line may hold an echo
/// of the keyboard, such as ^C.
fn change(before: &[String], after: &[String]) -> String {
    let same = before.iter().zip(after).take_while(|(before, after)| before == after).count();
    // A terminal that knows it shows everything up to its end at once (mode 2026).
    let mut text = "\x1b[?2026h".to_owned();
    let up = before.len() - same;
    if up > 0 {
        text.extend(["\r\x1b[K\x1b[", &up.to_string(), "A"]);
    }
    for line in after.get(same..).unwrap_or_default() {
        text.extend([line, "\x1b[K\n"]);
    }
    let gone = before.len().saturating_sub(after.len());
    if gone > 0 {
        text += &"\x1b[K\n".repeat(gone);
        text.extend(["\x1b[", &gone.to_string(), "A"]);
    }
    text + "\x1b[?2026l"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(before: &[&str], after: &[&str]) -> String {
        let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
        let text = change(&owned(before), &owned(after));
        let text = text.strip_prefix("\x1b[?2026h").expect("it begins with the mode");
        text.strip_suffix("\x1b[?2026l").expect("it ends with the mode").to_owned()
    }

    #[test]
    fn only_lines_that_differ_are_written_anew() {
        let up = |lines: u8| format!("\r\x1b[K\x1b[{lines}A");
        assert_eq!(changed(&[], &["a", "b"]), "a\x1b[K\nb\x1b[K\n");
        assert_eq!(changed(&["a", "b"], &["a", "b"]), "");
        assert_eq!(changed(&["a", "b"], &["a", "b", "c"]), "c\x1b[K\n");
        assert_eq!(changed(&["a", "b", "c"], &["a", "x", "c"]), up(2) + "x\x1b[K\nc\x1b[K\n");
        assert_eq!(changed(&["a", "b"], &["a"]), up(1) + "\x1b[K\n\x1b[1A");
        assert_eq!(changed(&["a", "b"], &["c"]), up(2) + "c\x1b[K\n\x1b[K\n\x1b[1A");
        assert_eq!(changed(&["a", "b"], &[]), up(2) + "\x1b[K\n\x1b[K\n\x1b[2A");
    }
}
