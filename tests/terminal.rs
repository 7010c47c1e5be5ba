//! The program at a terminal of its own, which script(1) opens.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::util::{Dir, text};

/// What takes the normal screen away, and what brings it back.
pub(crate) const ALTERNATE: [&str; 2] = ["\x1b[?1049h", "\x1b[?1049l"];

/// The program at a terminal.
pub(crate) struct AtTerminal {
    script: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    /// All that was written.
    written: Vec<u8>,
    shown: Shown,
    /// Where its process id is written to.
    pid: String,
}

impl AtTerminal {
    /// Starts it at a terminal of 80 columns and 24 rows, in a directory, with arguments as a shell reads
    /// them.
    pub(crate) fn start(dir: &Dir, args: &str) -> Self {
        Self::start_at(dir, (80, 24), args)
    }

    /// Starts it at a terminal of so many columns and rows. When it has ended, the terminal says how it is
    /// set.
    pub(crate) fn start_at(dir: &Dir, (columns, rows): (usize, usize), args: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_synscope");
        let run = format!(
            "stty cols {columns} rows {rows}; sh -c 'echo $$ >pid; exec {program} {args}'; code=$?; stty -a; exit $code"
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
        let pid = dir.path("pid").to_str().expect("it is UTF-8").to_owned();
        Self { script, keys, screen, written: Vec::new(), shown: Shown::new(columns, rows), pid }
    }

    /// Waits until this stands on the screen, in a line.
    pub(crate) fn see(&mut self, what: &str) {
        self.read_until(what, |this| this.shown.has(what));
    }

    /// Waits until this was written so many times.
    pub(crate) fn await_written(&mut self, what: &str, times: usize) {
        self.read_until(what, |this| text(&this.written).matches(what).count() >= times);
    }

    fn read_until(&mut self, what: &str, is_there: impl Fn(&Self) -> bool) {
        let mut piece = [0; 4096];
        while !is_there(self) {
            let read = self.screen.read(&mut piece).expect("a terminal");
            assert!(read > 0, "{what:?} is missing from {:?}", text(&self.written));
            let piece = &piece[..read];
            self.written.extend_from_slice(piece);
            for byte in piece {
                self.shown.take(*byte);
            }
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the program reads its keys");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let kill = ["-c", "kill -s $0 $(cat $1)", name, &self.pid];
        let killed = Command::new("sh").args(kill).status();
        assert!(killed.expect("there is a shell").success(), "kill -s {name}");
    }

    /// How its terminal is set by now.
    pub(crate) fn settings(&self) -> String {
        let stty = ["-c", "stty -a </proc/$(cat $0)/fd/0", &self.pid];
        let output = Command::new("sh").args(stty).output().expect("there is a shell");
        text(&output.stdout)
    }

    /// Waits until the kernel says that it is stopped.
    pub(crate) fn await_stop(&self) {
        let state = ["-c", "ps -o stat= -p $(cat $0)", &self.pid];
        loop {
            let output = Command::new("sh").args(state).output().expect("there is a shell");
            if text(&output.stdout).starts_with('T') {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The exit code, and all that was written.
    pub(crate) fn end_of_all(mut self) -> (Option<i32>, String) {
        self.screen.read_to_end(&mut self.written).expect("a terminal");
        let code = self.script.wait().expect("script(1) ends").code();
        (code, text(&self.written))
    }

    /// The exit code, and what came since the screen was gone.
    pub(crate) fn end(self) -> (Option<i32>, String) {
        let (code, written) = self.end_of_all();
        let after = written.rsplit_once(ALTERNATE[1]).map(|(_, after)| after.to_owned());
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

/// What stands on the screen, as far as it is ASCII: a picture draws only what differs from the one before.
struct Shown {
    rows: Vec<Vec<u8>>,
    /// The row and the column of the cursor, from 0 on.
    at: (usize, usize),
    /// What is written of a control sequence so far.
    sequence: Option<String>,
}

impl Shown {
    fn new(columns: usize, rows: usize) -> Self {
        Self { rows: vec![vec![b' '; columns]; rows], at: (0, 0), sequence: None }
    }

    fn has(&self, what: &str) -> bool {
        self.rows.iter().any(|row| text(row).contains(what))
    }

    fn take(&mut self, byte: u8) {
        match (&mut self.sequence, byte) {
            (None, b'\x1b') => self.sequence = Some(String::new()),
            (Some(sequence), _) => {
                sequence.push(byte.into());
                if sequence.len() > 1 && (b'@'..=b'~').contains(&byte) {
                    let sequence = sequence.clone();
                    self.sequence = None;
                    self.obey(&sequence);
                }
            }
            // A character of several bytes takes one place.
            (None, b' '..=b'~' | 0xc0..) => {
                let (row, column) = self.at;
                if let Some(cell) = self.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
                    *cell = byte.min(b'~');
                }
                self.at.1 += 1;
            }
            (None, _) => {}
        }
    }

    fn obey(&mut self, sequence: &str) {
        if let Some(place) = sequence.strip_prefix('[').and_then(|rest| rest.strip_suffix('H')) {
            let mut numbers = place.split(';').map(|number| number.parse().unwrap_or(1) - 1);
            self.at = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        } else if matches!(sequence, "[2J" | "[?1049h" | "[?1049l") {
            self.rows.iter_mut().for_each(|row| row.fill(b' '));
        }
    }
}

/// That the terminal takes lines and shows what is typed, as it did before.
#[track_caller]
pub(crate) fn assert_as_before(after: &str) {
    let words: Vec<&str> = after.split_whitespace().collect();
    for setting in ["icanon", "echo", "isig", "opost"] {
        assert!(words.contains(&setting), "{setting} is off in {after}");
    }
}
