//! The attempts that count most against an expectation.

use std::cmp::Reverse;

use handshake::{Facts, Outcome};
use parser::Endpoint;

/// An attempt that counts against an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offender {
    /// Its id.
    pub id: u64,
    /// The active opener.
    pub client: Endpoint,
    /// The passive opener.
    pub server: Endpoint,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its share of the figure, where that is not just one attempt: nanoseconds, or segments.
    pub value: Option<u64>,
}

impl Offender {
    pub(super) const fn of(facts: &Facts, value: Option<u64>) -> Self {
        let &Facts { id, client, server, outcome, .. } = facts;
        Self { id, client, server, outcome, value }
    }
}

/// The three worst of many.
#[derive(Clone, Debug, Default)]
pub(super) struct Worst {
    /// The worst one first, by how bad they are and then by their ids.
    ranked: Vec<((Reverse<u64>, u64), Offender)>,
}

impl Worst {
    const MOST: usize = 3;

    /// Adds one that is so bad.
    pub(super) fn add(&mut self, badness: u64, offender: Offender) {
        let rank = (Reverse(badness), offender.id);
        let at = self.ranked.partition_point(|(other, _)| *other < rank);
        if at < Self::MOST {
            self.ranked.truncate(Self::MOST - 1);
            self.ranked.insert(at, (rank, offender));
        }
    }

    /// The worst one first.
    pub(super) fn offenders(&self) -> impl Iterator<Item = Offender> {
        self.ranked.iter().map(|&(_, offender)| offender)
    }
}
