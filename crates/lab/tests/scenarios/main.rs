//! Plays every scenario on the real kernel and compares what the programs saw.
//!
//! Each scenario needs a network namespace of its own, and a process enters one while it has one
//! thread: so this binary starts itself again for each of them, all at the same time, for they
//! mostly wait. Run one with `cargo test -p lab --test scenarios -- NAME`.

mod calls;
mod checks;
mod segments;

use std::env;
use std::error::Error;
use std::process::{Child, Command, ExitCode, Stdio};

use capture::live::drop_privileges;
use lab::{Lab, Options, Report, Scenario};
use segments::Trace;

/// In the environment of a child: the scenario that it plays.
const PLAY: &str = "SYNSCOPE_LAB_TEST_PLAY";

fn main() -> ExitCode {
    match env::var(PLAY) {
        Ok(name) => finish(&name, play_or_check(&name)),
        Err(_) => {
            run_all(env::args().skip(1).find(|argument| !argument.starts_with('-')).as_deref())
        }
    }
}

fn run_all(filter: Option<&str>) -> ExitCode {
    let wanted = |name: &&str| filter.is_none_or(|part| name.contains(part));
    let scenarios = Scenario::all().iter().map(|scenario| scenario.name);
    let names = scenarios.chain(checks::ALL.map(|(name, _)| name)).filter(wanted);
    let children: Vec<(&str, Child)> = names.map(|name| (name, start(name))).collect();
    let (mut passed, mut failed) = (0, 0);
    for (name, child) in children {
        let output = child.wait_with_output().expect("a child that was started can be waited for");
        if output.status.success() {
            passed += 1;
            println!("test {name} ... ok");
        } else {
            failed += 1;
            println!("test {name} ... FAILED ({})", output.status);
            println!("{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn start(name: &str) -> Child {
    let program = env::current_exe().expect("the path of this test");
    Command::new(program)
        .env(PLAY, name)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test can start itself")
}

fn finish(name: &str, result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn play_or_check(name: &str) -> Result<(), Box<dyn Error>> {
    match checks::ALL.iter().find(|(known, _)| *known == name) {
        Some((_, check)) => check(),
        None => play(name),
    }
}

fn play(name: &str) -> Result<(), Box<dyn Error>> {
    let scenario = Scenario::find(name).ok_or("no such scenario")?;
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
