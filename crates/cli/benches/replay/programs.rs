//! The programs that read a capture, and what each takes.

use std::path::Path;

use crate::common::{Usage, measure, median};
use crate::text::{head, mebibytes, rounded, seconds, table};

/// A program that reads a capture.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// What is started; `{}` stands for the capture.
    command: &'static [&'static str],
    rounds: usize,
    /// Bytes of the largest capture that it can read in a reasonable time.
    pub(crate) largest: u64,
}

/// What a run took, or why there is none.
pub(crate) type Run = Result<Usage, String>;

const ROUNDS: usize = 3;
/// Seconds of processor time after which a program is stopped.
pub(crate) const LIMIT: u32 = 120;
/// GiB of memory that a program may ask for: some take more than machines have.
const MEMORY_GIB: i64 = 12;
const SYNSCOPE: &str = env!("CARGO_BIN_EXE_synscope");
/// Selects the segments of handshakes, as somebody would who has only tcpdump.
const FILTER: &str = "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0";

const fn paired(name: &'static str, command: &'static [&'static str]) -> Program {
    Program { name, command, rounds: ROUNDS, largest: u64::MAX }
}

const fn once(name: &'static str, command: &'static [&'static str]) -> Program {
    Program { rounds: 1, ..paired(name, command) }
}

/// All of them. The first is the one that the others are compared with.
pub(crate) const ALL: &[Program] = &[
    paired("tcpdump, filter only", &["tcpdump", "-r", "{}", "-w", "/dev/null", FILTER]),
    paired("cat", &["cat", "{}"]),
    paired("synscope, summary", &[SYNSCOPE, "replay", "--format", "summary", "{}"]),
    paired("synscope, stats", &[SYNSCOPE, "stats", "{}"]),
    paired("synscope, jsonl", &[SYNSCOPE, "replay", "--format", "jsonl", "{}"]),
    paired("synscope, csv", &[SYNSCOPE, "replay", "--format", "csv", "{}"]),
    once("argus", &["argus", "-r", "{}", "-w", "/dev/null"]),
    once("tcptrace", &["tcptrace", "-n", "{}"]),
    Program {
        largest: 400_000_000,
        ..once("tshark, conversations", &["tshark", "-n", "-q", "-z", "conv,tcp", "-r", "{}"])
    },
];

impl Program {
    /// Runs it to its end.
    pub(crate) fn measure(&self, file: &Path) -> Run {
        let path = file.to_string_lossy();
        let command = self.command.iter().map(|word| word.replace("{}", &path));
        let limited = format!("ulimit -t {LIMIT}; ulimit -v {}; exec \"$@\"", MEMORY_GIB << 20);
        let shell = ["-c".to_owned(), limited, "sh".to_owned()];
        let used = measure("sh", shell.into_iter().chain(command)).ok_or("there is no shell")?;
        match used.status.code() {
            Some(0) => Ok(used),
            Some(127) => Err("not installed, left out".to_owned()),
            None if used.cpu.as_secs() + 1 >= u64::from(LIMIT) => {
                Err(format!("stopped after {LIMIT} s of processor time"))
            }
            _ if used.peak_kib >= (MEMORY_GIB << 20) * 9 / 10 => {
                Err(format!("stopped at {MEMORY_GIB} GiB of memory"))
            }
            _ => Err(format!("failed: {}", used.status)),
        }
    }
}

/// Runs all programs in turn, in rounds, and lays out a table with each beside the first.
pub(crate) fn compare(file: &Path) -> std::io::Result<String> {
    let size = file.metadata()?.len();
    let programs: Vec<&Program> = ALL.iter().filter(|program| program.largest >= size).collect();
    // The page cache is to hold the file for the first one, too.
    let _ = programs[0].measure(file);
    let mut runs: Vec<Vec<Run>> = programs.iter().map(|_| Vec::new()).collect();
    for round in 0..ROUNDS {
        for (program, runs) in programs.iter().zip(&mut runs) {
            if round < program.rounds {
                runs.push(program.measure(file));
            }
        }
    }
    let titles = ["program", "wall", "processor", "beside tcpdump's filter", "peak memory"];
    let mut rows = vec![head(&titles)];
    rows.extend(programs.iter().zip(&runs).map(|(it, own)| row(it.name, own, &runs[0])));
    Ok(table(&rows))
}

/// The cells of a program: medians, and the greatest peak.
fn row(name: &str, runs: &[Run], first: &[Run]) -> Vec<String> {
    let used: Vec<&Usage> = match runs.iter().map(Result::as_ref).collect() {
        Ok(used) => used,
        Err(reason) => return head(&[name, reason, "", "", ""]),
    };
    let pairs = used.iter().zip(first.iter().flatten());
    let ratio = median(pairs.map(|(own, first)| own.wall.as_secs_f64() / first.wall.as_secs_f64()));
    vec![
        name.to_owned(),
        seconds(median(used.iter().map(|used| used.wall.as_secs_f64()))),
        seconds(median(used.iter().map(|used| used.cpu.as_secs_f64()))),
        if ratio.is_nan() { String::new() } else { rounded(ratio) },
        mebibytes(used.iter().map(|used| used.peak_kib).max().unwrap_or_default()),
    ]
}
