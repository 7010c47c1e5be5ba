//! A stretch of time.

use crate::Timestamp;

/// The time from one moment to another. A bound that is missing is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Its first nanosecond.
    pub from: Option<Timestamp>,
    /// The first nanosecond after it.
    pub to: Option<Timestamp>,
}

impl Period {
    /// All time.
    pub const ALWAYS: Self = Self { from: None, to: None };

    /// Whether a moment lies in it. What has no time lies before all moments: of periods side by side,
    /// the one without a beginning holds it.
    #[inline]
    pub fn holds(self, time: Option<Timestamp>) -> bool {
        match time {
            Some(time) => {
                self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
            }
            None => self.from.is_none(),
        }
    }

    /// Whether a moment comes after it.
    #[inline]
    pub fn is_before(self, time: Timestamp) -> bool {
        self.to.is_some_and(|to| to <= time)
    }

    /// The period that begins so many nanoseconds earlier and ends so many later.
    #[must_use]
    pub fn widened(self, before_ns: i64, after_ns: i64) -> Self {
        Self {
            from: self.from.map(|from| from.plus_nanos(before_ns.saturating_neg())),
            to: self.to.map(|to| to.plus_nanos(after_ns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ns: i64) -> Timestamp {
        Timestamp::from_nanos(ns)
    }

    /// From one moment to another.
    fn period(from: Option<i64>, to: Option<i64>) -> Period {
        Period { from: from.map(at), to: to.map(at) }
    }

    #[test]
    fn of_periods_side_by_side_one_holds_a_moment() {
        let periods = [period(None, Some(10)), period(Some(10), Some(20)), period(Some(20), None)];
        let holds = |time| periods.map(|period| period.holds(time));
        assert_eq!(holds(None), [true, false, false]);
        assert_eq!(holds(Some(at(i64::MIN))), [true, false, false]);
        assert_eq!(holds(Some(at(9))), [true, false, false]);
        assert_eq!(holds(Some(at(10))), [false, true, false]);
        assert_eq!(holds(Some(at(19))), [false, true, false]);
        assert_eq!(holds(Some(at(20))), [false, false, true]);
        assert_eq!(holds(Some(at(i64::MAX))), [false, false, true]);
        assert!(
            [None, Some(at(0)), Some(at(i64::MAX))].map(|time| Period::ALWAYS.holds(time))
                == [true; 3]
        );
    }

    #[test]
    fn it_is_widened_where_it_has_bounds() {
        assert_eq!(period(Some(10), None).widened(3, 5), period(Some(7), None));
        let always = period(Some(i64::MIN), Some(i64::MAX));
        assert_eq!(always.widened(3, 5), always);
        assert!(period(None, Some(7)).is_before(at(7)));
        assert!(!period(None, Some(7)).is_before(at(6)));
    }
}
