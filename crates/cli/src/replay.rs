//! `synscope replay`: the handshakes in capture files.

use std::fmt::Display;
use std::sync::Arc;

use anyhow::Context as _;
use capture::file::{Extent, Found, Input, Replay};
use capture::{CaptureError, Damage, DamagedTimes, FrameSource as _};
use handshake::End;
use parser::{Period, Timestamp};
use screen::{CopyPackets, Doing, Feed};

use crate::ahead;
use crate::args::{Format, OfAllArgs, ReplayArgs, SortKey, StatsArgs};
use crate::aside::Aside;
use crate::extract::{CHANGED, Extraction};
use crate::faults::{breaks_off, can_t_be_read, damaged, unread};
use crate::files::{Distinct, Files};
use crate::layout::Layout;
use crate::memory::Memory;
use crate::output::Output;
#[cfg(unix)]
use crate::pace;
use crate::pipeline::{Ending, Pipeline};
use crate::presenter::{Before, Beside, Present, Presenter, ShowWhen};
use crate::progress::Progress;
use crate::reach::{Reach, inputs};
use crate::remarks::Remarks;
use crate::replacement::Replacement;
use crate::sandbox::Sandbox;
use crate::selection::Selection;
use crate::settings::Settings;
#[cfg(unix)]
use crate::signals;
use crate::status::{self, Status};
use crate::tui::{self, Scene};

/// Shows the handshakes in the files of a command line.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<Status> {
    let (settings, selection) = settings(args)?;
    #[cfg(unix)]
    anyhow::ensure!(
        !args.bounds.is_given(),
        "--for and --count end a capture that goes on: they need --follow"
    );
    if args.screen.tui {
        return on_screen(&inputs(&args.input), Reach::of(&args.input), &settings, selection);
    }
    let aside = Aside {
        extract: args.extract.as_deref(),
        #[cfg(target_os = "linux")]
        calls: args.calls.as_deref(),
        #[cfg(unix)]
        pace: args.pace,
    };
    show(&inputs(&args.input), Reach::of(&args.input), &aside, &settings, selection)
}

/// How the attempts of a command line are shown, and which.
pub(crate) fn settings(args: &ReplayArgs) -> anyhow::Result<(Settings, Selection)> {
    let ReplayArgs { names, output, sort, shown, screen, .. } = args;
    let started_in = args.input.started_in.0;
    let is_table = output.format == Some(Format::Table);
    anyhow::ensure!(
        is_table || *sort == SortKey::Time,
        "--sort orders the lines of a table: it needs --format table"
    );
    anyhow::ensure!(
        !output.whole || started_in == Period::ALWAYS,
        "--whole follows a connection to its end, however late that is: it does not go with --started-in"
    );
    #[cfg(unix)]
    pace::check(args.pace, output)?;
    let selection = Selection { sort: *sort, ..Selection::try_from(shown)? };
    let settings = Settings { started_in, ..Settings::try_from(output)?.with_names(names)? };
    Ok((if screen.tui { settings.on_screen() } else { settings }, selection))
}

/// Shows the statistics of the files of a command line.
pub(crate) fn stats(args: &StatsArgs) -> anyhow::Result<Status> {
    of_all(&args.of, Settings::try_from(args)?)
}

/// Writes a page of the files of a command line.
pub(crate) fn report(args: &OfAllArgs) -> anyhow::Result<Status> {
    of_all(args, Settings::try_from(args)?)
}

/// Shows what all attempts came to.
fn of_all(args: &OfAllArgs, settings: Settings) -> anyhow::Result<Status> {
    let OfAllArgs { input, names, select, .. } = args;
    let settings = settings.with_names(names)?;
    show(
        &inputs(input),
        Reach::of(input),
        &Aside::default(),
        &settings,
        Selection::try_from(select)?,
    )
}

/// Shows the handshakes in these inputs.
pub(crate) fn show(
    inputs: &[Input],
    reach: Reach,
    aside: &Aside<'_>,
    settings: &Settings,
    selection: Selection,
) -> anyhow::Result<Status> {
    let found = Found::of(inputs);
    aside.check(found.has_stream(), settings.layout.content)?;
    let calls = aside.calls()?;
    let distinct = distinct(inputs, &found, settings, aside)?;
    let memory = settings.beside_output(reach.memory, &selection);
    let room_to_sort = reach.memory.for_sorting();
    let mut extraction = None;
    let within = Reach { memory, ..reach };
    let status = read(found, distinct.sandbox(), within, settings.remarks, |reading| {
        // Somebody may follow what comes out of a pipe, and a signal that ends both must not lose it.
        let (output, replacement) = if reading.is_stream && !settings.layout.is_whole_files() {
            (Output::open(settings, &distinct)?, None)
        } else {
            Output::open_to_complete(settings, &distinct)?
        };
        let output = Output { room_to_sort, ..output };
        let room = memory.for_packets();
        let begun =
            aside.extract.map(|path| Extraction::begin(path, room, &distinct)).transpose()?;
        if begun.is_some() {
            reading.memory = reading.memory.beside(room);
        }
        let pictures = aside.pictures(&output)?;
        let is_plain = calls.is_none() && pictures.is_none() && !reading.is_stream;
        let is_brief = settings.is_brief && is_plain && output.is_terminal;
        let layout = if is_brief { Layout::BRIEF } else { output.layout };
        reading.show(Output { layout, ..output }, selection, begun.as_ref(), [pictures, calls])?;
        extraction = begun.map(|begun| (begun, reading.sources()));
        replacement.map_or(Ok(()), Replacement::complete).context("the output can't be written")
    })?;
    if let Some((extraction, sources)) = extraction {
        let again = reach.open(Found::of(inputs));
        let mut progress = Progress::new();
        extraction.copy(again, &sources, &mut progress, settings.remarks)?;
    }
    Ok(status)
}

/// Shows them on a screen until the user has seen enough.
fn on_screen(
    inputs: &[Input],
    reach: Reach,
    settings: &Settings,
    selection: Selection,
) -> anyhow::Result<Status> {
    let whole = reach.memory;
    let feed = tui::feed(whole, Feed::new)?;
    let memory = settings.beside_output(whole, &selection).beside(whole.for_screen());
    let found = Found::of(inputs);
    let distinct = distinct(inputs, &found, settings, &Aside::default())?;
    let sandbox = tui::saving(distinct.sandbox());
    read(found, sandbox, Reach { memory, ..reach }, settings.remarks, |reading| {
        let output = Output::open(settings, &distinct)?;
        #[cfg(unix)]
        {
            let feed = feed.clone();
            signals::stop_on_signals(move || feed.quit())?;
        }
        let sources = reading.sources();
        let scene = Scene {
            feed: &feed,
            title: place(&sources),
            doing: Doing::Reading,
            copy: copying(&feed, reading, inputs, reach),
            memory: whole,
        };
        let screen = scene.start(selection.styled(output.style), || ())?;
        let presenter = Presenter::on_screen(screen, output, selection, ShowWhen::AsTheyEnd);
        reading.present(presenter, Progress::on_screen(feed))
    })
}

/// Copies packets out of the files, opened once more.
fn copying(feed: &Feed, reading: &Reading, inputs: &[Input], reach: Reach) -> Arc<CopyPackets> {
    if reading.is_stream {
        return tui::copy_none("a pipe can't be read twice");
    }
    let (inputs, sources) = (inputs.to_vec(), reading.sources());
    tui::copy_from(feed, move || {
        let replay = reach.open(Found::of(&inputs));
        anyhow::ensure!(replay.names().sources().eq(&sources), CHANGED);
        Ok(replay)
    })
}

/// `many.pcapng`, `many.pcapng and 2 more`.
fn place(sources: &[String]) -> String {
    match sources {
        [] => String::new(),
        [one] => one.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}

/// That no file is both read and written, nor written twice.
fn distinct(
    inputs: &[Input],
    found: &Found,
    settings: &Settings,
    aside: &Aside<'_>,
) -> anyhow::Result<Distinct> {
    let files = Files::reading(inputs, found.directories_below());
    let files = settings.files(aside.reading(files));
    match aside.extract {
        Some(path) => files.writing(path, "--extract").check(),
        None => files.check(),
    }
}

/// Opens what was found, when all but the files of this run is closed, and lets `present` do with it what is
/// to be done, if any of it can be read. Reports what can't be read and what is damaged, which makes the
/// status.
pub(crate) fn read(
    found: Found,
    sandbox: Sandbox,
    reach: Reach,
    remarks: Remarks,
    present: impl FnOnce(&mut Reading) -> anyhow::Result<()>,
) -> anyhow::Result<Status> {
    let mut reading = Reading::begin(found, sandbox, reach, remarks)?;
    if !reading.is_nothing() {
        present(&mut reading)?;
    }
    Ok(reading.end())
}

/// Files that were opened.
pub(crate) struct Reading {
    pub(crate) replay: Replay,
    memory: Memory,
    started_in: Period,
    /// Whether an input may come as slowly as somebody captures it.
    is_stream: bool,
    remarks: Remarks,
}

impl Reading {
    /// Opens what was found, when all but the files of this run is closed. Reports what can't be read.
    pub(crate) fn begin(
        found: Found,
        sandbox: Sandbox,
        reach: Reach,
        remarks: Remarks,
    ) -> anyhow::Result<Self> {
        found.links().fold(sandbox, Sandbox::reading).begin()?.tell(remarks);
        let is_stream = found.has_stream();
        let replay = reach.open(found);
        for refused in replay.refused() {
            status::report(&can_t_be_read(&unread(refused)));
        }
        report_skipped(replay.skipped(), remarks, &status::report);
        if replay.outside() > 0 && remarks == Remarks::All {
            let (outside, files) = (replay.outside(), replay.names().sources().len());
            status::report(&format_args!(
                "{outside} of {files} files lie too far from --started-in to be read"
            ));
        }
        let memory = reach.memory.beside(replay.memory());
        Ok(Self { replay, memory, started_in: reach.started_in, is_stream, remarks })
    }

    /// Whether nothing can be read.
    pub(crate) fn is_nothing(&self) -> bool {
        self.replay.names().sources().len() == 0
    }

    /// Reports what is damaged. What can't be read and what is damaged makes the status.
    pub(crate) fn end(self) -> Status {
        let Self { replay, .. } = &self;
        report_damage(replay.damage(), replay.damaged_times(), &status::report);
        if self.is_nothing() || !replay.refused().is_empty() {
            Status::Unreadable
        } else if !replay.damage().is_empty() {
            Status::Damaged
        } else {
            Status::Fine
        }
    }

    /// Shows everything that is in them through these views, each before the one before, and notes its
    /// packets where they are to be extracted.
    fn show(
        &mut self,
        output: Output,
        selection: Selection,
        extraction: Option<&Extraction>,
        views: [Option<Before>; 2],
    ) -> anyhow::Result<()> {
        let progress = Progress::until(&output);
        let show_when = if self.is_stream { ShowWhen::AsTheyEnd } else { ShowWhen::InOrder };
        if extraction.is_some() || views.iter().any(Option::is_some) {
            let before = |view| {
                let view = views.into_iter().flatten().fold(view, |view, before| before(view));
                match extraction {
                    Some(extraction) => extraction.noting(view),
                    None => view,
                }
            };
            let presenter = Presenter::behind(before, output, selection, show_when);
            return self.present(presenter, progress);
        }
        match Beside::start(&output, &selection, show_when, None) {
            Some(presenter) => self.present(presenter, progress),
            None => self.present(Presenter::new(output, selection, show_when), progress),
        }
    }

    /// The names of the files.
    fn sources(&self) -> Vec<String> {
        self.replay.names().sources().map(str::to_owned).collect()
    }

    /// Takes everything that is in them through the pipeline.
    pub(crate) fn present<P: Present>(
        &mut self,
        presenter: P,
        mut progress: Progress,
    ) -> anyhow::Result<()> {
        let Self { replay, memory, started_in, is_stream, remarks } = self;
        let mut pipeline = Pipeline::new(presenter, *memory).started_in(*started_in);
        let so_far = replay.read_so_far();
        let goes_on = || {
            progress.tick(|| so_far.progress());
            !progress.is_over()
        };
        let is_ahead = !*is_stream && ahead::helps(&pipeline, so_far.progress().total);
        let end = ahead::take_all(&mut pipeline, replay, is_ahead, goes_on)?;
        progress.finish();
        if replay.goes_on() {
            pipeline.goes_on();
        }
        let is_said = *started_in != Period::ALWAYS && *remarks != Remarks::Off;
        let seen = pipeline.extent();
        let if_none = (is_said && end == End::Complete).then(|| none_began(replay, seen)).flatten();
        let damage = replay.damage();
        let ending = Ending { damage, lost: replay.lost(), if_none, ..Ending::default() };
        pipeline.finish(end, &ending)
    }
}

/// What is said where no attempt began in a period: when the capture begins and ends, of which these frames
/// were read.
fn none_began(replay: &Replay, seen: Option<(Timestamp, Timestamp)>) -> Option<String> {
    let Extent { first, last, is_open } = replay.extent()?;
    let first = seen.map_or(first, |(seen, _)| seen.min(first));
    let last = seen.map_or(last, |(_, seen)| seen.max(last));
    let time = |time: Timestamp| jiff::Timestamp::from_nanosecond(time.as_nanos().into()).ok();
    let (first, last) = (time(first)?, time(last)?);
    let or_later = if is_open { " or later" } else { "" };
    let files = replay.names().sources().len() as u64;
    let unread = match files {
        files if replay.outside() < files => String::new(),
        1 => ", so that its file was not read".to_owned(),
        files => format!(", so that none of its {files} files was read"),
    };
    Some(format!(
        "no attempt began in the time of --started-in: the capture begins at {first} and ends at \
         {last}{or_later}{unread}"
    ))
}

/// Reports the files that are not read, though nothing is wrong.
pub(crate) fn report_skipped(
    skipped: &[CaptureError],
    remarks: Remarks,
    report: &dyn Fn(&dyn Display),
) {
    match (remarks, skipped.len()) {
        (Remarks::Off, _) | (_, 0) => {}
        (Remarks::All, _) => {
            for skipped in skipped {
                report(&can_t_be_read(&unread(skipped)));
            }
        }
        (Remarks::Normal, 1) => report(&"skipped 1 file (--verbose says why)"),
        (Remarks::Normal, count) => {
            report(&format_args!("skipped {count} files (--verbose says why)"));
        }
    }
}

/// Reports where inputs break off, and which of their time stamps are damaged.
pub(crate) fn report_damage<'a>(
    damage: &[Damage],
    damaged_times: impl Iterator<Item = &'a DamagedTimes>,
    report: &dyn Fn(&dyn Display),
) {
    for damage in damage {
        report(&breaks_off(&damaged(damage)));
    }
    for DamagedTimes { source, offset, frame, count } in damaged_times {
        report(&match count {
            1 => format!(
                "{source}: frame {frame} at byte {offset} has a damaged time stamp; it counts as a \
                 frame without a time"
            ),
            _ => format!(
                "{source}: {count} frames have a damaged time stamp (the first is frame {frame} at \
                 byte {offset}); they count as frames without a time"
            ),
        });
    }
}
