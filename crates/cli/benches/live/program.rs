//! The programs that capture, and what they tell of it.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use capture::live::{LiveConfig, tcpdump_expression};

use crate::sys::{self, Usage};

pub(crate) const SYNSCOPE: &str = env!("CARGO_BIN_EXE_synscope");

/// Every program is up long before.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between the last connection and the signal, except where that is what is measured. tcpdump lets
/// packets wait for a second.
pub(crate) const SETTLE: Duration = Duration::from_millis(1200);

/// A program that captures on the loopback interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// Everything: decode, track and show, in this format.
    Synscope { backend: &'static str, format: &'static str, memory: &'static str },
    /// Writes a file, no more.
    Tcpdump,
    /// Likewise.
    Dumpcap,
}

impl Program {
    pub(crate) const RING: Self = Self::synscope("ring", "jsonl");
    pub(crate) const ALL: [Self; 7] = [
        Self::synscope("ring", "summary"),
        Self::RING,
        Self::Synscope { backend: "ring", format: "jsonl", memory: "512MB" },
        Self::synscope("ring", "timeline"),
        Self::synscope("pnet", "jsonl"),
        Self::Tcpdump,
        Self::Dumpcap,
    ];

    const fn synscope(backend: &'static str, format: &'static str) -> Self {
        Self::Synscope { backend, format, memory: "64MB" }
    }

    pub(crate) fn title(self) -> String {
        match self {
            Self::Synscope { backend, format, memory } => {
                format!("synscope {backend}, {format}, {memory}")
            }
            Self::Tcpdump => "tcpdump -w".to_owned(),
            Self::Dumpcap => "dumpcap -w".to_owned(),
        }
    }

    pub(crate) fn is_installed(self) -> bool {
        let name = match self {
            Self::Synscope { .. } => return true,
            Self::Tcpdump => "tcpdump",
            Self::Dumpcap => "dumpcap",
        };
        is_installed(name)
    }

    /// The same packets, the same part of each, and ample room (64 MiB) for those that write files.
    fn command(self, output: &Path) -> Command {
        let output = output.to_string_lossy();
        let filter = tcpdump_expression(&LiveConfig::on(["lo"]));
        let (name, words) = match self {
            Self::Synscope { backend, format, memory } => {
                let words = format!(
                    "live --backend {backend} --format {format} --memory {memory} --output {output}"
                );
                (SYNSCOPE, words)
            }
            Self::Tcpdump => ("tcpdump", format!("-n -i lo -s 128 -B 65536 -w {output}")),
            Self::Dumpcap => ("dumpcap", format!("-q -i lo -s 128 -B 64 -w {output} -f")),
        };
        let mut command = Command::new(name);
        command.args(words.split(' '));
        if !matches!(self, Self::Synscope { .. }) {
            command.arg(filter);
        }
        command
    }

    /// Starts it and waits until it captures.
    pub(crate) fn start(self, folder: &Path) -> io::Result<Running> {
        let output = folder.join("live.out");
        let errors = folder.join("live.err");
        let mut command = self.command(&output);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&errors)?);
        let child = command.spawn()?;
        await_capture()?;
        Ok(Running { program: self, child, output, errors })
    }
}

pub(crate) fn is_installed(program: &str) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok()
}

/// Waits until a packet socket of this namespace is bound, and a little longer: some programs bind
/// before they have set up everything else.
pub(crate) fn await_capture() -> io::Result<()> {
    let end = Instant::now() + PATIENCE;
    // The second line is the first socket.
    while fs::read_to_string("/proc/net/packet")?.lines().count() < 2 {
        if Instant::now() > end {
            return Err(io::Error::other("the program does not capture"));
        }
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(300));
    Ok(())
}

/// A program that captures.
#[derive(Debug)]
pub(crate) struct Running {
    program: Program,
    child: Child,
    output: PathBuf,
    errors: PathBuf,
}

/// What a program has captured, and at what cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Captured {
    /// Handshakes that are complete in what it got.
    pub(crate) handshakes: Option<u64>,
    /// Packets that the kernel had no room for.
    pub(crate) dropped: Option<u64>,
    pub(crate) usage: Usage,
    /// From the signal to the end of the process.
    pub(crate) exit: Duration,
}

impl Running {
    pub(crate) fn child(&self) -> &Child {
        &self.child
    }

    /// Ends it a little after the last packet.
    pub(crate) fn settle_and_end(self) -> io::Result<Captured> {
        thread::sleep(SETTLE);
        self.end()
    }

    /// Ends it now.
    pub(crate) fn end(self) -> io::Result<Captured> {
        let signalled = Instant::now();
        sys::interrupt(&self.child)?;
        let usage = sys::wait(&self.child)?;
        let exit = signalled.elapsed();
        let said = fs::read_to_string(&self.errors)?;
        let (handshakes, dropped) = match self.program {
            Program::Synscope { .. } => totals(&tail(&self.output)?),
            Program::Tcpdump => (replayed(&self.output)?, before(&said, " packets dropped by")),
            // "Packets received/dropped on interface 'lo': 4000/0 (pcap:0/dumpcap:0/…"
            Program::Dumpcap => (replayed(&self.output)?, before(&said, " (pcap:")),
        };
        fs::remove_file(&self.output)?;
        Ok(Captured { handshakes, dropped, usage, exit })
    }
}

/// The number that stands before `mark`.
fn before(text: &str, mark: &str) -> Option<u64> {
    let (text, _) = text.split_once(mark)?;
    text.rsplit(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// The handshakes in a capture file.
fn replayed(file: &Path) -> io::Result<Option<u64>> {
    let output =
        Command::new(SYNSCOPE).args(["replay", "--format", "summary"]).arg(file).output()?;
    Ok(totals(&String::from_utf8_lossy(&output.stdout)).0)
}

/// Established attempts and dropped packets, from totals in JSON or in text.
pub(crate) fn totals(text: &str) -> (Option<u64>, Option<u64>) {
    let last = text.lines().next_back().unwrap_or_default();
    if let Ok(summary) = serde_json::from_str::<serde_json::Value>(last) {
        return (summary["handshakes"]["established"].as_u64(), summary["kernel_dropped"].as_u64());
    }
    let text = text.rsplit_once(" attempts in ").map_or("", |(_, totals)| totals).replace(',', "");
    let mut lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("established "));
    let established = lines.next().and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    let dropped = text.split_once("the kernel dropped ").map_or(Some(0), |(_, rest)| {
        rest.split_whitespace().next().and_then(|count| count.parse().ok())
    });
    (established, dropped)
}

/// The end of a file, in which the totals are.
fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(16 << 10);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
