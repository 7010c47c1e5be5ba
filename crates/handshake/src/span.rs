//! How a duration is written, in notes and in pictures alike.

use std::fmt;

/// The units of a duration: nanoseconds in one, with what stands behind the number.
const UNITS: [(u64, &str); 4] =
    [(1, " ns"), (1_000, " µs"), (1_000_000, " ms"), (1_000_000_000, " s")];

/// A duration in nanoseconds, rounded to three significant digits and written without zeros at the end
/// of a fraction, whether it was rounded or not: `61.4 µs`, `1 s`, `2.5 s`, `131 s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0 s");
        }
        let magnitude = self.0.unsigned_abs();
        let (mut unit, mut digits) = (0, in_unit(magnitude, 0));
        // Rounding may carry into the next unit: 999,999 ns is 1 ms.
        while unit + 1 < UNITS.len() && digits.whole >= 1_000 {
            unit += 1;
            digits = in_unit(magnitude, unit);
        }
        let (_, name) = UNITS[unit];
        let Digits { whole, fraction, places } = digits;
        if self.0 < 0 {
            f.write_str("-")?;
        }
        // Notes are full of durations: no machinery of formats for their digits.
        f.write_str(itoa::Buffer::new().format(whole))?;
        if places > 0 {
            f.write_str(if places == 2 && fraction < 10 { ".0" } else { "." })?;
            f.write_str(itoa::Buffer::new().format(fraction))?;
        }
        f.write_str(name)
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
        0..=9 => 2,
        10..=99 => 1,
        _ => 0,
    };
    let scale = 10_u64.pow(places as u32);
    // What has decimals is below 100 units.
    let rounded = (magnitude * scale + size / 2) / size;
    let (whole, mut fraction, mut places) = (rounded / scale, rounded % scale, places);
    while places > 0 && fraction.is_multiple_of(10) {
        (fraction, places) = (fraction / 10, places - 1);
    }
    Digits { whole, fraction, places }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_up_to_three_significant_digits() {
        for (ns, text) in [
            (0, "0 s"),
            (999, "999 ns"),
            (61_000, "61 µs"),
            (61_400, "61.4 µs"),
            (61_440, "61.4 µs"),
            (999_400, "999 µs"),
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

    #[test]
    fn an_exact_and_a_rounded_duration_look_alike() {
        for (exact, rounded, text) in [
            (1_000, 1_001, "1 µs"),
            (6_800, 6_801, "6.8 µs"),
            (6_900, 6_899, "6.9 µs"),
            (12_000_000, 12_004_000, "12 ms"),
            (2_500_000_000, 2_500_000_001, "2.5 s"),
            (20_000_000_000, 19_999_999_999, "20 s"),
            (100_000_000, 99_999_999, "100 ms"),
            (1_000_000, 999_500, "1 ms"),
            (10_000_000, 9_999_999, "10 ms"),
            (-5_000, -5_001, "-5 µs"),
        ] {
            assert_eq!([exact, rounded].map(|ns| Span(ns).to_string()), [text; 2], "{exact}");
        }
    }
}
