//! The scenarios, by what they are about.

pub(crate) mod connect;
pub(crate) mod datagrams;
pub(crate) mod fast_open;
pub(crate) mod forged;
pub(crate) mod loss;
pub(crate) mod queue;
pub(crate) mod tuples;

use crate::scenario::Scenario;

static ALL: [&Scenario; 25] = [
    &connect::THREE_WAY,
    &connect::IPV6,
    &connect::REFUSED,
    &connect::NO_ACCEPT,
    &connect::ONE_PORT,
    &connect::STREAM,
    &connect::MANY,
    &queue::BACKLOG,
    &queue::OVERFLOW,
    &queue::ABORT,
    &loss::LATE,
    &loss::LOSSY,
    &loss::TIMEOUT,
    &forged::UNREACHABLE,
    &forged::SCAN,
    &forged::EMBRYONIC,
    &forged::CHALLENGE,
    &tuples::SIMULTANEOUS,
    &tuples::SPLIT,
    &tuples::SELF_CONNECT,
    &tuples::REUSE,
    &tuples::HALF_OPEN,
    &fast_open::FAST_OPEN,
    &datagrams::UDP,
    &datagrams::UNRELIABLE,
];

impl Scenario {
    /// Every scenario, the plainest first.
    pub fn all() -> &'static [&'static Self] {
        &ALL
    }

    /// The scenario of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|scenario| scenario.name == name).copied()
    }
}
