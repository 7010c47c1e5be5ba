//! The screen of `--tui`, at a terminal of its own (script(1) opens it).

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use testkit::TimeLimit;

use crate::util::{Dir, text};

const MANY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../captures/many.pcapng");
/// What takes the normal screen away, and what brings it back.
const ALTERNATE: [&str; 2] = ["\x1b[?1049h", "\x1b[?1049l"];

/// A program at a terminal.
struct AtTerminal {
    script: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    seen: String,
}

impl AtTerminal {
    /// Shows a capture at a terminal of 80 columns and 24 rows. The program writes its process id to `pid`; when it
    /// has ended, the terminal says how it is set.
    fn start(dir: &Dir) -> Self {
        fs::copy(MANY, dir.path("many.pcapng")).expect("a copy with a short name");
        let program = env!("CARGO_BIN_EXE_synscope");
        let args = "replay --tui --color never many.pcapng";
        let run = format!(
            "stty cols 80 rows 24; sh -c 'echo $$ >pid; exec {program} {args}'; code=$?; stty -a; exit $code"
        );
        let mut command = Command::new("script");
        command.args(["-qec", &run, "/dev/null"]).current_dir(dir.path("")).env_clear();
        command.envs([
            ("PATH", "/usr/bin:/bin"),
            ("LC_ALL", "C.UTF-8"),
            ("TERM", "xterm-256color"),
        ]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut script = command.spawn().expect("script(1) starts");
        let keys = script.stdin.take().expect("it is piped");
        let screen = script.stdout.take().expect("it is piped");
        Self { script, keys, screen, seen: String::new() }
    }

    /// Waits until this was drawn.
    fn see(&mut self, what: &str) {
        let mut piece = [0; 4096];
        while !self.seen.contains(what) {
            let read = self.screen.read(&mut piece).expect("a terminal");
            assert!(read > 0, "`{what}` is missing from {:?}", self.seen);
            self.seen.push_str(&text(&piece[..read]));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the program reads its keys");
    }

    /// The exit code, and what came since the screen was gone.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = Vec::new();
        self.screen.read_to_end(&mut rest).expect("a terminal");
        self.seen.push_str(&text(&rest));
        let code = self.script.wait().expect("script(1) ends").code();
        let after = self.seen.rsplit_once(ALTERNATE[1]).map(|(_, after)| after.to_owned());
        (code, after.expect("the normal screen is back"))
    }
}

/// A test that fails leaves no program at its terminal.
impl Drop for AtTerminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// Whether the terminal takes lines and shows what is typed, as it did before.
#[track_caller]
fn assert_as_before(after: &str) {
    let words: Vec<&str> = after.split_whitespace().collect();
    for setting in ["icanon", "echo", "isig", "opost"] {
        assert!(words.contains(&setting), "{setting} is off in {after}");
    }
}

#[test]
fn q_gives_the_terminal_back_and_the_totals_follow() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let mut program = AtTerminal::start(&dir);
    program.see(ALTERNATE[0]);
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
    let mut program = AtTerminal::start(&dir);
    program.see("established");
    let kill = "kill -TERM $(cat pid)";
    let killed = Command::new("sh").args(["-c", kill]).current_dir(dir.path("")).status();
    assert!(killed.expect("there is a shell").success());
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    assert_as_before(&after);
}

#[test]
fn keys_reach_the_screen_and_an_attempt_is_saved() {
    let (_limit, dir) = (TimeLimit::start(), Dir::new());
    let mut program = AtTerminal::start(&dir);
    program.see("established");
    program.press("/60712\r");
    // It can be saved as soon as it is read.
    while !dir.path("attempt-6.svg").exists() {
        program.press("s");
        thread::sleep(Duration::from_millis(10));
    }
    program.press("\x03");
    assert_eq!(program.end().0, Some(0));
    let saved = fs::read_to_string(dir.path("attempt-6.json")).expect("it is saved");
    let saved: serde_json::Value = serde_json::from_str(&saved).expect("one object");
    assert_eq!(saved["id"], 6);
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
    for other in ["--format=json", "--output=x", "--quiet", "--explain", "--extract=x.pcapng"] {
        let run = Dir::new().synscope(["replay", "--tui", other, MANY]).run().code(2);
        assert!(run.stderr().contains("cannot be used with"), "{run:?}");
    }
}
