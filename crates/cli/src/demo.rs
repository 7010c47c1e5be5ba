//! `synscope demo`: handshakes made with real sockets, their packets beside the calls that made them.

mod calls;
mod expectation;
mod recording;

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use capture::live::{Live, LiveConfig, drop_privileges};
use capture::{FrameSource as _, Next};
use handshake::End;
use lab::{Lab, Options, Prepared, Report, Scenario};
use render::{Record, Summary, View};

use crate::args::{DemoArgs, Format};
use crate::output::{Output, Shared};
use crate::pipeline::{Ending, Pipeline};
use crate::screen::{Pace, Screen};
use crate::select::Selection;
use crate::status::{Status, complain};

use calls::Calls;
use expectation::{Found, check};
use recording::Recording;

/// A story that takes longer than this is announced.
const PATIENCE: Duration = Duration::from_secs(1);

/// Plays a story and shows what came of it.
///
/// The order is a contract: namespace, capture and whatever else takes rights come first, then the
/// privileges are dropped, then the programs of the story start.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Status> {
    if args.list {
        return list();
    }
    let scenario = find(&args.scenario)?;
    let lab = match Lab::enter() {
        Ok(lab) => lab,
        Err(error) => {
            complain(&format_args!("{error}; `synscope replay FILE` needs no privilege"));
            return Ok(Status::NotPermitted);
        }
    };
    let config = LiveConfig { idle: Duration::from_millis(10), ..LiveConfig::on(["lo"]) };
    let mut live = Live::open(&config)?;
    let options = Options { connections: args.connections, ..Options::default() };
    let prepared = lab.prepare(scenario, options)?;
    let output = Output::open(&args.output, &[])?;
    drop_privileges().context("the privileges can't be dropped")?;
    let mut out = output.out.clone();
    let told = !args.output.quiet && matches!(args.output.format, Format::Timeline | Format::Table);
    if told {
        tell_story(&mut out, scenario)?;
    }
    if scenario.duration >= PATIENCE {
        complain(&format_args!("this takes about {} s of real time", scenario.duration.as_secs()));
    }
    let (mut recording, report) = play(&mut live, prepared)?;
    let found = show(args, output, &mut recording, report)?;
    conclude(&mut out, told, check(&found, scenario.expected))
}

fn list() -> anyhow::Result<Status> {
    let mut out = io::stdout().lock();
    for scenario in Scenario::all() {
        writeln!(out, "{:<16}{}", scenario.name, scenario.title).context("standard output")?;
    }
    Ok(Status::Fine)
}

fn find(name: &str) -> anyhow::Result<&'static Scenario> {
    Scenario::find(name).with_context(|| {
        let names: Vec<_> = Scenario::all().iter().map(|scenario| scenario.name).collect();
        format!("there is no scenario {name:?}; there are: {}", names.join(", "))
    })
}

fn tell_story(out: &mut Shared, scenario: &Scenario) -> io::Result<()> {
    writeln!(out, "{}\n\n{}\n", scenario.title, scenario.story)?;
    for notice in scenario.notice {
        writeln!(out, "  * {notice}")?;
    }
    writeln!(out)?;
    out.flush()
}

/// Captures while the story is played, until it has ended and everything has arrived.
fn play(live: &mut Live, prepared: Prepared) -> anyhow::Result<(Recording, Report)> {
    let mut recording = Recording::default();
    let stop = live.stop_handle();
    let running = prepared.start();
    loop {
        match live.next()? {
            Next::Frame(frame) => recording.keep(&frame),
            Next::Idle(_) if running.is_finished() => stop.stop(),
            Next::Idle(_) => {}
            Next::End => break,
        }
    }
    recording.learn_names(live.names());
    recording.lost += live.stats().dropped;
    Ok((recording, running.join()?))
}

/// Shows the attempts with their calls, and returns what was found in them.
fn show(
    args: &DemoArgs,
    output: Output,
    recording: &mut Recording,
    report: Report,
) -> anyhow::Result<Vec<Found>> {
    let found = Rc::new(RefCell::new(Vec::new()));
    let stage = Stage { calls: Calls::of(report), found: Rc::clone(&found) };
    let screen = Screen::behind(
        |view| Box::new(OnStage { view, stage }),
        output,
        &args.output,
        Selection::default(),
        Pace::InOrder,
    );
    let mut pipeline = Pipeline::new(screen);
    pipeline.learn_names(recording.names());
    while let Next::Frame(frame) = recording.next()? {
        pipeline.frame(&frame)?;
    }
    pipeline.finish(End::Complete, &Ending { damage: &[], lost: Some(recording.lost) })?;
    Ok(found.take())
}

fn conclude(
    out: &mut Shared,
    told: bool,
    result: Result<String, Vec<String>>,
) -> anyhow::Result<Status> {
    match result {
        Ok(verdict) if told => {
            writeln!(out, "\n{verdict}").and_then(|()| out.flush()).context("standard output")?;
            Ok(Status::Fine)
        }
        Ok(_) => Ok(Status::Fine),
        Err(differences) => {
            for difference in differences {
                complain(&format_args!("not as expected: {difference}"));
            }
            Ok(Status::ExpectationFailed)
        }
    }
}

/// What the story adds to a record, and learns from it.
struct Stage {
    calls: Calls,
    found: Rc<RefCell<Vec<Found>>>,
}

/// A view of records with their socket calls.
struct OnStage {
    view: Box<dyn View>,
    stage: Stage,
}

impl View for OnStage {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let patterns = record.patterns.iter().map(|pattern| pattern.name).collect();
        self.stage.found.borrow_mut().push(Found { outcome: record.handshake.outcome, patterns });
        let calls = self.stage.calls.of_attempt(record.handshake);
        self.view.handshake(&Record { calls: &calls, ..*record })
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.view.finish(summary)
    }
}
