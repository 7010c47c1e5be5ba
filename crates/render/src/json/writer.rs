//! Writes the JSON forms, as one document or one object a line.

use std::io::{self, Write as _};

use serde::Serialize;

use super::{AttemptJson, SCHEMA, SummaryJson};
use crate::text::{find_unsafe, is_unsafe};
use crate::{Record, Summary, View};

/// What the records hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records {
    /// Whether they list their segments, which are most of a record.
    pub segments: bool,
}

impl Default for Records {
    fn default() -> Self {
        Self { segments: true }
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
        self.out.write("", &SummaryJson::from(summary), "\n")
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
        self.out.write(&(before + r#"],"summary":"#), &SummaryJson::from(summary), "}\n")
    }
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
        let start = self.buffer.len();
        serde_json::to_writer(&mut self.buffer, object)?;
        make_terminal_safe(&mut self.buffer, start)?;
        self.buffer.extend_from_slice(after.as_bytes());
        self.out.write_all(&self.buffer)
    }
}

/// Escapes in the JSON from `start` on, beyond what JSON demands, whatever a terminal could obey:
/// the reader of the JSON gets the exact name, and the JSON itself is safe to look at. Only strings
/// can hold any of it, and there an escape may stand for each character.
fn make_terminal_safe(json: &mut Vec<u8>, start: usize) -> io::Result<()> {
    let text = std::str::from_utf8(&json[start..]).map_err(io::Error::other)?;
    let Some(at) = find_unsafe(text) else { return Ok(()) };
    let rest = text[at..].to_owned();
    json.truncate(start + at);
    for c in rest.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(json, "\\u{unit:04x}")?;
            }
        } else {
            json.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
