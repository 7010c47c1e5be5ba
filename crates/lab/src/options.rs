//! What can be chosen about a run.

use std::time::Duration;

/// What can be chosen about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many connections `many` makes; at most [`Options::MOST_CONNECTIONS`].
    pub connections: u32,
    /// How long to wait before the first packet. Linux begins to stamp packets on arrival a moment
    /// after it was asked to; until then they bear the time at which they were read.
    pub settle: Duration,
}

impl Options {
    /// More would run out of ports: each one stays taken for a minute (TIME-WAIT).
    pub const MOST_CONNECTIONS: u32 = 10_000;
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 50, settle: Duration::from_millis(5) }
    }
}
