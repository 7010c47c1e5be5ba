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

fn setting(name: &str, default: u64) -> u64 {
    let number = |text: String| text.parse().unwrap_or_else(|_| panic!("{name} is a number"));
    std::env::var(name).map_or(default, number)
}

#[test]
fn nothing_false_is_told_of_a_world() {
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
        let _ = writeln!(text, "# {:?} {} -> {}, at {} us", moved.side, moved.from, moved.to, moved.at);
    }
    text += &story::story(&plan, &truth, &captured);
    if let Some(told) = &found.told {
        let record = &told.handshake;
        let _ = writeln!(text, "# told: {} {:?}", record.outcome.name(), told.patterns);
        let _ = writeln!(text, "# {:?}", record.timing);
    }
    text
}
