//! How many durations lie below fixed bounds. The counts only grow.

/// Upper bounds of the buckets, in nanoseconds: those that the OpenTelemetry conventions give for
/// durations of network operations, and finer ones for fast networks.
pub const BUCKETS: [u64; 18] = [
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    75_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// Durations in nanoseconds, counted in [`BUCKETS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Those in each bucket and in none of the buckets before it.
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: u128,
}

impl Histogram {
    /// Adds a duration.
    pub(crate) fn add(&mut self, nanoseconds: u64) {
        // What is in no bucket is in the count alone.
        let bucket = BUCKETS.partition_point(|bound| *bound < nanoseconds);
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            *bucket += 1;
        }
        self.count += 1;
        self.sum += u128::from(nanoseconds);
    }

    /// Adds those of `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.buckets.iter_mut().zip(other.buckets).for_each(|(count, more)| *count += more);
        self.count += other.count;
        self.sum += other.sum;
    }

    /// For each of [`BUCKETS`], how many durations are not above it.
    pub fn cumulative(&self) -> impl Iterator<Item = u64> {
        self.buckets.iter().scan(0, |below, count| {
            *below += count;
            Some(*below)
        })
    }

    /// How many there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// All of them together, in nanoseconds.
    pub const fn sum(&self) -> u128 {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket_and_what_is_above_all_to_the_count() {
        let mut added = Histogram::default();
        for ns in [0, 50_000, 50_001, 10_000_000_000, 10_000_000_001, u64::MAX] {
            added.add(ns);
        }
        let counts: Vec<_> = added.cumulative().collect();
        assert_eq!(counts[..2], [2, 3]);
        assert_eq!(counts[2..17], [3; 15]);
        assert_eq!([counts[17], added.count()], [4, 6]);
        assert_eq!(added.sum(), u128::from(u64::MAX) + 20_000_100_002);

        let mut merged = added.clone();
        merged.merge(&added);
        let doubled: Vec<_> = counts.iter().map(|count| 2 * count).collect();
        assert_eq!(merged.cumulative().collect::<Vec<_>>(), doubled);
        assert_eq!((merged.count(), merged.sum()), (12, 2 * added.sum()));
    }
}
