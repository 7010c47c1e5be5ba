//! Values with a unit, as an expectation has them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A share, in hundred-thousandths: `99_500` is 99.5 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u32);

/// A duration as an expectation has it, exact: in whole hours or minutes, else in the largest smaller unit
/// of which it is at least one. `2m`, `1.5s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nanoseconds(pub u64);

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDuration {
    /// It is no number with a unit behind it.
    #[error("{DURATION}")]
    Form,
    /// It is too long, or has a part of a nanosecond.
    #[error("expected whole nanoseconds, and less than 500 years")]
    Amount,
}

/// What is expected where there is no duration.
pub(super) const DURATION: &str =
    "expected a duration with its unit: 50ms, 1.5s, 200us, 3ns, 2m or 1h";

/// The units of durations: how many decimals each may have, and how many nanoseconds the last of them is.
/// Keyboards have the micro sign or the Greek mu, which look the same.
const UNITS: [(&str, usize, u64); 8] = [
    ("ns", 0, 1),
    ("us", 3, 1),
    ("\u{b5}s", 3, 1),
    ("\u{3bc}s", 3, 1),
    ("ms", 6, 1),
    ("s", 9, 1),
    ("m", 9, 60),
    ("h", 9, 3_600),
];

impl Share {
    /// The share of so many hundred-thousandths; `None` beyond 1.
    pub const fn new(hundred_thousandths: u32) -> Option<Self> {
        if hundred_thousandths <= 100_000 { Some(Self(hundred_thousandths)) } else { None }
    }

    /// It, in hundred-thousandths.
    pub const fn hundred_thousandths(self) -> u32 {
        self.0
    }

    /// `count` of `all`, which are more than 0, rounded away from this share: so the two compare as if
    /// nothing were rounded.
    pub(super) fn rounded(self, count: u64, all: u64) -> Self {
        let (part, whole) = (u128::from(count) * 100_000, u128::from(all));
        let share =
            if self.compare(count, all).is_lt() { part / whole } else { part.div_ceil(whole) };
        Self(share as u32)
    }

    /// How `count` of `all` compares with it.
    pub(super) fn compare(self, count: u64, all: u64) -> Ordering {
        (u128::from(count) * 100_000).cmp(&(u128::from(all) * u128::from(self.0)))
    }
}

impl Nanoseconds {
    /// So many of a unit: `1.5` and `ms`.
    pub(super) fn of(number: &str, unit: &str) -> Result<Self, NoDuration> {
        let known = UNITS.iter().find(|(name, ..)| *name == unit);
        let (_, places, factor) = known.ok_or(NoDuration::Form)?;
        let ns = scaled(number, *places).and_then(|amount| amount.checked_mul(*factor));
        ns.map(Self).ok_or(NoDuration::Amount)
    }
}

impl FromStr for Nanoseconds {
    type Err = NoDuration;

    /// A number and its unit: `1.5ms`.
    fn from_str(text: &str) -> Result<Self, NoDuration> {
        let unit = text.find(char::is_alphabetic).ok_or(NoDuration::Form)?;
        let (number, unit) = text.split_at(unit);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number(whole) && is_number(fraction) {
            Self::of(number, unit)
        } else {
            Err(NoDuration::Form)
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", percent(self.0))
    }
}

impl fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MINUTE: u64 = 60_000_000_000;
        const HOUR: u64 = 60 * MINUTE;
        let Self(ns) = *self;
        match ns {
            HOUR.. if ns % HOUR == 0 => write!(f, "{}h", ns / HOUR),
            MINUTE.. if ns % MINUTE == 0 => write!(f, "{}m", ns / MINUTE),
            0..1_000 => write!(f, "{ns}ns"),
            1_000..1_000_000 => write!(f, "{}us", decimal(ns, 3)),
            1_000_000..1_000_000_000 => write!(f, "{}ms", decimal(ns, 6)),
            _ => write!(f, "{}s", decimal(ns, 9)),
        }
    }
}

/// Hundred-thousandths as a percentage without zeros at its end: `99.9`.
pub(super) fn percent(hundred_thousandths: u32) -> String {
    decimal(u64::from(hundred_thousandths), 3)
}

/// `number` with its last `places` digits behind a point, without zeros at the end.
fn decimal(number: u64, places: usize) -> String {
    let unit = 10_u64.pow(places as u32);
    let text = format!("{}.{:0places$}", number / unit, number % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number with its point so many places further right; `None` where more digits follow it, and where
/// that is too much.
pub(super) fn scaled(number: &str, places: usize) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let missing = places.checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()
}
