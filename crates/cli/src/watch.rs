//! Captures that go on until something ends them.

use std::io::{self, Write as _};
use std::time::Duration;

use capture::FrameSource;
use parser::Timestamp;
use render::escape;

use crate::args::BoundArgs;
use crate::layout::Audience;
use crate::output::Output;
use crate::pipeline::{Pipeline, Step};
use crate::presenter::{Checking, PresentWatched};
use crate::status;

/// When a capture ends by itself.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// After this time of the packets' clock has passed.
    time: Option<Duration>,
    /// After so many handshakes were shown.
    count: Option<u64>,
}

/// The bound at which a capture ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Time,
    Count,
}

impl Bounds {
    fn reached(&self, elapsed_ns: i64, shown: u64) -> Option<Bound> {
        let elapsed = Duration::from_nanos(u64::try_from(elapsed_ns).unwrap_or_default());
        if self.count.is_some_and(|most| shown >= most) {
            return Some(Bound::Count);
        }
        self.time.is_some_and(|time| elapsed >= time).then_some(Bound::Time)
    }
}

impl From<&BoundArgs> for Bounds {
    fn from(args: &BoundArgs) -> Self {
        Self { time: args.duration, count: args.most_shown() }
    }
}

/// Feeds the pipeline until the source ends. At a bound, `end` lets it end; `look` looks after it
/// whenever it has nothing for now, or somebody waits for metrics.
pub(crate) fn watch<'a, S: FrameSource, P: PresentWatched>(
    source: &mut S,
    pipeline: &mut Pipeline<Checking<'a, P>>,
    bounds: &Bounds,
    mut look: impl FnMut(&mut S, &mut Pipeline<Checking<'a, P>>) -> anyhow::Result<()>,
    end: impl Fn(&mut S, Bound),
) -> anyhow::Result<()> {
    let mut began: Option<Timestamp> = None;
    loop {
        let step = pipeline.step(source)?;
        if matches!(step, Step::Idle(_)) || pipeline.is_asked() {
            look(source, pipeline)?;
        }
        let now = match step {
            Step::Frame(time) => time,
            Step::Idle(now) => Some(now),
            Step::End => return Ok(()),
        };
        let elapsed = now.map_or(0, |now| now.nanos_since(*began.get_or_insert(now)));
        if let Some(bound) = bounds.reached(elapsed, pipeline.shown()) {
            end(source, bound);
        }
    }
}

/// Prints it above the output, where that is for people and on a terminal, else on standard error.
pub(crate) fn announce(what: &str, output: &Output) -> io::Result<()> {
    if output.layout.audience == Audience::Programs || !output.is_terminal {
        status::report(&what);
        return Ok(());
    }
    let mut out = output.out.clone();
    writeln!(out, "{}", escape(what))?;
    out.flush()
}
