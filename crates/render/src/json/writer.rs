//! Writes the JSON forms, as one document or one object a line.

use std::io;

use answers::expect::Checked;
use serde::Serialize;

use super::{AttemptJson, ExpectationsJson, SCHEMA, SummaryJson, serializer};
use crate::{Faults, Record, Summary, View};

/// What the records hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records {
    /// Whether they list their segments, which are most of a record.
    pub segments: bool,
    /// Whether they tell what other programs print.
    pub compare: bool,
}

impl Default for Records {
    fn default() -> Self {
        Self { segments: true, compare: false }
    }
}

/// `--format jsonl`: one attempt a line as they end, the totals as the last line.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: Objects<W>,
    records: Records,
}

impl<W: io::Write> JsonLines<W> {
    /// Writes to `out`.
    pub fn new(out: W, records: Records) -> Self {
        Self { out: Objects::new(out), records }
    }
}

impl<W: io::Write> View for JsonLines<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.out.write("", &AttemptJson::new(record, self.records), "\n")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.out.write("", &SummaryJson::alone(summary), "\n")
    }
}

/// `--format json`: one document, one attempt a line, in the order in which they are given.
#[derive(Debug)]
pub struct Json<W> {
    out: Objects<W>,
    records: Records,
    begun: bool,
}

impl<W: io::Write> Json<W> {
    /// Writes to `out`.
    pub fn new(out: W, records: Records) -> Self {
        Self { out: Objects::new(out), records, begun: false }
    }

    /// What stands before the first attempt, or before the totals where there is none.
    fn begin() -> String {
        format!(r#"{{"schema":{SCHEMA},"handshakes":["#)
    }
}

impl<W: io::Write> View for Json<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let attempt = AttemptJson::new(record, self.records);
        if self.begun {
            return self.out.write(",\n", &attempt, "");
        }
        self.begun = true;
        self.out.write(&(Self::begin() + "\n"), &attempt, "")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let before = if self.begun { "\n".to_owned() } else { Self::begin() };
        self.out.write(&(before + r#"],"summary":"#), &SummaryJson::with_findings(summary), "}\n")
    }
}

/// Writes what became of expectations as one document, and what was wrong with the inputs. Nothing was
/// checked if nothing could be read.
///
/// # Errors
/// Where the writer fails.
pub fn write_expectations_json(
    checked: &[Checked<'_>],
    faults: &Faults,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    Objects::new(out).write("", &ExpectationsJson::new(checked, faults), "\n")
}

/// Writes objects, each in one piece: it is put together in a buffer that is kept.
#[derive(Debug)]
struct Objects<W> {
    out: W,
    buffer: Vec<u8>,
}

impl<W: io::Write> Objects<W> {
    fn new(out: W) -> Self {
        Self { out, buffer: Vec::new() }
    }

    fn write(&mut self, before: &str, object: &impl Serialize, after: &str) -> io::Result<()> {
        self.buffer.clear();
        self.buffer.extend_from_slice(before.as_bytes());
        serializer::write(&mut self.buffer, object)?;
        self.buffer.extend_from_slice(after.as_bytes());
        self.out.write_all(&self.buffer)
    }
}

#[cfg(test)]
mod tests;
