//! `--tui`: the attempts on a screen.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use capture::FrameSource as _;
use capture::file::Input;
use render::Style;
use screen::{Feed, Screen, Setup};

use crate::files::Files;
use crate::memory::Memory;
use crate::output::Output;
use crate::presenter::{Presenter, ShowWhen};
use crate::progress::Progress;
use crate::replay::read;
use crate::selection::Selection;
use crate::settings::Settings;
#[cfg(unix)]
use crate::signals;
use crate::status::Status;

/// A feed for a screen, within its part of the memory.
///
/// # Errors
/// Standard output is no terminal.
pub(crate) fn feed(memory: Memory) -> anyhow::Result<Feed> {
    anyhow::ensure!(
        io::stdout().is_terminal(),
        "--tui draws on a terminal, and standard output is none"
    );
    Ok(Feed::new(memory.for_screen() / 4))
}

/// Shows what comes through `feed`.
pub(crate) fn start(
    feed: &Feed,
    (title, is_live): (String, bool),
    style: Style,
    memory: Memory,
    on_quit: impl FnOnce() + Send + 'static,
) -> anyhow::Result<Screen> {
    let setup = Setup { title, is_live, style, most_bytes: memory.for_screen() / 4 * 3 };
    Screen::start(feed.clone(), setup, on_quit).context("the terminal")
}

/// Shows the handshakes in these inputs, within limits for decompressing and for memory, until the user
/// has seen enough.
pub(crate) fn replay(
    inputs: &[Input],
    (max_decompressed, memory): (u64, Memory),
    settings: &Settings,
    selection: Selection,
) -> anyhow::Result<Status> {
    let feed = feed(memory)?;
    let rest = settings.beside_answers(memory, &selection).beside(memory.for_screen());
    read(inputs, (max_decompressed, rest), settings.remarks, |reading| {
        let files = Files::reading(inputs, reading.replay.directories_below());
        let output = Output::open(settings, &files.check()?)?;
        #[cfg(unix)]
        {
            let feed = feed.clone();
            signals::stop_on_signals(move || feed.quit())?;
        }
        let title = title(reading.replay.names().sources());
        let screen = start(&feed, (title, false), output.style, memory, || ())?;
        let presenter = Presenter::on_screen(screen, output, selection, ShowWhen::AsTheyEnd);
        reading.present(presenter, Progress::on_screen(feed))
    })
}

/// `many.pcapng`, `many.pcapng and 2 more`.
fn title<'a>(mut sources: impl Iterator<Item = &'a str>) -> String {
    let first = sources.next().unwrap_or_default();
    match sources.count() {
        0 => first.to_owned(),
        more => format!("{first} and {more} more"),
    }
}
