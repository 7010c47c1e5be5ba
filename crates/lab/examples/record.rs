//! Records scenarios as captures, one after the other, each in a namespace of its own:
//! `cargo run -p synscope-lab --example record -- DIRECTORY` for all with a handshake in them, or with the
//! names of some after it.

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::Command;

use lab::{Lab, Options, Scenario};

/// Of `many`: enough to fill a table, few enough to read it.
const CONNECTIONS: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let directory = args.next().ok_or("name a directory to record into")?;
    let names: Vec<String> = args.collect();
    match &names[..] {
        [name] => record(Path::new(&directory), name),
        [] => {
            let all = Scenario::all().iter().filter(|scenario| !scenario.expected.is_empty());
            record_each(&directory, all.map(|scenario| scenario.name))
        }
        names => record_each(&directory, names.iter().map(String::as_str)),
    }
}

fn record(directory: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let scenario = Scenario::find(name).ok_or("no such scenario")?;
    std::fs::create_dir_all(directory)?;
    let options = Options { connections: CONNECTIONS, ..Options::default() };
    let report = Lab::enter()?.record(scenario, options, directory)?;
    println!("{name}: {} calls", report.calls.len());
    Ok(())
}

/// A process enters a namespace for good, so that each scenario takes a process of its own.
fn record_each<'a>(
    directory: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), Box<dyn Error>> {
    let program = env::current_exe()?;
    for name in names {
        if !Command::new(&program).args([directory, name]).status()?.success() {
            return Err(format!("{name} could not be recorded").into());
        }
    }
    Ok(())
}
