//! The unit and the origin of an interface's time stamps.

use parser::Timestamp;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// How an interface's ticks become nanoseconds since the Unix epoch. Exact: what is finer than a
/// nanosecond is cut off, what is beyond the range of a [`Timestamp`] is held at its edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    scale: Scale,
    offset_ns: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// A tick is so many nanoseconds.
    Multiply(u64),
    /// A nanosecond is so many ticks.
    Divide(u128),
    /// A second is 2 to this power of ticks.
    Binary(u32),
}

impl Clock {
    /// `resolution` is the value of `if_tsresol` (microseconds where there is none), `offset_s`
    /// that of `if_tsoffset`, in seconds.
    pub(super) const fn new(resolution: Option<u8>, offset_s: i64) -> Self {
        let scale = match resolution {
            None => Scale::Multiply(1_000),
            Some(binary @ 0x80..) => Scale::Binary((binary & 0x7f) as u32),
            Some(decimal @ 0..=9) => Scale::Multiply(10_u64.pow(9 - decimal as u32)),
            Some(finer) => Scale::Divide(10_u128.saturating_pow(finer as u32 - 9)),
        };
        Self { scale, offset_ns: offset_s as i128 * NANOS_PER_SECOND as i128 }
    }

    /// The time of a count of ticks.
    #[inline]
    pub(super) fn time(self, ticks: u64) -> Timestamp {
        let ticks = u128::from(ticks);
        let nanos = match self.scale {
            Scale::Multiply(factor) => ticks * u128::from(factor),
            Scale::Divide(divisor) => ticks / divisor,
            Scale::Binary(bits) => (ticks * u128::from(NANOS_PER_SECOND)) >> bits,
        };
        let nanos = nanos.cast_signed() + self.offset_ns;
        Timestamp::from_nanos(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(resolution: Option<u8>, offset_s: i64, ticks: u64) -> i64 {
        Clock::new(resolution, offset_s).time(ticks).as_nanos()
    }

    #[test]
    fn decimal_units() {
        assert_eq!(nanos(None, 0, 7), 7_000);
        assert_eq!(nanos(Some(0), 0, 7), 7_000_000_000);
        assert_eq!(nanos(Some(6), 0, 1_234_567), 1_234_567_000);
        assert_eq!(nanos(Some(9), 0, 1_234_567), 1_234_567);
        assert_eq!(nanos(Some(12), 0, 1_999_999), 1_999);
        assert_eq!(nanos(Some(29), 0, u64::MAX), 0);
        assert_eq!(nanos(Some(127), 0, u64::MAX), 0);
    }

    #[test]
    fn binary_units_are_exact() {
        assert_eq!(nanos(Some(0x80), 0, 3), 3_000_000_000);
        assert_eq!(nanos(Some(0x81), 0, 3), 1_500_000_000);
        // 2^-32 s: a third of a second, in the middle of a second beyond 2^31.
        assert_eq!(
            nanos(Some(0xa0), 0, (1_795_330_800 << 32) + (1 << 31)),
            1_795_330_800_500_000_000
        );
        assert_eq!(nanos(Some(0xa0), 0, (1 << 32) / 3), 333_333_333);
        assert_eq!(nanos(Some(0xbf), 0, u64::MAX), 1_999_999_999);
        assert_eq!(nanos(Some(0xff), 0, u64::MAX), 0);
    }

    #[test]
    fn offsets_count_in_seconds_and_the_range_is_held() {
        assert_eq!(nanos(Some(9), 2, 5), 2_000_000_005);
        assert_eq!(nanos(Some(9), -2, 5), -1_999_999_995);
        assert_eq!(nanos(Some(0), 0, u64::MAX), i64::MAX);
        assert_eq!(nanos(Some(9), i64::MIN, 0), i64::MIN);
        assert_eq!(nanos(Some(9), i64::MAX, u64::MAX), i64::MAX);
    }
}
