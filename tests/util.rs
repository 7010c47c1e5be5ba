//! Runs the program and keeps everything needed to understand a failure.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use testkit::TimeLimit;

/// A directory of a test's own that vanishes with it.
pub(crate) struct Dir {
    path: PathBuf,
}

impl Dir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{count}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).expect("the temporary directory can be created");
        Self { path }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("the temporary directory can be written to");
        path
    }

    /// Writes a pcap file with the frames of a script.
    pub(crate) fn capture(&self, name: &str, script: &str) -> PathBuf {
        let script = testkit::Script::parse(script).expect("the script is right");
        self.write(name, testkit::pcap(script.frames(), testkit::Pcap::default()))
    }

    /// The program, run in this directory.
    pub(crate) fn synscope<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synscope"));
        command.args(args).current_dir(&self.path).env_clear().env("LC_ALL", "C.UTF-8");
        Program { command, input: Vec::new() }
    }

    /// The program at a terminal, with arguments as a shell reads them.
    pub(crate) fn at_a_terminal(&self, args: &str) -> Program {
        self.at_a_terminal_of("", args)
    }

    /// The same, where `stty` was told the size of the terminal; without one it is unknown.
    pub(crate) fn at_a_terminal_of(&self, size: &str, args: &str) -> Program {
        let command = format!("stty {size} >/dev/null; {} {args}", env!("CARGO_BIN_EXE_synscope"));
        // script(1) is part of util-linux.
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).current_dir(&self.path).env_clear();
        script.env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        Program { command: script, input: Vec::new() }
    }
}

/// The output formats that go to standard output, too.
pub(crate) fn formats() -> Vec<String> {
    all_formats().into_iter().filter(|format| format != "parquet").collect()
}

/// The output formats, as the program lists them.
pub(crate) fn all_formats() -> Vec<String> {
    let run = Dir::new().synscope(["replay", "-f", "none", "-"]).run().code(2);
    let (_, list) = run.stderr().split_once("[possible values: ").expect("a list");
    let (list, _) = list.split_once(']').expect("an end of the list");
    list.split(", ").map(str::to_owned).collect()
}

impl Drop for Dir {
    fn drop(&mut self) {
        // A directory that stays is a nuisance, no failure.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The program, about to run.
pub(crate) struct Program {
    command: Command,
    input: Vec<u8>,
}

impl Program {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// The command itself, for what this type does not do.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }

    pub(crate) fn run(mut self) -> Run {
        let _limit = TimeLimit::start();
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = self.input;
        // From another thread: the program may write before it has read everything.
        let writer = std::thread::spawn(move || {
            // A program that does not read its input to the end is not wrong.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().expect("the program ends");
        writer.join().expect("the input was written");
        Run { command: format!("{:?}", self.command), output }
    }
}

/// Asks a program to end.
pub(crate) fn terminate(program: &Child) {
    signal(program, "TERM");
}

/// Sends a signal to a program.
pub(crate) fn signal(program: &Child, name: &str) {
    let pid = program.id().to_string();
    let status = Command::new("sh").args(["-c", "kill -$1 $0", &pid, name]).status();
    assert!(status.expect("there is a shell").success(), "kill -{name} {pid}");
}

/// What a program wrote, for people to read.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What was said, without the line about the sandbox, which depends on the kernel.
pub(crate) fn beside_sandbox(said: &str) -> String {
    let of_sandbox = ["synscope: confined by Landlock ", "synscope: not confined: "];
    let is_other = |line: &&str| !of_sandbox.iter().any(|begin| line.starts_with(begin));
    said.split_inclusive('\n').filter(is_other).collect()
}

/// What came of a run.
pub(crate) struct Run {
    command: String,
    output: Output,
}

impl Run {
    pub(crate) fn stdout(&self) -> &str {
        std::str::from_utf8(&self.output.stdout).expect("the output is UTF-8")
    }

    pub(crate) fn stderr(&self) -> &str {
        std::str::from_utf8(&self.output.stderr).expect("the messages are UTF-8")
    }

    /// Expects this exit code.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.output.status.code(), Some(expected), "the exit code of {self:?}");
        self
    }

    /// Expects exactly this on standard error.
    #[track_caller]
    pub(crate) fn says(self, expected: &str) -> Self {
        assert_eq!(self.stderr(), expected, "what is said by {self:?}");
        self
    }

    /// Expects exactly this on standard output.
    #[track_caller]
    pub(crate) fn shows(self, expected: &str) -> Self {
        assert_eq!(self.stdout(), expected, "what is shown by {self:?}");
        self
    }

    /// Expects all of these somewhere on standard output.
    #[track_caller]
    pub(crate) fn shows_all(self, expected: &[&str]) -> Self {
        for text in expected {
            assert!(self.stdout().contains(text), "`{text}` is missing from {self:?}");
        }
        self
    }

    /// Standard output as JSON, one value a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<serde_json::Value> {
        let parse = |line| serde_json::from_str(line);
        let values: Result<_, _> = self.stdout().lines().map(parse).collect();
        values.unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// How many attempts `--format jsonl` tells of.
    #[track_caller]
    pub(crate) fn attempts(&self) -> usize {
        self.json_lines().iter().filter(|line| line["type"] == "handshake").count()
    }

    /// The totals of `--format jsonl`.
    #[track_caller]
    pub(crate) fn summary(&self) -> serde_json::Value {
        let last = self.json_lines().pop().expect("there is a last line");
        assert_eq!(last["type"], "summary", "{self:?}");
        last
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, output } = self;
        write!(
            f,
            "\n{command}\n{}\n--- stdout\n{}--- stderr\n{}---",
            output.status,
            text(&output.stdout),
            text(&output.stderr),
        )
    }
}
