//! Numbers and times in words.

use std::fmt::{self, Write as _};

use jiff::tz::TimeZone;
use parser::Timestamp;

/// The units of a duration: nanoseconds in one, with its name in Unicode and in ASCII.
const UNITS: [(u64, &str, &str); 4] =
    [(1, "ns", "ns"), (1_000, "µs", "us"), (1_000_000, "ms", "ms"), (1_000_000_000, "s", "s")];

/// A duration with three significant digits: `61.4 µs`, `11.2 s`, `131 s`. Zeros at the end mean that
/// it was rounded: exactly one second is `1 s`, a little more is `1.00 s`.
pub(crate) fn duration(ns: i64, unicode: bool) -> String {
    if ns == 0 {
        return "0 s".to_owned();
    }
    let sign = if ns < 0 { "-" } else { "" };
    let magnitude = ns.unsigned_abs();
    let (mut unit, mut digits) = (0, in_unit(magnitude, 0));
    // Rounding may carry into the next unit: 999,999 ns is 1.00 ms.
    while unit + 1 < UNITS.len() && digits.whole >= 1_000 {
        unit += 1;
        digits = in_unit(magnitude, unit);
    }
    let (_, wide, plain) = UNITS[unit];
    let name = if unicode { wide } else { plain };
    let mut text = format!("{sign}{}", digits.whole);
    if digits.places > 0 {
        // Writing to a String can't fail.
        let _ = write!(text, ".{:0width$}", digits.fraction, width = digits.places);
    }
    format!("{text} {name}")
}

/// A number as it is written: before the point, after it, and how many digits after it.
struct Digits {
    whole: u64,
    fraction: u64,
    places: usize,
}

fn in_unit(magnitude: u64, unit: usize) -> Digits {
    let (size, ..) = UNITS[unit];
    let whole = magnitude / size;
    let places = match whole {
        _ if magnitude.is_multiple_of(size) => return Digits { whole, fraction: 0, places: 0 },
        0..=9 => 2,
        10..=99 => 1,
        _ => 0,
    };
    let scale = 10_u64.pow(places as u32);
    // At most 2^63 * 100 / 10^9: widened for the product alone.
    let rounded =
        (u128::from(magnitude) * u128::from(scale) + u128::from(size / 2)) / u128::from(size);
    let rounded = rounded as u64;
    let (whole, fraction) = (rounded / scale, rounded % scale);
    // 9.999 was rounded to 10.00, which has a digit too many.
    let (fraction, places) = match (whole, places) {
        (10, 2) => (fraction / 10, 1),
        (100, 1) => (0, 0),
        _ => (fraction, places),
    };
    // What rounds to a short exact number is written like one where it is one: 2.5 s, not 2.50 s.
    let exact = u128::from(rounded) * u128::from(size) == u128::from(magnitude) * u128::from(scale);
    if exact && places == 2 && fraction.is_multiple_of(10) {
        return Digits { whole, fraction: fraction / 10, places: 1 };
    }
    Digits { whole, fraction, places }
}

/// A long time in its two largest units, the rest cut: `14 d 4 h`, `2 min 11 s`. Below two minutes it
/// is a duration like others.
pub(crate) fn span(ns: i64, unicode: bool) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = ns / 1_000_000_000;
    if seconds < 120 {
        return duration(ns, unicode);
    }
    let whole = UNITS.iter().position(|(size, _)| seconds >= *size).unwrap_or_default();
    let (size, name) = UNITS[whole];
    let (part, smaller) = UNITS[whole + 1];
    match seconds % size / part {
        0 => format!("{} {name}", seconds / size),
        rest => format!("{} {name} {rest} {smaller}", seconds / size),
    }
}

/// A count with its thousands apart: `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount of bytes: `512 bytes`, `1.2 MB`.
pub(crate) fn bytes(n: u64) -> String {
    let (size, name) = match n {
        0..10_000 => return format!("{} byte{}", count(n), if n == 1 { "" } else { "s" }),
        10_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}.{} {name}", count(n / size), n % size / (size / 10))
}

/// Nanoseconds as seconds with six decimals, cut: `0.000061`.
pub(crate) fn seconds(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let magnitude = ns.unsigned_abs();
    format!("{sign}{}.{:06}", magnitude / 1_000_000_000, magnitude % 1_000_000_000 / 1_000)
}

/// The instant, in the terms of the time library. A [`Timestamp`] spans the years 1677 to 2262 and
/// every one of them is in its range.
fn instant(time: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).unwrap_or_default()
}

/// An instant that is written as RFC 3339 says: `2026-11-22T07:00:00.123456789Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rfc3339(pub(crate) Timestamp);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.9}", instant(self.0))
    }
}

/// The date and the time of day to the nanosecond, with the zone: `2026-11-22 07:00:00.123456789 UTC`.
pub(crate) fn date(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone, "%Y-%m-%d %H:%M:%S%.9f %Z")
}

/// The time of day to the microsecond: `07:00:00.123456`.
pub(crate) fn clock(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone, "%H:%M:%S%.6f")
}

fn zoned(time: Timestamp, zone: &TimeZone, format: &str) -> String {
    instant(time).to_zoned(zone.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_significant_digits() {
        for (ns, text) in [
            (0, "0 s"),
            (999, "999 ns"),
            (1_000, "1 µs"),
            (61_000, "61 µs"),
            (61_400, "61.4 µs"),
            (61_440, "61.4 µs"),
            (999_400, "999 µs"),
            (999_500, "1.00 ms"),
            (9_999_999, "10.0 ms"),
            (99_999_999, "100 ms"),
            (1_000_000_000, "1 s"),
            (1_000_000_001, "1.00 s"),
            (2_500_000_000, "2.5 s"),
            (11_234_000_000, "11.2 s"),
            (131_072_000_000, "131 s"),
            (7_200_000_000_000, "7200 s"),
            (-5_000, "-5 µs"),
            (i64::MIN, "-9223372037 s"),
            (i64::MAX, "9223372037 s"),
        ] {
            assert_eq!(duration(ns, true), text, "{ns}");
        }
        assert_eq!(duration(61_000, false), "61 us");
    }

    #[test]
    fn long_times_have_two_units() {
        const SECOND: i64 = 1_000_000_000;
        for (ns, text) in [
            (0, "0 s"),
            (61_400, "61.4 µs"),
            (120 * SECOND - 1, "120 s"),
            (120 * SECOND, "2 min"),
            (131 * SECOND, "2 min 11 s"),
            (3_600 * SECOND - 1, "59 min 59 s"),
            (3_600 * SECOND, "1 h"),
            (86_399 * SECOND, "23 h 59 min"),
            (1_226_673 * SECOND, "14 d 4 h"),
            (i64::MAX, "106751 d 23 h"),
        ] {
            assert_eq!(span(ns, true), text, "{ns}");
        }
    }

    #[test]
    fn counts_and_bytes() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [1, 9_999, 12_345, 1_250_000, 1_234_567_890_123].map(bytes),
            ["1 byte", "9,999 bytes", "12.3 kB", "1.2 MB", "1,234.5 GB"]
        );
    }

    #[test]
    fn times_are_rfc_3339_with_nanoseconds() {
        let time = Timestamp::from_nanos(1_795_330_800_123_456_789);
        let rfc3339 = |time| Rfc3339(time).to_string();
        assert_eq!(rfc3339(time), "2026-11-22T07:00:00.123456789Z");
        assert_eq!(rfc3339(Timestamp::from_nanos(0)), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(rfc3339(Timestamp::from_nanos(i64::MIN)), "1677-09-21T00:12:43.145224192Z");
        assert_eq!(rfc3339(Timestamp::from_nanos(i64::MAX)), "2262-04-11T23:47:16.854775807Z");
        assert_eq!(date(time, &TimeZone::UTC), "2026-11-22 07:00:00.123456789 UTC");
        assert_eq!(clock(time, &TimeZone::UTC), "07:00:00.123456");
    }

    #[test]
    fn seconds_have_six_decimals() {
        assert_eq!(seconds(61_000), "0.000061");
        assert_eq!(seconds(-1_999), "-0.000001");
        assert_eq!(seconds(11_234_567_890), "11.234567");
    }
}
