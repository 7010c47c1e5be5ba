//! `synscope live`: the handshakes on the interfaces of this host, as they happen.

use std::io::{self, Seek as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use capture::file::{self, Input, Recorder, RecordingFile, Replay, Rotation};
use capture::live::{
    Backend, Live, LiveConfig, LiveError, LiveStats, drop_privileges, interfaces,
    tcpdump_expression,
};
use handshake::End;
use parser::{Ports, Subnet};
use render::Style;
use screen::{CopyPackets, Doing, Feed};

use crate::args::{LiveArgs, LiveBackend, ReportFormat};
use crate::expectations::Expectations;
use crate::files::{Distinct, Files, leave_to_write};
#[cfg(target_os = "linux")]
use crate::health::Health;
use crate::layout::Audience;
use crate::memory::Memory;
use crate::metrics::Metrics;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline};
use crate::presenter::{Beside, Checking, PresentWatched, Presenter, ShowWhen};
use crate::remarks::Remarks;
use crate::sandbox::Sandbox;
use crate::selection::Selection;
use crate::settings::Settings;
use crate::status::{self, Status};
use crate::tui::{self, Scene};
use crate::watch::{Bounds, announce, watch};
use crate::{privileges, signals};

/// How often the program checks interfaces, limits and waiting attempts.
const IDLE: Duration = Duration::from_millis(100);

/// What was captured is in the recording after this time, unless more comes than can be written.
const WRITTEN: Duration = Duration::from_secs(2);

/// Captures and shows until a signal, the time or the number of handshakes ends it.
///
/// The order is a contract: every socket is open before the privileges are dropped and all but the files of
/// this run is closed, and before that there is no other thread and no packet is looked at.
pub(crate) fn run(args: &LiveArgs) -> anyhow::Result<Status> {
    let settings = settings(args)?;
    let selection = Selection::try_from(&args.shown)?;
    let memory = memory(args, &settings, &selection);
    let feed = args.screen.tui.then(|| tui::feed(args.memory, Feed::of_live)).transpose()?;
    let Some(mut expectations) = expectations(args)? else { return Ok(Status::Misused) };
    let config = config(args);
    let files = settings.files(files(args));
    let distinct = expectations.files(files).check()?;
    let Some(live) = open(&config)? else { return Ok(Status::NotPermitted) };
    let output = Output::file(&settings, &distinct)?;
    let recording = args.write.as_deref();
    let recording = recording.map(|path| recording_at(path, args, &distinct)).transpose()?;
    let dropped = drop_privileges().context("the privileges can't be dropped")?;
    let confined = sandbox(args).begin()?;
    // Whoever is told that it has begun may send a signal, or make connections.
    stop_on_signals(&live, feed.clone())?;
    #[cfg(target_os = "linux")]
    let before = Health::now();
    if settings.remarks == Remarks::All {
        status::report(&format_args!("privileges are dropped: {dropped}"));
    }
    confined.tell(settings.remarks);
    let metrics =
        args.metrics.map(|address| open_metrics(address, settings.remarks)).transpose()?;
    // Only now: a capture that does not begin leaves former files as they were.
    let output = Output::begin(&settings, output)?;
    let recorder = recording.map(|file| file.begin(of_recording(&config))).transpose()?;
    let remarks = settings.remarks;
    let capturing = Capturing {
        live,
        args,
        expectations: &mut expectations,
        metrics,
        memory,
        recorder,
        remarks,
    };
    let captured = match &feed {
        Some(feed) => capturing.on_screen(feed, &config, output.clone(), selection),
        None => capturing.listen(&config, &output, selection),
    };
    if expectations.is_empty() {
        captured?;
    } else {
        // A closed pipe is no failure of a capture, but one of what was to be checked.
        captured.map_err(|error| anyhow::anyhow!("{error:#}; no expectation was checked"))?;
    }
    #[cfg(target_os = "linux")]
    if settings.remarks != Remarks::Off {
        before.report_changes(&args.shown.select.port);
    }
    if !expectations.is_empty() {
        tell(&expectations, output, &distinct)?;
    }
    Ok(expectations.status())
}

/// What is expected. `None` where that can't be understood, which was reported.
fn expectations(args: &LiveArgs) -> anyhow::Result<Option<Expectations>> {
    if args.expect.is_given() {
        Expectations::read(&args.expect)
    } else {
        Ok(Some(Expectations::default()))
    }
}

/// Opens the sockets. `None` where that takes a privilege, which was explained.
fn open(config: &LiveConfig) -> anyhow::Result<Option<Live>> {
    match Live::open(config) {
        Err(LiveError::NotPermitted { interface, facts }) => {
            privileges::explain(&interface, &facts);
            Ok(None)
        }
        opened => Ok(Some(opened?)),
    }
}

/// A capture whose packets enter.
struct Capturing<'a> {
    live: Live,
    args: &'a LiveArgs,
    expectations: &'a mut Expectations,
    metrics: Option<Metrics>,
    memory: Memory,
    recorder: Option<Recorder>,
    remarks: Remarks,
}

impl Capturing<'_> {
    /// Says what is captured, and shows it below: on a thread of its own where that helps, so that
    /// fewer packets wait in the kernel.
    fn listen(
        self,
        config: &LiveConfig,
        output: &Output,
        selection: Selection,
    ) -> anyhow::Result<()> {
        if output.remarks != Remarks::Off {
            let what = format!("listening on {}, 0 attempts so far", place(config));
            announce(&what, output).context("standard output")?;
        }
        let (most, show_when) = (self.args.bounds.most_shown(), ShowWhen::AsDecided);
        match Beside::start(output, &selection, show_when, most) {
            Some(presenter) => self.show(presenter, None),
            None => {
                let presenter = Presenter::new(output.clone(), selection, show_when);
                self.show(presenter.at_most(most), None)
            }
        }
    }

    /// Shows it on a screen, whose end stops the capture.
    fn on_screen(
        self,
        feed: &Feed,
        config: &LiveConfig,
        output: Output,
        selection: Selection,
    ) -> anyhow::Result<()> {
        let stop = self.live.stop_handle();
        let on_quit = move || stop.stop();
        let scene = Scene {
            feed,
            title: place(config),
            doing: Doing::Capturing,
            copy: copying(feed, self.args),
            memory: self.args.memory,
        };
        let screen = scene.start(selection.styled(output.style), on_quit)?;
        let presenter = Presenter::on_screen(screen, output, selection, ShowWhen::AsDecided);
        let most = self.args.bounds.most_shown();
        self.show(presenter.at_most(most), Some(feed))
    }

    /// Shows what comes until something ends the capture, then the totals, and what helps where the
    /// kernel dropped packets.
    fn show<P: PresentWatched>(self, presenter: P, feed: Option<&Feed>) -> anyhow::Result<()> {
        let Self { mut live, args, expectations, metrics, memory, recorder, remarks } = self;
        let stop = live.stop_handle();
        let checking = Checking { expectations, metrics, presenter };
        let mut pipeline = Pipeline::recording(checking, memory, recorder);
        let (bounds, end) = (Bounds::from(&args.bounds), |_: &mut Live, _| stop.stop());
        let look = |live: &mut Live, pipeline: &mut _| check_interfaces(live, pipeline, feed);
        watch(&mut live, &mut pipeline, &bounds, look, end)?;
        let LiveStats { received, dropped } = live.stats();
        let ending = Ending { received: Some(received), lost: dropped, ..Ending::default() };
        pipeline.finish(End::Interrupted, &ending)?;
        if remarks != Remarks::Off && dropped.is_some_and(|dropped| dropped > 0) {
            status::report(&format_args!(
                "the kernel dropped packets, since more came than synscope could take: select some \
                 with --port or --host, or let more of them wait: `--memory 1GB`"
            ));
        }
        Ok(())
    }
}

/// What is shown: on a screen, beside metrics, or as it was asked for.
fn settings(args: &LiveArgs) -> anyhow::Result<Settings> {
    let settings = Settings::try_from(&args.output)?;
    settings.layout.check_growing()?;
    Ok(match (args.screen.tui, args.metrics) {
        (true, _) => settings.on_screen(),
        (false, Some(_)) => settings.beside_metrics(),
        (false, None) => settings,
    })
}

/// Answers whoever asks for metrics, from now on, and says where.
fn open_metrics(address: SocketAddr, remarks: Remarks) -> anyhow::Result<Metrics> {
    let (metrics, address) = Metrics::open(address)?;
    if remarks != Remarks::Off {
        status::report(&format_args!("the metrics are at http://{address}/metrics"));
    }
    Ok(metrics)
}

/// Lets signals stop the capture, and end its screen.
fn stop_on_signals(live: &Live, feed: Option<Feed>) -> anyhow::Result<()> {
    let stop = live.stop_handle();
    signals::stop_on_signals(move || {
        stop.stop();
        feed.inspect(Feed::quit);
    })
}

/// Copies packets out of the recording, as far as it is written.
fn copying(feed: &Feed, args: &LiveArgs) -> Arc<CopyPackets> {
    let Some(path) = &args.write else {
        return tui::copy_none("only --write keeps them");
    };
    if args.rotate.is_some() {
        return tui::copy_none("--rotate spreads them");
    }
    let recording = [Input::Path(path.clone())];
    let open = move || Ok(Replay::open(&recording));
    let (copy, feed) = (tui::copy_from(feed, open), feed.clone());
    Arc::new(move |record, file| {
        let end = Instant::now() + WRITTEN;
        loop {
            let again = file.try_clone().and_then(|mut file| {
                file.set_len(0)?;
                file.rewind().map(|()| file)
            });
            match copy(record, again.map_err(|error| error.to_string())?) {
                Err(_) if Instant::now() < end && !feed.is_over() => thread::sleep(IDLE),
                copied => return copied,
            }
        }
    })
}

/// The memory of the tracker, beside that of statistics and of a screen.
fn memory(args: &LiveArgs, settings: &Settings, selection: &Selection) -> Memory {
    let memory = match args.backend {
        LiveBackend::Ring => args.memory.beside_rings(),
        LiveBackend::Pnet => args.memory,
    };
    let memory = settings.beside_output(memory, selection);
    let memory = if args.metrics.is_some() { memory.beside_metrics() } else { memory };
    if args.screen.tui { memory.beside(args.memory.for_screen()) } else { memory }
}

/// Tells whether expectations are met: below the output where that is for people, else on standard error.
fn tell(expectations: &Expectations, output: Output, distinct: &Distinct) -> anyhow::Result<()> {
    let Output { mut out, style, layout, remarks, .. } = output;
    match layout.audience {
        Audience::People => {
            expectations.tell(&mut out, style, remarks, ReportFormat::Text, distinct)
        }
        Audience::Programs => {
            let style = Style { color: false, ..style };
            expectations.tell(&mut io::stderr(), style, remarks, ReportFormat::Text, distinct)
        }
    }
}

/// The files of a recording.
fn files(args: &LiveArgs) -> Files {
    const OPTION: &str = "--write";
    let files = Files::default();
    match (&args.write, args.rotate) {
        (None, _) => files,
        (Some(path), None) => files.writing(path, OPTION),
        (Some(path), Some(_)) => files.writing_ring(path, OPTION),
    }
}

/// What is left to a capture whose output and whose recording are open.
fn sandbox(args: &LiveArgs) -> Sandbox {
    let mut sandbox = Sandbox::default();
    if let Some(address) = args.metrics {
        sandbox = sandbox.listening(address.port());
    }
    if let Some(report) = &args.expect.junit {
        sandbox = leave_to_write(sandbox, report);
    }
    match (&args.write, args.rotate) {
        (Some(ring), Some(_)) => sandbox = leave_to_write(sandbox, ring),
        (Some(recording), None) => sandbox = sandbox.reading(recording),
        (None, _) => {}
    }
    if args.screen.tui { tui::saving(sandbox) } else { sandbox }
}

fn recording_at(
    path: &Path,
    args: &LiveArgs,
    distinct: &Distinct,
) -> anyhow::Result<RecordingFile> {
    distinct.still_differs(path)?;
    let rotation = args.rotate.map(|size| Rotation { size, keep: args.keep.get() });
    Ok(RecordingFile::open(path, rotation)?)
}

/// What a recording says of itself.
fn of_recording(config: &LiveConfig) -> file::Settings {
    let filter = Some(tcpdump_expression(config));
    file::Settings { snaplen: config.snaplen, filter, ..file::Settings::default() }
}

fn config(args: &LiveArgs) -> LiveConfig {
    let interfaces = if args.interface.is_empty() { loopback() } else { args.interface.clone() };
    LiveConfig {
        ring_bytes: args.memory.for_rings() / interfaces.len(),
        backend: match args.backend {
            LiveBackend::Ring => Backend::Ring,
            LiveBackend::Pnet => Backend::Pnet,
        },
        ports: args.shown.select.port.clone(),
        hosts: args.shown.select.host.clone(),
        promiscuous: args.promiscuous,
        tunnels: args.tunnels,
        idle: IDLE,
        ..LiveConfig::on(interfaces)
    }
}

/// `lo, tcp port 443`.
fn place(config: &LiveConfig) -> String {
    let any_of = |before: &str, names: Vec<String>| match names.len() {
        0 => String::new(),
        _ => format!("{before}{}", names.join(" or ")),
    };
    let ports = any_of(" port ", config.ports.iter().map(Ports::to_string).collect());
    let hosts = any_of(", host ", config.hosts.iter().map(Subnet::to_string).collect());
    let interfaces = config.interfaces.join(" and ");
    format!("{interfaces}, tcp{ports}{hosts}")
}

/// The loopback interface by its name, which is `lo` nearly everywhere.
fn loopback() -> Vec<String> {
    let found = interfaces().into_iter().find(|interface| interface.loopback);
    vec![found.map_or_else(|| "lo".to_owned(), |interface| interface.name)]
}

/// Reports what happened to the interfaces, notes whether the kernel dropped packets, and answers whoever
/// asks for metrics.
fn check_interfaces<P: PresentWatched>(
    live: &mut Live,
    pipeline: &mut Pipeline<Checking<'_, P>>,
    feed: Option<&Feed>,
) -> anyhow::Result<()> {
    for notice in live.take_notices() {
        pipeline.report(&notice)?;
    }
    let dropped = live.stats().dropped;
    if let (Some(feed), Some(dropped)) = (feed, dropped) {
        feed.tell_dropped(dropped);
    }
    if dropped.is_some_and(|dropped| dropped > 0) {
        pipeline.capture_lost_packets();
    }
    pipeline.answer(dropped);
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn several_interfaces_share_the_memory_of_rings() {
        let each = |words: &str| {
            let command = Cli::try_parse_from(words.split(' ')).unwrap().command;
            let Command::Live(args) = command else { panic!("{words}") };
            config(&args).ring_bytes
        };
        assert_eq!(each("synscope live -i a"), LiveConfig::RING_BYTES);
        assert_eq!(each("synscope live -i a -i b"), LiveConfig::RING_BYTES / 2);
        assert_eq!(each("synscope live -i a -i b --memory 1GB"), 62_500_000);
    }
}
