//! The thread of the screen: takes what came, draws, and obeys.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ratatui::crossterm::event;
use render::Style;

use crate::draw::draw;
use crate::feed::Feed;
use crate::keys::{Request, obey};
use crate::picture::save_picture;
use crate::save::{CopyPackets, save};
use crate::state::{Page, Setup, State};
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
    /// Takes the terminal and shows what comes through `feed`. `copy` saves packets. `on_quit` is called
    /// when the user has seen enough, and where the screen fails.
    ///
    /// # Errors
    /// The terminal can't be set up, or the system grants no thread.
    pub fn start(
        feed: Feed,
        setup: Setup,
        copy: Arc<CopyPackets>,
        on_quit: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let taken = Taken::take()?;
        let over = Over { feed: feed.clone(), on_quit: Some(on_quit) };
        let run = move || {
            let mut showing = Showing::new(taken, over.feed.clone(), State::new(setup), copy);
            let end = showing.run();
            let Showing { taken, saving, .. } = showing;
            drop(taken);
            drop(over);
            // What is not saved by now gives up.
            saving.map(JoinHandle::join);
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

/// Says that the screen is gone, also where it panics: nobody would end the capture.
struct Over<F: FnOnce()> {
    feed: Feed,
    on_quit: Option<F>,
}

impl<F: FnOnce()> Drop for Over<F> {
    fn drop(&mut self) {
        self.feed.quit();
        if let Some(on_quit) = self.on_quit.take() {
            on_quit();
        }
    }
}

/// What the thread has.
struct Showing {
    taken: Taken,
    feed: Feed,
    state: State,
    copy: Arc<CopyPackets>,
    /// Saves an attempt, and says what became of it.
    saving: Option<JoinHandle<String>>,
    asked: Instant,
    /// When the sums were put together, and what they were for: the width, the page, and whether nothing
    /// will come any more.
    summed: Option<(Instant, (u16, Page, bool))>,
    /// Whether more came since.
    is_stale: bool,
}

impl Showing {
    fn new(taken: Taken, feed: Feed, state: State, copy: Arc<CopyPackets>) -> Self {
        let asked = Instant::now();
        Self { taken, feed, state, copy, saving: None, asked, summed: None, is_stale: true }
    }

    fn run(&mut self) -> io::Result<()> {
        let suspended = suspend_flag()?;
        let mut is_changed = true;
        while !self.state.is_over && !self.feed.is_over() && Taken::is_taken() {
            is_changed |= self.is_resumed(&suspended)?;
            is_changed |= self.hear();
            is_changed |= self.sum()?;
            is_changed |= self.is_saved();
            if is_changed {
                self.taken.draw(|frame| draw(frame, &mut self.state))?;
            }
            is_changed = self.listen()?;
        }
        Ok(())
    }

    /// Stops the program where somebody asked for it. Gives whether it was.
    fn is_resumed(&mut self, suspended: &AtomicBool) -> io::Result<bool> {
        let is_asked = suspended.swap(false, Ordering::Relaxed);
        if is_asked {
            self.taken.suspend()?;
        }
        Ok(is_asked)
    }

    /// Takes what came. Gives whether there was anything.
    fn hear(&mut self) -> bool {
        if self.asked.elapsed() >= QUESTION {
            self.asked = Instant::now();
            self.feed.ask();
        }
        let Some(news) = self.feed.take(!self.state.is_paused) else { return false };
        self.is_stale = true;
        self.state.hear(news);
        true
    }

    /// Puts the sums together where they are old, or are to look otherwise.
    fn sum(&mut self) -> io::Result<bool> {
        let State { page, ref stands, .. } = self.state;
        let width = self.taken.terminal.size()?.width;
        let now_for = (width, page, stands.has_ended);
        let is_due = self.summed.is_none_or(|(at, was_for)| {
            was_for != now_for || self.is_stale && at.elapsed() >= SUMS
        });
        if is_due {
            (self.summed, self.is_stale) = (Some((Instant::now(), now_for)), false);
            let style = Style { width: Some(width), ..self.state.style };
            self.state.sums = self.feed.sums(style, page == Page::Groups);
        }
        Ok(is_due)
    }

    /// Obeys until the next picture is due. Gives whether there was anything.
    fn listen(&mut self) -> io::Result<bool> {
        let due = Instant::now() + PICTURE;
        let mut is_changed = false;
        while event::poll(due.saturating_duration_since(Instant::now()))? {
            is_changed = true;
            match obey(&mut self.state, &event::read()?) {
                Some(Request::Save) => self.save()?,
                Some(Request::Picture) => self.save_picture()?,
                Some(Request::Suspend) => self.taken.suspend()?,
                None => {}
            }
            if self.state.is_over {
                break;
            }
        }
        Ok(is_changed)
    }

    /// Saves the selected attempt, on another thread: its packets may be far behind in a large file.
    fn save(&mut self) -> io::Result<()> {
        if self.saving.is_some() {
            self.state.message = Some("the attempt before is still being saved".to_owned());
            return Ok(());
        }
        let Some(attempt) = self.state.selected().cloned() else {
            self.state.message = Some("there is no attempt to save".to_owned());
            return Ok(());
        };
        let State { ref names, capture_start, style, .. } = self.state;
        let (names, copy) = (names.clone(), Arc::clone(&self.copy));
        let save = move || {
            let record = attempt.record(&names, capture_start);
            let saved = save(&record, style, Path::new("."), &*copy);
            saved.unwrap_or_else(|error| format!("nothing is saved: {error}"))
        };
        self.saving = Some(thread::Builder::new().name("save".to_owned()).spawn(save)?);
        Ok(())
    }

    fn save_picture(&mut self) -> io::Result<()> {
        let size = self.taken.terminal.size()?;
        let saved = save_picture(&mut self.state, size, Path::new("."));
        self.state.message = Some(match saved {
            Ok(name) => format!("saved {name}"),
            Err(error) => format!("nothing is saved: {error}"),
        });
        Ok(())
    }

    /// Whether something was just saved, which the screen then says.
    fn is_saved(&mut self) -> bool {
        let saved = self.saving.take_if(|saving| saving.is_finished());
        let message = saved.and_then(|saved| saved.join().ok());
        let is_saved = message.is_some();
        self.state.message = message.or_else(|| self.state.message.take());
        is_saved
    }
}
