//! A contradiction with as little around it as shows it.

use crate::check::{Contradiction, Tally, contradictions};
use crate::plan::{Ending, Opening, Plan};
use crate::world;

/// The smallest plan found that still shows a contradiction of this kind in a view of its own, and
/// that contradiction.
pub(crate) fn shrink(plan: &Plan, found: &Contradiction) -> (Plan, Contradiction) {
    let mut smallest = plan.clone();
    smallest.views = vec![found.view];
    let mut shown = found.clone();
    let mut goes_on = true;
    while goes_on {
        goes_on = false;
        for smaller in smaller(&smallest) {
            if let Some(found) = shows(&smaller, &found.kind) {
                (smallest, shown) = (smaller, found);
                goes_on = true;
                break;
            }
        }
    }
    (smallest, shown)
}

fn shows(plan: &Plan, kind: &str) -> Option<Contradiction> {
    let truth = world::run(plan);
    let mut tally = Tally::default();
    let mut found = contradictions(plan, &truth, plan.views[0], &mut tally).into_iter();
    found.find(|found| found.kind == kind)
}

/// The plan with one thing less, in every way.
fn smaller(plan: &Plan) -> Vec<Plan> {
    let mut plans = Vec::new();
    let mut with = |change: &dyn Fn(&mut Plan)| {
        let mut smaller = plan.clone();
        change(&mut smaller);
        if format!("{smaller:?}") != format!("{plan:?}") {
            plans.push(smaller);
        }
    };
    for index in 0..plan.connections.len() {
        with(&|plan| {
            plan.connections.remove(index);
        });
    }
    for index in 0..plan.faults.len() {
        with(&|plan| {
            plan.faults.remove(index);
        });
    }
    with(&|plan| plan.jitter = 0);
    with(&|plan| plan.counts_ids = false);
    with(&|plan| plan.delays = [5_000; 2]);
    with(&|plan| plan.thinking = [50; 2]);
    for index in 0..plan.connections.len() {
        with(&|plan| plan.connections[index].server_replies = 0);
        with(&|plan| plan.connections[index].server_speaks = None);
        with(&|plan| plan.connections[index].ending = Ending::None);
        with(&|plan| plan.connections[index].opening = Opening::Silent);
        with(&|plan| plan.connections[index].listening = true);
    }
    for index in 0..plan.flows.len() {
        with(&|plan| plan.flows[index].timestamps = [None; 2]);
    }
    plans
}
