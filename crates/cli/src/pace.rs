//! `--step` and `--speed`: pictures that a class sees grow.

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use render::{Language, Pace, Timeline, View};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::args::{Format, OutputArgs, PaceArgs};
use crate::in_place::InPlace;
use crate::output::Output;
use crate::presenter::Before;
use crate::shared::Shared;
use crate::signals::restore_on_signals;

/// Nobody waits longer for the next thing to happen.
const MOST: Duration = Duration::from_secs(10);

/// That pictures can be drawn step by step where that is asked for.
pub(crate) fn check(args: PaceArgs, output: &OutputArgs) -> anyhow::Result<()> {
    if !args.is_given() {
        return Ok(());
    }
    anyhow::ensure!(
        matches!(output.format, None | Some(Format::Timeline)),
        "--step and --speed draw ladders step by step: they need --format timeline"
    );
    let is_terminal = |path: Option<&Path>| {
        path.is_none() && io::stdout().is_terminal() && io::stdin().is_terminal()
    };
    anyhow::ensure!(
        !args.step || is_terminal(output.look.output.as_deref()),
        "--step waits for keys: standard input and standard output must be a terminal"
    );
    Ok(())
}

/// A view that draws at the pace that is asked for, in place of the output's own.
pub(crate) fn pictures(args: PaceArgs, output: &Output) -> anyhow::Result<Option<Before>> {
    let pace: Box<dyn Pace> = match (args.step, args.speed) {
        (true, _) => Box::new(Steps::new(output)?),
        (false, Some(factor)) => Box::new(Speed { out: output.out.clone(), factor }),
        (false, None) => return Ok(None),
    };
    let timeline = Timeline::new(output.out.clone(), output.style).at_pace(pace);
    Ok(Some(Box::new(|_| Box::new(timeline) as Box<dyn View>)))
}

/// Draws the next step when a key is pressed.
struct Steps {
    keys: Arc<Mutex<Keys>>,
    language: Language,
    /// Nobody wants to wait any more.
    all: bool,
}

/// The terminal while it gives single keys, and the prompt on it.
struct Keys {
    prompt: InPlace,
    /// How the terminal was.
    before: Termios,
    /// How it gives single keys; `None` where no more are awaited.
    single: Option<Termios>,
}

impl Keys {
    fn ask(&mut self, prompt: Vec<String>) -> io::Result<()> {
        self.prompt.replace(prompt)?;
        self.prompt.flush()
    }

    /// Takes the terminal again from a shell, which set it in its own way and wrote below the prompt.
    /// Where that fails, the terminal is gone.
    fn take_again(&mut self) {
        if let Some(single) = &self.single {
            set(single);
            let _ = self.prompt.repeat().and_then(|()| self.prompt.flush());
        }
    }
}

impl Steps {
    fn new(output: &Output) -> anyhow::Result<Self> {
        let prompt = output.lines_below().context(
            "--step erases its prompt: it needs a terminal that can move its cursor (TERM is dumb or \
             not set)",
        )?;
        let before = tcgetattr(io::stdin()).context("the terminal can't be asked how it is")?;
        // From now to the end: a terminal that takes lines makes a NUL of a ^D that comes early, and
        // shows keys in the picture.
        let mut single = before.clone();
        single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Now, &single)
            .context("the terminal can't be made to give single keys")?;
        let keys = Keys { prompt, before: before.clone(), single: Some(single) };
        let keys = Arc::new(Mutex::new(keys));
        let theirs = Arc::clone(&keys);
        // A signal that ends the program ends a wait for a key, too.
        restore_on_signals(move || set(&before), move || locked(&theirs).take_again())?;
        Ok(Self { keys, language: output.style.language, all: false })
    }

    /// Waits for a key that means something. Without keys there is nobody to wait for.
    fn wait(&mut self) -> io::Result<()> {
        loop {
            let mut key = [0];
            if io::stdin().read(&mut key)? == 0 {
                key = *b"q";
            }
            match &key {
                b" " | b"\n" | b"\r" | b"n" => return Ok(()),
                b"a" => {
                    self.all = true;
                    return Ok(());
                }
                // As of a reader that closes its pipe: it has seen enough.
                b"q" | b"\x04" => return Err(io::ErrorKind::BrokenPipe.into()),
                _ => {}
            }
        }
    }
}

impl Pace for Steps {
    fn pause(&mut self, said: &[String], _: Option<i64>) -> io::Result<()> {
        if self.all {
            return Ok(());
        }
        let keys = self.language.say("space: next   a: all   q: quit");
        let prompt = said.iter().cloned().chain([keys.to_owned()]).collect();
        locked(&self.keys).ask(prompt)?;
        let waited = self.wait();
        locked(&self.keys).ask(Vec::new())?;
        waited
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        let mut keys = locked(&self.keys);
        keys.single = None;
        set(&keys.before);
    }
}

fn locked(keys: &Mutex<Keys>) -> MutexGuard<'_, Keys> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where that fails, the terminal is gone.
fn set(modes: &Termios) {
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
}

/// Draws as fast as it happened, times a factor.
struct Speed {
    out: Shared,
    factor: f64,
}

impl Pace for Speed {
    fn pause(&mut self, _: &[String], next_ns: Option<i64>) -> io::Result<()> {
        self.out.flush()?;
        thread::sleep(wait(next_ns.unwrap_or_default(), self.factor));
        Ok(())
    }
}

/// How long these nanoseconds take at such a speed. Where the clock went back, no time.
fn wait(ns: i64, factor: f64) -> Duration {
    let real = Duration::from_nanos(ns.max(0).unsigned_abs());
    let taken = Duration::try_from_secs_f64(real.as_secs_f64() / factor);
    taken.map_or(MOST, |taken| taken.min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_stretches_times_within_bounds() {
        assert_eq!(wait(2_000_000, 0.001), Duration::from_secs(2));
        assert_eq!(wait(2_000_000_000, 4.0), Duration::from_millis(500));
        assert_eq!(wait(1_000_000_000, 0.001), MOST);
        assert_eq!(wait(i64::MAX, f64::MIN_POSITIVE), MOST);
        assert_eq!(wait(-5, 0.001), Duration::ZERO);
    }
}
