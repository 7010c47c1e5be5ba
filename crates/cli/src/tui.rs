//! `--tui`: the attempts on a screen.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use render::Style;
use screen::{Feed, Screen, Setup};

use crate::memory::Memory;

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
