//! What is expected of the attempts: read from the command line, checked, and told.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use answers::expect::{Check, Checked, Expectation, LONGEST, Misunderstood};
use anyhow::Context as _;
use handshake::{Event, Facts, Reporting, recognise};
use render::{
    Faults, Style, Told, caret, escape, write_expectations, write_expectations_json,
    write_expectations_total,
};

use crate::args::{ExpectArgs, ReportFormat};
use crate::faults::{self, Fault};
use crate::files::{Distinct, Files, is_stdin};
use crate::junit;
use crate::remarks::Remarks;
use crate::replacement::Replacement;
use crate::status::{self, Status};
use crate::units;

/// Bytes of the longest file of expectations.
const LONGEST_FILE: u64 = 1 << 20;

/// Expectations, and who is told of them.
#[derive(Default)]
pub(crate) struct Expectations {
    checks: Vec<Check>,
    /// Files that they were read from.
    files: Vec<PathBuf>,
    may_be_empty: bool,
    junit: Option<PathBuf>,
    github: bool,
    /// What is wrong with the inputs.
    faults: Faults,
    /// Whether no input could be read: then nothing is checked.
    is_nothing_read: bool,
}

impl Expectations {
    /// Reads those of a command line. `None` where some are wrong, each of which was reported.
    pub(crate) fn read(args: &ExpectArgs) -> anyhow::Result<Option<Self>> {
        let ExpectArgs { expect, expect_file, allow_empty, junit, github } = args;
        let mut read: Vec<_> = expect.iter().map(|text| parse(text, &"--expect")).collect();
        for path in expect_file {
            let name = if is_stdin(path) { "standard input" } else { &path.display().to_string() };
            let text = text_of(path).with_context(|| name.to_owned())?;
            for (number, line) in (1..).zip(text.lines()) {
                // No expectation holds this sign.
                let line = line.split('#').next().unwrap_or_default();
                if !line.trim().is_empty() {
                    read.push(parse(line, &format_args!("{name}, line {number}")));
                }
            }
        }
        anyhow::ensure!(
            !read.is_empty(),
            "there is nothing to check: add --expect or --expect-file with an expectation"
        );
        if let Some(path) = junit {
            // Whoever waits for a capture to end shall not learn it then.
            Replacement::begin(path).with_context(|| can_t_write(path))?;
        }
        let checks: Option<_> = read.into_iter().collect();
        Ok(checks.map(|checks| Self {
            checks,
            files: expect_file.clone(),
            may_be_empty: *allow_empty,
            junit: junit.clone(),
            github: *github,
            ..Self::default()
        }))
    }

    /// Whether there are none.
    #[cfg(unix)]
    pub(crate) fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    /// These files and those of the expectations.
    pub(crate) fn files(&self, files: Files) -> Files {
        let files = self.files.iter().fold(files, |files, path| files.and_reading(path));
        match &self.junit {
            Some(path) => files.writing(path, "--junit"),
            None => files,
        }
    }

    /// Which events they need: patterns are recognised in records alone.
    pub(crate) fn reporting(&self) -> Reporting {
        if self.checks.iter().any(Check::is_of_pattern) {
            Reporting::Records
        } else {
            Reporting::Facts
        }
    }

    /// Takes an attempt into account that has ended.
    pub(crate) fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Decided(_) => {}
            Event::Ended(handshake) => {
                let patterns = recognise(handshake).iter().map(|pattern| pattern.name).collect();
                self.add(&Facts::of(handshake, patterns));
            }
            Event::Counted(facts) => self.add(facts),
        }
    }

    fn add(&mut self, facts: &Facts) {
        for check in &mut self.checks {
            check.add(facts);
        }
    }

    /// Takes what is wrong with the inputs, and whether none of them could be read: no expectation is
    /// checked then.
    pub(crate) fn learn_faults(&mut self, faults: Faults, is_nothing_read: bool) {
        self.faults = faults;
        self.is_nothing_read = is_nothing_read;
    }

    fn checked(&self) -> Vec<Checked<'_>> {
        let checks = if self.is_nothing_read { &[] } else { &*self.checks };
        checks.iter().map(|check| check.result(self.may_be_empty)).collect()
    }

    /// Whether all of them are met.
    pub(crate) fn status(&self) -> Status {
        let is_met = self.checked().iter().all(|checked| checked.is_met);
        if is_met { Status::Fine } else { Status::ExpectationFailed }
    }

    /// Tells whether they are met. Whoever reads that may stop to: whether they are met stays the same.
    pub(crate) fn tell(
        &self,
        out: &mut dyn Write,
        style: Style,
        remarks: Remarks,
        format: ReportFormat,
        distinct: &Distinct,
    ) -> anyhow::Result<()> {
        let checked = self.checked();
        let written = self.write(&checked, out, style, remarks, format);
        unless_closed(written).context("the output can't be written")?;
        if let Some(path) = &self.junit {
            distinct.still_differs(path)?;
            let report = junit::report(&checked, &self.faults)?;
            unless_closed(Replacement::write(path, report.as_bytes()))
                .with_context(|| can_t_write(path))?;
        }
        Ok(())
    }

    fn write(
        &self,
        checked: &[Checked<'_>],
        out: &mut dyn Write,
        style: Style,
        remarks: Remarks,
        format: ReportFormat,
    ) -> io::Result<()> {
        match format {
            ReportFormat::Json => write_expectations_json(checked, &self.faults, out)?,
            ReportFormat::Text => {
                write_expectations(checked, out, style)?;
                if remarks != Remarks::Off && !self.is_nothing_read {
                    write_expectations_total(checked, out, style)?;
                }
            }
        }
        if self.github {
            for checked in checked.iter().filter(|checked| !checked.is_met) {
                out.write_all(annotation(checked).as_bytes())?;
            }
            for Fault { kind, source, message } in faults::each(&self.faults) {
                let title = format!("{kind}: {source}");
                out.write_all(error_command(&escape(&title), &escape(&message)).as_bytes())?;
            }
        }
        out.flush()
    }
}

fn can_t_write(path: &Path) -> String {
    format!("{}: can't write the JUnit report", path.display())
}

/// Reads an expectation. What is wrong with it is reported, below the place that it is from.
fn parse(text: &str, place: &dyn std::fmt::Display) -> Option<Check> {
    match Expectation::read(text, units::ports) {
        Ok(expectation) => Some(Check::new(expectation)),
        Err(Misunderstood { at, expected }) => {
            // What is longer is cut where it is wrong.
            let shown = if text.len() > LONGEST { &text[..at] } else { text };
            let [text, mark] = caret(shown, at);
            let what = format!("{place}: this is no expectation");
            status::report_above(&what, &[text, mark, expected]);
            None
        }
    }
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let file: Box<dyn Read> =
        if is_stdin(path) { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
    anyhow::ensure!(
        bytes.len() as u64 <= LONGEST_FILE,
        "a file of expectations has at most {LONGEST_FILE} bytes"
    );
    Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

/// A pipe that its reader has closed is written to in vain, which is no failure.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| match error.kind() {
        ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}

/// An expectation that is not met, as a command of GitHub's workflows.
fn annotation(checked: &Checked<'_>) -> String {
    let told = Told(checked);
    let title = format!("not met: {}", checked.expectation);
    let lines: Vec<_> = [told.message(true)].into_iter().chain(told.offenders(true)).collect();
    error_command(&title, &lines.join("\n"))
}

fn error_command(title: &str, message: &str) -> String {
    let of_line = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let title = of_line(title).replace(':', "%3A").replace(',', "%2C");
    format!("::error title={title}::{}\n", of_line(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_github_would_take_for_more_is_escaped() {
        assert_eq!(
            error_command("a: 1%, b\r\n::error::", "found 1%:\n::warning::, \r"),
            "::error title=a%3A 1%25%2C b%0D%0A%3A%3Aerror%3A%3A::found 1%25:%0A::warning::, %0D\n"
        );
    }
}
