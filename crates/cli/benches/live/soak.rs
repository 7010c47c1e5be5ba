//! What a capture under a steady load takes after minutes and hours.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::load::Load;
use crate::program::{SETTLE, SYNSCOPE, await_capture, totals};
use crate::sys;

const MINUTE: Load =
    Load { rate: Some(5_000), time: Duration::from_secs(60), most: 60 * 2 * 5_000 };
/// A greater growth of the memory is no noise of the allocator.
const FLAT_PER_CENT: f64 = 1.0;

/// Prints for each minute what JSON lines of all connections take, and in the end whether that grows.
pub(crate) fn print(minutes: usize) -> io::Result<()> {
    let mut child = Command::new(SYNSCOPE)
        .args(["live", "--format", "jsonl"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    await_capture()?;
    let output = child.stdout.take().ok_or_else(|| io::Error::other("standard output is piped"))?;
    let lines = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&lines);
    let reader = thread::spawn(move || count(BufReader::new(output), &counted));
    println!("{:>6} {:>12} {:>12} {:>10} {:>10}", "minute", "made", "lines", "RSS KiB", "peak KiB");
    let (mut made, mut resident) = (0, Vec::new());
    for minute in 1..=minutes {
        made += MINUTE.make()?.connections;
        let [now, peak] = memory(&child)?;
        let lines = lines.load(Ordering::Relaxed);
        println!("{minute:>6} {made:>12} {lines:>12} {now:>10} {peak:>10}");
        resident.push(now);
    }
    thread::sleep(SETTLE);
    sys::interrupt(&child)?;
    let usage = sys::wait(&child)?;
    let last = reader.join().map_err(|_| io::Error::other("the reader panicked"))??;
    let (recorded, dropped) = totals(&last);
    let each = 1e6 * usage.cpu.as_secs_f64() / made as f64;
    let [recorded, dropped] =
        [recorded, dropped].map(|count| count.map_or("?".to_owned(), |count| count.to_string()));
    println!("made {made}, recorded {recorded}, dropped {dropped}; {each:.1} µs of processor each");
    print_growth(&resident);
    Ok(())
}

/// Counts lines. Gives the last one.
fn count(lines: impl BufRead, counted: &AtomicU64) -> io::Result<String> {
    let mut last = String::new();
    for line in lines.lines() {
        last = line?;
        counted.fetch_add(1, Ordering::Relaxed);
    }
    Ok(last)
}

/// What it takes, and the most that it ever took, in KiB.
fn memory(child: &Child) -> io::Result<[u64; 2]> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let value = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        value.ok_or_else(|| io::Error::other(format!("it has no {name} any more")))
    };
    Ok([field("VmRSS:")?, field("VmHWM:")?])
}

/// Compares the halves of the time by the most that each of them took.
fn print_growth(resident: &[u64]) {
    let (first, last) = resident.split_at(resident.len() / 2);
    if let (Some(&first), Some(&last)) = (first.iter().max(), last.iter().max()) {
        let growth = 100.0 * (last as f64 / first as f64 - 1.0);
        let word = if growth <= FLAT_PER_CENT { "flat" } else { "IT GROWS" };
        println!("first half {first} KiB, last half {last} KiB: {growth:+.2} %, {word}");
    }
}
