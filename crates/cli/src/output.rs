//! An opened output: where the bytes go, and how they look.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use anstream::AutoStream;
use anstream::stream::RawStream;
use answers::Question;
use anyhow::Context as _;
use capture::file::Untouched;
use hostnames::HostNames;
use render::Style;

use crate::directory::Directory;
use crate::files::Distinct;
use crate::in_place::{InPlace, Size, columns_of_stdout, size_of_stdout};
use crate::layout::Layout;
use crate::memory::Memory;
use crate::remarks::Remarks;
use crate::replacement::Replacement;
use crate::settings::Settings;
use crate::shared::Shared;

/// An opened output.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// The bytes go here.
    pub(crate) out: Shared,
    /// The directory below which files are written, where there is one: then nothing goes to `out`.
    pub(crate) directory: Option<Directory>,
    /// Their style.
    pub(crate) style: Style,
    /// Their content and order.
    pub(crate) layout: Layout,
    /// How much is reported beside them.
    pub(crate) remarks: Remarks,
    /// What the statistics answer, where the layout has some.
    pub(crate) question: Question,
    /// The bytes that attempts take which are held back to be sorted.
    pub(crate) room_to_sort: usize,
    /// The names of hosts that are known beforehand, where names are wanted.
    pub(crate) host_names: Option<HostNames>,
    /// Whether the close of connections is drawn, too.
    pub(crate) whole: bool,
    /// Whether what is written appears on a terminal.
    pub(crate) is_terminal: bool,
    /// The size of that terminal, where it can move its cursor.
    pub(crate) size: Option<Size>,
}

impl Output {
    /// Opens the output. A file is created only now, when the input is known to be readable. It has
    /// at once what is written: somebody may follow it.
    pub(crate) fn open(settings: &Settings, distinct: &Distinct) -> anyhow::Result<Self> {
        Self::begin(settings, Self::file(settings, distinct)?)
    }

    /// The file of the output, where that is one: open, and as it was until the output begins.
    pub(crate) fn file(
        settings: &Settings,
        distinct: &Distinct,
    ) -> anyhow::Result<Option<Untouched>> {
        let Some(path) = &settings.file else { return Ok(None) };
        distinct.still_differs(path)?;
        Untouched::open(path).with_context(uncreated(path)).map(Some)
    }

    /// Begins the output in its file, which is emptied.
    pub(crate) fn begin(settings: &Settings, file: Option<Untouched>) -> anyhow::Result<Self> {
        match settings.file.as_deref().zip(file) {
            Some((path, file)) => {
                Ok(Self::of(settings, file.empty().with_context(uncreated(path))?, None))
            }
            None => {
                let stdout = io::stdout();
                let columns = stdout.is_terminal().then(columns_of_stdout);
                Ok(Self::of(settings, stdout, columns))
            }
        }
    }

    /// Opens the output so that a file changes only when it is complete, where that is possible. Where
    /// something fails before, a former file stays as it was.
    pub(crate) fn open_to_complete(
        settings: &Settings,
        distinct: &Distinct,
    ) -> anyhow::Result<(Self, Option<Replacement>)> {
        let Some(path) = &settings.file else { return Ok((Self::open(settings, distinct)?, None)) };
        let directory = Directory::at(path, distinct, settings.started_in)
            .filter(|_| settings.layout.is_whole_files());
        if directory.is_some() {
            return Ok((Self { directory, ..Self::of(settings, Vec::new(), None) }, None));
        }
        distinct.still_differs(path)?;
        let begun = Replacement::begin(path).with_context(uncreated(path))?;
        let Some(replacement) = begun else { return Ok((Self::open(settings, distinct)?, None)) };
        let file = replacement.file().with_context(uncreated(path))?;
        Ok((Self::of(settings, file, None), Some(replacement)))
    }

    fn of<W: RawStream + Write + Send + 'static>(
        settings: &Settings,
        raw: W,
        columns: Option<u16>,
    ) -> Self {
        let style = settings.look.style(AutoStream::choice(&raw), columns);
        let &Settings { layout, remarks, question, ref host_names, whole, .. } = settings;
        let is_terminal = raw.is_terminal();
        let moves_cursor =
            is_terminal && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let size = moves_cursor.then_some(size_of_stdout as Size);
        Self {
            out: Shared::new(raw),
            directory: None,
            style,
            layout,
            remarks,
            question,
            room_to_sort: Memory::default().for_sorting(),
            host_names: host_names.clone(),
            whole,
            is_terminal,
            size,
        }
    }

    /// Lines below what is written, where a terminal can change them.
    pub(crate) fn lines_below(&self) -> Option<InPlace> {
        Some(InPlace::new(self.out.clone(), self.size?))
    }
}

fn uncreated(path: &Path) -> impl Fn() -> String {
    move || format!("{}: can't create the output file", path.display())
}
