//! What hostile names and bytes do to whoever reads the output: nothing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use testkit::{Endian, Interface, Pcap, Pcapng, Script, TimeLimit, pcap};

use crate::scripts::THREE_FATES;
use crate::util::{Dir, formats};

/// Sets a title, clears the screen, rings, turns the direction of writing, in 7 and in 8 bits.
const HOSTILE: &str = "\x1b]0;title\x07\x1b[2J\n\r\u{202e}\u{9b}31m";

/// Runs the program at a terminal and returns what appears there, without its own colours.
fn at_a_terminal(dir: &Dir, args: &str) -> String {
    let run = dir.at_a_terminal(args).run();
    let mut shown = String::new();
    let mut rest = run.stdout();
    while let Some((before, colour)) = rest.split_once("\x1b[") {
        let end = colour.find(|char: char| !char.is_ascii_digit() && char != ';');
        let (parameters, after) = colour.split_at(end.expect("a sequence ends"));
        assert!(after.starts_with('m'), "{args}: ESC [ {parameters}{after}");
        shown += before;
        rest = &after[1..];
    }
    shown + rest
}

#[track_caller]
fn assert_harmless(shown: &str, what: &str) {
    let hostile = |char: &char| char.is_control() && *char != '\n' || *char == '\u{202e}';
    // The terminal makes CR LF of LF, and CSV has CR LF already.
    let lines = shown.replace("\r\r\n", "\n").replace("\r\n", "\n");
    let found = lines.chars().find(hostile);
    assert_eq!(found, None, "{what}: {shown}");
    assert!(!shown.is_empty(), "{what} shows something");
}

#[test]
fn no_name_reaches_the_terminal_as_it_is() {
    let dir = Dir::new();
    let frames = Script::parse(THREE_FATES).expect("the script is right").into_frames();
    let interface = Interface::nanoseconds(1, HOSTILE);
    let file = Pcapng::new(Endian::Little).interface(interface);
    let file = frames.iter().fold(file, |file, frame| file.enhanced(0, frame));
    dir.write(&format!("{HOSTILE}.pcapng"), file.finish());
    let mut cut = pcap(&frames, Pcap::default());
    cut.pop();
    dir.write(&format!("cut{HOSTILE}.pcap"), cut);
    for format in formats() {
        let explain = if format == "timeline" { "--explain" } else { "" };
        let shown = at_a_terminal(&dir, &format!("replay {explain} -f {format} *"));
        assert_harmless(&shown, &format);
        assert!(shown.contains("breaks off"), "{shown}");
    }
    for wrong in [
        "replay missing*\x1b[2J",
        "live -i '\x1b[2J'",
        "replay -o '/\x1b[2J/x' *",
        "replay '--\x1b[2J'",
        "replay '--\u{202e}'",
        "replay -f '\u{202e}'",
        "demo '\u{200b}\u{202e}'",
        "'\u{2066}'",
    ] {
        assert_harmless(&at_a_terminal(&dir, wrong), wrong);
    }
}

#[test]
fn an_input_that_does_not_wait_is_waited_for() {
    let _limit = TimeLimit::start();
    let dir = Dir::new();
    let frames = Script::parse(THREE_FATES).expect("the script is right").into_frames();
    let bytes = pcap(&frames, Pcap::default());
    let (mut ours, theirs) = UnixStream::pair().expect("two sockets");
    theirs.set_nonblocking(true).expect("a socket that does not wait");
    let mut child = Command::new(env!("CARGO_BIN_EXE_synscope"))
        .args(["replay", "-f", "jsonl", "-"])
        .current_dir(dir.path("."))
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // What ends the first attempts is there, and no end of the input: it has to wait.
    let (first, rest) = bytes.split_at(bytes.len() - 1);
    ours.write_all(first).expect("written");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let told = lines.next().expect("a line").expect("UTF-8");
    assert!(told.contains(r#""type":"handshake""#), "{told}");
    ours.write_all(rest).expect("written");
    drop(ours);
    let summary = lines.map_while(Result::ok).last().expect("the totals");
    assert!(summary.contains(r#""damaged":[]"#), "{summary}");
    assert!(child.wait().expect("it ends").success());
}
