//! Folds TCP segments into connection attempts and says what became of each.
//!
//! A pure state machine: it does no I/O and reads no clock; time comes from the packets and from
//! [`Tracker::advance_to`]. Its memory is bounded by [`Limits`], whatever the traffic.
//! `docs/handshake.md` is its specification.

#![forbid(unsafe_code)]

// Tests of this crate and of its public face share a source of traffic.
#[cfg(test)]
extern crate self as handshake;

mod close;
mod compare;
mod facts;
mod identity;
mod negotiated;
mod patterns;
mod record;
mod segment;
mod side;
mod span;
mod steps;
mod tracker;

pub use close::{Close, Data};
pub use compare::{Completeness, ZeekConnection, ZeekState};
pub use facts::{Facts, Feature, Features, PatternSet};
pub use identity::{CommunityId, Uid};
pub use negotiated::{Ecn, FastOpen, Mptcp, Negotiated, Offer};
pub use patterns::{Note, Pattern, PatternDescription, PatternName, recognise};
pub use record::{
    ClockWentBack, Context, EndedBy, Handshake, IcmpEvidence, OthersAnswered, Outcome, Previous,
    Range, Timing,
};
pub use segment::{AckCheck, FramePlace, Kind, OptionBytes, SegmentRecord, Sender, Verdict, Why};
pub use side::{Side, TcpState};
pub use span::Span;
pub use steps::{Cause, SegmentIndex, Steps};
pub use tracker::{
    Clue, ClueFinder, Counters, End, Event, Limits, Reporting, Tracker, Traffic, Undecoded,
    Waiting, period_to_read,
};
