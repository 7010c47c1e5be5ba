//! Playing a scenario.

use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use capture::live::{Live, LiveConfig, LiveError};
use parser::{Endpoint, Timestamp};
use socket2::{Domain, Socket, Type};

use crate::call::{CallEvent, now};
use crate::error::ScenarioError;
use crate::journal::Journal;
use crate::namespace::{Namespace, NamespaceError};
use crate::options::Options;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::socket::address;
use crate::stage::Stage;

/// Bytes kept of each frame: every header, and what is in it of a scenario's short messages.
pub(crate) const SNAPLEN: u32 = 192;
/// Room for 10,000 frames, of which the longest scenario has 64,000 in four seconds. A larger ring
/// takes longer to open than a scenario to play.
const RING_BYTES: usize = 2 << 20;
/// A user who watches a scenario of a few milliseconds does not want to wait longer.
const TIME_OUT: Duration = Duration::from_millis(2);
/// The calls are reported in between, and the end of the scenario is noticed.
const IDLE: Duration = Duration::from_millis(2);

/// A place to play scenarios: a network namespace of its own, or the host's loopback where there is
/// none.
///
/// The order is a contract: [`Lab::enter`] (or [`Lab::on_host`]) while the process has one thread, then open the
/// capture, [`Lab::prepare`], drop every privilege, [`Prepared::start`].
#[derive(Debug)]
pub struct Lab {
    /// `None` on the host's loopback.
    namespace: Option<Namespace>,
}

impl Lab {
    /// Moves the process into a namespace of its own.
    ///
    /// # Errors
    /// See [`Namespace::enter`].
    pub fn enter() -> Result<Self, NamespaceError> {
        Ok(Self { namespace: Some(Namespace::enter()?) })
    }

    /// Stays on the host's loopback, for a scenario that leaves no trace there. Only its ports are
    /// captured.
    ///
    /// # Errors
    /// Where the scenario takes more than sockets of its own, or another program has its ports.
    pub fn on_host(scenario: &Scenario) -> Result<Self, ScenarioError> {
        if !scenario.requirements.is_empty() {
            return Err(ScenarioError::NeedsNamespace(scenario.name));
        }
        [Stage::server_end(), Stage::client_end()].into_iter().try_for_each(is_free)?;
        Ok(Self { namespace: None })
    }

    /// Opens a capture of everything on the loopback. Nothing that a scenario sends can be missed
    /// from now on.
    ///
    /// # Errors
    /// Where the kernel or a security module refuses packet sockets in the namespace.
    pub fn open_capture(&self) -> Result<Live, LiveError> {
        let ports = match self.namespace {
            Some(_) => Vec::new(),
            None => [Stage::server_end(), Stage::client_end()].map(|end| end.port.into()).to_vec(),
        };
        Live::open(&LiveConfig {
            ports,
            snaplen: SNAPLEN,
            ring_bytes: RING_BYTES,
            time_out: TIME_OUT,
            idle: IDLE,
            ..LiveConfig::on(["lo"])
        })
    }

    /// Gets everything ready that takes rights in the namespace: settings, raw sockets, and
    /// sockets that lose segments. Starts no thread and sends no packet.
    ///
    /// A second scenario would find ports and settings as the first one left them: play each in a
    /// namespace of its own, which takes a process of its own.
    ///
    /// # Errors
    /// [`ScenarioError::Missing`]: which right or setting is not there.
    pub fn prepare(
        &self,
        scenario: &'static Scenario,
        options: Options,
    ) -> Result<Prepared, ScenarioError> {
        let started = now();
        let (events, calls) = mpsc::channel();
        let mut stage = Stage::new(Journal::new(events), options);
        scenario.requirements.iter().try_for_each(|requirement| requirement.set_up(&mut stage))?;
        Ok(Prepared { scenario, stage, started, calls })
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

/// Whether a port can be had. One that was in use a moment ago will do, as it does for the scenario.
fn is_free(end: Endpoint) -> Result<(), ScenarioError> {
    let failed = |error| ScenarioError::Call { call: format!("bind({end})"), error };
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(failed)?;
    socket.set_reuse_address(true).map_err(failed)?;
    socket.bind(&address(end).into()).map_err(failed)
}

/// A scenario that takes no right any more.
#[derive(Debug)]
pub struct Prepared {
    scenario: &'static Scenario,
    stage: Stage,
    started: Timestamp,
    calls: Receiver<CallEvent>,
}

impl Prepared {
    /// Starts the programs of the scenario, in threads of their own.
    pub fn start(self) -> Running {
        let Self { scenario, stage, started, calls } = self;
        let progress = Progress { scenario, started, journal: stage.journal.clone() };
        let end = progress.clone();
        let director = thread::spawn(move || {
            thread::sleep(stage.options.settle);
            (scenario.play)(&stage)?;
            Ok(end.report())
        });
        Running { calls, progress, director }
    }
}

/// A scenario that runs.
#[derive(Debug)]
pub struct Running {
    calls: Receiver<CallEvent>,
    progress: Progress,
    director: JoinHandle<Result<Report, ScenarioError>>,
}

impl Running {
    /// The calls as they are entered and return. The channel closes when the scenario has ended;
    /// nobody has to read it.
    pub fn calls(&self) -> &Receiver<CallEvent> {
        &self.calls
    }

    /// What the programs have done, for as long as somebody wants to know.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// See [`Journal::settle`].
    pub(crate) fn settle(&self) {
        self.progress.journal.settle();
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

/// Tells what the programs of a scenario have done so far.
#[derive(Clone, Debug)]
pub struct Progress {
    scenario: &'static Scenario,
    started: Timestamp,
    journal: Journal,
}

impl Progress {
    /// Everything up to now, calls in flight included.
    pub fn report(&self) -> Report {
        Report {
            scenario: self.scenario.name,
            started: self.started,
            ended: now(),
            calls: self.journal.calls(),
            connections: self.journal.connections(),
            datagrams: self.journal.datagrams(),
        }
    }
}
