//! Playing a scenario.

use std::fs;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::call::{CallEvent, now};
use crate::error::{Need, ScenarioError};
use crate::forge::Forge;
use crate::journal::Journal;
use crate::namespace::{Namespace, NamespaceError};
use crate::report::Report;
use crate::scenario::Scenario;
use crate::stage::Stage;

/// A place to play scenarios: a network namespace of its own.
///
/// The order is a contract: [`Lab::enter`] while the process has one thread, then open the
/// capture, [`Lab::prepare`], drop every privilege, [`Prepared::start`].
#[derive(Debug)]
pub struct Lab {
    _namespace: Namespace,
}

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

impl Lab {
    /// Moves the process into a namespace of its own.
    ///
    /// # Errors
    /// See [`Namespace::enter`].
    pub fn enter() -> Result<Self, NamespaceError> {
        Ok(Self { _namespace: Namespace::enter()? })
    }

    /// Gets everything ready that takes rights in the namespace: settings and raw sockets.
    /// Starts no thread and sends no packet.
    ///
    /// # Errors
    /// [`ScenarioError::Missing`]: which right or setting is not there.
    pub fn prepare(
        &self,
        scenario: &'static Scenario,
        options: Options,
    ) -> Result<Prepared, ScenarioError> {
        let mut forge = None;
        for &need in scenario.needs {
            let missing = |source| ScenarioError::Missing { need, source };
            match need {
                Need::Setting(path, value) => {
                    fs::write(format!("/proc/sys/{path}"), value).map_err(missing)?;
                }
                Need::RawTcp => forge = Some(Forge::open().map_err(missing)?),
                Need::RawIcmp => {
                    forge
                        .get_or_insert(Forge::open().map_err(missing)?)
                        .with_icmp()
                        .map_err(missing)?;
                }
                // Any process may attach one; where not, attaching it tells.
                Need::SocketFilter => {}
            }
        }
        Ok(Prepared { scenario, options, forge })
    }

    /// Prepares and starts in one, where no privilege is to be dropped in between.
    ///
    /// # Errors
    /// See [`Lab::prepare`].
    pub fn run(
        &self,
        scenario: &'static Scenario,
        options: Options,
    ) -> Result<Running, ScenarioError> {
        Ok(self.prepare(scenario, options)?.start())
    }
}

/// A scenario that takes no right any more.
#[derive(Debug)]
pub struct Prepared {
    scenario: &'static Scenario,
    options: Options,
    forge: Option<Forge>,
}

impl Prepared {
    /// Starts the programs of the scenario, in threads of their own.
    pub fn start(self) -> Running {
        let Self { scenario, options, forge } = self;
        let (events, calls) = mpsc::channel();
        let journal = Journal::new(events);
        let director = thread::spawn(move || {
            thread::sleep(options.settle);
            let started = now();
            let stage = Stage { journal, options, forge };
            (scenario.play)(&stage)?;
            Ok(Report {
                scenario: scenario.name,
                started,
                ended: now(),
                calls: stage.journal.calls(),
                connections: stage.journal.connections(),
            })
        });
        Running { calls, director }
    }
}

/// A scenario that runs.
#[derive(Debug)]
pub struct Running {
    calls: Receiver<CallEvent>,
    director: JoinHandle<Result<Report, ScenarioError>>,
}

impl Running {
    /// The calls as they are entered and return. The channel closes when the scenario has ended;
    /// nobody has to read it.
    pub fn calls(&self) -> &Receiver<CallEvent> {
        &self.calls
    }

    /// Whether the scenario has ended, so that [`Running::join`] would not wait.
    pub fn is_finished(&self) -> bool {
        self.director.is_finished()
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// What kept the scenario from being played to its end.
    pub fn join(self) -> Result<Report, ScenarioError> {
        self.director.join().unwrap_or(Err(ScenarioError::Panicked))
    }
}
