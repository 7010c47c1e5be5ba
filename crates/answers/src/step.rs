//! The time from which on a server answered much later than before.

use crate::over_time::Slot;

/// Measured server RTTs on both sides of a step.
const MEASURED: u32 = 5;
/// A step is to three times as much, and by this much at least, in nanoseconds.
const STEP_NS: u64 = 5_000_000;
/// One slot in so many may be on the wrong side: an answer that took long for once hides no step.
const ONE_IN: usize = 4;

/// A step in the server RTTs of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The first slot after it.
    pub(crate) at: usize,
    /// The median of the means of the slots before and after, in nanoseconds.
    pub(crate) usual_ns: (u64, u64),
}

/// A slot in which a server RTT was measured: its place, how many there are, and their mean.
type Answered = (usize, u32, u64);

/// The step that fits best, where there is one: the first of those with the fewest slots on the wrong side.
pub(crate) fn best_step(slots: &[Slot]) -> Option<Step> {
    let answered =
        |(at, slot): (usize, &Slot)| Some((at, slot.measured, slot.mean_server_rtt_ns()?));
    let answered: Vec<Answered> = slots.iter().enumerate().filter_map(answered).collect();
    // Most servers always answer alike: no need to look at each time.
    let means = answered.iter().map(|slot| slot.2);
    if !is_great((means.clone().min()?, means.max()?)) {
        return None;
    }
    let mut sides = Sides::new(&answered);
    let steps = (1..answered.len()).filter_map(|at| {
        sides.pass(answered[at - 1].2);
        step(answered.split_at(at), &sides)
    });
    steps.min_by_key(|(wrong, _)| *wrong).map(|(_, step)| step)
}

/// The means before a place and after it, each in ascending order. The place goes forward.
struct Sides {
    before: Vec<u64>,
    after: Vec<u64>,
}

impl Sides {
    fn new(slots: &[Answered]) -> Self {
        let mut after: Vec<_> = slots.iter().map(|slot| slot.2).collect();
        after.sort_unstable();
        Self { before: Vec::with_capacity(after.len()), after }
    }

    /// The place passes a slot with this mean.
    fn pass(&mut self, mean: u64) {
        self.after.remove(self.after.partition_point(|&other| other < mean));
        self.before.insert(self.before.partition_point(|&other| other < mean), mean);
    }
}

/// The step between these slots and the later ones, if it is one, and how many are on its wrong side.
fn step((before, after): (&[Answered], &[Answered]), sides: &Sides) -> Option<(usize, Step)> {
    let is_known = |slots: &[Answered]| slots.iter().map(|slot| slot.1).sum::<u32>() >= MEASURED;
    let usual_ns = (median(&sides.before)?, median(&sides.after)?);
    if !is_great(usual_ns) || !is_known(before) || !is_known(after) {
        return None;
    }
    let middle = usual_ns.0.midpoint(usual_ns.1);
    let late = before.iter().filter(|slot| slot.2 > middle).count();
    let early = after.iter().filter(|slot| slot.2 <= middle).count();
    let fits = late * ONE_IN <= before.len() && early * ONE_IN <= after.len();
    fits.then(|| (late + early, Step { at: after[0].0, usual_ns }))
}

const fn is_great((before, after): (u64, u64)) -> bool {
    after / 3 >= before && after.saturating_sub(before) >= STEP_NS
}

/// The lower median of means in ascending order.
fn median(means: &[u64]) -> Option<u64> {
    means.get(means.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Slots of three answers each, of which the mean took so many milliseconds.
    fn step_of(means: &[u64]) -> Option<(usize, u64, u64)> {
        step_of_many(means, 3)
    }

    fn step_of_many(means: &[u64], answers: u32) -> Option<(usize, u64, u64)> {
        let slot = |&mean: &u64| Slot {
            attempts: answers,
            measured: if mean == 0 { 0 } else { answers },
            server_rtt_ns: u64::from(answers) * mean * MS,
            ..Slot::default()
        };
        let slots: Vec<_> = means.iter().map(slot).collect();
        let step = best_step(&slots);
        step.map(|Step { at, usual_ns: (before, after) }| (at, before / MS, after / MS))
    }

    #[test]
    fn a_step_is_where_the_fewest_slots_are_on_its_wrong_side() {
        assert_eq!(step_of(&[2, 2, 2, 30, 30, 30]), Some((3, 2, 30)));
        // What lies between two slots with answers counts to the first.
        assert_eq!(step_of(&[2, 2, 0, 0, 30, 30]), Some((4, 2, 30)));
        // A slot with both kinds is on one of the two sides.
        assert_eq!(step_of(&[2, 2, 2, 9, 30, 30, 30]), Some((4, 2, 30)));
        // It grows: in the middle of that.
        assert_eq!(step_of(&[2, 2, 2, 2, 10, 20, 30, 40, 50]), Some((5, 2, 30)));
    }

    #[test]
    fn one_slot_in_four_may_be_on_the_wrong_side() {
        assert_eq!(step_of(&[2, 900, 2, 2, 30, 30, 30, 30]), Some((4, 2, 30)));
        assert_eq!(step_of(&[2, 2, 2, 2, 30, 30, 2, 30]), Some((4, 2, 30)));
        assert_eq!(step_of(&[2, 900, 2, 900, 2, 30, 30, 30]), None);
        assert_eq!(step_of(&[2, 2, 30, 2, 30, 2, 30, 2]), None);
        // The middle divides them.
        assert_eq!(step_of(&[2, 20, 2, 30, 30, 30]), None);
        assert_eq!(step_of(&[2, 15, 2, 30, 30, 30]), Some((3, 2, 30)));
    }

    #[test]
    fn a_step_is_great_and_known() {
        // Three times as much, and 5 ms more.
        assert_eq!(step_of(&[3, 3, 9, 9]), Some((2, 3, 9)));
        assert_eq!(step_of(&[3, 3, 8, 8]), None);
        assert_eq!(step_of(&[2, 2, 6, 6]), None);
        assert_eq!(step_of(&[1, 1, 6, 6]), Some((2, 1, 6)));
        // Five answers on each side.
        assert_eq!(step_of(&[2, 30, 30]), None);
        assert_eq!(step_of(&[2, 2, 30]), None);
        assert_eq!(step_of(&[30, 30, 2, 2]), None);
        assert_eq!(step_of_many(&[2, 30], 5), Some((1, 2, 30)));
        assert_eq!(step_of_many(&[2, 30], 4), None);
        assert_eq!((step_of(&[]), step_of(&[2]), step_of(&[0, 0])), (None, None, None));
    }
}
