//! Replaying what somebody sends, or puts into files, to cost as much as possible.
//!
//! `cargo bench -p synscope --bench hostile` makes captures under `target/bench/hostile/` (2 GB), runs
//! `synscope replay` on each, and prints what a packet takes beside one of an ordinary flood, and the
//! peak memory. A `!` marks what is beyond the goals. Nothing here fails on a slow machine: the
//! figures are there to be read.

#[path = "../common/mod.rs"]
mod common;
mod files;
mod floods;
mod frames;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Usage, made, measure, median, target_folder};
use floods::Flood;

const ROUNDS: usize = 3;
/// What a packet may cost, beside one of the ordinary flood.
const MOST_TIMES: f64 = 3.0;
const MOST_MB: f64 = 64.0;

/// A capture, and how many packets it has.
type Capture = (&'static str, u32, PathBuf);

fn main() -> io::Result<()> {
    let folder = target_folder()?.join("hostile");
    std::fs::create_dir_all(&folder)?;
    // Words that are no option select captures by their names.
    let words: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    if std::env::args().any(|argument| argument == MAKE) {
        traffic(&folder, &words)?;
        return files(&folder, &words).map(drop);
    }
    // The peak of a child is at least that of the process that starts it, so another one makes them.
    Command::new(std::env::current_exe()?).arg(MAKE).args(&words).status()?;
    let floods = traffic(&folder, &words)?;
    compare("summary", &floods);
    let told = |name| floods::ALL.iter().any(|flood| flood.jsonl && flood.name == name);
    compare("jsonl", &floods.into_iter().filter(|(name, ..)| told(*name)).collect::<Vec<_>>());
    compare("summary", &files(&folder, &words)?);
    Ok(())
}

/// Has captures made, and does nothing else.
const MAKE: &str = "--make";

/// Whether a capture is wanted. The first one always is: the others are compared with it.
fn wants(words: &[String], at: usize, name: &str) -> bool {
    at == 0 || words.is_empty() || words.iter().any(|word| name.contains(word))
}

fn traffic(folder: &Path, words: &[String]) -> io::Result<Vec<Capture>> {
    let all = floods::ALL.iter().enumerate();
    all.filter(|(at, flood)| wants(words, *at, flood.name))
        .map(|(_, flood)| Ok((flood.name, flood.packets, capture(folder, flood)?)))
        .collect()
}

fn files(folder: &Path, words: &[String]) -> io::Result<Vec<Capture>> {
    let all = files::ALL.iter().enumerate();
    all.filter(|(at, files)| wants(words, *at, files.name))
        .map(|(_, files)| Ok((files.name, files.packets, files.made(folder)?)))
        .collect()
}

/// The capture of a flood.
fn capture(folder: &Path, flood: &Flood) -> io::Result<PathBuf> {
    let name: String =
        flood.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    made(folder, &format!("{name}.pcap"), 65_535, |file| {
        (0..flood.packets).try_for_each(|number| {
            let bytes = (flood.frame)(number);
            let (timestamp_ns, wire_len) = ((flood.nanos)(number), bytes.len() as u32);
            write_record(file, timestamp_ns, wire_len, &bytes)
        })
    })
}

/// Reads each capture several times, in turn, and prints what a packet took beside the first one's.
fn compare(format: &str, captures: &[Capture]) {
    let run = |path: &Path| {
        let arguments = ["replay".as_ref(), "--format".as_ref(), format.as_ref(), path.as_os_str()];
        let used = measure(env!("CARGO_BIN_EXE_synscope"), arguments).expect("cargo has built it");
        assert!(used.status.code().is_some(), "{}: {}", path.display(), used.status);
        used
    };
    let rounds: Vec<Vec<Usage>> =
        (0..ROUNDS).map(|_| captures.iter().map(|(.., path)| run(path)).collect()).collect();
    println!(
        "\n{:<38} {:>9} {:>8} {:>9} {:>9}   {:>9}",
        format, "packets", "wall s", "ns/packet", "x first", "peak MB"
    );
    for (at, (name, packets, _)) in captures.iter().enumerate() {
        let used = || rounds.iter().map(|round| round[at]);
        let each = |at: usize, round: &[Usage]| {
            round[at].cpu.as_secs_f64() * 1e9 / f64::from(captures[at].1)
        };
        let times = median(rounds.iter().map(|round| each(at, round) / each(0, round)));
        let peak = used().map(|used| used.peak_kib).max().unwrap_or(0) as f64 * 1.024 / 1_000.0;
        let wall = median(used().map(|used| used.wall.as_secs_f64()));
        let mark = |beyond| if beyond { '!' } else { ' ' };
        let per_packet = if *packets == 0 {
            format!("{:>9} {:>9}  ", "", "")
        } else {
            let nanos = median(rounds.iter().map(|round| each(at, round)));
            format!("{nanos:>9.0} {times:>9.2} {}", mark(times > MOST_TIMES))
        };
        println!(
            "{name:<38} {packets:>9} {wall:>8.3} {per_packet} {peak:>10.1} {}",
            mark(peak > MOST_MB)
        );
    }
}

/// Appends a record to a pcap file.
fn write_record(
    file: &mut impl Write,
    timestamp_ns: i64,
    wire_len: u32,
    bytes: &[u8],
) -> io::Result<()> {
    let nanos = timestamp_ns.cast_unsigned();
    let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    for field in [seconds as u32, nanos as u32, bytes.len() as u32, wire_len] {
        file.write_all(&field.to_le_bytes())?;
    }
    file.write_all(bytes)
}
