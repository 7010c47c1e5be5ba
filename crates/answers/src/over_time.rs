//! How attempts are spread over the time of a capture.

use handshake::{Facts, Outcome};

use crate::durations::Durations;

/// Slots that a capture is divided into, at most.
pub const SLOTS: usize = 64;
/// The least width of a slot, in nanoseconds.
const LEAST_WIDTH: i64 = 1_000_000;

/// The slots that the time of a capture is divided into: so wide that all of it fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    /// When the first slot begins and how wide each is, in nanoseconds; `None` without time stamps.
    pub(crate) slots: Option<(i64, i64)>,
}

/// What happened in one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// Attempts that began in it.
    pub attempts: u32,
    /// Of these, those that failed.
    pub failed: u32,
    /// Of these, those that were established with their first SYN.
    pub(crate) at_once: u32,
    /// Of these, those whose server RTT was measured.
    pub(crate) measured: u32,
    /// The sum of these, in nanoseconds.
    pub(crate) server_rtt_ns: u64,
}

/// What can be put together with its like.
pub(crate) trait Sum: Clone + Default {
    /// Adds what happened elsewhere or at another time.
    fn merge(&mut self, other: &Self);
}

/// What happened, slot by slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverTime<T = Slot> {
    slots: Vec<T>,
}

impl Scale {
    /// When slot `at` begins, in nanoseconds since 1970.
    pub fn begin_of(self, at: usize) -> Option<i64> {
        let (begin, width) = self.slots?;
        let slots = i64::try_from(at).unwrap_or(i64::MAX);
        Some(begin.saturating_add(width.saturating_mul(slots)))
    }

    /// How wide a slot is, in nanoseconds.
    pub fn width_ns(self) -> Option<i64> {
        self.slots.map(|(_, width)| width)
    }

    /// The slot of a time, where it has one.
    pub(crate) fn slot_of(self, time: i64) -> Option<usize> {
        let (begin, width) = self.slots?;
        let at = usize::try_from(time.checked_sub(begin)?.div_euclid(width)).ok()?;
        (at < SLOTS).then_some(at)
    }

    /// The scale that has room for `time` too. Its slots are twice as wide at least, so that there are
    /// few scales, however the times come.
    pub(crate) fn including(self, time: i64) -> Self {
        let Some((begin, width)) = self.slots else {
            return Self {
                slots: Some((time.saturating_sub(time.rem_euclid(LEAST_WIDTH)), LEAST_WIDTH)),
            };
        };
        let first = begin.min(time);
        let mut wider = width;
        let mut scale = self;
        while scale.slot_of(time).is_none() || scale.slot_of(begin).is_none() {
            let Some(twice) = wider.checked_mul(2) else { return scale };
            wider = twice;
            scale = Self { slots: Some((first.saturating_sub(first.rem_euclid(wider)), wider)) };
        }
        scale
    }
}

impl<T> OverTime<T> {
    /// What happened in slot `at`.
    pub(crate) fn slot(&mut self, at: usize) -> &mut T
    where
        T: Sum,
    {
        if self.slots.len() <= at {
            self.slots.resize(at + 1, T::default());
        }
        &mut self.slots[at]
    }

    /// Goes over from one scale to another that includes it.
    pub(crate) fn rescale(&mut self, from: Scale, to: Scale)
    where
        T: Sum,
    {
        let slots = std::mem::take(&mut self.slots);
        for (at, slot) in slots.into_iter().enumerate() {
            let begin = from.begin_of(at).unwrap_or_default();
            self.slot(to.slot_of(begin).unwrap_or(SLOTS - 1)).merge(&slot);
        }
    }

    /// Adds what happened elsewhere, on the same scale.
    pub(crate) fn merge(&mut self, other: &Self)
    where
        T: Sum,
    {
        if self.slots.len() < other.slots.len() {
            self.slots.resize(other.slots.len(), T::default());
        }
        self.slots.iter_mut().zip(&other.slots).for_each(|(slot, more)| slot.merge(more));
    }

    /// The slots up to the last one in which something happened.
    pub fn slots(&self) -> &[T] {
        &self.slots
    }

    /// The same, to change each.
    pub(crate) fn slots_mut(&mut self) -> &mut [T] {
        &mut self.slots
    }
}

impl Sum for Durations {
    fn merge(&mut self, other: &Self) {
        Self::merge(self, other);
    }
}

impl Sum for Slot {
    fn merge(&mut self, other: &Self) {
        self.attempts = self.attempts.saturating_add(other.attempts);
        self.failed = self.failed.saturating_add(other.failed);
        self.at_once = self.at_once.saturating_add(other.at_once);
        self.measured = self.measured.saturating_add(other.measured);
        self.server_rtt_ns = self.server_rtt_ns.saturating_add(other.server_rtt_ns);
    }
}

impl Slot {
    /// Adds an attempt that began in it.
    pub(crate) fn add(&mut self, facts: &Facts) {
        self.attempts = self.attempts.saturating_add(1);
        self.failed = self.failed.saturating_add(u32::from(facts.outcome.is_failure()));
        let at_once = facts.outcome == Outcome::Established && facts.syn_retransmissions == 0;
        self.at_once = self.at_once.saturating_add(u32::from(at_once));
        if let Some(rtt) = facts.server_rtt_ns.and_then(|rtt| u64::try_from(rtt).ok()) {
            self.measured = self.measured.saturating_add(1);
            self.server_rtt_ns = self.server_rtt_ns.saturating_add(rtt);
        }
    }

    /// The mean of the server RTTs, in nanoseconds.
    pub fn mean_server_rtt_ns(&self) -> Option<u64> {
        self.server_rtt_ns.checked_div(u64::from(self.measured))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_grows_both_ways_and_keeps_what_it_had() {
        let first = Scale::default().including(5_000_000);
        assert_eq!((first.begin_of(0), first.width_ns()), (Some(5_000_000), Some(1_000_000)));
        assert_eq!([first.slot_of(68_999_999), first.slot_of(69_000_000)], [Some(63), None]);
        let later = first.including(69_000_000);
        assert_eq!((later.begin_of(0), later.width_ns()), (Some(4_000_000), Some(2_000_000)));
        let earlier = later.including(3_999_999);
        assert_eq!((earlier.begin_of(0), earlier.width_ns()), (Some(0), Some(4_000_000)));
        let mut spread = OverTime { slots: vec![Slot { attempts: 1, ..Slot::default() }; 3] };
        spread.rescale(first, earlier);
        let attempts: Vec<_> = spread.slots().iter().map(|slot| slot.attempts).collect();
        assert_eq!(attempts, [0, 3]);
    }

    #[test]
    fn no_time_breaks_a_scale() {
        for times in [[i64::MIN, i64::MAX], [i64::MAX, i64::MIN], [0, i64::MIN], [0, i64::MAX]] {
            let scale = times.into_iter().fold(Scale::default(), Scale::including);
            assert!(scale.width_ns().is_some_and(|width| width > 0), "{times:?}");
        }
    }
}
