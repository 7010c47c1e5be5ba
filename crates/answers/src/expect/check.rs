//! Whether an expectation is met by the attempts that there were.

use std::cmp::Ordering;

use handshake::Facts;

use super::amount::Share;
use super::expectation::{Claim, Expectation, Operator};
use super::metric::{Kind, Measure, Metric, Statistic};
use super::offenders::{Offender, Worst};
use crate::{Durations, Quantile};

/// An expectation, and what the attempts so far make of it. Its memory is bounded.
#[derive(Clone, Debug)]
pub struct Check {
    expectation: Expectation,
    /// Attempts in scope.
    attempts: u64,
    /// Attempts of the kind, or segments.
    count: u64,
    measured: Measured,
    /// The attempts that make the figure great.
    greatest: Worst,
    /// The attempts that make the figure small.
    least: Worst,
}

/// Durations, and how they compare with the one that is wanted.
#[derive(Clone, Debug, Default)]
struct Measured {
    count: u64,
    /// How many are shorter than the one that is wanted.
    below: u64,
    /// How many are exactly as long.
    at: u64,
    sum: u128,
    min: Option<u64>,
    max: Option<u64>,
    /// What a percentile is read from; empty for other statistics.
    durations: Durations,
}

/// What a [`Check`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked<'a> {
    /// What was expected.
    pub expectation: &'a Expectation,
    /// How many attempts were in scope.
    pub attempts: u64,
    /// The figure.
    pub found: Found,
    /// Whether it is as expected.
    pub is_met: bool,
    /// Of an expectation that is not met: the three attempts that count most against it, the worst one
    /// first.
    pub offenders: Vec<Offender>,
}

/// The figure that an expectation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No attempt was in scope.
    NoAttempt,
    /// The attempts in scope have no such duration.
    Unmeasured(Measure),
    /// So many attempts, or segments.
    Count(u64),
    /// So many of the attempts in scope.
    Share {
        /// The share, rounded away from the value that is wanted.
        share: Share,
        /// The attempts of the kind.
        count: u64,
        /// Those in scope.
        of: u64,
    },
    /// Nanoseconds. A percentile is rounded up by less than a thousandth, but stays on its side of the
    /// value that is wanted.
    Duration(u64),
}

impl Check {
    /// The check of an expectation, before any attempt.
    pub fn new(expectation: Expectation) -> Self {
        Self {
            expectation,
            attempts: 0,
            count: 0,
            measured: Measured::default(),
            greatest: Worst::default(),
            least: Worst::default(),
        }
    }

    /// Whether it counts attempts with a pattern.
    pub const fn is_of_pattern(&self) -> bool {
        matches!(self.expectation.claim.metric(), Metric::Attempts(Kind::Pattern(_)))
    }

    /// Takes an attempt into account, if it is in scope.
    pub fn add(&mut self, facts: &Facts) {
        if !self.expectation.scope.contains(facts) {
            return;
        }
        self.attempts += 1;
        match self.expectation.claim {
            Claim::Count(kind, _) | Claim::Share(kind, _) => {
                let is_one = kind.contains(facts);
                self.count += u64::from(is_one);
                let worst = if is_one { &mut self.greatest } else { &mut self.least };
                worst.add(0, Offender::of(facts, None));
            }
            Claim::Repeats(repeats, _) => {
                let more = u64::from(repeats.of(facts));
                self.count = self.count.saturating_add(more);
                let worst = if more > 0 { &mut self.greatest } else { &mut self.least };
                worst.add(more, Offender::of(facts, Some(more)));
            }
            Claim::Duration(statistic, measure, wanted) => {
                let Some(ns) = measure.of(facts) else { return };
                self.measured.add(ns, wanted, matches!(statistic, Statistic::Percentile(_)));
                let offender = Offender::of(facts, Some(ns));
                self.greatest.add(ns, offender);
                self.least.add(u64::MAX - ns, offender);
            }
        }
    }

    /// Whether it is as expected by now. Without an attempt in scope it is so only where that
    /// `may_be_empty` and no count contradicts: 0 attempts are then a figure, and a share or a duration
    /// of nothing are as anybody wants them.
    pub fn result(&self, may_be_empty: bool) -> Checked<'_> {
        let (found, figure) = match self.compare() {
            Some((Found::Count(_), _)) if self.attempts == 0 && !may_be_empty => {
                (Found::NoAttempt, None)
            }
            Some((found, figure)) => (found, Some(figure)),
            None => (self.missing(), None),
        };
        let operator = self.expectation.operator;
        let is_met = match figure {
            Some(figure) => operator.holds(figure),
            None => found == Found::NoAttempt && may_be_empty,
        };
        let offenders = figure.filter(|_| !is_met).map(|figure| self.offenders(figure));
        Checked {
            expectation: &self.expectation,
            attempts: self.attempts,
            found,
            is_met,
            offenders: offenders.unwrap_or_default(),
        }
    }

    /// Why there is no figure.
    const fn missing(&self) -> Found {
        match self.expectation.claim {
            Claim::Duration(_, measure, _) if self.attempts > 0 => Found::Unmeasured(measure),
            _ => Found::NoAttempt,
        }
    }

    /// The figure, and how it compares with the value that is wanted; `None` where there is none.
    fn compare(&self) -> Option<(Found, Ordering)> {
        let count = self.count;
        match self.expectation.claim {
            Claim::Count(_, wanted) | Claim::Repeats(_, wanted) => {
                Some((Found::Count(count), count.cmp(&wanted)))
            }
            Claim::Share(_, wanted) => {
                let of = self.attempts;
                let share = (of > 0).then(|| wanted.rounded(count, of))?;
                Some((Found::Share { share, count, of }, wanted.compare(count, of)))
            }
            Claim::Duration(statistic, _, wanted) => {
                let ns = self.measured.figure(statistic, wanted)?;
                Some((Found::Duration(ns), ns.cmp(&wanted)))
            }
        }
    }

    /// The attempts that push the figure to the side on which it should not be.
    fn offenders(&self, figure: Ordering) -> Vec<Offender> {
        let wants_more = self.expectation.operator == Operator::Greater;
        let is_too_small = figure.is_lt() || figure.is_eq() && wants_more;
        let worst = if is_too_small { &self.least } else { &self.greatest };
        worst.offenders().collect()
    }
}

impl Measured {
    fn add(&mut self, ns: u64, wanted: u64, is_ranked: bool) {
        self.count += 1;
        self.below += u64::from(ns < wanted);
        self.at += u64::from(ns == wanted);
        self.sum += u128::from(ns);
        self.min = Some(self.min.map_or(ns, |min| min.min(ns)));
        self.max = self.max.max(Some(ns));
        if is_ranked {
            self.durations.add(ns, 0);
        }
    }

    /// The statistic, in nanoseconds.
    fn figure(&self, statistic: Statistic, wanted: u64) -> Option<u64> {
        match statistic {
            Statistic::Percentile(quantile) => self.percentile(quantile, wanted),
            Statistic::Min => self.min,
            Statistic::Mean => {
                let mean = self.sum.checked_div(u128::from(self.count))?;
                u64::try_from(mean).ok()
            }
            Statistic::Max => self.max,
        }
    }

    /// The percentile, rounded as [`Durations`] do, but on the side of `wanted` on which it is.
    fn percentile(&self, quantile: Quantile, wanted: u64) -> Option<u64> {
        let rounded = self.durations.quantile(quantile, 0)?;
        let rank = quantile.rank(self.count);
        Some(if rank <= self.below {
            rounded.min(wanted.saturating_sub(1))
        } else if rank <= self.below + self.at {
            wanted
        } else {
            rounded
        })
    }
}
