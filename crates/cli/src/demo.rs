//! `synscope demo`: handshakes made with real sockets, their packets beside the calls that made them.

mod calls;
mod expectation;
mod memory;

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use capture::live::{Live, drop_privileges};
use handshake::End;
use lab::{Lab, Moment, Options, Prepared, Recording, Report, Scenario};
use render::{Record, Summary, View};

use crate::args::{DemoArgs, Format};
use crate::output::{Output, Shared};
use crate::pipeline::{Ending, Pipeline, Step};
use crate::screen::{Pace, Screen};
use crate::select::Selection;
use crate::status::{Status, complain};

use calls::Calls;
use expectation::{Found, check};
use memory::Memory;

/// A story that takes longer than this is announced.
const PATIENCE: Duration = Duration::from_secs(1);

/// Plays a story and shows what came of it.
///
/// The order is a contract: namespace, capture, files and whatever else takes rights come first, then
/// the privileges are dropped, then the programs of the story start.
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
    let told = !args.output.verbosity.quiet
        && matches!(args.output.format, Format::Timeline | Format::Table);
    if told {
        tell_story(&mut out, scenario, usize::from(output.style.width))?;
    }
    if scenario.duration >= PATIENCE {
        complain(&format_args!("this takes about {} s of real time", scenario.duration.as_secs()));
    }
    let (mut memory, report) = play(&mut live, prepared, saved)?;
    let found = show(args, output, &mut memory, report)?;
    conclude(&mut out, told, check(&found, scenario.expected))
}

fn save_to(dir: &Path, scenario: &Scenario) -> anyhow::Result<Recording> {
    fs::create_dir_all(dir).with_context(|| format!("{}: can't be created", dir.display()))?;
    Ok(Recording::create(dir, scenario)?)
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

fn tell_story(out: &mut Shared, scenario: &Scenario, width: usize) -> io::Result<()> {
    writeln!(out, "{}\n", scenario.title)?;
    write_wrapped(out, scenario.story, "", width)?;
    writeln!(out)?;
    for notice in scenario.notice {
        write_wrapped(out, notice, "  * ", width)?;
    }
    writeln!(out)?;
    out.flush()
}

/// Writes words in lines of at most `width` columns; the first begins with `mark`, and the others are
/// indented as far.
fn write_wrapped(out: &mut impl Write, text: &str, mark: &str, width: usize) -> io::Result<()> {
    let mut line = mark.to_owned();
    for word in text.split_whitespace() {
        if line.len() + word.len() > width && line.len() > mark.len() {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(mark.len());
        }
        line += word;
        line.push(' ');
    }
    writeln!(out, "{}", line.trim_end())
}

/// Captures while the story is played, until it has ended and everything has arrived.
fn play(
    live: &mut Live,
    prepared: Prepared,
    mut saved: Option<Recording>,
) -> anyhow::Result<(Memory, Report)> {
    let mut memory = Memory::new();
    let mut writing = Ok(());
    let report = prepared.start().watch(live, &mut |moment| {
        if let (Some(saved), Ok(())) = (&mut saved, &writing) {
            writing = saved.add(&moment);
        }
        if let Moment::Frame(frame) = moment {
            memory.keep(&frame);
        }
    })?;
    writing.context("the recording can't be written")?;
    let stats = live.stats();
    memory.lost += stats.dropped.unwrap_or_default();
    saved.map(|saved| saved.finish(stats)).transpose()?;
    Ok((memory, report))
}

/// Shows the attempts with their calls, and returns what was found in them.
fn show(
    args: &DemoArgs,
    output: Output,
    memory: &mut Memory,
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
    while pipeline.step(memory)? != Step::End {}
    pipeline.finish(End::Complete, &Ending { lost: Some(memory.lost), ..Ending::default() })?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_at_its_words() {
        let wrapped = |text, width| {
            let mut out = Vec::new();
            write_wrapped(&mut out, text, "  * ", width).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(wrapped("a bc def", 8), "  * a bc\n    def\n");
        assert_eq!(wrapped("a bc def", 80), "  * a bc def\n");
        assert_eq!(wrapped("incompressible", 5), "  * incompressible\n");
    }
}
