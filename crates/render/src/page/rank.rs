//! Which attempts a page keeps where there are too many.

use std::cmp::Reverse;
use std::collections::HashMap;

use handshake::{Handshake, Outcome};
use parser::Endpoint;

/// Attempts that show the same: findings name as many as their evidence.
const ALIKE: u8 = 3;
/// Servers and what went wrong there, of which examples are remembered.
const MOST: usize = 256;

/// The place of an attempt; what is less is kept first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Whether it is no example.
    is_common: bool,
    course: Course,
    longest: Reverse<Option<i64>>,
    id: u64,
}

/// How an attempt went, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Course {
    Failed,
    Retried,
    Plain,
}

impl Course {
    fn of(handshake: &Handshake) -> Self {
        let again = handshake.syn_retransmissions > 0 || handshake.syn_ack_retransmissions > 0;
        match handshake.outcome.is_failure() {
            true => Self::Failed,
            false if again => Self::Retried,
            false => Self::Plain,
        }
    }
}

impl Rank {
    /// Which attempt it is.
    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    /// Its place in the list of the page: failed attempts, then those with a segment that was sent again,
    /// then what took longest.
    pub(super) fn shown(self) -> impl Ord {
        (self.course, self.longest, self.id)
    }
}

/// The first attempts in which something went wrong at a server: they are the evidence of findings.
#[derive(Debug, Default)]
pub(super) struct Examples {
    seen: HashMap<(Endpoint, Outcome, Course), u8>,
}

impl Examples {
    /// The rank of an attempt. They must come in the order in which they end.
    pub(super) fn rank(&mut self, handshake: &Handshake) -> Rank {
        let course = Course::of(handshake);
        let timing = &handshake.timing;
        let total = timing.total_ns.or(timing.total_range_ns.map(|range| range.min));
        Rank {
            is_common: course == Course::Plain || !self.is_example(handshake, course),
            course,
            longest: Reverse(timing.failed_after_ns.or(total)),
            id: handshake.id,
        }
    }

    fn is_example(&mut self, handshake: &Handshake, course: Course) -> bool {
        let alike = (handshake.server, handshake.outcome, course);
        if self.seen.len() >= MOST && !self.seen.contains_key(&alike) {
            return false;
        }
        let seen = self.seen.entry(alike).or_default();
        let is_example = *seen < ALIKE;
        *seen = seen.saturating_add(1);
        is_example
    }
}
