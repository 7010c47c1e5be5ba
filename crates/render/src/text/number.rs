//! Numbers and times in words.

use std::fmt;

use handshake::Span;
use jiff::tz::TimeZone;
use parser::Timestamp;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A duration with up to three significant digits, as [`Span`] writes it: `61.4 µs`, `1 s`, `131 s`.
pub(crate) fn duration(ns: i64, unicode: bool) -> String {
    let text = Span(ns).to_string();
    if unicode { text } else { text.replace('µ', "u") }
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

/// `1 frame`, `2 frames`.
pub fn plural(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
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

/// Bytes as hexadecimal digits, two each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    push_hex(&mut text, bytes);
    text
}

/// A number of two bytes as hexadecimal digits: `0x00ff`.
pub(crate) struct Hex(pub(crate) u16);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"0x0000";
        for (digit, shift) in text[2..].iter_mut().zip([12, 8, 4, 0]) {
            *digit = DIGITS[usize::from(self.0 >> shift & 0xf)];
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// Adds bytes as hexadecimal digits.
fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for half in [byte >> 4, byte & 0xf] {
            text.push(char::from(DIGITS[usize::from(half)]));
        }
    }
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
    const SECOND: i64 = 1_000_000_000;
    let (seconds, rest) = (time.as_nanos().div_euclid(SECOND), time.as_nanos().rem_euclid(SECOND));
    jiff::Timestamp::new(seconds, rest as i32).unwrap_or_default()
}

/// An instant that is written as RFC 3339 says: `2026-11-22T07:00:00.123456789Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rfc3339(pub(crate) Timestamp);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::tz::Offset::UTC.to_datetime(instant(self.0));
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        let fields = [
            (0..4, u32::from(time.year().unsigned_abs())),
            (5..7, time.month().unsigned_abs().into()),
            (8..10, time.day().unsigned_abs().into()),
            (11..13, time.hour().unsigned_abs().into()),
            (14..16, time.minute().unsigned_abs().into()),
            (17..19, time.second().unsigned_abs().into()),
            (20..29, time.subsec_nanosecond().unsigned_abs()),
        ];
        for (place, mut rest) in fields {
            for digit in text[place].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
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

/// Date and time of day to the second, with the zone: `2026-03-01 07:00:00 UTC`.
pub(crate) fn moment(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone, "%Y-%m-%d %H:%M:%S %Z")
}

/// The same to the millisecond: `2026-03-01 07:00:00.250 UTC`.
pub(crate) fn millisecond(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone, "%Y-%m-%d %H:%M:%S%.3f %Z")
}

/// A minute of a day: `2026-03-01 07:00`.
pub(crate) fn minute(time: Timestamp, zone: &TimeZone) -> String {
    zoned(time, zone, "%Y-%m-%d %H:%M")
}

fn zoned(time: Timestamp, zone: &TimeZone, format: &str) -> String {
    instant(time).to_zoned(zone.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_ascii_where_they_have_to_be() {
        assert_eq!(duration(61_400, true), "61.4 µs");
        assert_eq!(duration(61_400, false), "61.4 us");
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
    fn each_byte_has_two_digits() {
        assert_eq!(hex(&[]), "");
        assert_eq!(hex(&[0x00, 0x0f, 0xa9, 0xff]), "000fa9ff");
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
