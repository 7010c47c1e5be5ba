//! Worlds in which the answer is known: real TCPs, a path with faults, observers.
//!
//! A capture tells what was seen, never what was so; a world tells both. Two smoltcp stacks meet on a
//! simulated path that loses, delays, doubles, filters and forges. What the stacks did is the truth.
//! Observers at three points record what passes, wholly or one direction of it, and a tracker reads
//! their records. Of a complete record it has to tell the truth as far as packets show it; of a
//! partial one it may tell less, and nothing false.
//!
//! `WORLDS_SEED=17 WORLDS_COUNT=1` runs one world again; a greater count runs longer.

mod check;
mod clock;
mod named;
mod observe;
mod outcome;
mod path;
mod plan;
mod record;
mod rng;
mod shrink;
mod sight;
mod stack;
mod story;
mod truth;
mod wire;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write;

use check::{Contradiction, Tally, contradictions};
use plan::Plan;

/// The contradictions of one kind, and the first of them.
struct Kind {
    count: usize,
    seed: u64,
    first: Contradiction,
}

/// What a run of worlds has to ask for, or it would test less than it says.
const DUE: [&str; 21] = [
    "established",
    "established_client_only",
    "refused",
    "reset",
    "unanswered",
    "unacknowledged",
    "three_way",
    "ack_with_data",
    "late_establish",
    "syn_timeout",
    "closed_port",
    "refused_after_stall",
    "rst_ignored",
    "syn_probe",
    "syn_scan",
    "embryonic",
    "port_reuse",
    "option_refused",
    "duplicate_capture",
    "listener_stalled",
    "time_wait_hit",
];

fn setting(name: &str, default: u64) -> u64 {
    let number = |text: String| text.parse().unwrap_or_else(|_| panic!("{name} is a number"));
    std::env::var(name).map_or(default, number)
}

#[test]
fn nothing_false_is_reported_of_a_world() {
    let (first, count) = (setting("WORLDS_SEED", 1), setting("WORLDS_COUNT", 3_000));
    let mut tally = Tally::default();
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for seed in first..first + count {
        let plan = Plan::draw(seed);
        let truth = world::run(&plan);
        truth.verify(&plan);
        for &view in &plan.views {
            for found in contradictions(&plan, &truth, view, &mut tally) {
                let kind = found.kind.clone();
                kinds.entry(kind).or_insert(Kind { count: 0, seed, first: found }).count += 1;
            }
        }
    }
    println!("{count} worlds from seed {first}: {tally:?}");
    assert!(kinds.is_empty(), "{}", report(kinds));
    for name in DUE {
        let often = tally.due.get(name).copied().unwrap_or_default();
        assert!(
            count < 1_000 || often >= 20,
            "{name} was due {often} times: too rarely to be tested"
        );
    }
}

/// A story stands for the very packets that it tells.
#[test]
fn a_story_can_be_pasted() {
    for seed in 1..=40 {
        let plan = Plan::draw(seed);
        let truth = world::run(&plan);
        for &view in &plan.views {
            let captured = observe::observe(&truth, view);
            let story = story::story(&plan, &truth, &captured);
            let script = testkit::Script::parse(&story).unwrap_or_else(|error| {
                panic!("{error:?}\n{story}");
            });
            assert_eq!(script.frames().len(), captured.len(), "{story}");
            let Some(first) = captured.first() else { continue };
            let begun = (script.frames()[0].timestamp_ns, first.at);
            for (frame, captured) in script.frames().iter().zip(&captured) {
                let header = if captured.vlan.is_some() { 18 } else { 14 };
                let told = wire::Segment::read(&frame.bytes[header..]);
                assert_eq!(told, wire::Segment::read(&captured.packet), "{story}");
                assert_eq!(frame.timestamp_ns - begun.0, captured.at - begun.1, "{story}");
            }
        }
    }
}

/// How often each kind came, and the smallest story of each.
fn report(kinds: BTreeMap<String, Kind>) -> String {
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, kind)| std::cmp::Reverse(kind.count));
    let mut text = "what was told and is not so:\n".to_owned();
    for (name, kind) in &kinds {
        let _ = writeln!(text, "{:7} {name}", kind.count);
    }
    for (name, kind) in kinds {
        let _ = write!(text, "\n## {name}\n{}", tell(&kind));
    }
    text
}

fn tell(kind: &Kind) -> String {
    let (plan, found) = shrink::shrink(&Plan::draw(kind.seed), &kind.first);
    let truth = world::run(&plan);
    let captured = observe::observe(&truth, found.view);
    let mut text = format!(
        "WORLDS_SEED={} WORLDS_COUNT=1, attempt {} seen by {:?}, with {:?}\n",
        kind.seed, found.attempt, found.view, plan.faults
    );
    for moved in truth.transitions.iter().filter(|moved| moved.attempt == found.attempt) {
        let _ =
            writeln!(text, "# {:?} {} -> {}, at {} us", moved.side, moved.from, moved.to, moved.at);
    }
    text += &story::story(&plan, &truth, &captured);
    if let Some(told) = &found.told {
        let record = &told.handshake;
        let _ = writeln!(text, "# told: {} {:?}", record.outcome.name(), told.patterns);
        let _ = writeln!(text, "# {:?}", record.timing);
        for segment in &record.segments {
            let (kind, from, verdict) = (segment.kind.name(), segment.from.name(), segment.verdict);
            let _ = writeln!(text, "# frame {} {kind} of {from}: {verdict:?}", segment.frame);
        }
    }
    text
}
