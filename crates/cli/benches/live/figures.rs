//! What is measured, and how it is printed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::alone;
use crate::beside;
use crate::load::{Load, Made};
use crate::program::{Captured, Program};

const UNBOUNDED: Load = Load { rate: None, time: Duration::from_secs(2), most: 2_000_000 };
const STEADY: Load = Load { rate: Some(20_000), time: Duration::from_secs(3), most: 200_000 };

/// Measures everything in turn.
pub(crate) fn print_all() -> io::Result<()> {
    let folder = folder()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let cores = thread::available_parallelism()?;
    println!("Linux {}, {cores} cores", kernel.trim());
    let (installed, missing): (Vec<_>, Vec<_>) =
        Program::ALL.into_iter().partition(|program| program.is_installed());
    for program in missing {
        println!("not installed, left out: {}", program.title());
    }
    under_load("\nas many connections as can be made", UNBOUNDED, &installed, &folder)?;
    under_load("\n20,000 connections a second", STEADY, &installed, &folder)?;
    beside::print_throughput(&folder)?;
    alone::print_delays()?;
    alone::print_idle(&folder)?;
    alone::print_signal(&folder)?;
    fs::remove_dir_all(folder)
}

fn folder() -> io::Result<PathBuf> {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("live-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Lets one program after the other capture the load, and makes the load without any in between.
fn under_load(title: &str, load: Load, programs: &[Program], folder: &Path) -> io::Result<()> {
    println!("{title}, for {} s; processor time is in µs for each of them", load.time.as_secs());
    println!(
        "{:<24} {:>9} {:>9} {:>10} {:>8} {:>7} {:>9}",
        "program", "made/s", "rate kept", "recorded", "dropped", "µs each", "peak MiB"
    );
    let mut before = load.make()?.per_second;
    println!("{:<24} {before:>9.0}", "(none)");
    for &program in programs {
        let running = program.start(folder)?;
        let made = load.make()?;
        let captured = running.settle_and_end()?;
        let after = load.make()?.per_second;
        print_row(program, made, &captured, f64::midpoint(before, after));
        before = after;
    }
    Ok(())
}

fn print_row(program: Program, made: Made, captured: &Captured, without: f64) {
    let Captured { handshakes, dropped, usage, .. } = captured;
    let recorded = handshakes.map(|count| count as f64 / made.connections as f64);
    println!(
        "{:<24} {:>9.0} {:>9.2} {:>10} {:>8} {:>7.1} {:>9.1}",
        program.title(),
        made.per_second,
        made.per_second / without,
        recorded.map_or_else(unknown, |share| format!("{share:.5}")),
        dropped.map_or_else(unknown, |count| count.to_string()),
        1e6 * usage.cpu.as_secs_f64() / made.connections as f64,
        usage.peak_kib as f64 / 1024.0,
    );
}

fn unknown() -> String {
    "?".to_owned()
}
