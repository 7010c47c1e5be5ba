//! The terminal: taken for the screen, and given back whatever happens.

use std::cell::Cell;
use std::io::{self, Stdout, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::{Frame, Terminal};

/// Whether the terminal is taken.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);
/// Held while something is drawn: the terminal is given back between two pictures.
static PICTURE: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether this thread draws.
    static IS_DRAWING: Cell<bool> = const { Cell::new(false) };
}

/// The terminal while it is taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Taken {
    /// Takes the terminal.
    ///
    /// # Errors
    /// It is none, or can't be set up.
    pub(crate) fn take() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let hook = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                give_back();
                hook(info);
            }));
        });
        Ok(Self { terminal: enter()? })
    }

    /// Draws, unless it was given back.
    ///
    /// # Errors
    /// The terminal can't be written to.
    pub(crate) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let _picture = PICTURE.lock().unwrap_or_else(PoisonError::into_inner);
        if !Self::is_taken() {
            return Ok(());
        }
        IS_DRAWING.set(true);
        let drawn = self.terminal.draw(picture).map(drop);
        IS_DRAWING.set(false);
        drawn
    }

    /// Whether it is still taken: a panic elsewhere gives it back.
    pub(crate) fn is_taken() -> bool {
        IS_TAKEN.load(Ordering::Acquire)
    }

    /// Gives the terminal back while the program is stopped, until it is continued.
    ///
    /// # Errors
    /// The terminal can't be set up again.
    pub(crate) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        #[cfg(unix)]
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        // A new one draws everything. Terminal::clear() would ask where the cursor is, and not every
        // terminal answers.
        self.terminal = enter()?;
        Ok(())
    }
}

/// A flag that is set when somebody stops the program, where that can be done.
///
/// # Errors
/// The signal can't be handled.
pub(crate) fn suspend_flag() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::default();
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGTSTP, Arc::clone(&flag))?;
    Ok(flag)
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
    enable_raw_mode()?;
    IS_TAKEN.store(true, Ordering::Release);
    execute!(stdout(), EnterAlternateScreen, EnableMouseCapture)
        .and_then(|()| Terminal::new(CrosstermBackend::new(stdout())))
        .inspect_err(|_| give_back())
}

/// Gives the terminal back as it was, where it is taken.
pub fn give_back() {
    // A thread that panics while it draws holds the picture itself.
    let waits = !IS_DRAWING.get();
    let _picture = waits.then(|| PICTURE.lock().unwrap_or_else(PoisonError::into_inner));
    if IS_TAKEN.swap(false, Ordering::AcqRel) {
        // A terminal that is gone needs nothing.
        let _ = execute!(stdout(), DisableMouseCapture, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}
