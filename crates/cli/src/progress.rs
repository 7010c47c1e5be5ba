//! A progress bar for replay.

use std::time::{Duration, Instant};

use capture::file::Progress as Position;
use indicatif::{ProgressBar, ProgressStyle};

/// A run shorter than this needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Steps, of a frame or of many, between two looks at the clock.
const INTERVAL: u32 = 64;

/// A bar on standard error that appears once a run takes long.
#[derive(Debug)]
pub(crate) struct Progress {
    /// `None` where nobody could see the bar, or where it would get into the output.
    begun: Option<Instant>,
    steps: u32,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar, if it is `wanted`.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { begun: wanted.then(Instant::now), steps: 0, bar: None }
    }

    /// Counts a step. Now and then it asks for the `position`.
    pub(crate) fn tick(&mut self, position: impl FnOnce() -> Position) {
        let Some(begun) = self.begun else { return };
        self.steps += 1;
        if self.steps < INTERVAL {
            return;
        }
        self.steps = 0;
        if begun.elapsed() < PATIENCE {
            return;
        }
        let Position { read, total } = position();
        self.bar.get_or_insert_with(|| bar(total)).set_position(read);
    }

    /// Removes the bar.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
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
