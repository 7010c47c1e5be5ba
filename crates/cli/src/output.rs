//! Where output goes and what it looks like: what the user typed, the environment and the terminal,
//! resolved.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anyhow::Context as _;
use render::Style;

use crate::args::{OutputArgs, When};
use crate::in_place::{Size, size_of_stdout};

/// Output is written in pieces of this size, unless somebody waits for it.
const BUFFER: usize = 256 << 10;

/// The width where there is no terminal to ask.
const DEFAULT_WIDTH: u16 = 100;

/// An opened output.
#[derive(Debug)]
pub(crate) struct Output {
    /// The bytes go here.
    pub(crate) out: Shared,
    /// What they look like.
    pub(crate) style: Style,
    /// Whether what is written appears on a terminal.
    pub(crate) is_terminal: bool,
    /// The size of that terminal, where it moves its cursor as it is told.
    pub(crate) size: Option<Size>,
}

impl Output {
    /// Opens the output. A file is created only now, when the input is known to be readable, and
    /// never where it is one of `inputs`.
    pub(crate) fn open(args: &OutputArgs, inputs: &[PathBuf]) -> anyhow::Result<Self> {
        match &args.output {
            Some(path) => {
                refuse_input(path, inputs)?;
                let file = File::create(path)
                    .with_context(|| format!("{}: can't create the output file", path.display()))?;
                Ok(Self::of(args, file, None))
            }
            None => {
                let stdout = io::stdout();
                let columns = terminal_size::terminal_size_of(&stdout).map(|(width, _)| width.0);
                Ok(Self::of(args, stdout, columns))
            }
        }
    }

    fn of<W: RawStream + Write + 'static>(args: &OutputArgs, raw: W, columns: Option<u16>) -> Self {
        let style = Style {
            color: wants_color(args.color, AutoStream::choice(&raw)),
            unicode: !args.ascii && locale_is_utf8(|name| std::env::var_os(name)),
            width: args.width.or(columns).unwrap_or(DEFAULT_WIDTH),
            explain: args.explain,
            time: args.time.into(),
        };
        let is_terminal = raw.is_terminal();
        let obeys = is_terminal && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let size = obeys.then_some(size_of_stdout as Size);
        Self { out: Shared::new(raw), style, is_terminal, size }
    }
}

/// A buffered writer that the view writes to and that is flushed from elsewhere.
#[derive(Clone)]
pub(crate) struct Shared(Rc<RefCell<BufWriter<Box<dyn Write>>>>);

impl Shared {
    /// What is written to it goes to `raw` in large pieces, unless it is flushed.
    pub(crate) fn new(raw: impl Write + 'static) -> Self {
        Self(Rc::new(RefCell::new(BufWriter::with_capacity(BUFFER, Box::new(raw)))))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

/// What the user asked for goes before what the stream and the environment suggest.
fn wants_color(asked: When, suggested: ColorChoice) -> bool {
    match asked {
        When::Always => true,
        When::Never => false,
        When::Auto => suggested != ColorChoice::Never,
    }
}

/// Whether the locale's character set is UTF-8: the first of these variables that is set and not
/// empty decides (POSIX, 8.2).
fn locale_is_utf8(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    let locale = locale.to_string_lossy().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Creating an output file empties it: too late to notice that it was an input.
fn refuse_input(output: &Path, inputs: &[PathBuf]) -> anyhow::Result<()> {
    let Ok(output_is) = output.canonicalize() else { return Ok(()) };
    let same = |input: &PathBuf| {
        let input = input.canonicalize();
        input.is_ok_and(|input| input == output_is || Some(input.as_path()) == output_is.parent())
    };
    anyhow::ensure!(
        !inputs.iter().any(same),
        "{}: is read and can't be written at the same time; give --output another name",
        output.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf8(variables: &[(&str, &str)]) -> bool {
        locale_is_utf8(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_first_variable_that_is_set_decides_the_locale() {
        assert!(utf8(&[("LANG", "en_US.UTF-8")]));
        assert!(utf8(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(!utf8(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(!utf8(&[]));
    }

    #[test]
    fn the_user_decides_on_colours_before_the_environment_does() {
        assert!(wants_color(When::Always, ColorChoice::Never));
        assert!(!wants_color(When::Never, ColorChoice::AlwaysAnsi));
        assert!(wants_color(When::Auto, ColorChoice::Always));
        assert!(!wants_color(When::Auto, ColorChoice::Never));
    }
}
