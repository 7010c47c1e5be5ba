//! The time from which on a server answered much later than before.

use crate::over_time::Slot;

/// Measured server RTTs on both sides of a step.
const MEASURED: u32 = 5;
/// A step is to three times the mean, and by this much at least, in nanoseconds.
const STEP_NS: u64 = 5_000_000;

/// A step in the server RTTs of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The first slot after it.
    pub(crate) at: usize,
    /// The mean before and after, in nanoseconds.
    pub(crate) means_ns: (u64, u64),
}

/// The greatest step, where there is one.
pub(crate) fn greatest_step(slots: &[Slot]) -> Option<Step> {
    // What is true of all slots from each one on.
    let mut after = vec![Answered::default(); slots.len() + 1];
    for at in (0..slots.len()).rev() {
        after[at] = after[at + 1].and(&slots[at]);
    }
    let mut before = Answered::default();
    let mut step: Option<Step> = None;
    for (at, slot) in slots.iter().enumerate() {
        // Where no slot between the two has an answer, the step is at the first that has one again.
        if let Some(means_ns) = before.step_to(&after[at])
            && step.is_none_or(|step| rise(means_ns) >= rise(step.means_ns))
        {
            step = Some(Step { at, means_ns });
        }
        before = before.and(slot);
    }
    step
}

fn rise((before, after): (u64, u64)) -> u64 {
    after.saturating_sub(before)
}

/// The server RTTs of several slots.
#[derive(Clone, Copy, Debug, Default)]
struct Answered {
    measured: u32,
    sum_ns: u64,
    /// The least and the greatest mean of a slot.
    means_ns: Option<(u64, u64)>,
}

impl Answered {
    fn and(mut self, slot: &Slot) -> Self {
        let Some(mean) = slot.mean_server_rtt_ns() else { return self };
        self.measured = self.measured.saturating_add(slot.measured);
        self.sum_ns = self.sum_ns.saturating_add(slot.server_rtt_ns);
        let (least, greatest) = self.means_ns.unwrap_or((mean, mean));
        self.means_ns = Some((least.min(mean), greatest.max(mean)));
        self
    }

    /// The means before and after, where there is a step between these slots and the later ones.
    fn step_to(&self, later: &Self) -> Option<(u64, u64)> {
        let is_step = later.means_ns?.0 > self.means_ns?.1;
        let is_known = self.measured >= MEASURED && later.measured >= MEASURED;
        let mean = |it: &Self| it.sum_ns / u64::from(it.measured);
        let (before, after) = (mean(self), mean(later));
        let is_great = after / 3 >= before && rise((before, after)) >= STEP_NS;
        (is_step && is_known && is_great).then_some((before, after))
    }
}
