//! Worlds in which the answer is known: real TCPs, a path with faults, observers.

mod path;
mod plan;
mod rng;
mod stack;
mod truth;
mod wire;
mod world;

use plan::Plan;

#[test]
fn run() {
    let start = std::time::Instant::now();
    let mut n=0; let mut est=0; let mut att=0;
    for seed in 0..3000 {
        let plan = Plan::draw(seed);
        let truth = world::run(&plan);
        truth.verify();
        n += truth.emissions.len();
        att += truth.attempts.len();
        est += truth.attempts.iter().filter(|a| a.server_established.is_some()).count();
    }
    println!("{n} {att} {est} {:?}", start.elapsed());
}
