//! The metrics of a live capture: their sums here, whoever asks for them on a thread of its own.

mod serve;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use answers::ServerSums;
use anyhow::Context as _;
use handshake::{Event, Facts, PatternSet, Tracker};
use render::Standing;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use serve::Asking;

/// The sums of a capture, and where they are told. The capture copies them for whoever has asked, and
/// waits for nobody.
pub(crate) struct Metrics {
    servers: ServerSums,
    is_asked: Arc<AtomicBool>,
    told: watch::Sender<Arc<Standing>>,
    answered: Option<Instant>,
}

/// However often somebody asks, the capture answers no more often.
const PERIOD: Duration = Duration::from_millis(100);

impl Metrics {
    /// Opens the address, and answers there from now on. Gives the address with the port that was chosen.
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<(Self, SocketAddr)> {
        let (runtime, listener) = listen(address).map_err(|error| {
            let context = format!("can't tell metrics at {address}{}", next_step(&error));
            anyhow::Error::new(error).context(context)
        })?;
        let address = listener.local_addr().context("the port of the metrics is not known")?;
        let is_asked = Arc::new(AtomicBool::new(false));
        let (told, standing) = watch::channel(Arc::default());
        let asking = Asking::new(is_asked.clone(), standing);
        let thread = thread::Builder::new().name("metrics".to_owned());
        let serve = move || runtime.block_on(serve::serve(listener, asking));
        thread.spawn(serve).context("no thread can be started for the metrics")?;
        let metrics = Self { servers: ServerSums::default(), is_asked, told, answered: None };
        Ok((metrics, address))
    }

    /// Adds an attempt that has ended.
    pub(crate) fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Decided(_) => {}
            Event::Ended(handshake) => {
                self.servers.add(&Facts::of(handshake, PatternSet::default()));
            }
            Event::Counted(facts) => self.servers.add(facts),
        }
    }

    /// Whether somebody waits for an answer, and it is time for one.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Acquire)
            && self.answered.is_none_or(|answered| answered.elapsed() >= PERIOD)
    }

    /// Tells whoever waits how the capture stands, which has lost so many packets.
    pub(crate) fn answer(&mut self, tracker: &Tracker, dropped: Option<u64>) {
        if !self.is_asked() {
            return;
        }
        self.answered = Some(Instant::now());
        self.is_asked.store(false, Ordering::Release);
        let traffic = tracker.traffic();
        let undecoded = traffic.undecoded.iter().map(|undecoded| undecoded.count);
        self.told.send_replace(Arc::new(Standing {
            servers: self.servers.clone(),
            waiting: tracker.waiting().count() as u64,
            frames: traffic.frames,
            undecoded: undecoded.sum(),
            dropped,
            evicted: tracker.counters().evicted_open(),
        }));
    }
}

/// A listener, and what runs its connections.
fn listen(address: SocketAddr) -> io::Result<(Runtime, tokio::net::TcpListener)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    Ok((runtime, listener))
}

/// What to do where an address can't be opened.
fn next_step(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            " (another program is there: give --metrics another port, or 0 for one that is free)"
        }
        io::ErrorKind::AddrNotAvailable => {
            " (no interface has this address: `synscope interfaces` lists those that there are)"
        }
        io::ErrorKind::PermissionDenied => {
            " (a port below 1024 needs a privilege, which is dropped by then: give --metrics another one)"
        }
        _ => "",
    }
}
