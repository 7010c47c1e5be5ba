//! What a scenario plays on.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use parser::Endpoint;

use crate::call::{Actor, Side};
use crate::error::ScenarioError;
use crate::forge::Forge;
use crate::journal::Journal;
use crate::lab::Options;
use crate::socket::{PATIENCE, Program};

/// The server's port in every scenario.
const SERVER_PORT: u16 = 8080;
/// The client's port, where the story needs it to be known.
const CLIENT_PORT: u16 = 43210;

/// Names the programs of a scenario and what they share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) journal: Journal,
    pub(crate) options: Options,
    pub(crate) forge: Option<Forge>,
}

impl Stage {
    /// 127.0.0.1:8080.
    pub(crate) fn server_end() -> Endpoint {
        Endpoint::new(Ipv4Addr::LOCALHOST, SERVER_PORT)
    }

    /// `[::1]:8080`.
    pub(crate) fn server_end_v6() -> Endpoint {
        Endpoint::new(Ipv6Addr::LOCALHOST, SERVER_PORT)
    }

    /// 127.0.0.1:43210.
    pub(crate) fn client_end() -> Endpoint {
        Endpoint::new(Ipv4Addr::LOCALHOST, CLIENT_PORT)
    }

    pub(crate) fn client(&self, number: u32) -> Program {
        self.program(Side::Client, number)
    }

    pub(crate) fn server(&self, number: u32) -> Program {
        self.program(Side::Server, number)
    }

    fn program(&self, side: Side, number: u32) -> Program {
        Program { actor: Actor { side, number }, journal: self.journal.clone() }
    }

    /// The means to make packets by hand.
    pub(crate) fn forge(&self) -> Result<&Forge, ScenarioError> {
        self.forge.as_ref().ok_or(ScenarioError::Silence("raw socket", 0))
    }
}

/// Runs two threads to their end. What `first` signals lets `second` go on.
pub(crate) fn both(
    first: impl FnOnce(Signal) -> Result<(), ScenarioError> + Send,
    second: impl FnOnce(Wait) -> Result<(), ScenarioError> + Send,
) -> Result<(), ScenarioError> {
    let (signal, wait) = mpsc::channel();
    thread::scope(|scope| {
        let first = scope.spawn(|| first(Signal(signal)));
        let second = scope.spawn(|| second(Wait(wait)));
        let first = first.join().unwrap_or(Err(ScenarioError::Panicked));
        let second = second.join().unwrap_or(Err(ScenarioError::Panicked));
        match (first, second) {
            // The one that broke off first knows why.
            (Err(why), Err(ScenarioError::Abandoned)) => Err(why),
            (first, second) => second.and(first),
        }
    })
}

/// Tells the other thread that it may go on.
#[derive(Debug)]
pub(crate) struct Signal(mpsc::Sender<()>);

impl Signal {
    pub(crate) fn ready(&self) {
        // Where the other thread is gone its own error is told.
        let _ = self.0.send(());
    }
}

/// Waits for the other thread's [`Signal`].
#[derive(Debug)]
pub(crate) struct Wait(mpsc::Receiver<()>);

impl Wait {
    pub(crate) fn ready(&self) -> Result<(), ScenarioError> {
        self.0.recv_timeout(PATIENCE).map_err(|_| ScenarioError::Abandoned)?;
        // The signal comes just before a call that blocks: let that call be entered.
        pause(2);
        Ok(())
    }
}

/// Sleeps for `ms` milliseconds.
pub(crate) fn pause(ms: u64) {
    thread::sleep(Duration::from_millis(ms));
}
