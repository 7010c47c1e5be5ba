//! CSV (RFC 4180): one row an attempt, with a header row.

use std::borrow::Cow;
use std::io;

use crate::model::HandshakeJson;
use crate::{Record, Summary, View};

/// `--format csv`. Rows alone go to the output, so that every reader of CSV can take it; the totals go
/// to a second place (standard error), as text.
#[derive(Debug)]
pub struct Csv<W, N> {
    out: W,
    notes: N,
    begun: bool,
}

/// A value in a row.
enum Cell<'a> {
    /// Absent: nothing between the commas.
    Empty,
    Number(i128),
    Bool(bool),
    /// A name of ours.
    Name(&'static str),
    /// Text from elsewhere.
    Text(Cow<'a, str>),
}

impl<W: io::Write, N: io::Write> Csv<W, N> {
    /// Writes rows to `out` and the totals to `notes`.
    pub fn new(out: W, notes: N) -> Self {
        Self { out, notes, begun: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let names = COLUMNS.map(|(name, _)| name);
        write!(self.out, "{}\r\n", names.join(","))
    }
}

impl<W: io::Write, N: io::Write> View for Csv<W, N> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.begin()?;
        let handshake = HandshakeJson::from(record);
        let mut row = String::new();
        for (index, (_, cell)) in COLUMNS.iter().enumerate() {
            if index > 0 {
                row.push(',');
            }
            push(&mut row, cell(&handshake));
        }
        write!(self.out, "{row}\r\n")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        summary.write(&mut self.notes, crate::Style::PLAIN)
    }
}

type Column = (&'static str, for<'h> fn(&HandshakeJson<'h>) -> Cell<'h>);

const COLUMNS: [Column; 38] = [
    ("id", |h| number(Some(h.id))),
    ("previous_id", |h| number(h.previous_id)),
    ("source", |h| text(h.source)),
    ("interface", |h| text(h.interface)),
    ("client_addr", |h| Cell::Text(h.client.addr.to_string().into())),
    ("client_port", |h| number(Some(h.client.port))),
    ("server_addr", |h| Cell::Text(h.server.addr.to_string().into())),
    ("server_port", |h| number(Some(h.server.port))),
    ("encapsulation", |h| Cell::Text(h.encapsulation.join(" ").into())),
    ("outcome", |h| Cell::Name(h.outcome)),
    ("ended_by", |h| Cell::Name(h.ended_by)),
    ("reset_by", |h| h.reset_by.map_or(Cell::Empty, Cell::Name)),
    ("syn_captured", |h| Cell::Bool(h.syn_captured)),
    ("client_state", |h| h.client_state.map_or(Cell::Empty, Cell::Name)),
    ("server_state", |h| h.server_state.map_or(Cell::Empty, Cell::Name)),
    ("client_isn", |h| number(Some(h.client_isn))),
    ("server_isn", |h| number(h.server_isn)),
    ("start", |h| h.start.clone().map_or(Cell::Empty, |start| Cell::Text(start.into()))),
    ("start_ns", |h| number(h.timing.start_ns)),
    ("total_ns", |h| number(h.timing.total_ns)),
    ("retry_wait_ns", |h| number(h.timing.retry_wait_ns)),
    ("server_rtt_ns", |h| number(h.timing.server_rtt_ns)),
    ("server_rtt_min_ns", |h| number(h.timing.server_rtt_range_ns.map(|(min, _)| min))),
    ("server_rtt_max_ns", |h| number(h.timing.server_rtt_range_ns.map(|(_, max)| max))),
    ("client_rtt_ns", |h| number(h.timing.client_rtt_ns)),
    ("client_rtt_min_ns", |h| number(h.timing.client_rtt_range_ns.map(|(min, _)| min))),
    ("client_rtt_max_ns", |h| number(h.timing.client_rtt_range_ns.map(|(_, max)| max))),
    ("wireshark_irtt_ns", |h| number(h.timing.wireshark_irtt_ns)),
    ("syn_retransmissions", |h| number(Some(h.syn_retransmissions))),
    ("syn_ack_retransmissions", |h| number(Some(h.syn_ack_retransmissions))),
    ("patterns", |h| {
        let names: Vec<_> = h.patterns.iter().map(|pattern| pattern.name).collect();
        Cell::Text(names.join(" ").into())
    }),
    ("client_mss", |h| number(h.negotiated.mss.client)),
    ("server_mss", |h| number(h.negotiated.mss.server)),
    ("client_window_scale", |h| number(h.negotiated.window_scale.client)),
    ("server_window_scale", |h| number(h.negotiated.window_scale.server)),
    ("sack", |h| h.negotiated.sack.map_or(Cell::Empty, Cell::Bool)),
    ("timestamps", |h| h.negotiated.timestamps.map_or(Cell::Empty, Cell::Bool)),
    ("frames", |h| {
        let frames: Vec<_> = h.segments.iter().map(|segment| segment.frame.to_string()).collect();
        Cell::Text(frames.join(" ").into())
    }),
];

fn number<'a>(value: Option<impl Into<i128>>) -> Cell<'a> {
    value.map_or(Cell::Empty, |value| Cell::Number(value.into()))
}

fn text(value: Option<&str>) -> Cell<'_> {
    value.map_or(Cell::Empty, |value| Cell::Text(value.into()))
}

fn push(row: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Empty => {}
        Cell::Number(value) => row.push_str(&value.to_string()),
        Cell::Bool(value) => row.push_str(if value { "true" } else { "false" }),
        Cell::Name(name) => row.push_str(name),
        Cell::Text(text) => push_text(row, &crate::escape(&text)),
    }
}

/// Text in quotes where it needs them. A spreadsheet takes text that begins like a formula for one,
/// quotes or not (CWE-1236): an apostrophe before it says that it is text.
fn push_text(row: &mut String, text: &str) {
    let looks_like_formula =
        text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let quoted = looks_like_formula || text.contains([',', '"', ';', '\'']) || text != text.trim();
    if !quoted {
        row.push_str(text);
        return;
    }
    row.push('"');
    if looks_like_formula {
        row.push('\'');
    }
    row.push_str(&text.replace('"', "\"\""));
    row.push('"');
}

#[cfg(test)]
mod tests;
