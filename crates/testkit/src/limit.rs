//! An end for tests that might have none.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// Ends the whole process, and says which test is to blame, unless it is dropped in time.
///
/// A test that waits for another thread, a pipe or a program holds one while it does. The threads of
/// a test can't be ended from outside, the process can.
#[derive(Debug)]
#[must_use = "it is over when this is dropped"]
pub struct TimeLimit(#[expect(dead_code, reason = "its end is the message")] Sender<()>);

impl TimeLimit {
    /// Ten times what the slowest test takes on a busy machine.
    const USUAL: Duration = Duration::from_secs(60);

    /// Limits the test that calls it.
    pub fn start() -> Self {
        Self::of(Self::USUAL)
    }

    fn of(time: Duration) -> Self {
        let name = thread::current().name().unwrap_or("a test").to_owned();
        let (sender, end) = mpsc::channel();
        thread::spawn(move || {
            if end.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                eprintln!("\n{name} has not ended within {time:?}: this process is ended");
                std::process::abort();
            }
        });
        Self(sender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Set for the process that is to hang.
    const HANG: &str = "TESTKIT_HANG";

    #[test]
    fn a_test_that_hangs_is_ended_and_named() {
        if std::env::var_os(HANG).is_some() {
            let _limit = TimeLimit::of(Duration::from_millis(10));
            loop {
                thread::park();
            }
        }
        let _limit = TimeLimit::start();
        let name = thread::current().name().expect("the harness names its threads").to_owned();
        let this = std::env::current_exe().expect("the path of this test");
        let mut again = Command::new(this);
        again.args([&name, "--exact", "--nocapture"]).env(HANG, "1");
        let output = again.output().expect("this test can start itself");
        assert!(!output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(&format!("{name} has not ended within 10ms")), "{said}");
    }

    #[test]
    fn a_test_that_ends_in_time_is_left_alone() {
        drop(TimeLimit::of(Duration::from_millis(10)));
        thread::sleep(Duration::from_millis(50));
    }
}
