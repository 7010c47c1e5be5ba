//! Every story, one after another.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::Command;

use anyhow::Context as _;
use clap::ValueEnum;
use lab::Scenario;

use crate::args::DemoArgs;
use crate::status::Status;

/// Plays every scenario, each in a process of its own: none can have the namespace of another. It
/// goes on to the end, and the worst end is the end of all.
pub(super) fn play(args: &DemoArgs) -> anyhow::Result<Status> {
    anyhow::ensure!(
        args.output.output.is_none(),
        "each scenario would replace the output of the one before; use --save DIR"
    );
    let program = env::current_exe().context("this program can't be found")?;
    let mut worst = Status::Fine;
    for (index, scenario) in Scenario::all().iter().enumerate() {
        if index > 0 {
            writeln!(io::stdout()).context("standard output")?;
        }
        let status = Command::new(&program)
            .args(arguments(args, scenario.name))
            .status()
            .with_context(|| format!("{} can't be started", program.display()))?;
        match status.code() {
            Some(0) => {}
            Some(1) => worst = Status::ExpectationFailed,
            // What is forbidden to one is forbidden to all; it has said why.
            Some(4) => return Ok(Status::NotPermitted),
            _ => anyhow::bail!("{}: {status}", scenario.name),
        }
    }
    Ok(worst)
}

/// What the user typed, for one scenario.
fn arguments(args: &DemoArgs, name: &str) -> Vec<OsString> {
    let DemoArgs { save, connections, output, .. } = args;
    let mut words: Vec<OsString> = vec!["demo".into(), name.into()];
    let mut option = |name: &str, value: OsString| words.extend([name.into(), value]);
    option("--connections", connections.to_string().into());
    option("--format", value(&output.format));
    option("--time", value(&output.time));
    option("--color", value(&output.color));
    if let Some(width) = output.width {
        option("--width", width.to_string().into());
    }
    if let Some(dir) = save {
        option("--save", dir.into());
    }
    let flags = [
        (output.explain, "--explain"),
        (output.ascii, "--ascii"),
        (output.verbosity.quiet, "--quiet"),
        (output.verbosity.verbose, "--verbose"),
    ];
    words.extend(flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag.into()));
    words
}

/// A choice as it is typed.
fn value(choice: &impl ValueEnum) -> OsString {
    choice.to_possible_value().map_or_else(OsString::new, |value| value.get_name().into())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    fn parsed(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> DemoArgs {
        let program = std::iter::once(OsString::from("synscope"));
        let words = program.chain(words.into_iter().map(Into::into));
        match Cli::parse_from(words).into_command() {
            Command::Demo(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_scenario_is_played_with_the_options_of_all() {
        for words in [
            &["demo", "all"][..],
            &["demo", "all", "-q", "--save", "all", "--connections", "7", "--format", "csv"],
            &["demo", "all", "--explain", "--ascii", "-v", "--width", "70", "--color", "never"],
            &["demo", "all", "--time", "epoch"],
        ] {
            let all = parsed(words.iter().copied());
            let one = parsed(arguments(&all, "late"));
            assert_eq!(one.scenario, "late");
            let again = DemoArgs { scenario: "all".to_owned(), ..one };
            assert_eq!(format!("{again:?}"), format!("{all:?}"));
        }
    }
}
