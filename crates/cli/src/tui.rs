//! `--tui`: the attempts on a screen.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use capture::FrameSource;
use render::Style;
use screen::{CopyPackets, Doing, Feed, Screen, Setup};

use crate::extract::copy_one;
use crate::memory::Memory;
use crate::sandbox::Sandbox;

/// A feed for a screen, within its part of the memory.
///
/// # Errors
/// Standard output is no terminal.
pub(crate) fn feed(memory: Memory, new: fn(usize) -> Feed) -> anyhow::Result<Feed> {
    anyhow::ensure!(
        io::stdout().is_terminal(),
        "--tui draws on a terminal, and standard output is none"
    );
    Ok(new(memory.for_screen() / 4))
}

/// Leaves what the screen saves, in the current directory.
pub(crate) fn saving(sandbox: Sandbox) -> Sandbox {
    sandbox.writing(Path::new("saved"))
}

/// What a screen shows.
pub(crate) struct Scene<'a> {
    pub(crate) feed: &'a Feed,
    /// What is read, captured or played.
    pub(crate) title: String,
    pub(crate) doing: Doing,
    /// What saves packets.
    pub(crate) copy: Arc<CopyPackets>,
    /// That of the whole run.
    pub(crate) memory: Memory,
}

impl Scene<'_> {
    /// Shows it.
    pub(crate) fn start(
        self,
        style: Style,
        on_quit: impl FnOnce() + Send + 'static,
    ) -> anyhow::Result<Screen> {
        let Self { feed, title, doing, copy, memory } = self;
        let setup = Setup { title, doing, style, most_bytes: memory.for_screen() / 4 * 3 };
        Screen::start(feed.clone(), setup, copy, on_quit).context("the terminal")
    }
}

/// Copies packets out of what `open` opens, until the screen is over.
pub(crate) fn copy_from<S: FrameSource>(
    feed: &Feed,
    open: impl Fn() -> anyhow::Result<S> + Send + Sync + 'static,
) -> Arc<CopyPackets> {
    let feed = feed.clone();
    Arc::new(move |record, file| {
        let copied =
            open().and_then(|mut source| copy_one(record, &mut source, file, || !feed.is_over()));
        copied.map_err(|error| format!("{error:#}"))
    })
}

/// Copies none, and says why.
pub(crate) fn copy_none(why: &'static str) -> Arc<CopyPackets> {
    Arc::new(move |_, _| Err(why.to_owned()))
}
