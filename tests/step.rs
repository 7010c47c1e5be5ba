//! `--step` and `--speed`: pictures that grow.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use testkit::TimeLimit;

use crate::scripts::REFUSED;
use crate::terminal::{AtTerminal, assert_as_before};
use crate::util::{Dir, text};

const PROMPT: &str = "space: next   a: all   q: quit";

/// Presses keys at each prompt, and returns everything that was shown. The shell goes on
/// after an interrupt, and shows at the end how the terminal is.
fn stepped(args: &str, keys: &[&str]) -> String {
    let _limit = TimeLimit::start();
    let dir = Dir::new();
    dir.capture("c.pcap", REFUSED);
    let args = format!("{args}; echo code $?; stty -a");
    let mut command = dir.at_a_terminal_of("cols 100; trap : INT; true", &args).into_command();
    command.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut shown = Vec::new();
    for key in keys {
        let before = shown.len();
        while !text(&shown[before..]).contains(PROMPT) {
            assert_ne!(stdout.read_until(b't', &mut shown).expect("it can be read"), 0);
        }
        stdin.write_all(key.as_bytes()).expect("somebody waits for it");
    }
    stdout.read_to_end(&mut shown).expect("it can be read");
    child.wait().expect("the program ends");
    text(&shown)
}

fn assert_restored(shown: &str) {
    assert!(shown.contains(" icanon ") && shown.contains(" echo "), "{shown}");
}

#[test]
fn each_key_draws_a_step_and_its_arithmetic() {
    let shown = stepped("replay c.pcap --step", &[" ", "n", "\n"]);
    let mut rest = shown.as_str();
    for step in [
        "client",
        PROMPT,
        "SYN-SENT",
        "the client sends SYN: seq = J = 1000; the client is now SYN-SENT",
        PROMPT,
        "RST,ACK",
        "the server sends RST,ACK: ack = J + 1 = 1001",
        PROMPT,
        "refused after",
        "code 0",
    ] {
        let (_, after) = rest.split_once(step).unwrap_or_else(|| panic!("{step}: {shown}"));
        rest = after;
    }
    assert_restored(&shown);
}

#[test]
fn a_key_draws_all_or_ends_and_the_terminal_is_as_before() {
    let all = stepped("replay c.pcap --step", &["xa"]);
    assert!(all.contains("refused after") && all.matches(PROMPT).count() == 1, "{all}");
    assert_restored(&all);
    for (keys, code) in [("q", "code 0"), ("\x04", "code 0"), ("\x03", "code 130")] {
        let shown = stepped("replay c.pcap --step", &[" ", keys]);
        assert!(!shown.contains("refused after"), "{keys:?}: {shown}");
        assert!(shown.contains(code), "{keys:?}: {shown}");
        assert_restored(&shown);
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_the_next_key_counts_again() {
    for is_key in [true, false] {
        let (_limit, dir) = (TimeLimit::start(), Dir::new());
        dir.capture("c.pcap", REFUSED);
        let mut program = AtTerminal::start(&dir, "replay c.pcap --step --color never");
        program.await_written(PROMPT, 1);
        if is_key {
            program.press("\x1a");
        } else {
            program.signal("TSTP");
        }
        program.await_stop();
        // As a shell does before it goes on.
        assert_as_before(&program.settings());
        program.signal("CONT");
        // No line has to be ended.
        program.await_written(PROMPT, 2);
        program.press("n");
        program.await_written(PROMPT, 3);
        program.press("a");
        let (code, written) = program.end_of_all();
        assert!(code == Some(0) && written.contains("refused after"), "{written}");
        assert_as_before(&written);
    }
}

#[test]
fn pictures_grow_where_somebody_watches_only() {
    let dir = Dir::new();
    dir.capture("c.pcap", REFUSED);
    let timeline = "--step and --speed draw ladders step by step: they need --format timeline";
    for (options, expected) in [
        ("--step", "--step waits for keys: standard input and standard output must be a terminal"),
        ("--step -f svg", timeline),
        ("--speed 2 -f table", timeline),
        (
            "--speed 2 --follow",
            "--step and --speed show what has happened: they need a capture that is complete, \
             without --follow",
        ),
    ] {
        let args = ["replay", "c.pcap"].into_iter().chain(options.split(' '));
        dir.synscope(args).run().code(2).shows("").says(&format!("synscope: {expected}\n"));
    }
    for factor in ["0", "-1", "nan", "inf", "fast"] {
        let run = dir.synscope(["replay", "c.pcap", &format!("--speed={factor}")]).run().code(2);
        assert!(run.stderr().contains("expected a number above 0"), "{run:?}");
    }
    let at_once = dir.synscope(["replay", "c.pcap"]).run().code(0);
    dir.synscope(["replay", "c.pcap", "--speed", "0.5"]).run().code(0).shows(at_once.stdout());
}
