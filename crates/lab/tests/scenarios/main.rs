//! Plays every scenario on the real kernel and compares what the programs saw.
//!
//! Each scenario needs a network namespace of its own, and a process enters one while it has one
//! thread: so this binary starts itself again for each of them, all at the same time, for they
//! mostly wait. Run one with `cargo test -p lab --test scenarios -- NAME`.

mod calls;

use std::env;
use std::process::{Child, Command, ExitCode, Stdio};

use lab::{Lab, Options, Report, Scenario};

/// In the environment of a child: the scenario that it plays.
const PLAY: &str = "SYNSCOPE_LAB_TEST_PLAY";

fn main() -> ExitCode {
    match env::var(PLAY) {
        Ok(name) => finish(&name, play(&name)),
        Err(_) => {
            run_all(env::args().skip(1).find(|argument| !argument.starts_with('-')).as_deref())
        }
    }
}

fn run_all(filter: Option<&str>) -> ExitCode {
    let wanted = |name: &&str| filter.is_none_or(|part| name.contains(part));
    let names = Scenario::all().iter().map(|scenario| scenario.name).filter(wanted);
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

fn finish(name: &str, result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn play(name: &str) -> Result<(), String> {
    let scenario = Scenario::find(name).ok_or("no such scenario")?;
    let lab = Lab::enter().map_err(|error| error.to_string())?;
    let options = Options { connections: 3, ..Options::default() };
    let running = lab.run(scenario, options).map_err(|error| error.to_string())?;
    let report = running.join().map_err(|error| error.to_string())?;
    compare("calls", &calls::of(&report), calls::expected(name)?)?;
    in_time(scenario, &report)
}

/// Compares line by line, so that a failure shows where the two part.
fn compare(what: &str, found: &str, expected: &str) -> Result<(), String> {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let (found_lines, expected_lines) = (lines(found.trim()), lines(expected.trim()));
    if found_lines == expected_lines {
        return Ok(());
    }
    let (found, expected) = (found_lines.join("\n"), expected_lines.join("\n"));
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
