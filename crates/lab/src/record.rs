//! Keeping a run: its packets as pcapng, its calls and its connections as lines of JSON.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use capture::CaptureError;
use capture::file::{Recorder, RecordingFile, Settings, Untouched};
use capture::live::LiveStats;
use parser::Names;

use crate::call::{Call, CallEvent};
use crate::error::ScenarioError;
use crate::lab::{Lab, SNAPLEN};
use crate::options::Options;
use crate::recorded::Line;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::watch::Moment;

/// A recording of a run, in two files: `NAME.pcapng` with the packets and `NAME.calls.jsonl` with
/// one object for each call, in the order of their return, and then one for each connection:
///
/// ```json
/// {"type":"call","id":6,"side":"client","number":1,"accepted_by":null,
///  "call":"connect(127.0.0.1:8080)","entered_ns":1795330800123456789,
///  "returned_ns":1795330800123556789,"result":"0","errno":null}
/// {"type":"connection","side":"client","number":1,"protocol":"tcp","client":"127.0.0.1:43210",
///  "server":"127.0.0.1:8080","accepted":true,"errno":null}
/// ```
///
/// A call that was in flight when the recording ended has `null` for what it did not return.
/// [`Recorded`](crate::Recorded) reads this file.
#[derive(Debug)]
pub struct Recording {
    frames: Recorder,
    names: Names,
    calls: BufWriter<File>,
    calls_path: PathBuf,
    in_flight: BTreeMap<u32, Call>,
}

impl Recording {
    /// The files of a recording in `directory`: the packets and the calls.
    pub fn files(directory: &Path, scenario: &Scenario) -> [PathBuf; 2] {
        ["pcapng", "calls.jsonl"].map(|end| directory.join(format!("{}.{end}", scenario.name)))
    }

    /// Creates both files in `directory`. Files of a former recording are replaced.
    ///
    /// # Errors
    /// Where a file can't be created.
    pub fn create(directory: &Path, scenario: &Scenario) -> Result<Self, CaptureError> {
        let [frames_path, calls_path] = Self::files(directory, scenario);
        let settings = Settings { snaplen: SNAPLEN, ..Settings::default() };
        let failed = |source| CaptureError::Io { path: calls_path.clone(), source };
        let frames = RecordingFile::open(frames_path, None)?;
        let calls = Untouched::open(&calls_path).map_err(failed)?;
        // Neither is emptied where the other can't be written to.
        let frames = frames.begin(settings)?;
        let calls = calls.empty().map_err(failed)?;
        let mut names = Names::default();
        let source = names.add_source(scenario.name);
        names.add_interface(source, Some("lo".to_owned()));
        let (calls, in_flight) = (BufWriter::new(calls), BTreeMap::new());
        Ok(Self { frames, names, calls, calls_path, in_flight })
    }

    /// Keeps what has happened.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn add(&mut self, moment: &Moment<'_>) -> io::Result<()> {
        match moment {
            Moment::Frame(frame) => self.frames.record(&self.names, frame),
            Moment::Call(CallEvent::Entered(call)) => {
                self.in_flight.insert(call.id, call.clone());
                Ok(())
            }
            Moment::Call(CallEvent::Returned(call)) => {
                self.in_flight.remove(&call.id);
                write_line(&mut self.calls, call)
            }
            Moment::Idle(_) => Ok(()),
        }
    }

    /// Completes both files. `stats` are those of the capture.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn finish(self, report: &Report, stats: LiveStats) -> Result<(), CaptureError> {
        let Self { frames, mut calls, calls_path, in_flight, .. } = self;
        let mut connections = report.connections.iter();
        let written = in_flight.values().try_for_each(|call| write_line(&mut calls, call));
        written
            .and_then(|()| connections.try_for_each(|one| write_line(&mut calls, one)))
            .and_then(|()| calls.flush())
            .and_then(|()| frames.finish(Some(stats.received), stats.dropped))
            .map_err(|source| CaptureError::Io { path: calls_path, source })
    }
}

fn write_line<'a>(file: &mut impl Write, what: impl Into<Line<'a>>) -> io::Result<()> {
    serde_json::to_writer(&mut *file, &what.into())?;
    file.write_all(b"\n")
}

impl Lab {
    /// Plays a scenario and records it into `directory`, with the rights that the process has.
    ///
    /// # Errors
    /// What kept the scenario from being played or captured, or its files from being written.
    pub fn record(
        &self,
        scenario: &'static Scenario,
        options: Options,
        directory: &Path,
    ) -> Result<Report, ScenarioError> {
        let mut live = self.open_capture()?;
        let mut recording = Recording::create(directory, scenario)?;
        let mut kept = Ok(());
        let report = self.run(scenario, options)?.watch(&mut live, &mut |moment| {
            if kept.is_ok() {
                kept = recording.add(&moment);
            }
        })?;
        let path = directory.to_owned();
        kept.map_err(|source| CaptureError::Io { path, source })?;
        recording.finish(&report, live.stats())?;
        Ok(report)
    }
}
