//! Turns the [`Facts`](handshake::Facts) of many attempts into answers: what hurts most, what is
//! wrong and whether it is as expected.
//!
//! It does no I/O and has no words for people: `render` has them. Its memory is bounded, whatever the
//! traffic.

#![forbid(unsafe_code)]

mod by;
mod durations;
pub mod expect;
mod findings;
mod group;
mod histogram;
mod over_time;
mod stats;
mod step;
mod sums;
#[cfg(test)]
mod tests;

pub use by::{By, Key};
pub use durations::{Durations, Quantile};
pub use findings::{Captured, Finding, SynsRepeated, Trouble, What, findings};
pub use group::{Evidence, Group, Ids, Peers};
pub use histogram::{BUCKETS, Histogram};
pub use over_time::{OverTime, SLOTS, Scale, Slot};
pub use stats::{Groups, MOST_GROUPS, Question, Ranking, Rest, Sort, Stats};
pub use sums::{MOST_CONNECTED, MOST_SERVERS, ServerSums, Sums};
