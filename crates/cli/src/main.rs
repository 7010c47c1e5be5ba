//! The command line of synscope: the only place that knows arguments, terminal, environment and exit
//! codes.

#![forbid(unsafe_code)]

mod ahead;
mod args;
mod aside;
mod assert;
mod attempt_id;
mod brief;
mod catalogue;
mod directory;
mod expectations;
mod extract;
mod faults;
mod files;
mod held;
mod help;
mod host_names;
mod in_place;
mod interfaces;
mod junit;
mod layout;
mod locale;
mod manual;
mod memory;
mod moment;
mod output;
#[cfg(feature = "parquet")]
mod partitions;
mod pipeline;
mod presenter;
mod progress;
mod reach;
mod remarks;
mod replacement;
mod replay;
mod sandbox;
mod selection;
mod services;
mod settings;
mod shared;
mod sorted;
mod status;
mod tips;
mod tui;
mod units;
mod zone;

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod demo;
#[cfg(unix)]
mod follow;
#[cfg(target_os = "linux")]
mod health;
#[cfg(unix)]
mod live;
#[cfg(unix)]
mod metrics;
#[cfg(unix)]
mod pace;
#[cfg(unix)]
mod privileges;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod watch;

// A fuzz target that needs these modules.
#[cfg(test)]
#[path = "../../../tests/fuzz/src/selection.rs"]
mod fuzz;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Command};
use status::Status;

fn main() -> ExitCode {
    capture::give_back_large_blocks();
    match Cli::try_parse() {
        Ok(cli) => status::exit_code(run(cli.command)),
        Err(error) => status::answer(&tips::with_tip(error)),
    }
}

fn run(command: Command) -> anyhow::Result<Status> {
    match command {
        #[cfg(unix)]
        Command::Replay(args) if args.follow => follow::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Assert(args) => assert::run(&args),
        Command::Stats(args) => replay::stats(&args),
        Command::Report(args) => replay::report(&args),
        #[cfg(unix)]
        Command::Live(args) => live::run(&args),
        #[cfg(target_os = "linux")]
        Command::Demo(args) => demo::run(&args),
        Command::Patterns(args) => catalogue::run(&args),
        Command::Interfaces => interfaces::run(),
        Command::Schema => manual::schema(),
        Command::Completions { shell } => manual::completions(&mut Cli::command(), shell),
        Command::Man { dir } => manual::man(Cli::command(), dir.as_deref()),
    }
}
