//! Socket calls with the times of entry and return, as a program that makes them feels them.

use std::fmt;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parser::{Timestamp, named};

named! {
    /// Which end of a connection makes a call.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Side {
        /// The active opener.
        Client = "client",
        /// The passive opener.
        Server = "server",
        /// Neither: the lab, where it plays a router on the way.
        Router = "router",
    }
}

/// Who makes a call: one of the programs of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    /// What it is to a connection.
    pub side: Side,
    /// Which of them, counted from 1 on each side.
    pub number: u32,
}

impl fmt::Display for Actor {
    /// `client 2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.side.name(), self.number)
    }
}

/// One socket call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Counts the calls of a run by their entry, from 1.
    pub id: u32,
    /// Who makes it.
    pub actor: Actor,
    /// When it was entered, by the clock that also stamps the packets (`CLOCK_REALTIME`).
    pub entered: Timestamp,
    /// The `accept()` that made its socket, by its id; `None` where no `accept()` did.
    pub accepted_by: Option<u32>,
    /// The call with what matters of its arguments: `connect(127.0.0.1:8080)`.
    pub text: String,
    /// How it ended; `None` while it is in flight.
    pub returned: Option<Returned>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// When, by the same clock.
    pub at: Timestamp,
    /// What it returned: `3`, `0`, `4 from 127.0.0.1:43210`, `-1 ECONNREFUSED (Connection refused)`.
    pub result: String,
    /// The error number, where it failed.
    pub errno: Option<i32>,
}

impl fmt::Display for Call {
    /// `connect(127.0.0.1:8080) = 0`, or `accept() ...` while it is in flight.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.returned {
            Some(returned) => write!(f, "{} = {}", self.text, returned.result),
            None => write!(f, "{} ...", self.text),
        }
    }
}

/// What is reported of calls while a scenario runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEvent {
    /// A call was entered; [`Call::returned`] is `None`.
    Entered(Call),
    /// The call of that id has returned.
    Returned(Call),
}

impl CallEvent {
    /// The call, as it stands then.
    pub const fn call(&self) -> &Call {
        match self {
            Self::Entered(call) | Self::Returned(call) => call,
        }
    }

    /// When it happened: the time of entry or of return.
    pub fn time(&self) -> Timestamp {
        let call = self.call();
        call.returned.as_ref().map_or(call.entered, |returned| returned.at)
    }
}

/// The time by `CLOCK_REALTIME`, which is what `SystemTime` reads on Linux.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_parts(since.as_secs().cast_signed(), i64::from(since.subsec_nanos()))
}

pub(crate) fn pause(ms: u64) {
    thread::sleep(Duration::from_millis(ms));
}
