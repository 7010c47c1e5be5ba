//! The command line of synscope: the only place that knows arguments, terminal, environment and exit
//! codes.

#![forbid(unsafe_code)]

mod args;
mod help;
mod in_place;
mod interfaces;
mod manual;
mod output;
mod pipeline;
mod presenter;
mod progress;
mod replay;
mod selection;
mod status;
mod units;

#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
mod health;
#[cfg(unix)]
mod live;
#[cfg(unix)]
mod privileges;
#[cfg(unix)]
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match args::Cli::try_parse() {
        Ok(cli) => status::exit_code(cli.run()),
        Err(error) => status::misuse(&error),
    }
}
