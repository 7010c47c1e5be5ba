//! The state machine.

use parser::{Frame, Packet, Timestamp};

use crate::record::Handshake;

/// What bounds the tracker's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts open at the same time; the least recently active one is evicted beyond it.
    pub attempts: usize,
    /// Segments kept for each attempt; later ones are counted only.
    pub segments: usize,
    /// Ended attempts remembered so that a later one on the same 4-tuple can name them.
    pub remembered: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { attempts: 65_536, segments: 64, remembered: 65_536 }
    }
}

/// What the tracker tells while it works.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A segment just decided the attempt: it is established, refused or reset as far as was seen. A
    /// later [`Event::Ended`] confirms or amends that.
    Decided(&'a Handshake),
    /// An attempt has ended: its record is complete.
    Ended(&'a Handshake),
}

/// Which events a tracker is to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reporting {
    /// None: only the [`Counters`] are wanted, and no record is built.
    Totals,
    /// [`Event::Ended`] for each attempt.
    Records,
    /// [`Event::Decided`] too.
    Decisions,
}

/// How the capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing more was recorded: an attempt without a verdict gets the one that its segments give.
    Complete,
    /// The observer stopped watching: an attempt without a verdict stays [`Outcome::InProgress`](crate::Outcome).
    Interrupted,
}

/// Totals over everything the tracker was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// TCP segments.
    pub tcp_segments: u64,
    /// Segments that belong to no attempt that was open when they came.
    pub outside_handshake: u64,
    /// SYN+FIN, SYN+RST, NULL and XMAS segments.
    pub odd_segments: u64,
    /// Attempts whose record was closed because the table was full.
    pub evicted: u64,
    /// Ended attempts, by outcome, in the order of [`crate::Outcome::ALL`].
    pub outcomes: [u64; 8],
}

/// Tracks connection attempts.
#[derive(Debug)]
pub struct Tracker {
    counters: Counters,
}

impl Tracker {
    /// A tracker that holds to `limits`.
    pub fn new(limits: Limits, reporting: Reporting) -> Self {
        let _ = (limits, reporting);
        Self { counters: Counters::default() }
    }

    /// Takes the next frame, with what the parser made of it.
    pub fn on_packet(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        let _ = (frame, packet, on_event);
    }

    /// Lets time pass: attempts whose next segment is overdue end.
    pub fn advance_to(&mut self, now: Timestamp, on_event: &mut dyn FnMut(Event<'_>)) {
        let _ = (now, on_event);
    }

    /// Ends every attempt that is still open.
    pub fn finish(&mut self, end: End, on_event: &mut dyn FnMut(Event<'_>)) {
        let _ = (end, on_event);
    }

    /// The smallest id among the attempts that have not ended: every later [`Event::Ended`] has this
    /// id or a greater one.
    pub fn oldest_open(&self) -> Option<u64> {
        None
    }

    /// Tells that the capture lost packets: verdicts that rest on a missing segment say so from now on.
    pub fn capture_lost_packets(&mut self) {}

    /// The totals so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
