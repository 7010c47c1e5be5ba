//! A progress bar for replay.

use std::io::{self, IsTerminal as _};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use capture::file::Progress as Position;
use indicatif::{ProgressBar, ProgressStyle};
use screen::Feed;

use crate::output::Output;
use crate::shared::Shared;

/// A run shorter than this needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Steps, of a frame or of many, between two looks at the clock.
const INTERVAL: u32 = 64;

/// A bar on standard error that appears once a run takes long.
#[derive(Debug)]
pub(crate) struct Progress {
    /// `None` where nobody could see the bar.
    begun: Option<Instant>,
    steps: u32,
    bar: Arc<Mutex<Bar>>,
    /// The screen that shows it instead.
    feed: Option<Feed>,
}

#[derive(Debug)]
enum Bar {
    NotYet,
    Shown(ProgressBar),
    /// It does not come back.
    Gone,
}

impl Progress {
    /// A bar, if standard error is a terminal.
    pub(crate) fn new() -> Self {
        Self::begun(io::stderr().is_terminal().then(Instant::now))
    }

    fn begun(begun: Option<Instant>) -> Self {
        Self { begun, steps: 0, bar: Arc::new(Mutex::new(Bar::NotYet)), feed: None }
    }

    /// A bar that gives way to an output on a terminal, which may be the same one.
    pub(crate) fn until(output: &Output) -> Self {
        let progress = Self::new();
        if output.is_terminal {
            progress.give_way_to(&output.out);
        }
        progress
    }

    /// No bar: a screen shows the progress.
    pub(crate) fn on_screen(feed: Feed) -> Self {
        Self { feed: Some(feed), ..Self::begun(None) }
    }

    /// Whether the user has seen enough.
    pub(crate) fn is_over(&self) -> bool {
        self.feed.as_ref().is_some_and(Feed::is_over)
    }

    fn give_way_to(&self, out: &Shared) {
        let bar = Arc::clone(&self.bar);
        out.before_next(move || remove(&bar));
    }

    /// Counts a step. Now and then it asks for the `position`.
    pub(crate) fn tick(&mut self, position: impl FnOnce() -> Position) {
        self.steps += 1;
        if self.steps < INTERVAL {
            return;
        }
        self.steps = 0;
        if let Some(feed) = &self.feed {
            let Position { read, total } = position();
            return feed.tell_read(read, total);
        }
        let Some(begun) = self.begun else { return };
        if begun.elapsed() < PATIENCE {
            return;
        }
        let mut shown = lock(&self.bar);
        if let Bar::Gone = *shown {
            return;
        }
        let Position { read, total } = position();
        if let Bar::NotYet = *shown {
            *shown = Bar::Shown(bar(total));
        }
        if let Bar::Shown(bar) = &*shown {
            bar.set_position(read);
        }
    }

    /// Removes the bar.
    pub(crate) fn finish(&mut self) {
        remove(&self.bar);
    }
}

fn lock(bar: &Mutex<Bar>) -> MutexGuard<'_, Bar> {
    bar.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove(bar: &Mutex<Bar>) {
    if let Bar::Shown(bar) = mem::replace(&mut *lock(bar), Bar::Gone) {
        bar.finish_and_clear();
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => {
            (ProgressBar::new(total), "{wide_bar} {percent} %, {bytes} of {total_bytes}")
        }
        None => (ProgressBar::no_length(), "{spinner} {bytes} read"),
    };
    // A template that could not be parsed would cost its looks, no more.
    bar.with_style(ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// How often a bar asks for the position in as many steps as it takes.
    fn asks(progress: &mut Progress) -> u32 {
        let mut asked = 0;
        for _ in 0..INTERVAL {
            progress.tick(|| {
                asked += 1;
                Position { read: 1, total: Some(2) }
            });
        }
        asked
    }

    #[test]
    fn a_bar_gives_way_to_what_appears() {
        let mut out = Shared::new(io::sink());
        let mut progress = Progress::begun(Instant::now().checked_sub(PATIENCE));
        progress.give_way_to(&out);
        assert_eq!([asks(&mut progress), asks(&mut progress)], [1, 1]);
        out.write_all(b"held back").unwrap();
        assert_eq!(asks(&mut progress), 1);
        out.flush().unwrap();
        assert_eq!(asks(&mut progress), 0);
    }

    #[test]
    fn a_bar_that_was_removed_stays_away() {
        let mut progress = Progress::begun(Instant::now().checked_sub(PATIENCE));
        progress.finish();
        assert_eq!(asks(&mut progress), 0);
    }
}
