//! Turns the [`Facts`](handshake::Facts) of many attempts into answers: what hurts most, what is
//! wrong and whether it is as expected.
//!
//! It does no I/O and has no words for people: `render` has them. Its memory is bounded, whatever the
//! traffic.

#![forbid(unsafe_code)]

mod by;
mod counts_as;
mod durations;
mod evidence;
pub mod expect;
mod findings;
mod group;
mod groups;
mod histogram;
mod over_time;
mod peers;
mod stats;
mod step;
mod sums;
#[cfg(test)]
mod tests;
mod ttls;

pub use by::{By, Key};
pub use durations::{Durations, Quantile};
pub use evidence::{Evidence, Ids};
pub use findings::{Captured, Finding, SynsRepeated, Trouble, What, findings};
pub use group::Group;
pub use groups::{Groups, MOST_GROUPS};
pub use histogram::{BUCKETS, Histogram};
pub use over_time::{OverTime, SLOTS, Scale, Slot};
pub use peers::Peers;
pub use stats::{Question, Ranking, Rest, Rtts, Sort, Stats};
pub use sums::{MOST_CONNECTED, MOST_SERVERS, ServerSums, Sums};
