//! When a frame was captured.

use std::fmt;

/// Nanoseconds since the Unix epoch, UTC, as the capture recorded them.
///
/// The range is that of an `i64`: the years 1677 to 2262. A file that claims another time is held
/// at the edge ([`Timestamp::from_parts`] saturates).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A time `nanoseconds` after the Unix epoch.
    pub const fn from_nanos(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// Seconds and nanoseconds since the Unix epoch. `nanoseconds` may exceed a second.
    pub const fn from_parts(seconds: i64, nanoseconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Nanoseconds from `earlier` to `self`: negative where the clock went back.
    pub const fn nanos_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The time `nanoseconds` later.
    #[must_use]
    pub const fn plus_nanos(self, nanoseconds: i64) -> Self {
        Self(self.0.saturating_add(nanoseconds))
    }
}

impl fmt::Display for Timestamp {
    /// Seconds since the epoch with nine decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_saturate() {
        assert_eq!(Timestamp::from_parts(1, 5), Timestamp::from_nanos(1_000_000_005));
        assert_eq!(Timestamp::from_parts(i64::MAX, 0), Timestamp::from_nanos(i64::MAX));
        assert_eq!(Timestamp::from_parts(i64::MIN, -1), Timestamp::from_nanos(i64::MIN));
        assert_eq!(Timestamp::from_parts(1, 5).plus_nanos(7).as_nanos(), 1_000_000_012);
        assert_eq!(Timestamp::from_nanos(i64::MAX).plus_nanos(1).as_nanos(), i64::MAX);
    }

    #[test]
    fn seconds_have_nine_decimals() {
        assert_eq!(Timestamp::from_parts(0, -1).to_string(), "-0.000000001");
        assert_eq!(Timestamp::from_parts(0, 0).to_string(), "0.000000000");
        assert_eq!(Timestamp::from_parts(12, 34).to_string(), "12.000000034");
        assert_eq!(Timestamp::from_nanos(i64::MIN).to_string(), "-9223372036.854775808");
    }

    #[test]
    fn a_clock_that_goes_back_gives_a_negative_difference() {
        let (early, late) = (Timestamp::from_nanos(3), Timestamp::from_nanos(10));
        assert_eq!(late.nanos_since(early), 7);
        assert_eq!(early.nanos_since(late), -7);
    }
}
