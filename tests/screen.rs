//! The screen of `--tui`, at a terminal of its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use testkit::TimeLimit;

use crate::scripts::{ANOTHER, REFUSED, THREE_FATES};
use crate::terminal::{ALTERNATE, AtTerminal, assert_as_before};
use crate::util::Dir;

const MANY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/many.pcapng");

/// Shows a capture.
fn show(dir: &Dir) -> AtTerminal {
    fs::copy(MANY, dir.path("many.pcapng")).expect("a copy with a short name");
    AtTerminal::start(dir, "replay --tui --color never many.pcapng")
}

#[test]
fn q_gives_the_terminal_back_and_the_totals_follow() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let mut program = show(&dir);
    program.see("established");
    program.press("q");
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    // Of what was read until then.
    assert!(after.contains(" attempts in "), "{after}");
    assert_as_before(&after);
}

#[test]
fn sigterm_gives_the_terminal_back() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let mut program = show(&dir);
    program.see("established");
    program.signal("TERM");
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    assert_as_before(&after);
}

#[test]
fn keys_reach_the_screen_and_an_attempt_is_saved() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let mut program = show(&dir);
    program.see("established");
    program.press("/60712\r");
    program.see("60712");
    // Its packets can be copied as soon as it is read.
    program.press("s");
    program.see("saved attempt-6.json, .svg and .pcapng");
    program.press("s");
    program.see("nothing is saved: attempt-6.json: File exists");
    program.press("\x03");
    assert_eq!(program.end().0, Some(0));
    let saved = fs::read_to_string(dir.path("attempt-6.json")).expect("it is saved");
    let saved: serde_json::Value = serde_json::from_str(&saved).expect("one object");
    assert_eq!(saved["id"], 6);
    let again = dir.synscope(["replay", "-f", "jsonl", "attempt-6.pcapng"]).run().code(0).says("");
    let [attempt, summary] = &again.json_lines()[..] else { panic!("{again:?}") };
    assert_eq!([&attempt["client"], &attempt["outcome"]], [&saved["client"], &saved["outcome"]]);
    // One more shows that the server took the acknowledgment.
    let segments = saved["segments"].as_array().expect("a list").len();
    assert_eq!(summary["frames"], segments + 1, "{summary}");
}

#[test]
fn where_there_is_no_attempt_the_screen_says_so() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let capture = fs::read(dir.capture("whole.pcap", REFUSED)).expect("it was just written");
    // The header of the file alone.
    dir.write("c.pcap", &capture[..24]);
    let mut program = AtTerminal::start(&dir, "replay --tui --color never c.pcap");
    program.see("all is read");
    program.press("s");
    program.see("there is no attempt to save");
    program.press("g");
    program.see("g attempts");
    program.see("there was no attempt");
    program.press("q");
    assert_eq!(program.end().0, Some(0));
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_the_program_goes_on() {
    for is_key in [true, false] {
        let (_limit, dir) = (TimeLimit::start(), Dir::new());
        let mut program = show(&dir);
        program.see("all is read");
        if is_key {
            program.press("\x1a");
        } else {
            program.signal("TSTP");
        }
        program.await_written(ALTERNATE[1], 1);
        program.await_stop();
        program.signal("CONT");
        program.await_written(ALTERNATE[0], 2);
        // All is drawn anew.
        program.see("all is read");
        program.press("q");
        let (code, after) = program.end();
        assert_eq!(code, Some(0), "{after}");
        assert_as_before(&after);
    }
}

#[test]
fn hosts_have_their_names() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    dir.write("hosts", "2001:db8::2 www.example.org\n");
    dir.capture("c.pcap", THREE_FATES);
    let args = "replay --tui --names --hosts hosts --color never c.pcap";
    let mut program = AtTerminal::start(&dir, args);
    program.see("www.example.org (2001:db8::2)");
    program.press("q");
    assert_eq!(program.end().0, Some(0));
}

#[test]
fn a_file_that_grows_is_followed() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let [first, second] = [REFUSED, ANOTHER]
        .map(|script| fs::read(dir.capture("whole.pcap", script)).expect("it was just written"));
    dir.write("c.pcap", &first);
    let mut program = AtTerminal::start(&dir, "replay --follow --tui --color never c.pcap");
    program.see("following");
    program.see("refused");
    program.press("s");
    program.see("no packets: --follow reads on");
    let mut file = File::options().append(true).open(dir.path("c.pcap")).expect("it is there");
    // Without the header of the file.
    file.write_all(&second[24..]).expect("it can be written");
    program.see("established");
    program.press("q");
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    assert!(after.contains("2 attempts in "), "{after}");
    assert_as_before(&after);
}

#[test]
fn what_goes_wrong_while_a_file_is_followed_is_said_on_the_screen_and_after_it() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    dir.capture("c.pcap", REFUSED);
    let mut program = AtTerminal::start(&dir, "replay --follow --tui --color never c.pcap");
    program.see("refused");
    fs::remove_file(dir.path("c.pcap")).expect("it is there");
    program.see("c.pcap was removed");
    dir.capture("c.pcap", ANOTHER);
    program.see("established");
    program.press("q");
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    assert!(after.contains("synscope: c.pcap was removed"), "{after}");
}

/// `SYNSCOPE_WRITE_GOLDENS=1` draws it anew.
#[test]
fn the_picture_of_the_manual_is_what_the_command_beside_it_shows() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manual = fs::read_to_string(root.join("docs/manual.md")).expect("it is text");
    let mut commands = manual.lines().filter_map(|line| line.strip_prefix("$ synscope "));
    let command = commands.find(|words| words.starts_with("replay --tui captures/"));
    let command = command.expect("the manual names the command");
    fs::create_dir(dir.path("captures")).expect("a directory");
    for file in command.split(' ').filter(|word| word.starts_with("captures/")) {
        fs::copy(root.join(file), dir.path(file)).expect("it is bundled");
    }
    let mut program = AtTerminal::start_at(&dir, (120, 40), &format!("{command} --color always"));
    program.see("all is read");
    program.press("oS");
    program.see("saved screen-1.svg");
    program.press("S");
    program.see("saved screen-2.svg");
    program.press("q");
    assert_eq!(program.end().0, Some(0));
    let picture = fs::read_to_string(dir.path("screen-1.svg")).expect("it is saved");
    testkit::golden(root.join("docs/pictures/screen.svg"), &picture);
}

#[test]
fn without_a_terminal_the_error_says_so() {
    Dir::new()
        .synscope(["replay", "--tui", MANY])
        .run()
        .code(2)
        .says("synscope: --tui draws on a terminal, and standard output is none\n");
}

#[test]
fn a_screen_has_no_format_and_no_file() {
    let others =
        "--format=json --output=x --quiet --explain --extract=x.pcapng --calls=x --step --speed=1";
    for other in others.split(' ') {
        let run = Dir::new().synscope(["replay", "--tui", other, MANY]).run().code(2);
        assert!(run.stderr().contains("cannot be used with"), "{run:?}");
    }
}
