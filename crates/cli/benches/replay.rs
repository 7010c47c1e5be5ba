//! Replaying a large capture, beside other programs that read the same file.
//!
//! `cargo bench -p synscope --bench replay` makes two captures under `target/bench/` (700 MB), runs every
//! program on them in turn, several rounds, and prints for each the median of the ratio to
//! `tcpdump -r` with a filter, round by round, and its peak memory. Programs that are not installed are named
//! and left out. Nothing here fails on a slow machine: the figures are there to be read.

mod common;

use std::io;
use std::path::Path;

use common::{Usage, made, measure, median, target_folder, write_record};

const ROUNDS: usize = 5;
/// 6.5 million packets in all.
const CONNECTIONS: u32 = 500_000;
/// Bytes of a frame that the captures keep.
const CUT: u32 = 96;
const SPOOFED_SYNS: u32 = 5_000_000;

fn main() -> io::Result<()> {
    let folder = target_folder()?;
    let connections = made(&folder, "connections.pcap", CUT, |file| {
        testkit::connections(CONNECTIONS).try_for_each(|frame| write_record(file, &frame))
    })?;
    let flood = made(&folder, "flood.pcap", CUT, |file| {
        testkit::spoofed_syns(SPOOFED_SYNS).try_for_each(|frame| write_record(file, &frame))
    })?;
    let synscope = env!("CARGO_BIN_EXE_synscope");
    println!("{CONNECTIONS} connections, {} bytes", connections.metadata()?.len());
    compare(
        &[
            Run::new(
                "tcpdump -r, filter only",
                "tcpdump",
                &["-r", "{}", "-w", "/dev/null", FILTER],
            ),
            Run::new("cat", "cat", &["{}"]),
            Run::new("synscope summary", synscope, &["replay", "--format", "summary", "{}"]),
            Run::new("synscope jsonl", synscope, &["replay", "--format", "jsonl", "{}"]),
            Run::new("synscope csv", synscope, &["replay", "--format", "csv", "{}"]),
            Run::new("argus", "argus", &["-r", "{}", "-w", "/dev/null"]),
        ],
        &connections,
    );
    println!("\n{SPOOFED_SYNS} spoofed SYNs, {} bytes", flood.metadata()?.len());
    compare(
        &[
            Run::new(
                "tcpdump -r, filter only",
                "tcpdump",
                &["-r", "{}", "-w", "/dev/null", FILTER],
            ),
            Run::new("synscope summary", synscope, &["replay", "--format", "summary", "{}"]),
            Run::new("synscope jsonl", synscope, &["replay", "--format", "jsonl", "{}"]),
            Run::new("synscope json", synscope, &["replay", "--format", "json", "{}"]),
        ],
        &flood,
    );
    Ok(())
}

/// Selects the segments of handshakes, as somebody would who has only tcpdump.
const FILTER: &str = "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0";

struct Run {
    name: &'static str,
    program: &'static str,
    arguments: Vec<&'static str>,
}

impl Run {
    fn new(name: &'static str, program: &'static str, arguments: &[&'static str]) -> Self {
        Self { name, program, arguments: arguments.to_vec() }
    }

    /// Runs the program to its end; `None` where it is not installed.
    fn measure(&self, file: &Path) -> Option<Usage> {
        let path = file.to_string_lossy();
        let arguments = self.arguments.iter().map(|argument| argument.replace("{}", &path));
        measure(self.program, arguments)
    }
}

/// Runs all programs in turn, `ROUNDS` times, and prints them beside the first.
fn compare(runs: &[Run], file: &Path) {
    let mut rounds: Vec<Vec<Option<Usage>>> = Vec::new();
    for round in 0..=ROUNDS {
        let measured = runs.iter().map(|run| run.measure(file)).collect();
        // The first round fills the page cache.
        if round > 0 {
            rounds.push(measured);
        }
    }
    println!(
        "{:<26} {:>9} {:>9} {:>12} {:>10}",
        "program", "wall s", "cpu s", "x tcpdump", "peak MiB"
    );
    for (at, run) in runs.iter().enumerate() {
        let used: Vec<Usage> = rounds.iter().filter_map(|round| round[at]).collect();
        if used.is_empty() {
            println!("{:<26} not installed", run.name);
            continue;
        }
        let ratios = rounds
            .iter()
            .filter_map(|round| Some(round[at]?.wall.as_secs_f64() / round[0]?.wall.as_secs_f64()));
        println!(
            "{:<26} {:>9.3} {:>9.3} {:>12.2} {:>10.1}",
            run.name,
            median(used.iter().map(|used| used.wall.as_secs_f64())),
            median(used.iter().map(|used| used.cpu.as_secs_f64())),
            median(ratios),
            used.iter().map(|used| used.peak_kib).max().unwrap_or(0) as f64 / 1024.0,
        );
    }
}
