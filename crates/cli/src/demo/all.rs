//! All scenarios, one after another.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::Command;

use anyhow::Context as _;
use lab::Scenario;

use crate::args::DemoArgs;
use crate::status::Status;

/// Plays every scenario, each in a process of its own: none can have the namespace of another. The
/// worst status of all is the result.
pub(super) fn play(args: &DemoArgs) -> anyhow::Result<Status> {
    anyhow::ensure!(
        !args.screen.tui,
        "--tui shows one scenario, until you quit: name one in place of `all` (--list has them)"
    );
    anyhow::ensure!(
        args.output.look.output.is_none(),
        "every scenario would overwrite the same file; use --save DIR"
    );
    let program = env::current_exe().context("this program can't be found")?;
    let mut worst = Status::Fine;
    for (index, scenario) in Scenario::all().iter().enumerate() {
        if index > 0 {
            writeln!(io::stdout()).context("standard output")?;
        }
        let status = Command::new(&program)
            .args(with_only(env::args_os().skip(1), scenario.name))
            .status()
            .with_context(|| format!("{} can't be started", program.display()))?;
        match status.code() {
            Some(0) => {}
            Some(1) => worst = Status::ExpectationFailed,
            // The others would fail in the same way; the first one has reported why.
            Some(4) => return Ok(Status::NotPermitted),
            _ => anyhow::bail!("{}: {status}", scenario.name),
        }
    }
    Ok(worst)
}

/// The arguments of this process, with the scenario to play after the subcommand.
fn with_only(words: impl Iterator<Item = OsString>, name: &str) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let behind_command = words.len().min(1);
    words.splice(behind_command..behind_command, ["--only".into(), name.into()]);
    words
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn a_scenario_is_played_with_the_options_of_all() {
        for words in [
            &["demo", "all"][..],
            &["demo", "all", "-q", "--save", "all", "--connections", "7", "--format", "csv"],
            &["demo", "--explain", "--ascii", "-v", "--width", "70", "--", "all"],
        ] {
            let words = words.iter().map(OsString::from);
            let one = with_only(words.clone(), "late");
            let program = || std::iter::once(OsString::from("synscope"));
            let parsed = |words: Vec<OsString>| Cli::parse_from(program().chain(words)).command;
            let (Command::Demo(one), Command::Demo(all)) = (parsed(one), parsed(words.collect()))
            else {
                panic!("both are demos");
            };
            assert_eq!(one.only.map(|scenario| scenario.name), Some("late"));
            let again = DemoArgs { only: None, ..one };
            assert_eq!(format!("{again:?}"), format!("{all:?}"));
        }
    }
}
