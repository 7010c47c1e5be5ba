//! A time as a user types it.

use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;
use parser::{Period, Timestamp};

use crate::units;

const EXPECTED: &str = "expected a time (2026-11-22T14:54:56Z, 2026-11-22 14:54, 2026-11-22, or seconds \
                        since 1970), a time of day when the capture began (10:02, 10:02:11), or a time \
                        since its first frame (+5s, +2m)";

const EXPECTED_BOUND: &str = "expected a date (2026-11-22, from midnight UTC on) or a time with its zone \
                              (2026-11-22T14:55Z, 2026-11-22T15:55:11+01:00)";
const YEARS: &str = "expected a year from 1678 to 2261";

/// A point in the time of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Whatever the capture is.
    At(Timestamp),
    /// In the zone of the output.
    InZone(civil::DateTime),
    /// On the day on which the capture began.
    OnFirstDay(civil::Time),
    /// So many nanoseconds after the capture began.
    After(i64),
}

impl Moment {
    /// The same in a capture that began at `capture_start`, where days begin as in `zone`.
    pub(crate) fn settled(self, capture_start: Timestamp, zone: &TimeZone) -> Self {
        match self {
            Self::At(_) => self,
            Self::After(ns) => Self::At(capture_start.plus_nanos(ns)),
            Self::OnFirstDay(time) => Self::At(on_day_of(capture_start, time, zone)),
            Self::InZone(time) => Self::At(in_zone(time, zone).unwrap_or(capture_start)),
        }
    }

    /// Whether it comes before another one in some capture.
    pub(crate) fn may_be_before(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(one), Self::At(other)) => one < other,
            (Self::OnFirstDay(one), Self::OnFirstDay(other)) => one < other,
            (Self::InZone(one), Self::InZone(other)) => one < other,
            (Self::After(one), Self::After(other)) => one < other,
            // The capture decides.
            _ => true,
        }
    }

    /// When it is, once it is settled.
    pub(crate) fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::InZone(_) | Self::OnFirstDay(_) | Self::After(_) => None,
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(after) = text.strip_prefix('+') {
            let after = units::duration(after).map_err(|wrong| wrong.to_string())?;
            return i64::try_from(after.as_nanos())
                .map(Self::After)
                .map_err(|_| "this is too long".to_owned());
        }
        let has_only = |others: &[u8]| {
            text.bytes().all(|byte| byte.is_ascii_digit() || others.contains(&byte))
        };
        if has_only(b":.") && text.contains(':') {
            return text.parse().map(Self::OnFirstDay).map_err(|_| EXPECTED.to_owned());
        }
        if has_only(b".") {
            return of_epoch(text).map(Self::At).ok_or_else(|| EXPECTED.to_owned());
        }
        // As findings and headings write it.
        let text = text.strip_suffix(" UTC").map_or(text.into(), |time| format!("{time}Z"));
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return of_years(time).map(Self::At);
        }
        // Of a time with a zone, the time library would take the time alone.
        let is_civil = !text.contains(['Z', 'z', '+', '[']);
        let time = text.parse::<civil::DateTime>().ok().filter(|_| is_civil).ok_or(EXPECTED)?;
        // The year must do in any zone.
        of_years(time.to_zoned(TimeZone::UTC).map_err(|_| YEARS)?.timestamp())?;
        Ok(Self::InZone(time))
    }
}

/// Seconds since 1970, with up to nine decimals.
fn of_epoch(text: &str) -> Option<Timestamp> {
    let (seconds, decimals) = text.split_once('.').unwrap_or((text, ""));
    let nanoseconds = format!("{decimals:0<9}");
    let ns: i64 = (nanoseconds.len() == 9).then(|| nanoseconds.parse().ok())??;
    // Fewer digits are no time of a capture, but may be meant for a time of day.
    let seconds: i64 = (seconds.len() >= 9).then(|| seconds.parse().ok())??;
    Some(Timestamp::from_nanos(seconds.checked_mul(1_000_000_000)?.checked_add(ns)?))
}

/// `--started-in`: from one time to another, both of them absolute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StartedIn(pub(crate) Period);

impl FromStr for StartedIn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((from, to)) = text.split_once("..") else {
            return Err(
                "expected FROM..TO, such as 2026-11-22T14:00Z..2026-11-22T15:00Z or 2026-11-22..2026-11-23".into()
            );
        };
        let bound = |text: &str| (!text.is_empty()).then(|| bound(text)).transpose();
        let period = Period { from: bound(from)?, to: bound(to)? };
        if period.from.zip(period.to).is_some_and(|(from, to)| from >= to) {
            return Err("FROM must be before TO".into());
        }
        Ok(Self(period))
    }
}

/// A bound of `--started-in`.
fn bound(text: &str) -> Result<Timestamp, String> {
    // A date of the time library may have a time behind it, which counts for nothing.
    let is_date = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_date && let Ok(date) = text.parse::<civil::Date>() {
        let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| YEARS)?;
        return of_years(midnight.timestamp());
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return of_years(time);
    }
    Err(match text.parse() {
        Ok(Moment::OnFirstDay(_) | Moment::After(_)) => {
            format!("{text} is not absolute: give the date, too (2026-11-22T14:54:56Z)")
        }
        Ok(Moment::InZone(_)) => format!("{text} has no zone: {text}Z is UTC"),
        Ok(Moment::At(_)) | Err(_) => EXPECTED_BOUND.to_owned(),
    })
}

/// The same time, if it is in the years of a [`Timestamp`].
fn of_years(time: jiff::Timestamp) -> Result<Timestamp, String> {
    let ns = i64::try_from(time.as_nanosecond());
    ns.map(Timestamp::from_nanos).map_err(|_| YEARS.to_owned())
}

/// A time of day on the day of another time. Both are so in the years of a [`Timestamp`] that the time
/// library can tell.
fn on_day_of(day: Timestamp, time: civil::Time, zone: &TimeZone) -> Timestamp {
    let began = jiff::Timestamp::from_nanosecond(day.as_nanos().into()).unwrap_or_default();
    in_zone(began.to_zoned(zone.clone()).date().to_datetime(time), zone).unwrap_or(day)
}

/// A time in a zone, if the time library can tell it.
fn in_zone(time: civil::DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ns = time.to_zoned(zone.clone()).ok()?.timestamp().as_nanosecond();
    Some(Timestamp::from_nanos(ns.clamp(i64::MIN.into(), i64::MAX.into()) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T14:54:56.231767593Z.
    const START: Timestamp = Timestamp::from_nanos(1_795_359_296_231_767_593);

    fn settled(text: &str, zone: &TimeZone) -> i64 {
        let moment: Moment = text.parse().unwrap();
        moment.settled(START, zone).at().unwrap().as_nanos()
    }

    #[test]
    fn a_moment_is_absolute_or_of_the_first_day_or_relative() {
        for (text, ns) in [
            ("2026-11-22T14:54:56Z", 1_795_359_296_000_000_000),
            ("2026-11-22T15:54:56.5+01:00", 1_795_359_296_500_000_000),
            ("14:54", 1_795_359_240_000_000_000),
            ("14:54:56", 1_795_359_296_000_000_000),
            ("14:54:56.25", 1_795_359_296_250_000_000),
            ("00:00", 1_795_305_600_000_000_000),
            ("2026-11-22 14:54:56 UTC", 1_795_359_296_000_000_000),
            ("2026-11-22 14:54:56.5", 1_795_359_296_500_000_000),
            ("2026-11-22T14:54", 1_795_359_240_000_000_000),
            ("2026-11-22", 1_795_305_600_000_000_000),
            ("1795359296", 1_795_359_296_000_000_000),
            ("1795359296.231767593", 1_795_359_296_231_767_593),
            ("1795359296.25", 1_795_359_296_250_000_000),
            ("+5s", 1_795_359_301_231_767_593),
            ("+2m", 1_795_359_416_231_767_593),
        ] {
            assert_eq!(settled(text, &TimeZone::UTC), ns, "{text}");
        }
    }

    #[test]
    fn a_window_has_absolute_bounds_or_none() {
        let at = |ns| Some(Timestamp::from_nanos(ns));
        for (text, from, to) in [
            ("..", None, None),
            ("2026-11-22T14:54:56Z..", at(1_795_359_296_000_000_000), None),
            ("..2026-11-22T14:54:56Z", None, at(1_795_359_296_000_000_000)),
            ("1970-01-01T00:00:00Z..1970-01-01T00:00:01Z", at(0), at(1_000_000_000)),
            ("1970-01-01T00:00Z..1970-01-01T01:01+01:00", at(0), at(60_000_000_000)),
            // Midnight of a day.
            ("1970-01-02..1970-01-03", at(86_400_000_000_000), at(172_800_000_000_000)),
            ("..1970-01-01", None, at(0)),
            ("1970-01-01..1970-01-01T00:00:01Z", at(0), at(1_000_000_000)),
        ] {
            assert_eq!(text.parse(), Ok(StartedIn(Period { from, to })), "{text}");
        }
        for (text, complaint) in [
            ("", "expected FROM..TO"),
            ("2026-11-22T14:54:56Z", "expected FROM..TO"),
            ("10:00..", "10:00 is not absolute"),
            ("..+5s", "+5s is not absolute"),
            ("x..", EXPECTED_BOUND),
            ("2026-11-22T14:55..", "2026-11-22T14:55 has no zone"),
            ("..2026-11-22T14:55:11", "2026-11-22T14:55:11 has no zone"),
            ("2026-13-22..", EXPECTED_BOUND),
            ("2026-11..", EXPECTED_BOUND),
            ("1600-01-01..", YEARS),
            ("..9999-12-31", YEARS),
            ("..9999-01-01T00:00:00Z", YEARS),
            ("1970-01-02..1970-01-02", "FROM must be before TO"),
            ("1970-01-01T00:00:00Z..1970-01-01T00:00:00Z", "FROM must be before TO"),
        ] {
            let refused = text.parse::<StartedIn>().unwrap_err();
            assert!(refused.starts_with(complaint), "{text}: {refused}");
        }
    }

    #[test]
    fn a_day_begins_as_in_its_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(10));
        // There it is the 23rd already, at 00:54:56.
        assert_eq!(settled("00:00", &zone), 1_795_356_000_000_000_000);
        assert_eq!(settled("10:00", &zone), 1_795_392_000_000_000_000);
        assert_eq!(settled("2026-11-23", &zone), 1_795_356_000_000_000_000);
        assert_eq!(settled("2026-11-23 10:00", &zone), 1_795_392_000_000_000_000);
    }

    #[test]
    fn days_at_the_ends_of_time_are_no_error() {
        let time = civil::time(23, 59, 59, 0);
        for ns in [i64::MIN, i64::MAX] {
            let at = on_day_of(Timestamp::from_nanos(ns), time, &TimeZone::UTC).as_nanos();
            assert!(ns.abs_diff(at) <= 86_400_000_000_000, "{ns} {at}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "5",
            "10",
            "10.02",
            "25:00",
            "10:61",
            "10:02:",
            "+5",
            "5s",
            "-5s",
            "yesterday",
            "2026-11",
            "2026-11-22T25:00",
            "2026-11-22 14:54:56 CET",
            "2026-11-22 14:54:56+x",
            "9999-01-01",
            "9999-01-01T00:00:00Z",
            "1795359296.1234567891",
            "99999999999999999999",
            "+99999999999h",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
