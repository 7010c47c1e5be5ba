//! What a scenario plays on.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use parser::Endpoint;

use crate::blackhole_port::BlackholePort;
use crate::call::{Actor, Side, pause};
use crate::error::ScenarioError;
use crate::journal::Journal;
use crate::options::Options;
use crate::raw_sender::RawSender;
use crate::socket::{PATIENCE, Program, TimedSocket};
use crate::witness::{Held, Witness};

/// The server's port in every scenario.
const SERVER_PORT: u16 = 8080;
/// The client's port, where the scenario needs it to be known.
pub(crate) const CLIENT_PORT: u16 = 43210;

/// Names the programs of a scenario and what they share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) journal: Journal,
    pub(crate) options: Options,
    pub(crate) raw_sender: Option<RawSender>,
    pub(crate) blackhole_ports: Vec<BlackholePort>,
    pub(crate) witness: Option<Witness>,
    lossy: Mutex<Option<TimedSocket>>,
}

impl Stage {
    /// 127.0.0.1:8080.
    pub(crate) fn server_end() -> Endpoint {
        Self::server_port(0)
    }

    /// 127.0.0.1, `offset` ports after the server's.
    pub(crate) fn server_port(offset: u16) -> Endpoint {
        Endpoint::new(Ipv4Addr::LOCALHOST, SERVER_PORT + offset)
    }

    /// `[::1]:8080`.
    pub(crate) fn server_end_v6() -> Endpoint {
        Endpoint::new(Ipv6Addr::LOCALHOST, SERVER_PORT)
    }

    /// 127.0.0.1:43210.
    pub(crate) fn client_end() -> Endpoint {
        Endpoint::new(Ipv4Addr::LOCALHOST, CLIENT_PORT)
    }

    pub(crate) fn new(journal: Journal, options: Options) -> Self {
        Self {
            journal,
            options,
            raw_sender: None,
            blackhole_ports: Vec::new(),
            witness: None,
            lossy: Mutex::default(),
        }
    }

    pub(crate) fn client(&self, number: u32) -> Program {
        self.program(Side::Client, number)
    }

    pub(crate) fn server(&self, number: u32) -> Program {
        self.program(Side::Server, number)
    }

    /// The lab itself, on the way between client and server.
    pub(crate) fn router(&self) -> Program {
        self.program(Side::Router, 1)
    }

    fn program(&self, side: Side, number: u32) -> Program {
        let actor = Actor { side, number };
        Program { actor, journal: self.journal.clone(), accepted_by: None }
    }

    /// The means to make packets by hand ([`Requirement::RawSender`](crate::requirement::Requirement::RawSender)).
    pub(crate) fn raw_sender(&self) -> &RawSender {
        self.raw_sender.as_ref().expect("the scenario names Requirement::RawSender")
    }

    /// Notes the datagrams that passed ([`Requirement::Witness`](crate::requirement::Requirement::Witness)).
    pub(crate) fn note_datagrams(&self) -> Result<(), ScenarioError> {
        let witness = self.witness.as_ref().expect("the scenario names Requirement::Witness");
        self.journal.saw(witness.take()?);
        Ok(())
    }

    /// Notes the datagram that a program has just sent and that no other will receive.
    pub(crate) fn note_lost_datagram(&self) -> Result<(), ScenarioError> {
        let witness = self.witness.as_ref().expect("the scenario names Requirement::Witness");
        for _ in 0..100 {
            let mut seen = witness.take()?;
            if !seen.is_empty() {
                for datagram in &mut seen {
                    datagram.lost = true;
                }
                self.journal.saw(seen);
                return Ok(());
            }
            pause(1);
        }
        Err(ScenarioError::Silence("datagram", 1))
    }

    /// Takes the datagram that a program has just sent off its way: its receiver loses it.
    pub(crate) fn hold_datagram(&self) -> Result<Held, ScenarioError> {
        let witness = self.witness.as_ref().expect("the scenario names Requirement::Witness");
        for _ in 0..100 {
            if let Some(held) = witness.hold()? {
                return Ok(held);
            }
            pause(1);
        }
        Err(ScenarioError::Silence("datagram", 1))
    }

    /// Lets a datagram that was held back come to its receiver.
    pub(crate) fn deliver(&self, held: Held) -> Result<(), ScenarioError> {
        let witness = self.witness.as_ref().expect("the scenario names Requirement::Witness");
        witness.deliver(held)
    }

    pub(crate) fn keep_lossy(&mut self, socket: TimedSocket) {
        self.lossy = Mutex::new(Some(socket));
    }

    /// The socket that was made beforehand to lose segments; there is one.
    pub(crate) fn lossy(&self) -> TimedSocket {
        let mut kept = self.lossy.lock().unwrap_or_else(PoisonError::into_inner);
        kept.take()
            .expect("the scenario names Requirement::LossyServer or Requirement::LossyClient")
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
        // Where the other thread is gone its own error is reported.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn silence() -> ScenarioError {
        ScenarioError::Silence("SYN", 2)
    }

    #[test]
    fn the_second_thread_goes_on_when_the_first_one_says_so() {
        let order = Mutex::new(Vec::new());
        let note = |what| order.lock().expect("no thread panics").push(what);
        let done = both(
            |signal| {
                note("first");
                signal.ready();
                Ok(())
            },
            |wait| {
                wait.ready()?;
                note("second");
                Ok(())
            },
        );
        assert!(done.is_ok());
        assert_eq!(order.into_inner().expect("no thread panics"), ["first", "second"]);
    }

    #[test]
    fn the_error_of_the_side_that_failed_first_is_reported() {
        let found = both(|_| Err(silence()), |wait| wait.ready());
        assert!(matches!(found, Err(ScenarioError::Silence("SYN", 2))), "{found:?}");
        let found = both(
            |signal| {
                signal.ready();
                Ok(())
            },
            |wait| wait.ready().and(Err(silence())),
        );
        assert!(matches!(found, Err(ScenarioError::Silence("SYN", 2))), "{found:?}");
    }
}
