//! Plays every scenario on the real kernel and compares what the programs saw.
//!
//! Each scenario needs a network namespace of its own, and a process enters one while it has one
//! thread: so this binary starts itself again for each of them, all at the same time, for they
//! mostly wait. Run one with `cargo test -p synscope-lab --test scenarios -- NAME`.

mod calls;
mod checks;
mod segments;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use capture::live::drop_privileges;
use lab::{Lab, NamespaceError, Options, Report, Scenario};
use segments::Trace;
use testkit::{Case, Suite};

fn main() -> ExitCode {
    let scenarios = Scenario::all().iter();
    let scenarios = scenarios.map(|scenario| case(scenario.name, move || play(scenario)));
    let cases: Vec<Case> =
        scenarios.chain(checks::ALL.map(|(name, check)| case(name, check))).collect();
    let suite = Suite {
        at_once: cases.len(),
        cases,
        limit: Duration::from_secs(120),
        name: "scenarios",
        shared: env!("CARGO_TARGET_TMPDIR"),
        is_forbidden: |error| error.downcast_ref().is_some_and(NamespaceError::is_forbidden),
    };
    suite.main()
}

fn case(name: &str, run: impl Fn() -> Result<(), Box<dyn Error>> + Sync + 'static) -> Case {
    Case { name: name.to_owned(), run: Box::new(run) }
}

fn play(scenario: &'static Scenario) -> Result<(), Box<dyn Error>> {
    let name = scenario.name;
    let lab = Lab::enter()?;
    let options = Options { connections: 3, ..Options::default() };
    let mut live = lab.open_capture()?;
    let prepared = lab.prepare(scenario, options)?;
    drop_privileges()?;
    let mut trace = Trace::default();
    let report = prepared.start().watch(&mut live, &mut |moment| trace.add(&moment))?;
    report.datagrams.iter().for_each(|datagram| trace.add_datagram(datagram));
    compare("calls", &calls::of(&report), calls::section(name, include_str!("calls.txt"))?)?;
    compare("segments", &trace.text, calls::section(name, include_str!("segments.txt"))?)?;
    trace.check_order()?;
    Ok(in_time(scenario, &report)?)
}

/// Compares line by line, so that a failure shows where the two part. An `or` between lines of what
/// is expected allows either.
fn compare(what: &str, found: &str, expected: &str) -> Result<(), String> {
    let lines = |text: &str| -> Vec<String> {
        text.trim().lines().map(|line| line.trim().to_owned()).collect()
    };
    let found = lines(found);
    if expected.split("\nor\n").any(|expected| lines(expected) == found) {
        return Ok(());
    }
    let found = found.join("\n");
    Err(format!("{what} differ\n--- found\n{found}\n--- expected\n{expected}"))
}

/// Calls are in order and lie within the run, each from entry to return.
fn in_time(scenario: &Scenario, report: &Report) -> Result<(), String> {
    let mut last = report.started;
    for call in &report.calls {
        let returned = call.returned.as_ref().ok_or(format!("{call}: never returned"))?;
        let inside = last <= call.entered && call.entered <= returned.at;
        if !inside || returned.at > report.ended {
            return Err(format!("{}: {call} at {}: out of order", scenario.name, call.entered));
        }
        last = call.entered;
    }
    Ok(())
}
