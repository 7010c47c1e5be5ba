//! What matters when there is little to capture: delay, idle cost, and how a capture ends.

use std::fs;
use std::io::{self, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use testkit::Links;

use crate::load::{Load, Pair};
use crate::program::{Program, SYNSCOPE, await_capture};
use crate::sys;

/// One connection after the other, each long after the last one was shown. Not a multiple of any
/// time-out, so that connections come at all phases of them.
const INTERVAL: Duration = Duration::from_millis(203);
const CONNECTIONS: usize = 100;
const IDLE: Duration = Duration::from_secs(3);
const BURST: Load = Load { rate: None, time: Duration::from_secs(10), most: 2000 };
const SIGNALS: usize = 5;

/// From a SYN's kernel time stamp until its handshake's line comes through a pipe.
pub(crate) fn print_delays() -> io::Result<()> {
    let words = "live --format table --quiet --time epoch --width 140";
    let mut child = Command::new(SYNSCOPE).args(words.split(' ')).stdout(Stdio::piped()).spawn()?;
    await_capture()?;
    let lines = child.stdout.take().ok_or_else(|| io::Error::other("standard output is piped"))?;
    let reader = thread::spawn(move || delays(BufReader::new(lines)));
    let pair = Pair::new()?;
    for _ in 0..CONNECTIONS {
        pair.connect()?;
        thread::sleep(INTERVAL);
    }
    sys::interrupt(&child)?;
    sys::wait(&child)?;
    let mut delays = reader.join().map_err(|_| io::Error::other("the reader panicked"))??;
    delays.sort_unstable();
    let at = |per_cent: usize| {
        let index = delays.len() * per_cent / 100;
        delays.get(index).or(delays.last()).map_or(f64::NAN, |delay| delay.as_secs_f64() * 1e3)
    };
    println!("\nfrom the SYN to the printed line, one connection at a time, through a pipe");
    println!(
        "{} of {CONNECTIONS} shown: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        delays.len(),
        at(50),
        at(99),
        at(100)
    );
    Ok(())
}

/// For each line that tells of an attempt, how long after the time in it the line came.
fn delays(lines: impl io::BufRead) -> io::Result<Vec<Duration>> {
    let mut delays = Vec::new();
    for line in lines.lines() {
        let (line, now) = (line?, SystemTime::now());
        let begun = line.split_whitespace().nth(1).and_then(epoch);
        delays.extend(begun.and_then(|begun| now.duration_since(begun).ok()));
    }
    Ok(delays)
}

/// A time such as `1795330800.123456`.
fn epoch(text: &str) -> Option<SystemTime> {
    let (seconds, fraction) = text.split_once('.')?;
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    Some(UNIX_EPOCH + Duration::new(seconds.parse().ok()?, nanos))
}

/// What a capture costs while there is nothing to capture, and while its interface is down.
pub(crate) fn print_idle(folder: &Path) -> io::Result<()> {
    let running = Program::RING.start(folder)?;
    println!("\nprocessor time with nothing to capture, for {} s", IDLE.as_secs());
    println!("idle: {:.3} %", cpu_share(running.child())?);
    let links = Links::open()?;
    links.down("lo")?;
    println!("interface down: {:.3} %", cpu_share(running.child())?);
    links.up("lo")?;
    running.end().map(drop)
}

/// In per cent of one core.
fn cpu_share(child: &Child) -> io::Result<f64> {
    let before = cpu(child)?;
    thread::sleep(IDLE);
    Ok(100.0 * cpu(child)?.saturating_sub(before).as_secs_f64() / IDLE.as_secs_f64())
}

/// What its threads have used so far, by the scheduler's account, in nanoseconds.
fn cpu(child: &Child) -> io::Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{}/task", child.id()))? {
        let account = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanos += account.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanos))
}

/// What is lost of connections that were made just before the signal, and how long the end takes.
pub(crate) fn print_signal(folder: &Path) -> io::Result<()> {
    println!("\na signal right after the last of {} connections", BURST.most);
    for program in [Program::RING, Program::Tcpdump, Program::Dumpcap] {
        if !program.is_installed() {
            continue;
        }
        let (mut lost, mut exits) = (Vec::new(), Vec::new());
        for _ in 0..SIGNALS {
            let running = program.start(folder)?;
            let made = BURST.make()?;
            let captured = running.end()?;
            lost.push(made.connections.saturating_sub(captured.handshakes.unwrap_or(0)));
            exits.push(captured.exit.as_millis());
        }
        println!("{:<24} lost {lost:?}, exit after {exits:?} ms", program.title());
    }
    Ok(())
}
