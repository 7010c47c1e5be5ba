//! `synscope demo`: handshakes made with real sockets, their packets beside the calls that made them.

mod all;
mod expectation;
mod folding;
mod frame_buffer;
mod live_redraw;
mod on_screen;
mod play;
mod show;
mod story;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use capture::file::Input;
use capture::live::{Live, drop_privileges};
use handshake::End;
use lab::{Lab, Options, Recording, Scenario, ScenarioError};
use render::Style;
use screen::Feed;

use crate::args::{DemoArgs, Scenarios};
use crate::aside::Aside;
use crate::files::Files;
use crate::layout::{Content, Layout};
use crate::locale;
use crate::memory::Memory;
use crate::output::Output;
use crate::pace;
use crate::reach::Reach;
use crate::remarks::Remarks;
use crate::replay;
use crate::selection::Selection;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::signals;
use crate::status::{self, Status};
use crate::tui;

use expectation::check;
use live_redraw::LiveRedraw;
use on_screen::{Frames, OnScreen};
use play::{Meanwhile, play};
use show::{Showing, show};

/// A scenario that takes longer than this is announced, or shown while it runs.
const PATIENCE: Duration = Duration::from_secs(1);

/// The scenario that takes its number of connections from the command line. Unless pictures are asked
/// for, it ends in a table: its attempts are alike.
const MANY: &str = "many";

/// Plays a scenario and shows its attempts.
///
/// The order is a contract: namespace, capture, files and whatever else takes rights come first, then
/// the privileges are dropped, then the programs of the scenario start.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Status> {
    if args.list {
        let is_utf8 = !args.output.look.ascii && locale::is_utf8();
        return story::list(locale::language(args.output.look.lang.lang, is_utf8)?);
    }
    check_scenario(args)?;
    match (args.only, args.scenario) {
        (Some(scenario), _) | (None, Scenarios::One(scenario)) => play_one(scenario, args),
        (None, Scenarios::All) => all::play(args),
    }
}

/// Refuses what a scenario has nothing for: a number of connections where it makes its own number, and
/// how connections are closed where it makes none.
fn check_scenario(args: &DemoArgs) -> anyhow::Result<()> {
    let Scenarios::One(scenario) = args.scenario else { return Ok(()) };
    let name = scenario.name;
    anyhow::ensure!(
        args.connections.is_none() || name == MANY,
        "--connections is for the scenario `{MANY}`; `{name}` has its own number of connections"
    );
    anyhow::ensure!(
        !args.output.whole || !scenario.expected.is_empty(),
        "--whole draws how a connection is closed: `{name}` makes none"
    );
    Ok(())
}

fn play_one(scenario: &'static Scenario, args: &DemoArgs) -> anyhow::Result<Status> {
    let settings = settings(scenario, args)?;
    let feed = args.screen.tui.then(|| tui::feed(Memory::default(), Feed::new)).transpose()?;
    let distinct = settings.files(files(args, scenario)).check()?;
    let Some((lab, mut live)) = open(scenario)? else { return Ok(Status::NotPermitted) };
    let default = Options::default();
    let connections = args.connections.unwrap_or(default.connections);
    let options = Options { connections, ..default };
    let prepared = match lab.prepare(scenario, options) {
        Err(error @ ScenarioError::Missing { .. }) => {
            status::report(&error);
            return Ok(Status::NotPermitted);
        }
        prepared => prepared?,
    };
    let file = Output::file(&settings, &distinct)?;
    let saved = args.save.as_deref().map(|dir| save_to(dir, scenario)).transpose()?;
    let output = Output::begin(&settings, file)?;
    let dropped = drop_privileges().context("the privileges can't be dropped")?;
    if settings.remarks == Remarks::All {
        status::report(&format_args!("privileges are dropped: {dropped}"));
    }
    let mut out = output.out.clone();
    let style = output.style;
    let has_text = settings.remarks != Remarks::Off
        && settings.layout.shows_attempts_to_people()
        && !style.compact;
    if has_text {
        story::print_story(&mut out, scenario, style)?;
    }
    let pictures = pace::pictures(args.pace, &output)?;
    let frames = Frames::new();
    let meanwhile = match &feed {
        Some(feed) => on_screen(feed, scenario, &output, &frames, &live)?,
        None => announce(scenario, &output, pictures.is_none().then_some(args.all)),
    };
    let Some(report) = play(&mut live, prepared, saved, &frames, meanwhile)? else {
        status::report(&"the scenario was not played to its end: nothing is checked");
        return Ok(Status::Fine);
    };
    if let Some(dir) = &args.save {
        save_handshakes(dir, scenario, &settings)?;
    }
    // A screen has shown all of them.
    let all = args.all || feed.is_some();
    let showing = Showing { scenario, all, pictures, end: End::Complete };
    let found = show(output, &mut frames.lock(), &report, showing)?;
    if scenario.expected.is_empty() {
        explain_emptiness(scenario, &settings);
    }
    if has_text {
        story::print_notice(&mut out, scenario, style)?;
        if style.explain {
            story::print_associations(&mut out, &report, style)?;
        }
    }
    conclude(&mut out, has_text.then_some(style), check(&found, scenario.expected))
}

/// Says why there is no attempt in an output that has nothing else.
fn explain_emptiness(scenario: &Scenario, settings: &Settings) {
    if settings.remarks != Remarks::Off && settings.layout.content != Content::Pictures {
        status::report(&format_args!(
            "`{}` makes no connection, so that there is no attempt: --format timeline, svg, mermaid or \
             markdown draws its datagrams",
            scenario.name
        ));
    }
}

/// How the attempts of a command line are shown.
fn settings(scenario: &Scenario, args: &DemoArgs) -> anyhow::Result<Settings> {
    pace::check(args.pace, &args.output)?;
    let settings = Settings::try_from(&args.output)?;
    settings.layout.check_growing()?;
    if args.screen.tui {
        return Ok(settings.on_screen());
    }
    let is_table = scenario.name == MANY && settings.is_brief && !args.pace.is_given();
    let layout = if is_table { Layout::TABLE } else { settings.layout };
    Ok(Settings { layout, ..settings })
}

/// A lab and a capture in it. Where there is none, reports why and what helps.
fn open(scenario: &Scenario) -> anyhow::Result<Option<(Lab, Live)>> {
    let forbidden = match Lab::enter() {
        Ok(lab) => {
            let live = lab.open_capture()?;
            return Ok(Some((lab, live)));
        }
        Err(forbidden) => forbidden,
    };
    status::report(&format_args!("can't make a network namespace: {forbidden}"));
    match open_on_host(scenario) {
        Ok(opened) => {
            status::report(&"the demo uses this host's loopback interface instead");
            Ok(Some(opened))
        }
        Err(why) => {
            let why = anyhow::Error::from(why);
            status::report(&format_args!(
                "can't use this host's loopback interface instead: {why:#}"
            ));
            status::report(&"`synscope replay FILE` needs no privilege");
            Ok(None)
        }
    }
}

fn open_on_host(scenario: &Scenario) -> Result<(Lab, Live), ScenarioError> {
    let lab = Lab::on_host(scenario)?;
    let live = lab.open_capture()?;
    Ok((lab, live))
}

/// For a long scenario: a picture to watch, where it may be drawn meanwhile (of `all` attempts, or of
/// those that the story is about), or else a remark about its duration.
fn announce(scenario: &'static Scenario, output: &Output, all: Option<bool>) -> Meanwhile {
    if scenario.duration < PATIENCE {
        return Meanwhile::Nothing;
    }
    if let Some(all) = all
        && output.layout.content == Content::Pictures
        && let Some(lines_below) = output.lines_below()
    {
        return Meanwhile::Lines(LiveRedraw::new(lines_below, output, scenario, all));
    }
    status::report(&format_args!(
        "this takes about {} s of real time",
        scenario.duration.as_secs()
    ));
    Meanwhile::Nothing
}

/// A screen to watch, whose end ends the scenario.
fn on_screen(
    feed: &Feed,
    scenario: &'static Scenario,
    output: &Output,
    frames: &Frames,
    live: &Live,
) -> anyhow::Result<Meanwhile> {
    let (stop, theirs) = (live.stop_handle(), feed.clone());
    signals::stop_on_signals(move || theirs.quit())?;
    let screen = OnScreen::start(feed, scenario, output, frames, move || stop.stop())?;
    Ok(Meanwhile::Screen(Box::new(screen)))
}

/// The files of `--save`.
fn files(args: &DemoArgs, scenario: &Scenario) -> Files {
    let saved = args.save.as_deref().into_iter().flat_map(|dir| {
        let [packets, calls] = Recording::files(dir, scenario);
        [packets, calls, saved_attempts(dir, scenario)]
    });
    saved.fold(Files::default(), |files, path| files.writing(&path, "--save"))
}

fn saved_attempts(dir: &Path, scenario: &Scenario) -> PathBuf {
    dir.join(format!("{}.json", scenario.name))
}

fn save_to(dir: &Path, scenario: &Scenario) -> anyhow::Result<Recording> {
    fs::create_dir_all(dir).with_context(|| format!("{}: can't be created", dir.display()))?;
    Ok(Recording::create(dir, scenario)?)
}

/// Writes the handshakes beside the packets, as a replay prints them.
fn save_handshakes(dir: &Path, scenario: &Scenario, settings: &Settings) -> anyhow::Result<()> {
    let [packets, _] = Recording::files(dir, scenario);
    let settings = Settings {
        file: Some(saved_attempts(dir, scenario)),
        layout: Layout::JSON,
        remarks: Remarks::Normal,
        whole: false,
        ..settings.clone()
    };
    let aside = Aside::default();
    replay::show(
        &[Input::Path(packets)],
        Reach::default(),
        &aside,
        &settings,
        Selection::default(),
    )?;
    Ok(())
}

/// Reports whether the attempts ended as expected, in this style if there is text.
fn conclude(
    out: &mut Shared,
    style: Option<Style>,
    result: Result<Option<String>, Vec<String>>,
) -> anyhow::Result<Status> {
    match (result, style) {
        (Ok(attempts), Some(style)) => {
            story::print_verdict(out, attempts.as_deref(), style).context("standard output")?;
            Ok(Status::Fine)
        }
        (Ok(_), None) => Ok(Status::Fine),
        (Err(differences), _) => {
            out.flush().context("standard output")?;
            for difference in differences {
                status::report(&format_args!("not as expected: {difference}"));
            }
            Ok(Status::ExpectationFailed)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn the_close_is_drawn_where_a_connection_is_made() {
        for (scenario, is_drawn) in [("udp", false), ("all", true), ("unreliable", true)] {
            let words = ["synscope", "demo", scenario, "--whole"];
            let Command::Demo(args) = Cli::parse_from(words).command else { panic!("{words:?}") };
            assert_eq!(check_scenario(&args).is_ok(), is_drawn, "{scenario}");
        }
    }

    #[test]
    fn a_number_of_connections_is_taken_where_many_is_played() {
        for (scenario, is_taken) in [(MANY, true), ("all", true), ("late", false)] {
            let words = ["synscope", "demo", scenario, "--connections", "7"];
            let Command::Demo(args) = Cli::parse_from(words).command else { panic!("{words:?}") };
            assert_eq!(check_scenario(&args).is_ok(), is_taken, "{scenario}");
            assert!(check_scenario(&DemoArgs { connections: None, ..args }).is_ok());
        }
    }
}
