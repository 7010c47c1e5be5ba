//! `synscope assert`: whether the attempts in capture files are as expected.

use std::io;

use anyhow::Context as _;
use capture::file::Found;
use handshake::{Event, Reporting, Tracker};
use hostnames::DnsAnswer;
use parser::{Names, Timestamp};
use render::Summary;

use crate::args::{AssertArgs, ReportFormat};
use crate::expectations::Expectations;
use crate::faults;
use crate::files::{Files, is_stdin};
use crate::output::Output;
use crate::presenter::{Present, warn_of_memory};
use crate::progress::Progress;
use crate::reach::{Reach, inputs};
use crate::replacement::Replacement;
use crate::replay::Reading;
use crate::settings::Settings;
use crate::status::Status;

/// Checks the attempts in the files of a command line, and tells whether they are as expected.
pub(crate) fn run(args: &AssertArgs) -> anyhow::Result<Status> {
    let AssertArgs { input, expect, format, .. } = args;
    anyhow::ensure!(
        !(expect.github && *format == ReportFormat::Json),
        "--github prints lines between those for people: it needs --format text"
    );
    let stdin = input.files.iter().chain(&expect.expect_file).filter(|path| is_stdin(path));
    anyhow::ensure!(
        stdin.count() <= 1,
        "-: standard input can be read once only: as a capture or as expectations"
    );
    let Some(mut expectations) = Expectations::read(expect)? else { return Ok(Status::Misused) };
    let settings = Settings::try_from(args)?;
    let inputs = inputs(input);
    let found = Found::of(&inputs);
    let files = Files::reading(&inputs, found.directories_below());
    let files = settings.files(files);
    let distinct = expectations.files(files).check()?;
    let mut reading =
        Reading::begin(found, distinct.sandbox(), Reach::of(input), settings.remarks)?;
    // What is told takes the place of what an earlier run told, also where nothing can be read: that may
    // have been good news.
    let (output, replacement) = Output::open_to_complete(&settings, &distinct)?;
    if !reading.is_nothing() {
        let progress = Progress::until(&output);
        let names = Names::default();
        reading.present(Checker { expectations: &mut expectations, names }, progress)?;
    }
    expectations.learn_faults(faults::of(&reading.replay), reading.is_nothing());
    let Output { mut out, style, remarks, .. } = output;
    expectations.tell(&mut out, style, remarks, *format, &distinct)?;
    replacement.map_or(Ok(()), Replacement::complete).context("the output can't be written")?;
    Ok(match reading.end() {
        Status::Fine => expectations.status(),
        status => status,
    })
}

/// Shows nothing, and hands every attempt to the expectations.
struct Checker<'a> {
    expectations: &'a mut Expectations,
    names: Names,
}

impl Present for Checker<'_> {
    fn reporting(&self) -> Reporting {
        self.expectations.reporting()
    }

    fn is_in_order(&self) -> bool {
        false
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn learn_names(&mut self, names: &Names) {
        self.names.extend_from(names);
    }

    /// What is expected is said of addresses.
    fn wants_answers(&self) -> bool {
        false
    }

    fn learn_answer(&mut self, _: DnsAnswer, _: u64) {}

    fn begin(&mut self, _: Timestamp) {}

    fn event(&mut self, event: Event<'_>) {
        self.expectations.event(event);
    }

    fn release(&mut self, _: &Tracker) -> io::Result<()> {
        Ok(())
    }

    fn idle(&mut self, _: &Tracker, _: Timestamp) -> io::Result<()> {
        Ok(())
    }

    fn finish(self, summary: Summary) -> io::Result<()> {
        warn_of_memory(&summary);
        Ok(())
    }
}
