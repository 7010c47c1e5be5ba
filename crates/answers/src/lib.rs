//! Turns the [`Facts`](handshake::Facts) of many attempts into answers: what hurts most, what is
//! wrong and whether it is as expected.
//!
//! It does no I/O and has no words for people: `render` has them. Its memory is bounded, whatever the
//! traffic.

#![forbid(unsafe_code)]

mod durations;
pub mod expect;

pub use durations::{Durations, Quantile};
