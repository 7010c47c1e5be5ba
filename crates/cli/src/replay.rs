//! `synscope replay`: the handshakes in capture files.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use capture::file::{Input, Replay};
use capture::{CaptureError, Damage, DamagedTimes, FrameSource as _};
use handshake::End;

use crate::args::ReplayArgs;
use crate::extract::Extraction;
use crate::files::{Distinct, Files};
use crate::layout::Content;
use crate::memory::Memory;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline, Step};
use crate::presenter::{Beside, Present, Presenter, ShowWhen};
use crate::progress::Progress;
use crate::remarks::Remarks;
use crate::selection::Selection;
use crate::settings::Settings;
use crate::status::{self, Status};

/// Shows the handshakes in the files of a command line.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<Status> {
    let ReplayArgs { files, memory, max_decompressed, extract, output, select } = args;
    let limits = (*max_decompressed, *memory);
    let settings = Settings::try_from(output)?;
    show(files, limits, extract.as_deref(), &settings, Selection::from(select))
}

/// Shows the handshakes in these files, within limits for decompressing and for memory. The packets
/// of those that are shown go to `extract`.
pub(crate) fn show(
    files: &[PathBuf],
    (max_decompressed, memory): (u64, Memory),
    extract: Option<&Path>,
    settings: &Settings,
    selection: Selection,
) -> anyhow::Result<Status> {
    let inputs: Vec<Input> = files.iter().map(|file| input(file)).collect();
    let is_stream = inputs.iter().any(is_stream);
    anyhow::ensure!(
        extract.is_none() || !is_stream,
        "--extract reads its input twice, which a pipe does not allow: save it to a file first"
    );
    let mut replay = Replay::open_within(&inputs, max_decompressed);
    for refused in replay.refused() {
        status::report(&advice(refused));
    }
    report_skipped(replay.skipped(), settings.remarks);
    if replay.names().sources().len() == 0 {
        return Ok(Status::Unreadable);
    }
    let distinct = distinct(files, settings, extract)?;
    // Somebody may follow what comes out of a pipe, and a signal that ends both must not lose it.
    let (output, replacement) = if is_stream {
        (Output::open(settings, &distinct)?, None)
    } else {
        Output::open_to_complete(settings, &distinct)?
    };
    let room = memory.for_packets();
    let begin = |path| Extraction::begin(path, room, &distinct);
    let extraction = extract.map(begin).transpose()?;
    let beside = replay.memory() + if extraction.is_some() { room } else { 0 };
    let mut progress = Progress::new(wants_progress(&output));
    let show_when = if is_stream { ShowWhen::AsTheyEnd } else { ShowWhen::InOrder };
    let sink = Sink { output, selection, show_when, extraction: extraction.as_ref() };
    sink.present(&mut replay, memory.beside(beside), &mut progress)?;
    if let Some(replacement) = replacement {
        replacement.complete().context("the output can't be written")?;
    }
    report_damage(&replay);
    let status = status_of(&replay);
    if let Some(extraction) = extraction {
        let sources: Vec<_> = replay.names().sources().map(str::to_owned).collect();
        drop(replay);
        let again = Replay::open_within(&inputs, max_decompressed);
        extraction.copy(again, &sources, &mut progress, settings.remarks)?;
    }
    Ok(status)
}

/// That no file is both read and written, nor written twice.
fn distinct(
    files: &[PathBuf],
    settings: &Settings,
    extract: Option<&Path>,
) -> anyhow::Result<Distinct> {
    let files = Files::reading(files).output(settings.file.as_deref());
    match extract {
        Some(path) => files.writing(path, "--extract").check(),
        None => files.check(),
    }
}

fn status_of(replay: &Replay) -> Status {
    if !replay.refused().is_empty() {
        Status::Unreadable
    } else if !replay.damage().is_empty() {
        Status::Damaged
    } else {
        Status::Fine
    }
}

/// Where the attempts go.
struct Sink<'a> {
    output: Output,
    selection: Selection,
    show_when: ShowWhen,
    extraction: Option<&'a Extraction>,
}

impl Sink<'_> {
    /// Takes everything there is to replay through the pipeline.
    fn present(
        self,
        replay: &mut Replay,
        memory: Memory,
        progress: &mut Progress,
    ) -> anyhow::Result<()> {
        let Self { output, selection, show_when, extraction } = self;
        if let Some(extraction) = extraction {
            let noting = |view| extraction.noting(view);
            let presenter = Presenter::behind(noting, output, selection, show_when);
            return present(replay, Pipeline::new(presenter, memory), progress);
        }
        match Beside::start(&output, &selection, show_when) {
            Some(presenter) => present(replay, Pipeline::new(presenter, memory), progress),
            None => {
                let presenter = Presenter::new(output, selection, show_when);
                present(replay, Pipeline::new(presenter, memory), progress)
            }
        }
    }
}

/// Takes everything there is to replay through the pipeline.
fn present<P: Present>(
    replay: &mut Replay,
    mut pipeline: Pipeline<P>,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    while pipeline.step(replay)? != Step::End {
        progress.tick(|| replay.progress());
    }
    progress.finish();
    pipeline.finish(
        End::Complete,
        &Ending { damage: replay.damage(), lost: replay.lost(), received: None },
    )
}

/// Reports the files in directories that are not captures.
fn report_skipped(skipped: &[CaptureError], remarks: Remarks) {
    match (remarks, skipped.len()) {
        (Remarks::Off, _) | (_, 0) => {}
        (Remarks::All, _) => skipped.iter().for_each(|skipped| status::report(skipped)),
        (Remarks::Normal, 1) => {
            status::report(&"skipped 1 file that is not a capture (--verbose lists it)");
        }
        (Remarks::Normal, count) => status::report(&format_args!(
            "skipped {count} files that are not captures (--verbose lists them)"
        )),
    }
}

/// Reports where inputs break off, and which of their time stamps are damaged.
fn report_damage(replay: &Replay) {
    for Damage { source, offset, frames, reason } in replay.damage() {
        let frames = if *frames == 1 { "1 frame".to_owned() } else { format!("{frames} frames") };
        status::report(&format_args!(
            "{source}: breaks off at byte {offset}, after {frames}: {reason}; \
             the frames before it are shown"
        ));
    }
    for DamagedTimes { source, offset, frame, count } in replay.damaged_times() {
        status::report(&match count {
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

fn input(file: &Path) -> Input {
    if file == Path::new("-") { Input::Stdin } else { Input::Path(file.to_owned()) }
}

/// Whether an input may come as slowly as somebody captures it.
fn is_stream(input: &Input) -> bool {
    match input {
        Input::Stdin => true,
        Input::Memory(..) => false,
        Input::Path(path) => {
            path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
        }
    }
}

/// The message about an unreadable input, with the next step where the error names none.
fn advice(refused: &CaptureError) -> String {
    let next = match refused {
        CaptureError::Io { source, .. } => match source.kind() {
            io::ErrorKind::NotFound => "; check the name",
            io::ErrorKind::PermissionDenied => "; ask its owner for permission to read it",
            _ => "",
        },
        _ => "",
    };
    format!("{refused}{next}")
}

/// A bar helps somebody who waits at a terminal, unless records appear there meanwhile.
fn wants_progress(output: &Output) -> bool {
    io::stderr().is_terminal() && (!output.is_terminal || output.layout.content == Content::Totals)
}
