//! What a tracker is told beforehand, and what it tells.

use crate::facts::Facts;
use crate::record::{Handshake, Outcome};

/// What bounds the tracker's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts open at the same time, whatever they take.
    pub attempts: usize,
    /// Segments kept for each attempt; later ones are counted only.
    pub segments: usize,
    /// Bytes that all open attempts together may take.
    pub memory: usize,
    /// Ended attempts remembered so that a later one on the same 4-tuple can name them.
    pub remembered: usize,
}

impl Limits {
    /// About 65 MB when every bound is reached.
    pub const DEFAULT: Self =
        Self { attempts: 1 << 30, segments: 48, memory: 48_000_000, remembered: 16_384 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What the tracker tells while it works.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A segment or an ICMP error just decided the attempt: it is established, refused, reset or
    /// unreachable as far as was seen. Where a failure turns out to be another one, or none, that is
    /// told again; a later [`Event::Ended`] confirms or amends it.
    Decided(&'a Handshake),
    /// An attempt has ended: its record is complete.
    Ended(&'a Handshake),
    /// An attempt has ended, and facts alone are wanted.
    Counted(&'a Facts),
}

/// Takes what a tracker tells.
pub(super) type OnEvent<'a> = &'a mut dyn FnMut(Event<'_>);

/// Which events a tracker is to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reporting {
    /// [`Event::Counted`] for each attempt. No records are built, so that more attempts can be open;
    /// nothing is known of the attempts around one.
    Facts,
    /// [`Event::Ended`] for each attempt.
    Records,
    /// [`Event::Decided`] too.
    Decisions,
    /// [`Event::Ended`] for each attempt, and for a connection only when that is closed: its record has a
    /// [`crate::Close`].
    Whole,
}

/// How the capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing more was recorded: an attempt without a verdict gets the one that its segments give.
    Complete,
    /// The observer stopped watching: an attempt that nothing has decided is
    /// [`Outcome::InProgress`].
    Interrupted,
}

/// Totals over everything the tracker was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// TCP segments.
    pub tcp_segments: u64,
    /// Segments that are in no record: they belong to no attempt that was open when they came, or
    /// have no part in its handshake.
    pub outside_handshake: u64,
    /// SYN+FIN, SYN+RST, NULL and XMAS segments.
    pub odd_segments: u64,
    /// Attempts that were closed because there was no room for them, by the outcome that they had by
    /// then.
    pub evicted: [u64; Outcome::ALL.len()],
    /// Ended attempts of which a segment of the client was captured.
    pub client_heard: u64,
    /// Ended attempts of which a segment of the server was captured.
    pub server_heard: u64,
    /// Ended attempts of which a segment without SYN was captured.
    pub beyond_syn: u64,
    /// Ended attempts, by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; Outcome::ALL.len()],
}

impl Counters {
    /// Attempts that were evicted before they had come to anything: their outcomes may be wrong.
    pub fn evicted_open(&self) -> u64 {
        let open = [Outcome::Unanswered, Outcome::Unacknowledged, Outcome::InProgress];
        open.into_iter().map(|outcome| self.evicted[outcome as usize]).sum()
    }
}
