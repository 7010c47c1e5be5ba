//! Signals that end a capture.

use std::thread;

use anyhow::Context as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Lets SIGINT and SIGTERM stop the capture: what has arrived is still shown. The second one ends
/// the program at once, as by default.
pub(crate) fn stop_on_signals(stop: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("signals can't be handled")?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let mut signals = signals.forever();
            if signals.next().is_some() {
                stop();
            }
            if let Some(second) = signals.next() {
                // It does not return; where it can't end the program, the capture ends soon anyway.
                let _ = emulate_default_handler(second);
            }
        })
        .context("no thread can be started")?;
    Ok(())
}
