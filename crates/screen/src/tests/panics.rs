//! The terminal after a panic. It is one of the test's own, which script(1) opens.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use testkit::TimeLimit;

use super::fixture::{ROOM, STYLE};
use crate::feed::Feed;
use crate::run::Screen;
use crate::state::{Doing, Setup};
use crate::terminal::Taken;

/// Set for the process that is to panic.
const PANIC: &str = "SCREEN_PANIC";
const LEAVE: &str = "\x1b[?1049l";

/// Runs a test of this module as the program at a terminal. What it wrote while there was a screen, and
/// after it.
fn at_a_terminal(name: &str) -> (String, String) {
    let _limit = TimeLimit::start();
    let program = env::current_exe().expect("it has a name");
    let test = format!("tests::panics::{name}");
    let run = format!("{} --exact {test} --nocapture; stty -a", program.display());
    let mut script = Command::new("script");
    script.args(["-qec", &run, "/dev/null"]).env(PANIC, "1").env("TERM", "xterm-256color");
    let mut script =
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script(1) starts");
    // Nobody types anything, not even the end of it.
    let keys = script.stdin.take().expect("it is piped");
    let output = script.wait_with_output().expect("script(1) ends");
    drop(keys);
    let written = String::from_utf8_lossy(&output.stdout).into_owned();
    let (before, after) = written.split_once(LEAVE).expect("the normal screen is back");
    (before.to_owned(), after.to_owned())
}

/// That the terminal was given back first, and for good.
#[track_caller]
fn assert_said_on_the_normal_screen(what: &str, (before, after): &(String, String)) {
    assert!(before.contains("\x1b[?1049h") && !before.contains(what), "{before}");
    assert!(after.contains(what) && !after.contains("\x1b[?1049h"), "{after}");
    let words: Vec<_> = after.split_whitespace().collect();
    for setting in ["icanon", "echo", "isig", "opost"] {
        assert!(words.contains(&setting), "{setting} is off in {after}");
    }
}

#[test]
fn a_panic_elsewhere_ends_the_screen_and_the_capture() {
    if env::var_os(PANIC).is_some() {
        let title = String::new();
        let setup = Setup { title, doing: Doing::Capturing, style: STYLE, most_bytes: ROOM };
        let on_quit = || println!("the capture is to end");
        let screen = Screen::start(Feed::new(ROOM), setup, Arc::new(|_, _| Ok(())), on_quit);
        let elsewhere = thread::spawn(|| panic!("something is wrong"));
        elsewhere.join().expect_err("it panics");
        return screen.expect("a terminal").finish().expect("the terminal is given back");
    }
    let written = at_a_terminal("a_panic_elsewhere_ends_the_screen_and_the_capture");
    assert_said_on_the_normal_screen("something is wrong", &written);
    assert_said_on_the_normal_screen("the capture is to end", &written);
}

#[test]
fn a_panic_in_a_picture_does_not_wait_for_it() {
    if env::var_os(PANIC).is_some() {
        let mut taken = Taken::take().expect("a terminal");
        let draw = || taken.draw(|_| panic!("something is wrong"));
        catch_unwind(AssertUnwindSafe(draw)).expect_err("it panics");
        return;
    }
    let written = at_a_terminal("a_panic_in_a_picture_does_not_wait_for_it");
    assert_said_on_the_normal_screen("something is wrong", &written);
}
