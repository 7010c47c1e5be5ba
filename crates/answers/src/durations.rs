//! Durations, of which quantiles are wanted: three digits of each, in little memory.

use std::ops::RangeInclusive;

use crate::histogram::Histogram;

/// Bits of a duration that are kept: `1 / 1024`, so three digits.
const BITS: u32 = 10;

/// The cells grow by this part of them, and by a few.
const GROWS_BY: usize = 4;
const FEW: usize = 4;

/// A quantile, in hundred-thousandths: `99_900` is the 99.9th percentile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantile(u32);

impl Quantile {
    /// The median.
    pub const P50: Self = Self(50_000);
    /// The 90th percentile.
    pub const P90: Self = Self(90_000);
    /// The 99th percentile.
    pub const P99: Self = Self(99_000);

    /// The quantile of so many hundred-thousandths; `None` beyond 1.
    pub const fn new(hundred_thousandths: u32) -> Option<Self> {
        if hundred_thousandths <= 100_000 { Some(Self(hundred_thousandths)) } else { None }
    }

    /// It, in hundred-thousandths.
    pub const fn hundred_thousandths(self) -> u32 {
        self.0
    }

    /// How many of `count` are not above it: the nearest rank.
    pub(crate) fn rank(self, count: u64) -> u64 {
        let rank = (u128::from(count) * u128::from(self.0)).div_ceil(100_000);
        u64::try_from(rank).unwrap_or(u64::MAX).max(1)
    }
}

/// Durations in nanoseconds. As in an HDR histogram of three digits, a cell counts those that agree in
/// their first eleven bits; only cells that count something take memory. Histograms can be
/// [merged](Self::merge).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// The numbers of the cells that count something, ascending, and what each of them counts. They are few, so
    /// that this takes less memory than a table, and no more time.
    cells: Vec<u16>,
    counts: Vec<u32>,
    /// Their number and sum, and how many are in each bucket of metrics: bounds of these lie within cells.
    histogram: Histogram,
    max: u64,
}

impl Durations {
    /// Adds a duration, which falls into a cell 2 to the power of `coarse` times as wide as the finest.
    /// Tells whether that is a new cell.
    pub fn add(&mut self, nanoseconds: u64, coarse: u32) -> bool {
        self.add_to_sums(nanoseconds);
        self.put(cell(nanoseconds, coarse), 1)
    }

    /// Adds a duration where no quantile will be asked for.
    pub(crate) fn add_to_sums(&mut self, nanoseconds: u64) {
        self.histogram.add(nanoseconds);
        self.max = self.max.max(nanoseconds);
    }

    /// Tells whether the cell is new.
    fn put(&mut self, cell: u16, count: u32) -> bool {
        match self.cells.binary_search(&cell) {
            Ok(at) => {
                self.counts[at] = self.counts[at].saturating_add(count);
                false
            }
            Err(at) => {
                self.insert(at, cell, count);
                true
            }
        }
    }

    fn insert(&mut self, at: usize, cell: u16, count: u32) {
        let len = self.cells.len();
        if len == self.cells.capacity() {
            let more = len / GROWS_BY + FEW;
            self.cells.reserve_exact(more);
            self.counts.reserve_exact(more);
        }
        self.cells.insert(at, cell);
        self.counts.insert(at, count);
    }

    /// Adds those of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.histogram.merge(&other.histogram);
        self.max = self.max.max(other.max);
        for (cell, count) in other.counted() {
            self.put(cell, count);
        }
    }

    /// Makes the cells 2 to the power of `coarse` times as wide as the finest.
    pub fn coarsen(&mut self, coarse: u32) {
        let cells = std::mem::take(&mut self.cells);
        let counts = std::mem::take(&mut self.counts);
        for (cell, count) in cells.into_iter().zip(counts) {
            self.put(cell >> coarse << coarse, count);
        }
    }

    /// The cells that count something, ascending, and what each of them counts.
    fn counted(&self) -> impl Iterator<Item = (u16, u32)> {
        self.cells.iter().copied().zip(self.counts.iter().copied())
    }

    /// Their number and sum, and how many are in each bucket of metrics.
    pub const fn histogram(&self) -> &Histogram {
        &self.histogram
    }

    /// How many there are.
    pub const fn count(&self) -> u64 {
        self.histogram.count()
    }

    /// The mean, in nanoseconds, rounded down.
    pub fn mean(&self) -> Option<u64> {
        let mean = self.histogram.sum().checked_div(u128::from(self.count()))?;
        u64::try_from(mean).ok()
    }

    /// How many cells count something.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The longest, in nanoseconds.
    pub fn max(&self) -> Option<u64> {
        (self.count() > 0).then_some(self.max)
    }

    /// The least duration that is not below the share `quantile` of all, in nanoseconds: the nearest
    /// rank, rounded up to the end of its cell.
    pub fn quantile(&self, quantile: Quantile, coarse: u32) -> Option<u64> {
        let rank = quantile.rank(self.count());
        let mut counted = 0;
        let found = self.counted().find(|(_, count)| {
            counted += u64::from(*count);
            counted >= rank
        });
        found.map(|(cell, _)| (*range(cell, coarse).end()).min(self.max))
    }

    /// The cells that count something: the durations that fall into each, in nanoseconds, and how many
    /// did.
    pub fn cells(&self, coarse: u32) -> impl Iterator<Item = (RangeInclusive<u64>, u32)> {
        self.counted().map(move |(cell, count)| (range(cell, coarse), count))
    }
}

/// The number of the cell that a duration falls into: the place of its highest bit, then the bits below
/// it. Below 2,048 ns it is the duration.
const fn cell(nanoseconds: u64, coarse: u32) -> u16 {
    let shift = (u64::BITS - nanoseconds.leading_zeros()).saturating_sub(BITS + 1);
    let kept = nanoseconds >> shift;
    (((shift as u64) << BITS) + kept) as u16 >> coarse << coarse
}

/// The durations that fall into a cell.
fn range(cell: u16, coarse: u32) -> RangeInclusive<u64> {
    let begin = begin(u32::from(cell));
    let next = u32::from(cell) + (1 << coarse);
    begin..=if next >= LAST { u64::MAX } else { self::begin(next) - 1 }
}

/// The number after that of the last cell.
const LAST: u32 = cell(u64::MAX, 0) as u32 + 1;

const fn begin(cell: u32) -> u64 {
    let shift = (cell >> BITS).saturating_sub(1);
    ((cell - (shift << BITS)) as u64) << shift
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(durations: &[u64], coarse: u32) -> Durations {
        let mut all = Durations::default();
        for &duration in durations {
            all.add(duration, coarse);
        }
        all
    }

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let hundred: Vec<_> = (1..=100).collect();
        let all = of(&hundred, 0);
        let at = |share| all.quantile(Quantile::new(share).unwrap(), 0);
        assert_eq!([at(0), at(1_000), at(7_000)], [Some(1), Some(1), Some(7)]);
        assert_eq!([at(7_001), at(50_000), at(99_000)], [Some(8), Some(50), Some(99)]);
        assert_eq!([at(99_001), at(100_000), all.max()], [Some(100); 3]);
        assert_eq!(Durations::default().quantile(Quantile::P50, 0), None);
        assert_eq!(Durations::default().max(), None);
        assert_eq!(Quantile::new(100_001), None);
    }

    #[test]
    fn the_cells_are_next_to_each_other() {
        for coarse in 0..=BITS {
            let mut next = Some(0);
            let step = 1 << coarse;
            for cell in (0..LAST).step_by(step) {
                let durations = range(cell as u16, coarse);
                assert_eq!(Some(*durations.start()), next, "cell {cell} of {coarse}");
                next = durations.end().checked_add(1);
            }
            assert_eq!(next, None);
        }
    }

    proptest! {
        #[test]
        fn a_duration_falls_into_its_cell(nanoseconds: u64, bits in 0_u32..64, coarse in 0..=BITS) {
            let nanoseconds = nanoseconds >> bits;
            let durations = range(cell(nanoseconds, coarse), coarse);
            prop_assert!(durations.contains(&nanoseconds), "{durations:?}");
            let width = durations.end() - durations.start();
            prop_assert!(width >> coarse <= nanoseconds >> BITS, "{durations:?}");
        }

        #[test]
        fn merged_and_coarsened_they_are_what_was_added(
            one in prop::collection::vec(0..1_u64 << 40, 0..50),
            other in prop::collection::vec(0..1_u64 << 40, 0..50),
            coarse in 0..=BITS,
        ) {
            let mut merged = of(&one, 0);
            merged.merge(&of(&other, 0));
            merged.coarsen(coarse);
            prop_assert_eq!(merged, of(&[one, other].concat(), coarse));
        }
    }
}
