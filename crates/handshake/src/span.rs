//! How a duration is written, in notes and in pictures alike.

use std::fmt;

/// The units of a duration: nanoseconds in one, with its name.
const UNITS: [(u64, &str); 4] = [(1, "ns"), (1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")];

/// A duration in nanoseconds, written with three significant digits: `61.4 µs`, `11.2 s`, `131 s`.
/// Zeros at the end mean that it was rounded: exactly one second is `1 s`, a little more is `1.00 s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0 s");
        }
        let magnitude = self.0.unsigned_abs();
        let (mut unit, mut digits) = (0, in_unit(magnitude, 0));
        // Rounding may carry into the next unit: 999,999 ns is 1.00 ms.
        while unit + 1 < UNITS.len() && digits.whole >= 1_000 {
            unit += 1;
            digits = in_unit(magnitude, unit);
        }
        let (_, name) = UNITS[unit];
        let sign = if self.0 < 0 { "-" } else { "" };
        let Digits { whole, fraction, places } = digits;
        if places == 0 {
            return write!(f, "{sign}{whole} {name}");
        }
        write!(f, "{sign}{whole}.{fraction:0places$} {name}")
    }
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
            assert_eq!(Span(ns).to_string(), text, "{ns}");
        }
    }
}
