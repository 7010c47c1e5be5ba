//! Worlds in which the answer is known, with the kernel's own TCP.
//!
//! What the smoltcp worlds of `handshake` lack is here: accept queues that are full, Fast Open, ICMP
//! errors. Real sockets meet on the loopback of a namespace. What their calls returned, and what the
//! kernel tells of them, is the truth; a capture of the same traffic is read by a tracker. It has to
//! tell the truth as far as packets show it, and nothing else.
//!
//! The kernel's timers run in real time, so worlds are fewer here. `KERNEL_WORLDS_SEED=17
//! KERNEL_WORLDS_COUNT=1` runs one again.

mod check;
mod expected;
mod filter;
mod forge;
mod plan;
#[path = "../../../handshake/tests/worlds/rng.rs"]
mod rng;
mod sys;
mod truth;
mod world;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lab::NamespaceError;
use plan::Plan;
use testkit::{Case, Suite};

/// Six kinds of worlds, eight of each. They mostly wait.
const COUNT: u64 = 72;
const AT_ONCE: usize = 16;

/// What a run of that many has to ask for, or it would test less than it says.
const DUE: [&str; 17] = [
    "established",
    "established_client_only",
    "refused",
    "unreachable",
    "unanswered",
    "three_way",
    "late_establish",
    "syn_timeout",
    "listener_stalled",
    "closed_port",
    "icmp_unreachable",
    "accept_queue_overflow",
    "abort_on_overflow",
    "fast_open_cookie_request",
    "fast_open_accepted",
    "fast_open_ignored",
    "fast_open_fallback",
];

/// Whether this process is one that plays a world.
static PLAYS: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let (first, count) = (setting("KERNEL_WORLDS_SEED", 1), setting("KERNEL_WORLDS_COUNT", COUNT));
    let case = |seed| Case { name: format!("world_{seed}"), run: Box::new(move || run(seed)) };
    let suite = Suite {
        at_once: AT_ONCE,
        cases: (first..first + count).map(case).collect(),
        limit: Duration::from_secs(60),
        name: "worlds",
        shared: env!("CARGO_TARGET_TMPDIR"),
        is_forbidden: |error| error.downcast_ref().is_some_and(NamespaceError::is_forbidden),
    };
    // That of a process with the same number that was ended.
    let _ = fs::remove_file(tally(process::id()));
    let code = suite.main();
    if PLAYS.load(Ordering::Relaxed) {
        return code;
    }
    match asked(count) {
        Ok(()) => code,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    let number = |text: String| text.parse().unwrap_or_else(|_| panic!("{name} is a number"));
    std::env::var(name).map_or(default, number)
}

fn run(seed: u64) -> Result<(), Box<dyn Error>> {
    PLAYS.store(true, Ordering::Relaxed);
    let plan = Plan::draw(seed);
    let (truth, captured) = world::play(&plan)?;
    let due = check::check(&plan, &truth, &captured)?;
    let mut tally = OpenOptions::new().create(true).append(true).open(tally(parent_id()))?;
    // One write, so that the lines of several worlds don't mix.
    Ok(tally.write_all(format!("{}\n", due.join(" ")).as_bytes())?)
}

/// Where the worlds note what they asked for: a line each.
fn tally(suite: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("kernel-worlds-{suite}"))
}

/// Whether enough was asked for. The suite has reported the worlds that failed or could not be run.
fn asked(count: u64) -> Result<(), String> {
    let path = tally(process::id());
    let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
    fs::remove_file(&path).map_err(|error| error.to_string())?;
    let mut often: BTreeMap<&str, usize> = BTreeMap::new();
    for name in text.split_whitespace() {
        *often.entry(name).or_default() += 1;
    }
    println!("asked for: {often:?}");
    let all = text.lines().count() as u64 == count && count >= COUNT;
    match DUE.iter().find(|name| !often.contains_key(*name)) {
        Some(name) if all => Err(format!("{name} was never due: too little is tested")),
        _ => Ok(()),
    }
}
