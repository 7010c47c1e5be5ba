//! An opened output: where the bytes go, and how they look.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anstream::AutoStream;
use anstream::stream::RawStream;
use anyhow::Context as _;
use render::Style;

use crate::in_place::{InPlace, Size, size_of_stdout};
use crate::layout::Layout;
use crate::remarks::Remarks;
use crate::settings::Settings;
use crate::shared::Shared;

/// An opened output.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// The bytes go here.
    pub(crate) out: Shared,
    /// Their style.
    pub(crate) style: Style,
    /// Their content and order.
    pub(crate) layout: Layout,
    /// How much is reported beside them.
    pub(crate) remarks: Remarks,
    /// Whether what is written appears on a terminal.
    pub(crate) is_terminal: bool,
    /// The size of that terminal, where it can move its cursor.
    pub(crate) size: Option<Size>,
}

impl Output {
    /// Opens the output. A file is created only now, when the input is known to be readable, and
    /// never where it is one of `inputs`.
    pub(crate) fn open(settings: &Settings, inputs: &[PathBuf]) -> anyhow::Result<Self> {
        match &settings.file {
            Some(path) => {
                refuse_input(path, inputs)?;
                let file = File::create(path)
                    .with_context(|| format!("{}: can't create the output file", path.display()))?;
                Ok(Self::of(settings, file, None))
            }
            None => {
                let stdout = io::stdout();
                let columns = terminal_size::terminal_size_of(&stdout).map(|(width, _)| width.0);
                Ok(Self::of(settings, stdout, columns))
            }
        }
    }

    fn of<W: RawStream + Write + Send + 'static>(
        settings: &Settings,
        raw: W,
        columns: Option<u16>,
    ) -> Self {
        let style = settings.look.style(AutoStream::choice(&raw), columns);
        let &Settings { layout, remarks, .. } = settings;
        let is_terminal = raw.is_terminal();
        let moves_cursor =
            is_terminal && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let size = moves_cursor.then_some(size_of_stdout as Size);
        Self { out: Shared::new(raw), style, layout, remarks, is_terminal, size }
    }

    /// Lines below what is written, where a terminal can change them.
    pub(crate) fn lines_below(&self) -> Option<InPlace> {
        Some(InPlace::new(self.out.clone(), self.size?))
    }
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
        "{}: is an input file; give --output another name",
        output.display()
    );
    Ok(())
}
