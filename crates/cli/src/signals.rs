//! Signals that end a capture, or the program.

use std::thread;

use anyhow::Context as _;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Lets SIGINT and SIGTERM stop the capture: what has arrived is still shown. The second one ends
/// the program at once, as by default.
pub(crate) fn stop_on_signals(stop: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    let signals = Signals::new([SIGINT, SIGTERM]).context("signals can't be handled")?;
    on_thread(signals, |mut signals| {
        let mut signals = signals.forever();
        if signals.next().is_some() {
            stop();
        }
        if let Some(second) = signals.next() {
            screen::give_back();
            // It does not return; where it can't end the program, the capture ends soon anyway.
            let _ = emulate_default_handler(second);
        }
    })
}

/// Lets the signals that end or stop the program put something back before, and take it again when the
/// program goes on.
pub(crate) fn restore_on_signals(
    restore: impl Fn() + Send + 'static,
    take: impl Fn() + Send + 'static,
) -> anyhow::Result<()> {
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT])
        .context("signals can't be handled")?;
    on_thread(signals, move |mut signals| {
        for signal in signals.forever() {
            if signal == SIGCONT {
                take();
            } else {
                restore();
                // It returns where the program was only stopped.
                let _ = emulate_default_handler(signal);
            }
        }
    })
}

fn on_thread(
    signals: Signals,
    handle: impl FnOnce(Signals) + Send + 'static,
) -> anyhow::Result<()> {
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(|| handle(signals)).context("no thread can be started")?;
    Ok(())
}
