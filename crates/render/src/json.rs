//! JSON: one document, or one object a line.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::model::{HandshakeJson, SCHEMA, SummaryJson};
use crate::text::is_unsafe;
use crate::{Record, Summary, View};

/// `--format jsonl`: one attempt a line as they end, the totals as the last line.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
}

impl<W: io::Write> JsonLines<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: io::Write> View for JsonLines<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        write(&mut self.out, &HandshakeJson::from(record))?;
        self.out.write_all(b"\n")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        write(&mut self.out, &SummaryJson::from(summary))?;
        self.out.write_all(b"\n")
    }
}

/// `--format json`: one document, one attempt a line, in the order in which they are given.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    begun: bool,
}

impl<W: io::Write> Json<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, begun: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        write!(self.out, r#"{{"schema":{SCHEMA},"handshakes":["#)
    }
}

impl<W: io::Write> View for Json<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if self.begun {
            self.out.write_all(b",\n")?;
        } else {
            self.begin()?;
            self.out.write_all(b"\n")?;
        }
        write(&mut self.out, &HandshakeJson::from(record))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.begun {
            self.out.write_all(b"\n")?;
        } else {
            self.begin()?;
        }
        self.out.write_all(br#"],"summary":"#)?;
        write(&mut self.out, &SummaryJson::from(summary))?;
        self.out.write_all(b"}\n")
    }
}

fn write(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, TerminalSafe);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Escapes within strings, beyond what JSON demands, whatever a terminal could obey: the reader of the
/// JSON gets the exact name, and whoever looks at the JSON itself comes to no harm.
struct TerminalSafe;

impl Formatter for TerminalSafe {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        // Nearly all text is plain ASCII, which this tells without decoding it.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return CompactFormatter.write_string_fragment(out, fragment);
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unsafe) {
            let (safe, from) = rest.split_at(at);
            CompactFormatter.write_string_fragment(out, safe)?;
            let mut chars = from.chars();
            for c in chars.by_ref().take(1) {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

#[cfg(test)]
mod tests;
