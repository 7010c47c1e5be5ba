//! `synscope demo`: handshakes made with real sockets, their packets beside the calls that made them.

mod calls;
mod expectation;
mod memory;
mod provisional;
mod show;
mod story;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use capture::live::{Live, drop_privileges};
use handshake::End;
use lab::{Lab, Moment, Options, Prepared, Recording, Report, Scenario};

use crate::args::{DemoArgs, Format};
use crate::output::{Output, Shared};
use crate::status::{Status, complain};

use expectation::check;
use memory::Memory;
use provisional::Provisional;

/// A story that takes longer than this is announced, or shown while it goes on.
const PATIENCE: Duration = Duration::from_secs(1);

/// Plays a story and shows what came of it.
///
/// The order is a contract: namespace, capture, files and whatever else takes rights come first, then
/// the privileges are dropped, then the programs of the story start.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Status> {
    if args.list {
        return story::list();
    }
    let scenario = find(&args.scenario)?;
    let lab = match Lab::enter() {
        Ok(lab) => lab,
        Err(error) => {
            complain(&format_args!("{error}; `synscope replay FILE` needs no privilege"));
            return Ok(Status::NotPermitted);
        }
    };
    let mut live = lab.open_capture()?;
    let options = Options { connections: args.connections, ..Options::default() };
    let prepared = lab.prepare(scenario, options)?;
    let saved = args.save.as_deref().map(|dir| save_to(dir, scenario)).transpose()?;
    let output = Output::open(&args.output, &[])?;
    let dropped = drop_privileges().context("the privileges can't be dropped")?;
    if args.output.verbosity.verbose {
        complain(&format_args!("privileges are dropped: {dropped}"));
    }
    let mut out = output.out.clone();
    let width = usize::from(output.style.width);
    let told = !args.output.verbosity.quiet
        && matches!(args.output.format, Format::Timeline | Format::Table);
    if told {
        story::tell(&mut out, scenario, width)?;
    }
    let provisional = announce(scenario, &output, args.output.format);
    let (mut memory, report) = play(&mut live, prepared, saved, provisional)?;
    let found = show::show(output, &args.output, &mut memory, &report, End::Complete)?;
    if told {
        story::notice(&mut out, scenario, width)?;
        if args.output.explain {
            story::associations(&mut out, &report, width)?;
        }
    }
    conclude(&mut out, told, check(&found, scenario.expected))
}

/// Lets those who have to wait watch, or at least know how long.
fn announce(scenario: &Scenario, output: &Output, format: Format) -> Option<Provisional> {
    if scenario.duration < PATIENCE {
        return None;
    }
    let obeys = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
    if output.is_terminal && obeys && format == Format::Timeline {
        return Some(Provisional::new(output, scenario));
    }
    complain(&format_args!("this takes about {} s of real time", scenario.duration.as_secs()));
    None
}

fn save_to(dir: &Path, scenario: &Scenario) -> anyhow::Result<Recording> {
    fs::create_dir_all(dir).with_context(|| format!("{}: can't be created", dir.display()))?;
    Ok(Recording::create(dir, scenario)?)
}

fn find(name: &str) -> anyhow::Result<&'static Scenario> {
    Scenario::find(name).with_context(|| {
        let names: Vec<_> = Scenario::all().iter().map(|scenario| scenario.name).collect();
        format!("there is no scenario {name:?}; there are: {}", names.join(", "))
    })
}

/// Captures while the story is played, until it has ended and everything has arrived.
fn play(
    live: &mut Live,
    prepared: Prepared,
    mut saved: Option<Recording>,
    mut provisional: Option<Provisional>,
) -> anyhow::Result<(Memory, Report)> {
    let mut memory = Memory::new();
    let (mut writing, mut drawing) = (Ok(()), Ok(()));
    let running = prepared.start();
    let progress = running.progress();
    let report = running.watch(live, &mut |moment| {
        if let (Some(saved), Ok(())) = (&mut saved, &writing) {
            writing = saved.add(&moment);
        }
        if let Moment::Frame(frame) = &moment {
            memory.keep(frame);
        }
        if let (Some(provisional), Ok(())) = (&mut provisional, &drawing) {
            drawing = provisional.on_moment(&moment, &mut memory, &progress);
        }
    })?;
    writing.context("the recording can't be written")?;
    drawing?;
    provisional.map(Provisional::erase).transpose().context("the output can't be written")?;
    let stats = live.stats();
    memory.lost += stats.dropped.unwrap_or_default();
    saved.map(|saved| saved.finish(stats)).transpose()?;
    Ok((memory, report))
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
            out.flush().context("standard output")?;
            for difference in differences {
                complain(&format_args!("not as expected: {difference}"));
            }
            Ok(Status::ExpectationFailed)
        }
    }
}
