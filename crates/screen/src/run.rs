//! The thread of the screen: takes what came, draws, and obeys.

use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ratatui::crossterm::event;
use render::Style;

use crate::draw::draw;
use crate::feed::Feed;
use crate::keys::{Request, obey};
use crate::save::save;
use crate::state::{Setup, State};
use crate::terminal::{Taken, suspend_flag};

/// Between two pictures, at least.
const PICTURE: Duration = Duration::from_millis(50);
/// Between two questions to the tracker, and between two looks at the sums.
const QUESTION: Duration = Duration::from_millis(200);
const SUMS: Duration = Duration::from_secs(1);

/// A screen that somebody looks at.
#[derive(Debug)]
pub struct Screen {
    feed: Feed,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Screen {
    /// Takes the terminal and shows what comes through `feed`. `on_quit` is called when the user has seen
    /// enough.
    ///
    /// # Errors
    /// The terminal can't be set up, or the system grants no thread.
    pub fn start(
        feed: Feed,
        setup: Setup,
        on_quit: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let mut taken = Taken::take()?;
        let theirs = feed.clone();
        let run = move || {
            let end = show(&mut taken, &theirs, State::new(setup));
            drop(taken);
            theirs.quit();
            on_quit();
            end
        };
        let thread = thread::Builder::new().name("screen".to_owned()).spawn(run)?;
        Ok(Self { feed, thread: Some(thread) })
    }

    /// Where the capture leaves what is to be shown.
    pub const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Notes that nothing will come any more, and waits until the user has seen enough.
    ///
    /// # Errors
    /// The terminal failed.
    pub fn finish(mut self) -> io::Result<()> {
        self.feed.end();
        self.join()
    }

    fn join(&mut self) -> io::Result<()> {
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(end)) => end,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
        }
    }
}

/// A capture that fails ends its screen.
impl Drop for Screen {
    fn drop(&mut self) {
        self.feed.quit();
        if let Some(thread) = self.thread.take() {
            // Whatever became of it, the terminal is given back by now.
            let _ = thread.join();
        }
    }
}

fn show(taken: &mut Taken, feed: &Feed, mut state: State) -> io::Result<()> {
    let suspended = suspend_flag()?;
    let mut is_changed = true;
    let (mut asked, mut summed, mut is_stale) = (Instant::now(), (Instant::now(), 0), true);
    while !state.is_over && !feed.is_over() && Taken::is_taken() {
        if suspended.swap(false, Ordering::Relaxed) {
            taken.suspend()?;
            is_changed = true;
        }
        if asked.elapsed() >= QUESTION {
            asked = Instant::now();
            feed.ask();
        }
        if let Some(news) = feed.take(!state.is_paused) {
            (is_stale, is_changed) = (true, true);
            state.hear(news);
        }
        let width = taken.terminal.size()?.width;
        if width != summed.1 || (is_stale && summed.0.elapsed() >= SUMS) {
            (summed, is_stale, is_changed) = ((Instant::now(), width), false, true);
            state.sums = feed.sums(Style { width: Some(width), ..state.style });
        }
        if is_changed {
            taken.terminal.draw(|frame| draw(frame, &mut state))?;
        }
        is_changed = listen(taken, &mut state)?;
    }
    Ok(())
}

/// Obeys until the next picture is due. Gives whether there was anything.
fn listen(taken: &mut Taken, state: &mut State) -> io::Result<bool> {
    let due = Instant::now() + PICTURE;
    let mut is_changed = false;
    while event::poll(due.saturating_duration_since(Instant::now()))? {
        is_changed = true;
        match obey(state, &event::read()?) {
            Some(Request::Save) => state.message = saved(state),
            Some(Request::Suspend) => taken.suspend()?,
            None => {}
        }
        if state.is_over {
            break;
        }
    }
    Ok(is_changed)
}

fn saved(state: &State) -> Option<String> {
    let record = state.record()?;
    Some(match save(&record, state.style, Path::new(".")) {
        Ok(name) => format!("saved {name}.json and {name}.svg"),
        Err(error) => format!("nothing is saved: {error}"),
    })
}
