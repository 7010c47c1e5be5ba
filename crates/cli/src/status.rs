//! How a run ends: the exit code and the message of a failure.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;

/// How a run ended, short of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Everything was read and shown.
    Fine,
    /// An expectation was not met.
    ExpectationFailed,
    /// The command line is wrong, which was reported.
    Misused,
    /// Some input could not be read; the rest was.
    Unreadable,
    /// Some input broke off; what came before was shown.
    Damaged,
    /// A privilege is missing.
    #[cfg(unix)]
    NotPermitted,
}

/// The codes that `--help` documents.
mod code {
    pub(super) const EXPECTATION_FAILED: u8 = 1;
    pub(super) const USAGE: u8 = 2;
    pub(super) const DAMAGED: u8 = 3;
    #[cfg(unix)]
    pub(super) const NOT_PERMITTED: u8 = 4;
}

/// The exit code for the end of a run. A failure is reported on standard error first.
pub(crate) fn exit_code(end: anyhow::Result<Status>) -> ExitCode {
    match end {
        Ok(Status::Fine) => ExitCode::SUCCESS,
        Ok(Status::ExpectationFailed) => ExitCode::from(code::EXPECTATION_FAILED),
        Ok(Status::Misused | Status::Unreadable) => ExitCode::from(code::USAGE),
        Ok(Status::Damaged) => ExitCode::from(code::DAMAGED),
        #[cfg(unix)]
        Ok(Status::NotPermitted) => ExitCode::from(code::NOT_PERMITTED),
        // The reader of the output closed the pipe: that is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let source = error.chain().find_map(|cause| cause.downcast_ref());
            report(&format_args!("{error:#}{}", source.map_or("", more_files)));
            ExitCode::from(code::USAGE)
        }
    }
}

/// The next step where the process may open no more files.
pub(crate) fn more_files(error: &io::Error) -> &'static str {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) {
        return "; allow more with `ulimit -n 4096`";
    }
    let _ = error;
    ""
}

/// Prints the help or the version that a command line asks for.
fn print_asked(help: &clap::Error) -> anyhow::Result<Status> {
    help.print().and_then(|()| io::stdout().flush()).context("standard output")?;
    Ok(Status::Fine)
}

/// Prints what a command line asks for that names nothing to do, or reports what is wrong with it.
/// clap repeats an argument as it is, and a file name may be one: where an argument would be
/// escaped elsewhere, the message is, without clap's colours.
pub(crate) fn answer(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return exit_code(print_asked(error));
    }
    let is_unsafe = |arg: &str| render::escape(arg) != arg;
    if !std::env::args_os().any(|arg| is_unsafe(&arg.to_string_lossy())) {
        error.exit();
    }
    for line in error.render().to_string().lines() {
        let _ = writeln!(io::stderr(), "{}", render::escape(line));
    }
    ExitCode::from(code::USAGE)
}

/// Reports a problem on standard error. If that fails, there is no other place to report to.
pub(crate) fn report(what: &dyn fmt::Display) {
    let text = what.to_string();
    let _ = writeln!(io::stderr(), "synscope: {}", render::escape(&text));
}

/// Reports a problem on standard error, with lines below it.
pub(crate) fn report_above(what: &dyn fmt::Display, lines: &[String]) {
    report(what);
    for line in lines {
        let _ = writeln!(io::stderr(), "  {}", render::escape(line));
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref()
            .is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: io::ErrorKind) -> anyhow::Error {
        Err::<(), _>(io::Error::from(kind)).context("standard output").unwrap_err()
    }

    #[test]
    fn every_end_has_its_code() {
        let codes = [
            Status::Fine,
            Status::ExpectationFailed,
            Status::Misused,
            Status::Unreadable,
            Status::Damaged,
            Status::NotPermitted,
        ];
        let codes = codes.map(|status| exit_code(Ok(status)));
        assert_eq!(codes, [0, 1, 2, 2, 3, 4].map(ExitCode::from));
    }

    #[test]
    fn a_closed_pipe_is_a_success_and_a_full_disk_is_not() {
        assert_eq!(exit_code(Err(failure(io::ErrorKind::BrokenPipe))), ExitCode::SUCCESS);
        assert_eq!(exit_code(Err(failure(io::ErrorKind::StorageFull))), ExitCode::from(2));
    }

    #[test]
    fn a_cause_is_said_once() {
        let path = std::path::PathBuf::from("w.pcapng");
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let error = anyhow::Error::from(capture::CaptureError::Io { path, source: gone() });
        assert_eq!(format!("{error:#}"), format!("w.pcapng: {}", gone()));
        #[cfg(unix)]
        {
            use capture::live::LiveError;
            let interface = || "lo".to_owned();
            let system = LiveError::System { step: "bind", interface: interface(), source: gone() };
            let system = anyhow::Error::from(system);
            assert_eq!(format!("{system:#}"), format!("bind failed on lo: {}", gone()));
            let ring = LiveError::NoRing { interface: interface(), source: gone() };
            let said = format!("the kernel can't set up a ring for lo: {}", gone());
            assert_eq!(format!("{:#}", anyhow::Error::from(ring)), said);
        }
        #[cfg(target_os = "linux")]
        {
            let failed = lab::ScenarioError::Call { call: "bind(lo)".to_owned(), error: gone() };
            let said = format!("bind(lo): {}", gone());
            assert_eq!(format!("{:#}", anyhow::Error::from(failed)), said);
        }
        let failed = failure(io::ErrorKind::StorageFull);
        assert_eq!(format!("{failed:#}"), format!("standard output: {}", failed.root_cause()));
    }
}
