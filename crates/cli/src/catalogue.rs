//! `synscope patterns`: the constant facts about each pattern, with a picture of one.

use capture::file::{Input, Replay};
use handshake::{End, PatternDescription, PatternName};
use render::Language;
use serde_json::{Value, json};

use crate::args::{PatternsArgs, ReportFormat};
use crate::files::Files;
use crate::locale;
use crate::manual;
use crate::memory::Memory;
use crate::output::Output;
use crate::pipeline::{Ending, Pipeline, Step};
use crate::presenter::{Presenter, ShowWhen};
use crate::selection::Selection;
use crate::settings::Settings;
use crate::status::Status;

/// Declares a bundled capture for each pattern: its name, and its content.
macro_rules! examples {
    ($($pattern:ident: $file:literal,)*) => {
        const fn example(pattern: PatternName) -> (&'static str, &'static [u8]) {
            match pattern {
                $(PatternName::$pattern => (
                    concat!("captures/", $file),
                    include_bytes!(concat!("../../../captures/", $file)),
                ),)*
            }
        }
    };
}

examples! {
    ThreeWay: "textbook.pcapng",
    AckWithData: "fast-open.pcapng",
    LateEstablish: "late.pcapng",
    SynTimeout: "timeout-full.pcapng",
    ListenerStalled: "stalled-listener.pcapng",
    ClosedPort: "refused.pcapng",
    RstIgnored: "injected-reset.pcapng",
    RefusedAfterStall: "refused-late.pcapng",
    IcmpUnreachable: "unreachable.pcapng",
    IcmpTtlExceeded: "ttl-exceeded.pcapng",
    SynScan: "syn-scan.pcapng",
    SynProbe: "balancer-probe.pcapng",
    Embryonic: "embryonic.pcapng",
    SynFlood: "syn-flood.pcapng",
    AcceptQueueOverflow: "overflow.pcapng",
    AbortOnOverflow: "abort.pcapng",
    HalfOpenRecovery: "half-open.pcapng",
    OldDuplicateSyn: "old-syn.pcapng",
    ChallengeAck: "challenge.pcapng",
    SimultaneousOpen: "simultaneous.pcapng",
    SplitHandshake: "split.pcapng",
    SelfConnect: "self-connect.pcapng",
    SynAckMismatch: "two-servers.pcapng",
    NatSuspected: "nat-one-way.pcapng",
    FastOpenCookieRequest: "fast-open.pcapng",
    FastOpenAccepted: "fast-open.pcapng",
    FastOpenIgnored: "fast-open-ignored.pcapng",
    FastOpenFallback: "fast-open-fallback.pcapng",
    EcnSetup: "ecn.pcapng",
    EcnFallback: "ecn-fallback.pcapng",
    AccEcn: "accecn.pcapng",
    MptcpCapable: "mptcp.pcapng",
    MptcpJoin: "mptcp-join.pcapng",
    MptcpFallback: "mptcp-fallback.pcapng",
    TcpMd5: "md5.pcapng",
    TcpAo: "tcp-ao.pcapng",
    OptionRefused: "option-refused.pcapng",
    PortReuse: "reuse.pcapng",
    TimeWaitHit: "time-wait.pcapng",
    Backscatter: "backscatter.pcapng",
    DuplicateCapture: "duplicate.pcapng",
}

/// Prints one pattern, or the list of all.
pub(crate) fn run(args: &PatternsArgs) -> anyhow::Result<Status> {
    let language = locale::language(args.lang.lang, locale::is_utf8())?;
    match (args.name, args.format) {
        (None, ReportFormat::Text) => manual::print(list(language).as_bytes()),
        (None, ReportFormat::Json) => {
            let all: Vec<Value> = PatternName::ALL.iter().copied().map(facts).collect();
            manual::print(format!("{:#}\n", Value::from(all)).as_bytes())
        }
        (Some(name), ReportFormat::Json) => {
            manual::print(format!("{:#}\n", facts(name)).as_bytes())
        }
        (Some(name), ReportFormat::Text) => {
            manual::print(heading(name, language).as_bytes())?;
            draw(name, language)
        }
    }
}

/// What stands above the picture.
fn heading(pattern: PatternName, language: Language) -> String {
    let PatternDescription { summary, source, .. } = pattern.describe();
    let (name, (file, _)) = (pattern.name(), example(pattern));
    let summary = language.say(summary);
    let source = language.say_with("source   {source}", &[("source", &source)]);
    let example = language.say_with("example  {file}", &[("file", &file)]);
    format!("{name}\n  {summary}\n  {source}\n  {example}\n\n")
}

/// A line for each pattern.
fn list(language: Language) -> String {
    let widths = PatternName::ALL.iter().map(|pattern| pattern.name().len());
    let width = widths.max().unwrap_or_default();
    let line = |pattern: &PatternName| {
        let (name, PatternDescription { summary, .. }) = (pattern.name(), pattern.describe());
        format!("{name:<width$}  {}\n", language.say(summary))
    };
    PatternName::ALL.iter().map(line).collect()
}

fn facts(pattern: PatternName) -> Value {
    let PatternDescription { summary, source, differs_from, check_next } = pattern.describe();
    json!({
        "name": pattern.name(),
        "summary": summary,
        "source": source,
        "differs_from": differs_from,
        "check_next": check_next,
        "example": example(pattern).0,
    })
}

/// Draws the first attempt of the example that shows the pattern.
fn draw(pattern: PatternName, language: Language) -> anyhow::Result<Status> {
    let (name, bytes) = example(pattern);
    let mut replay = Replay::open(&[Input::Memory(name, bytes)]);
    let selection = Selection { patterns: vec![pattern], limit: Some(1), ..Selection::default() };
    let settings = Settings::pictures(language);
    let distinct = Files::default().output(None).check()?;
    let output = Output::open(&settings, &distinct)?;
    let presenter = Presenter::new(output, selection, ShowWhen::InOrder);
    let mut pipeline = Pipeline::new(presenter, Memory::default());
    while pipeline.step(&mut replay)? != Step::End {}
    pipeline.finish(End::Complete, &Ending::default())?;
    Ok(Status::Fine)
}
