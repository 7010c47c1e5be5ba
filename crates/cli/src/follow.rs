//! `synscope replay --follow`: the handshakes in captures that somebody still writes.

use std::fmt::Display;
use std::path::Path;

use anyhow::Context as _;
use capture::FrameSource as _;
use capture::file::{Follow, Happened, Input};
use handshake::End;
use screen::{Doing, Feed};

use crate::args::{InputArgs, ReplayArgs};
use crate::expectations::Expectations;
use crate::faults::{can_t_be_read, unread};
use crate::files::Files;
use crate::memory::Memory;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline};
use crate::presenter::{Checking, Presenter, ShowWhen};
use crate::reach::Reach;
use crate::remarks::Remarks;
use crate::replay::{report_damage, report_skipped, settings};
use crate::selection::Selection;
use crate::signals;
use crate::status::{self, Status};
use crate::tui::{self, Scene};
use crate::watch::{Bound, Bounds, announce, watch};

/// Shows the handshakes in a file or a directory until a signal, the time or the number of attempts
/// ends it.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<Status> {
    let (settings, selection) = settings(args)?;
    settings.layout.check_growing()?;
    anyhow::ensure!(
        args.extract.is_none(),
        "--extract reads its input twice, which --follow does not allow: extract from the files once \
         they are complete"
    );
    anyhow::ensure!(
        !args.pace.is_given(),
        "--step and --speed show what has happened: they need a capture that is complete, without \
         --follow"
    );
    let path = followed(&args.input)?;
    let Reach { decompressed, memory: whole, .. } = Reach::of(&args.input);
    let memory = settings.beside_output(whole, &selection);
    let feed = args.screen.tui.then(|| tui::feed(whole, Feed::new)).transpose()?;
    let memory = if feed.is_some() { memory.beside(whole.for_screen()) } else { memory };
    let files = Files::reading(&[Input::Path(path.into())], &[]);
    let distinct = settings.files(files).check()?;
    // What comes later may lie anywhere: links lead there, and directories are made anew.
    let sandbox = distinct.sandbox().reading(Path::new("/"));
    let sandbox = if args.screen.tui { tui::saving(sandbox) } else { sandbox };
    sandbox.begin()?.tell(settings.remarks);
    let mut follow = match Follow::open(path, decompressed) {
        Ok(follow) => follow,
        Err(refused) => {
            status::report(&can_t_be_read(&unread(&refused)));
            return Ok(Status::Unreadable);
        }
    };
    let output = Output::open(&settings, &distinct)?;
    stop_on_signals(&follow, feed.clone())?;
    let mut telling = Telling {
        remarks: settings.remarks,
        feed: feed.clone(),
        status: Status::Fine,
        damage: 0,
        written_anew: 0,
    };
    telling.tell(&mut follow);
    let presenter = match &feed {
        Some(feed) => on_screen(feed, &follow, (path, whole), output, selection)?,
        None => listen(path, output, selection)?,
    }
    .at_most(args.bounds.most_shown());
    let checking =
        Checking { expectations: &mut Expectations::default(), metrics: None, presenter };
    let mut pipeline = Pipeline::new(checking, memory.beside(follow.memory()));
    let bounds = Bounds::from(&args.bounds);
    let idle = |follow: &mut Follow, _: &mut _| {
        telling.tell(follow);
        Ok(())
    };
    let end = |follow: &mut Follow, bound| match bound {
        // The answer to what is shown may be written already.
        Bound::Time => follow.stopper()(),
        Bound::Count => follow.end(),
    };
    let watched = watch(&mut follow, &mut pipeline, &bounds, idle, end);
    telling.tell_failure(watched)?;
    let ending = Ending { damage: follow.damage(), lost: follow.lost(), ..Ending::default() };
    pipeline.finish(End::Interrupted, &ending)?;
    telling.feed = None;
    telling.tell(&mut follow);
    telling.tell_rest();
    report_damage(&[], follow.damaged_times(), &status::report);
    Ok(telling.status)
}

/// Lets signals end it, and its screen.
fn stop_on_signals(follow: &Follow, feed: Option<Feed>) -> anyhow::Result<()> {
    let stop = follow.stopper();
    signals::stop_on_signals(move || {
        stop();
        feed.inspect(Feed::quit);
    })
}

/// Says what is followed, and shows it below.
fn listen(path: &Path, output: Output, selection: Selection) -> anyhow::Result<Presenter> {
    if output.remarks != Remarks::Off {
        let following = format!("following {}, 0 attempts so far", path.display());
        announce(&following, &output).context("standard output")?;
    }
    let is_watched = output.layout.shows_attempts_to_people() && selection.most_sorted().is_none();
    let show_when = if is_watched { ShowWhen::AsDecided } else { ShowWhen::AsTheyEnd };
    Ok(Presenter::new(output, selection, show_when))
}

/// Shows it on a screen, whose end ends it.
fn on_screen(
    feed: &Feed,
    follow: &Follow,
    (path, memory): (&Path, Memory),
    output: Output,
    selection: Selection,
) -> anyhow::Result<Presenter> {
    let scene = Scene {
        feed,
        title: path.display().to_string(),
        doing: Doing::Following,
        copy: tui::copy_none("--follow reads on; extract them later"),
        memory,
    };
    let screen = scene.start(selection.styled(output.style), follow.stopper())?;
    Ok(Presenter::on_screen(screen, output, selection, ShowWhen::AsDecided))
}

/// The one input: the next packet of several could be in any of them, so that all would wait for the
/// slowest one.
fn followed(input: &InputArgs) -> anyhow::Result<&Path> {
    let [path] = input.files.as_slice() else {
        anyhow::bail!("--follow takes one file or one directory: start it once for each")
    };
    anyhow::ensure!(
        path != Path::new("-"),
        "standard input is read as it comes: it needs no --follow"
    );
    anyhow::ensure!(
        !input.recursive,
        "--follow does not go into the directories below a directory"
    );
    Ok(path)
}

/// So many files are called by name that were written anew: a ring that is faster than its reader has
/// one in each turn.
const MOST_WRITTEN_ANEW: u64 = 8;

/// Tells what can't be read, as it turns up.
struct Telling {
    remarks: Remarks,
    /// The screen that is told, as long as there is one.
    feed: Option<Feed>,
    status: Status,
    /// How many places were told at which files break off.
    damage: usize,
    /// How many times a file was written anew.
    written_anew: u64,
}

impl Telling {
    fn report(&self, what: &dyn Display) {
        match &self.feed {
            Some(feed) => feed.remark(what.to_string()),
            None => status::report(what),
        }
    }

    fn tell(&mut self, follow: &mut Follow) {
        for refused in follow.take_refused() {
            self.report(&can_t_be_read(&unread(&refused)));
            self.status = Status::Unreadable;
        }
        report_skipped(&follow.take_skipped(), self.remarks, &|what| self.report(what));
        for happened in follow.take_happened() {
            self.tell_happened(&happened);
        }
        let damage = follow.damage().get(self.damage..).unwrap_or_default();
        report_damage(damage, std::iter::empty(), &|what| self.report(what));
        self.damage += damage.len();
        if self.damage > 0 && self.status == Status::Fine {
            self.status = Status::Damaged;
        }
    }

    /// Tells why nothing more can be read; what was read before counts. Other failures are returned.
    fn tell_failure(&mut self, watched: anyhow::Result<()>) -> anyhow::Result<()> {
        let Err(failure) = watched else { return Ok(()) };
        self.report(&can_t_be_read(&unread(&failure.downcast()?)));
        self.status = Status::Unreadable;
        Ok(())
    }

    fn tell_happened(&mut self, happened: &Happened) {
        if self.remarks == Remarks::Off {
            return;
        }
        match happened {
            Happened::WrittenAnew(path) => {
                self.written_anew += 1;
                if self.written_anew <= MOST_WRITTEN_ANEW {
                    self.report(&format_args!(
                        "{} was written anew; what was written to it before and not yet read may be \
                         lost",
                        path.display()
                    ));
                }
            }
            Happened::Removed(path) => self.report(&format_args!(
                "{} was removed; waiting for a new file of this name (Ctrl-C ends)",
                path.display()
            )),
        }
    }

    /// Tells how many files were not called by name.
    fn tell_rest(&self) {
        match self.written_anew.saturating_sub(MOST_WRITTEN_ANEW) {
            0 => {}
            1 => self.report(&"a file was written anew once more"),
            times => self.report(&format_args!("files were written anew {times} more times")),
        }
    }
}
