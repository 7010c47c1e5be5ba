//! `synscope live`: the handshakes on the interfaces of this host, as they happen.

use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use capture::file::{self, Recorder, Rotation};
use capture::live::{
    Backend, Live, LiveConfig, LiveError, LiveStats, drop_privileges, interfaces,
    tcpdump_expression,
};
use handshake::End;
use parser::{Ports, Subnet};
use render::Style;

use crate::args::{LiveArgs, LiveBackend, ReportFormat};
use crate::expectations::Expectations;
use crate::files::{Distinct, Files};
#[cfg(target_os = "linux")]
use crate::health::Health;
use crate::layout::Audience;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline};
use crate::presenter::{Checking, Presenter, ShowWhen};
use crate::remarks::Remarks;
use crate::selection::Selection;
use crate::settings::Settings;
use crate::status::{self, Status};
use crate::watch::{Bounds, announce, watch};
use crate::{privileges, signals};

/// How often the program checks interfaces, limits and waiting attempts.
const IDLE: Duration = Duration::from_millis(100);

/// Captures and shows until a signal, the time or the number of handshakes ends it.
///
/// The order is a contract: every socket is open before the privileges are dropped, and before that
/// there is no other thread and no packet is looked at.
pub(crate) fn run(args: &LiveArgs) -> anyhow::Result<Status> {
    let settings = Settings::try_from(&args.output)?;
    let selection = Selection::try_from(&args.shown)?;
    let memory = settings.beside_answers(args.memory, &selection);
    let mut expectations = Expectations::default();
    if args.expect.is_given() {
        let Some(read) = Expectations::read(&args.expect)? else { return Ok(Status::Misused) };
        expectations = read;
    }
    let config = config(args);
    let files = files(args).output(settings.file.as_deref());
    let distinct = expectations.files(files).check()?;
    let mut live = match Live::open(&config) {
        Err(LiveError::NotPermitted { interface, facts }) => {
            privileges::explain(&interface, &facts);
            return Ok(Status::NotPermitted);
        }
        opened => opened?,
    };
    let recorder = args.write.as_deref().map(|path| recorder(path, args, &config)).transpose()?;
    let output = Output::open(&settings, &distinct)?;
    let dropped = drop_privileges().context("the privileges can't be dropped")?;
    #[cfg(target_os = "linux")]
    let before = Health::now();
    let (stop, stop_at_bounds) = (live.stop_handle(), live.stop_handle());
    signals::stop_on_signals(move || stop.stop())?;
    if settings.remarks == Remarks::All {
        status::report(&format_args!("privileges are dropped: {dropped}"));
    }
    if settings.remarks != Remarks::Off {
        announce(&listening(&config), &output).context("standard output")?;
    }
    let presenter = Presenter::new(output.clone(), selection, ShowWhen::AsDecided)
        .at_most(args.bounds.most_shown());
    let checking = Checking { expectations: &mut expectations, presenter };
    let mut pipeline = Pipeline::recording(checking, memory, recorder);
    let (bounds, end) = (Bounds::from(&args.bounds), |_: &mut Live, _| stop_at_bounds.stop());
    let watched = watch(&mut live, &mut pipeline, &bounds, check_interfaces, end);
    let captured = watched.and_then(|()| {
        let LiveStats { received, dropped } = live.stats();
        let ending = Ending { damage: &[], received: Some(received), lost: dropped };
        pipeline.finish(End::Interrupted, &ending)
    });
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

fn recorder(path: &Path, args: &LiveArgs, config: &LiveConfig) -> anyhow::Result<Recorder> {
    let rotation = args.rotate.map(|size| Rotation { size, keep: args.keep.get() });
    let filter = Some(tcpdump_expression(config));
    let settings = file::Settings { snaplen: config.snaplen, filter, ..file::Settings::default() };
    Ok(Recorder::create(path, rotation, settings)?)
}

fn config(args: &LiveArgs) -> LiveConfig {
    let interfaces = if args.interface.is_empty() { loopback() } else { args.interface.clone() };
    LiveConfig {
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

/// `listening on lo, tcp port 443, 0 handshakes so far`.
fn listening(config: &LiveConfig) -> String {
    let any_of = |before: &str, names: Vec<String>| match names.len() {
        0 => String::new(),
        _ => format!("{before}{}", names.join(" or ")),
    };
    let ports = any_of(" port ", config.ports.iter().map(Ports::to_string).collect());
    let hosts = any_of(", host ", config.hosts.iter().map(Subnet::to_string).collect());
    let interfaces = config.interfaces.join(" and ");
    format!("listening on {interfaces}, tcp{ports}{hosts}, 0 attempts so far")
}

/// The loopback interface by its name, which is `lo` nearly everywhere.
fn loopback() -> Vec<String> {
    let found = interfaces().into_iter().find(|interface| interface.loopback);
    vec![found.map_or_else(|| "lo".to_owned(), |interface| interface.name)]
}

/// Reports what happened to the interfaces, and notes whether the kernel dropped packets.
fn check_interfaces(live: &mut Live, pipeline: &mut Pipeline<Checking<'_>>) -> anyhow::Result<()> {
    for notice in live.take_notices() {
        pipeline.report(&notice)?;
    }
    if live.stats().dropped.is_some_and(|dropped| dropped > 0) {
        pipeline.capture_lost_packets();
    }
    Ok(())
}
