//! What can be counted and measured of attempts. Each has the name that an expectation calls it by.

use std::fmt;

use handshake::{Facts, Outcome, PatternName};
use parser::named;

use super::amount::percent;
use crate::Quantile;

/// What an expectation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// How many attempts are of a kind.
    Attempts(Kind),
    /// How many segments were sent again, in all attempts together.
    Repeats(Repeats),
    /// A statistic of a duration, over the attempts that have it.
    Duration(Statistic, Measure),
}

/// A kind of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every attempt.
    All,
    /// Those that [failed](Outcome::is_failure).
    Failed,
    /// Those [of which a segment was sent again](Facts::is_retried).
    Retried,
    /// Those with this outcome.
    Outcome(Outcome),
    /// Those in which this pattern was recognised.
    Pattern(PatternName),
}

named! {
    /// Segments that are sent again.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Repeats {
        /// SYNs beyond the first.
        Syn = "syn_retransmissions",
        /// SYN-ACKs beyond the first.
        SynAck = "syn_ack_retransmissions",
    }
}

named! {
    /// A duration of an attempt.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Measure {
        /// The SYN that was answered to the first SYN-ACK.
        ServerRtt = "server_rtt",
        /// The SYN-ACK that was acknowledged to the segment that acknowledges K.
        ClientRtt = "client_rtt",
        /// What the attempt lost by waiting: [`Facts::waited_ns`].
        Waited = "waited",
        /// The first segment to what decided a failure.
        FailedAfter = "failed_after",
    }
}

/// One duration that stands for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The least one that is not below this share of all: the nearest rank.
    Percentile(Quantile),
    /// The shortest.
    Min,
    /// The arithmetic mean, in whole nanoseconds.
    Mean,
    /// The longest.
    Max,
}

impl Metric {
    /// Every metric that is a single word.
    pub fn words() -> impl Iterator<Item = Self> {
        let repeats = Repeats::ALL.into_iter().map(Self::Repeats);
        Kind::all().map(Self::Attempts).chain(repeats)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts(kind) => f.write_str(kind.name()),
            Self::Repeats(repeats) => f.write_str(repeats.name()),
            Self::Duration(statistic, measure) => write!(f, "{statistic}({})", measure.name()),
        }
    }
}

impl Kind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        let outcomes = Outcome::ALL.into_iter().map(Self::Outcome);
        let patterns = PatternName::ALL.iter().copied().map(Self::Pattern);
        [Self::All, Self::Failed, Self::Retried].into_iter().chain(outcomes).chain(patterns)
    }

    /// Its name in an expectation.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "attempts",
            Self::Failed => "failed",
            Self::Retried => "retried",
            Self::Outcome(outcome) => outcome.name(),
            Self::Pattern(pattern) => pattern.name(),
        }
    }

    /// Whether an attempt is of this kind.
    pub fn contains(self, facts: &Facts) -> bool {
        match self {
            Self::All => true,
            Self::Failed => facts.outcome.is_failure(),
            Self::Retried => facts.is_retried(),
            Self::Outcome(outcome) => facts.outcome == outcome,
            Self::Pattern(pattern) => facts.patterns.contains(pattern),
        }
    }
}

impl Repeats {
    /// How many there were in an attempt.
    pub const fn of(self, facts: &Facts) -> u32 {
        match self {
            Self::Syn => facts.syn_retransmissions,
            Self::SynAck => facts.syn_ack_retransmissions,
        }
    }
}

impl Measure {
    /// It, of an attempt, in nanoseconds; `None` where it is not known.
    pub fn of(self, facts: &Facts) -> Option<u64> {
        let ns = match self {
            Self::ServerRtt => facts.server_rtt_ns,
            Self::ClientRtt => facts.client_rtt_ns,
            Self::Waited => facts.waited_ns,
            Self::FailedAfter => facts.failed_after_ns,
        };
        ns.and_then(|ns| u64::try_from(ns).ok())
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percentile(quantile) => {
                write!(f, "p{}", percent(quantile.hundred_thousandths()))
            }
            Self::Min => f.write_str("min"),
            Self::Mean => f.write_str("mean"),
            Self::Max => f.write_str("max"),
        }
    }
}
