//! An expectation, as it is written.

use std::cmp::Ordering;
use std::fmt;

use parser::named;

use super::amount::{Nanoseconds, Share};
use super::metric::{Kind, Measure, Metric, Repeats, Statistic};
use super::scope::Scope;

/// What is expected of the attempts in a scope. It is displayed as it is parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Which attempts it is about.
    pub scope: Scope,
    /// What is compared with what.
    pub claim: Claim,
    /// How the two have to compare.
    pub operator: Operator,
}

/// A metric, and the value that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// How many attempts are of a kind.
    Count(Kind, u64),
    /// Which share of the attempts in scope is of a kind.
    Share(Kind, Share),
    /// How many segments were sent again.
    Repeats(Repeats, u64),
    /// A statistic of a duration, in nanoseconds.
    Duration(Statistic, Measure, u64),
}

named! {
    /// How a figure has to compare with the value that is wanted.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Operator {
        /// It is the value.
        Equal = "==",
        /// It is another one.
        NotEqual = "!=",
        /// It is less.
        Less = "<",
        /// It is not more.
        AtMost = "<=",
        /// It is more.
        Greater = ">",
        /// It is not less.
        AtLeast = ">=",
    }
}

impl Claim {
    /// What is compared.
    pub const fn metric(self) -> Metric {
        match self {
            Self::Count(kind, _) | Self::Share(kind, _) => Metric::Attempts(kind),
            Self::Repeats(repeats, _) => Metric::Repeats(repeats),
            Self::Duration(statistic, measure, _) => Metric::Duration(statistic, measure),
        }
    }
}

impl Operator {
    /// Whether a figure that compares so with the value that is wanted is as expected.
    pub const fn holds(self, figure: Ordering) -> bool {
        match self {
            Self::Equal => figure.is_eq(),
            Self::NotEqual => figure.is_ne(),
            Self::Less => figure.is_lt(),
            Self::AtMost => figure.is_le(),
            Self::Greater => figure.is_gt(),
            Self::AtLeast => figure.is_ge(),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, claim, operator } = self;
        if !scope.is_everything() {
            write!(f, "{scope}: ")?;
        }
        write!(f, "{} {} ", claim.metric(), operator.name())?;
        match *claim {
            Claim::Count(_, count) | Claim::Repeats(_, count) => write!(f, "{count}"),
            Claim::Share(_, share) => write!(f, "{share}"),
            Claim::Duration(_, _, ns) => write!(f, "{}", Nanoseconds(ns)),
        }
    }
}
