//! The memory that a run may take, and its parts.

#[cfg(unix)]
use capture::live::LiveConfig;
use handshake::{Limits, Reporting};

/// About what a run may take in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(usize);

/// The program itself, the buffers for reading and writing, the rings of a live capture, what is
/// remembered of attempts that have ended, and what the allocator loses when tables grow.
const FIXED: usize = 17_000_000;
/// What records say of the hosts around them, and the records that wait to be written.
const FOR_RECORDS: usize = 7_500_000;
/// Records that wait for their turn in a view that is in order: [`render::OrderLimits`].
const FOR_ORDER: usize = 8_000_000;
/// The groups of statistics, but those of servers where no attempt is shown.
const FOR_GROUPS: usize = 4_000_000;
/// The names of hosts.
const FOR_NAMES: usize = 12_000_000;
/// The sums of servers, and what connections are sent of them: a text of less than 1 MB each.
#[cfg(unix)]
const FOR_METRICS: usize = 8_000_000;
const LEAST: usize = 16_000_000;

impl Memory {
    /// A whole of so many bytes; `None` of too few.
    pub(crate) fn of(bytes: u64) -> Option<Self> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        (bytes >= LEAST).then_some(Self(bytes))
    }

    /// What is left beside groups of statistics.
    pub(crate) fn beside_groups(self) -> Self {
        self.beside(FOR_GROUPS)
    }

    /// What is left where hosts have names, too.
    pub(crate) fn beside_names(self) -> Self {
        self.beside(FOR_NAMES)
    }

    /// What is left where somebody may ask for metrics, too.
    #[cfg(unix)]
    pub(crate) fn beside_metrics(self) -> Self {
        self.beside(FOR_METRICS)
    }

    /// What is left where so many bytes are needed for something else.
    pub(crate) fn beside(self, bytes: usize) -> Self {
        Self(self.0.saturating_sub(bytes).max(LEAST))
    }

    /// What is left where a live capture has larger rings than the least.
    #[cfg(unix)]
    pub(crate) fn beside_rings(self) -> Self {
        self.beside(self.for_rings() - LiveConfig::RING_BYTES)
    }

    /// The part of the rings of a live capture, in bytes: packets wait there while the program is busy.
    #[cfg(unix)]
    pub(crate) fn for_rings(self) -> usize {
        (self.0 / 8).clamp(LiveConfig::RING_BYTES, LiveConfig::MOST_RING_BYTES)
    }

    /// The part of the packets that are to be extracted, in bytes.
    pub(crate) const fn for_packets(self) -> usize {
        self.0 / 4
    }

    /// The part of the first attempts of another order than that of time, in bytes.
    pub(crate) const fn for_sorting(self) -> usize {
        self.0 / 8
    }

    /// The part of the attempts that a screen remembers, in bytes.
    pub(crate) const fn for_screen(self) -> usize {
        self.0 / 4
    }

    /// The part of the open attempts.
    pub(crate) fn limits(self, reporting: Reporting, is_ordered: bool) -> Limits {
        let records = if reporting == Reporting::Facts { 0 } else { FOR_RECORDS };
        let order = if is_ordered { FOR_ORDER } else { 0 };
        let memory = self.0.saturating_sub(FIXED + records + order).max(self.0 / 4);
        Limits { memory, ..Limits::DEFAULT }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self(64_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_no_more_than_the_whole() {
        assert_eq!(Memory::of(15_999_999), None);
        let part = |whole, reporting, is_ordered| {
            Memory::of(whole).unwrap().limits(reporting, is_ordered).memory
        };
        assert_eq!(part(64_000_000, Reporting::Facts, false), 47_000_000);
        assert_eq!(part(64_000_000, Reporting::Records, false), 39_500_000);
        assert_eq!(part(64_000_000, Reporting::Decisions, true), 31_500_000);
        assert_eq!(Memory::default().beside(8_000_000), Memory(56_000_000));
        assert_eq!(Memory::default().beside_groups(), Memory(60_000_000));
        assert_eq!(Memory::default().beside_names(), Memory(52_000_000));
        assert_eq!(Memory::default().beside(60_000_000), Memory(LEAST));
        assert_eq!(part(16_000_000, Reporting::Records, true), 4_000_000);
        assert_eq!(part(1_000_000_000, Reporting::Records, false), 975_500_000);
    }

    #[cfg(unix)]
    #[test]
    fn the_rings_have_an_eighth_and_8_mib_at_least() {
        assert_eq!(Memory(LEAST).for_rings(), 8 << 20);
        assert_eq!(Memory::default().beside_rings(), Memory::default());
        assert_eq!(Memory(1_000_000_000).for_rings(), 125_000_000);
        assert_eq!(Memory(100_000_000_000).for_rings(), 1 << 30);
        assert_eq!(Memory(1_000_000_000).beside_rings(), Memory(875_000_000 + (8 << 20)));
    }
}
