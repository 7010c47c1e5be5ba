//! Worlds in which the answer is known: real TCPs, a path with faults, observers.

mod check;
mod clock;
mod named;
mod observe;
mod outcome;
mod path;
mod plan;
mod rng;
mod sight;
mod stack;
mod truth;
mod wire;
mod world;

use std::collections::BTreeMap;

use check::{Tally, contradictions};
use plan::Plan;

#[test]
fn run() {
    let start = std::time::Instant::now();
    let mut tally = Tally::default();
    let mut kinds: BTreeMap<String, (usize, u64)> = BTreeMap::new();
    for seed in 0..3000 {
        let plan = Plan::draw(seed);
        let truth = world::run(&plan);
        truth.verify(&plan);
        for &view in &plan.views {
            for found in contradictions(&plan, &truth, view, &mut tally) {
                let entry = kinds.entry(found.kind).or_insert((0, seed));
                entry.0 += 1;
            }
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (kind, (count, seed)) in kinds {
        println!("{count:6} {kind} ({seed})");
    }
    println!("{tally:?} {:?}", start.elapsed());
}
