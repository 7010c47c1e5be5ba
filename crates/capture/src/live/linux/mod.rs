//! A live capture on Linux.

mod channel;
pub(super) mod facts;
mod filter;
pub mod health;
mod pnet_channel;
mod privilege;
mod ring;
mod sys;
mod tap;

pub use filter::Program;
pub use privilege::{drop_privileges, give_up_capturing};
pub use tap::kernel_filter;

use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parser::{Frame, Names, Origin, Timestamp};

use crate::live::LiveStats;
use crate::live::config::{ANY, LiveConfig};
use crate::live::error::LiveError;
use crate::live::notice::Notice;
use crate::{CaptureError, Damage, FrameSource, Next};
use sys::Wake;
use tap::{LinkState, Tap};

/// A frame that has passed a filter before it was closed is in its channel microseconds later; after
/// this time nothing comes into a channel any more.
const SETTLE: Duration = Duration::from_millis(5);
/// How long the kernel has to hand over what is in a channel after the filters have been closed. It
/// takes no longer than [`Live::delay`], except where every processor is busy.
const DRAIN: Duration = Duration::from_millis(100);
/// After frames, [`Next::Idle`] comes this soon, so that no user has to wait to see them.
const SOON: Duration = Duration::from_millis(10);
/// How often an interface that is not up is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A live capture.
pub struct Live {
    taps: Vec<Tap>,
    names: Names,
    number: u64,
    idle: Duration,
    stop: StopHandle,
    /// Once stopping: since when the filters have been closed.
    closed: Option<Instant>,
    looked: Instant,
    said_idle: Instant,
    /// Whether there were frames since then.
    delivered: bool,
    notices: Vec<Notice>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live")
            .field("names", &self.names)
            .field("frames", &self.number)
            .finish_non_exhaustive()
    }
}

/// Asks a capture to stop, from anywhere.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<Stop>);

#[derive(Debug)]
struct Stop {
    asked: AtomicBool,
    wake: Wake,
}

impl StopHandle {
    fn new() -> io::Result<Self> {
        let wake = Wake::new()?;
        Ok(Self(Arc::new(Stop { asked: AtomicBool::new(false), wake })))
    }

    /// Asks the capture to stop. It delivers every frame that arrived before, then
    /// [`Next::End`]. It may be called in a signal handler.
    pub fn stop(&self) {
        self.0.asked.store(true, Ordering::Release);
        self.0.wake.wake();
    }

    fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }
}

impl Live {
    /// Opens every socket of the capture; frames are kept by the kernel from now on.
    ///
    /// # Errors
    /// Where an interface is not there, is down or may not be captured on.
    pub fn open(config: &LiveConfig) -> Result<Self, LiveError> {
        let mut wanted: Vec<&str> = Vec::new();
        for name in &config.interfaces {
            if !wanted.contains(&name.as_str()) {
                wanted.push(name);
            }
        }
        if wanted.contains(&ANY) {
            wanted = vec![ANY];
        }
        if wanted.is_empty() {
            return Err(LiveError::NoInterface);
        }
        privilege::raise_net_raw();
        let taps = wanted.iter().map(|name| Tap::open(config, name)).collect::<Result<_, _>>()?;
        let stop = StopHandle::new().map_err(|source| LiveError::System {
            step: "eventfd",
            interface: "this process".to_owned(),
            source,
        })?;
        let mut names = Names::default();
        names.add_source("live");
        let now = Instant::now();
        Ok(Self {
            taps,
            names,
            number: 0,
            idle: config.idle.max(Duration::from_millis(1)),
            stop,
            closed: None,
            looked: now,
            said_idle: now,
            delivered: false,
            notices: Vec::new(),
        })
    }

    /// What stops this capture.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// How many frames came and how many were lost, so far.
    pub fn stats(&mut self) -> LiveStats {
        let mut total = LiveStats { received: 0, dropped: Some(0) };
        for tap in &mut self.taps {
            let stats = tap.stats();
            total.received += stats.received;
            total.dropped = total.dropped.zip(stats.dropped).map(|(all, one)| all + one);
        }
        total
    }

    /// What has happened to the interfaces since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Which of the frames that are ready arrived first.
    fn earliest(&mut self) -> Option<usize> {
        let taps = self.taps.iter_mut().enumerate();
        let ready = taps.filter_map(|(at, tap)| Some((tap.channel.ready()?, at)));
        ready.min().map(|(_, at)| at)
    }

    /// Lets no more frames in. Those that are in come out before the end.
    fn begin_draining(&mut self) -> Result<(), CaptureError> {
        for tap in &self.taps {
            let program = Program::reject_all();
            let closed = tap.channel.socket().attach_filter(program.instructions());
            closed.map_err(|source| failed("close the filter", source))?;
        }
        self.closed = Some(Instant::now());
        Ok(())
    }

    /// How long to wait for more after the filters have been closed for this time; not at all where
    /// nothing more can come.
    fn left_to_drain(&self, elapsed: Duration) -> Duration {
        if self.taps.iter().all(|tap| tap.channel.is_empty()) {
            SETTLE.saturating_sub(elapsed)
        } else {
            // That a channel turns out to be empty wakes nobody.
            DRAIN.saturating_sub(elapsed).min(SETTLE)
        }
    }

    /// Waits until there may be a frame. `None` says so; otherwise what there is instead.
    ///
    /// A busy source says [`Next::Idle`] too, once in a while and where everything is delivered: what
    /// its caller does at such times must not wait for silence.
    fn wait(&mut self) -> Result<Option<Next<'static>>, CaptureError> {
        let time_out = match self.closed {
            None if self.delivered => self.idle.min(SOON).saturating_sub(self.said_idle.elapsed()),
            None => self.idle.saturating_sub(self.said_idle.elapsed()),
            Some(closed) => self.left_to_drain(closed.elapsed()),
        };
        if self.closed.is_some() && time_out.is_zero() {
            return Ok(Some(Next::End));
        }
        let before = sys::now();
        let errors = match self.poll(time_out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(None),
            polled => polled.map_err(|source| failed("poll", source))?,
        };
        self.look_after_interfaces(errors.as_deref().unwrap_or_default());
        if errors.is_some() || self.closed.is_some() {
            return Ok(None);
        }
        self.said_idle = Instant::now();
        self.delivered = false;
        Ok(Some(Next::Idle(before.plus_nanos(-self.delay()))))
    }

    /// For each tap, whether it has an error; `None` where nothing happened in time.
    fn poll(&self, time_out: Duration) -> io::Result<Option<Vec<bool>>> {
        let socket = |tap| {
            let Tap { channel, state, .. }: &Tap = tap;
            (*state == LinkState::Up).then(|| channel.socket().as_fd())
        };
        let mut fds: Vec<_> = self.taps.iter().map(socket).collect();
        fds.push(self.closed.is_none().then(|| self.stop.0.wake.as_fd()));
        sys::poll(&fds, time_out)
    }

    fn look_after_interfaces(&mut self, errors: &[bool]) {
        for (tap, _) in self.taps.iter_mut().zip(errors).filter(|(_, error)| **error) {
            tap.on_error(&mut self.notices);
        }
        if self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            for tap in self.taps.iter_mut().filter(|tap| tap.state != LinkState::Up) {
                tap.look(&mut self.notices);
            }
        }
    }

    /// How long, in nanoseconds, a frame may be on its way from its arrival to here.
    fn delay(&self) -> i64 {
        let delays = self.taps.iter().map(|tap| tap.channel.delay());
        delays.max().unwrap_or_default().as_nanos() as i64
    }

    fn deliver(&mut self, at: usize) -> Option<Next<'_>> {
        let (captured, interface) = self.taps.get_mut(at)?.take(&mut self.names)?;
        self.number += 1;
        self.delivered = true;
        Some(Next::Frame(Frame {
            origin: Origin { source: 0, interface },
            number: self.number,
            timestamp: Some(captured.timestamp),
            link: captured.link,
            wire_len: captured.wire_len,
            bytes: captured.bytes,
        }))
    }
}

impl FrameSource for Live {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let at = loop {
            if self.stop.is_asked() && self.closed.is_none() {
                self.begin_draining()?;
            }
            if let Some(at) = self.earliest() {
                break at;
            }
            if let Some(instead) = self.wait()? {
                return Ok(instead);
            }
        };
        // A frame that the ring describes wrongly is left out; that says nothing about time.
        Ok(self.deliver(at).unwrap_or(Next::Idle(Timestamp::from_nanos(0))))
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &[]
    }
}

fn failed(step: &str, source: io::Error) -> CaptureError {
    CaptureError::Io { path: PathBuf::from(format!("live capture: {step}")), source }
}
