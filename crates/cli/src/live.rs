//! `synscope live`: the handshakes on the interfaces of this host, as they happen.

use std::time::Duration;

use anyhow::Context as _;
use capture::live::{Backend, Live, LiveConfig, LiveError, drop_privileges, interfaces};
use capture::{FrameSource as _, Next};
use handshake::End;
use parser::Timestamp;

use crate::args::{LiveArgs, LiveBackend};
use crate::health::Health;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline};
use crate::screen::{Pace, Screen};
use crate::select::Selection;
use crate::status::{Status, complain};
use crate::{privileges, signals};

/// Captures and shows until a signal, the time or the number of handshakes ends it.
///
/// The order is a contract: every socket is open before the privileges are dropped, and before that
/// there is no other thread and no packet is looked at.
pub(crate) fn run(args: &LiveArgs) -> anyhow::Result<Status> {
    let mut live = match Live::open(&config(args)) {
        Err(LiveError::NotPermitted { interface, facts }) => {
            privileges::explain(&interface, &facts);
            return Ok(Status::NotPermitted);
        }
        opened => opened?,
    };
    let output = Output::open(&args.output, &[])?;
    let dropped = drop_privileges().context("the privileges can't be dropped")?;
    if args.verbose {
        complain(&format_args!("privileges are dropped: {dropped}"));
    }
    signals::stop_on_signals(live.stop_handle())?;
    let before = Health::now();
    let screen = Screen::new(output, &args.output, Selection::from(&args.select), Pace::AsDecided);
    let mut pipeline = Pipeline::new(screen);
    pipeline.learn_names(live.names());
    watch(&mut live, &mut pipeline, &Bounds::of(args))?;
    pipeline.finish(End::Interrupted, &Ending { damage: &[], lost: Some(live.stats().dropped) })?;
    if !args.output.quiet {
        before.tell_changes(&Health::now());
    }
    Ok(Status::Fine)
}

fn config(args: &LiveArgs) -> LiveConfig {
    let interfaces = if args.interface.is_empty() { loopback() } else { args.interface.clone() };
    LiveConfig {
        backend: match args.backend {
            LiveBackend::Ring => Backend::Ring,
            LiveBackend::Pnet => Backend::Pnet,
        },
        ports: args.select.port.clone(),
        hosts: args.select.host.iter().map(|net| net.subnet()).collect(),
        promiscuous: args.promiscuous,
        tunnels: args.tunnels,
        ..LiveConfig::on(interfaces)
    }
}

/// The loopback interface by its name, which is `lo` nearly everywhere.
fn loopback() -> Vec<String> {
    let found = interfaces().into_iter().find(|interface| interface.loopback);
    vec![found.map_or_else(|| "lo".to_owned(), |interface| interface.name)]
}

/// When a capture ends by itself.
#[derive(Debug)]
struct Bounds {
    /// After this time of the packets' clock has passed.
    time: Option<Duration>,
    /// After so many handshakes were shown.
    count: Option<u64>,
}

impl Bounds {
    fn of(args: &LiveArgs) -> Self {
        Self { time: args.duration, count: args.count }
    }

    fn reached(&self, elapsed_ns: i64, shown: u64) -> bool {
        let elapsed = Duration::from_nanos(u64::try_from(elapsed_ns).unwrap_or_default());
        self.time.is_some_and(|time| elapsed >= time)
            || self.count.is_some_and(|most| shown >= most)
    }
}

/// Feeds the pipeline until the capture ends. After it was told to stop, a capture still delivers
/// what had arrived before.
fn watch(live: &mut Live, pipeline: &mut Pipeline, bounds: &Bounds) -> anyhow::Result<()> {
    let stop = live.stop_handle();
    let mut began: Option<Timestamp> = None;
    loop {
        let (now, is_new) = match live.next()? {
            Next::Frame(frame) => (frame.timestamp, pipeline.frame(&frame)?),
            Next::Idle(now) => {
                pipeline.idle(now)?;
                for notice in live.take_notices() {
                    complain(&notice);
                }
                if live.stats().dropped > 0 {
                    pipeline.capture_lost_packets();
                }
                (Some(now), false)
            }
            Next::End => return Ok(()),
        };
        if is_new {
            pipeline.learn_names(live.names());
        }
        let elapsed = now.map_or(0, |now| now.nanos_since(*began.get_or_insert(now)));
        if bounds.reached(elapsed, pipeline.shown()) {
            stop.stop();
        }
    }
}
