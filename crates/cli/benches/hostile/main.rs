//! Replaying what somebody sends, or puts into files, to cost as much as possible.
//!
//! `cargo bench -p synscope --bench hostile` makes captures under `target/bench/hostile/` (3 GB), runs
//! `synscope replay` on each, and prints what a packet takes beside one of an ordinary flood, and the
//! peak memory. A `!` marks what is beyond the goals. Nothing here fails on a slow machine: the
//! figures are there to be read.

mod files;
mod floods;
mod frames;
#[path = "../shared/mod.rs"]
mod shared;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use floods::Flood;
use shared::{Usage, made, measure, median, target_folder};

const ROUNDS: usize = 3;
/// What a packet may cost, beside one of the ordinary flood.
const MOST_TIMES: f64 = 3.0;
const MOST_MIB: f64 = 64.0;

fn main() -> io::Result<()> {
    let folder = target_folder()?.join("hostile");
    std::fs::create_dir_all(&folder)?;
    // Words that are no option select captures by their names.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word));
    for format in ["summary", "jsonl"] {
        let floods = floods::ALL.iter().filter(|flood| format == "summary" || flood.jsonl);
        let captures = floods
            .enumerate()
            .filter(|(at, flood)| *at == 0 || wants(flood.name))
            .map(|(_, flood)| Ok((flood.name, flood.packets, capture(&folder, flood)?)));
        compare(format, &captures.collect::<io::Result<Vec<_>>>()?);
    }
    let files = files::ALL
        .iter()
        .enumerate()
        .filter(|(at, files)| *at == 0 || wants(files.name))
        .map(|(_, files)| Ok((files.name, files.packets, files.made(&folder)?)));
    compare("summary", &files.collect::<io::Result<Vec<_>>>()?);
    Ok(())
}

/// The capture of a flood.
fn capture(folder: &Path, flood: &Flood) -> io::Result<PathBuf> {
    let name: String =
        flood.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    made(folder, &format!("{name}.pcap"), 65_535, |file| write(file, flood))
}

fn write(file: &mut BufWriter<std::fs::File>, flood: &Flood) -> io::Result<()> {
    for number in 0..flood.packets {
        let frame = (flood.frame)(number);
        let nanos = (flood.nanos)(number);
        let (len, second) = (frame.len() as u32, 1_000_000_000);
        for field in [(nanos / second) as u32, (nanos % second) as u32, len, len] {
            file.write_all(&field.to_le_bytes())?;
        }
        file.write_all(&frame)?;
    }
    Ok(())
}

/// Reads each capture several times, in turn, and prints what a packet took beside the first one's.
fn compare(format: &str, captures: &[(&str, u32, PathBuf)]) {
    let run = |path: &Path| {
        let arguments = ["replay".as_ref(), "--format".as_ref(), format.as_ref(), path.as_os_str()];
        measure(env!("CARGO_BIN_EXE_synscope"), arguments).expect("cargo has built it")
    };
    let rounds: Vec<Vec<Usage>> =
        (0..ROUNDS).map(|_| captures.iter().map(|(.., path)| run(path)).collect()).collect();
    println!(
        "\n{:<38} {:>9} {:>8} {:>9} {:>9}   {:>10}",
        format, "packets", "wall s", "ns/packet", "x first", "peak MiB"
    );
    for (at, (name, packets, _)) in captures.iter().enumerate() {
        let used = || rounds.iter().map(|round| round[at]);
        let each = |at: usize, round: &[Usage]| {
            round[at].cpu.as_secs_f64() * 1e9 / f64::from(captures[at].1)
        };
        let times = median(rounds.iter().map(|round| each(at, round) / each(0, round)));
        let peak = used().map(|used| used.peak_kib).max().unwrap_or(0) as f64 / 1024.0;
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
            mark(peak > MOST_MIB)
        );
    }
}
