//! What is expected of the attempts in a capture, and whether it is so.
//!
//! An [`Expectation`] is read from a text such as `server 10.0.0.5:443: p99(server_rtt) < 50ms`. A
//! [`Check`] of it is given the facts of each attempt and says at the end what it [found](Checked).

mod amount;
mod check;
mod expectation;
mod grammar;
mod metric;
mod offenders;
mod scope;

pub use amount::{Nanoseconds, NoDuration, Share};
pub use check::{Check, Checked, Found};
pub use expectation::{Claim, Expectation, Operator};
pub use grammar::{LONGEST, Misunderstood, PortReader};
pub use metric::{Kind, Measure, Metric, Repeats, Statistic};
pub use offenders::Offender;
pub use scope::{Condition, Scope};

#[cfg(test)]
mod tests;
