//! CSV (RFC 4180): one row an attempt, with a header row.

use std::fmt::{Display, Write as _};
use std::io;

use crate::model::HandshakeJson;
use crate::text::Rfc3339;
use crate::{Record, Summary, View, view};

/// `--format csv`. Rows alone go to the output, so that every reader of CSV can take it; the totals go
/// to a second place (standard error), as text.
#[derive(Debug)]
pub struct Csv<W, N> {
    out: W,
    notes: N,
    begun: bool,
    row: Row,
}

impl<W: io::Write, N: io::Write> Csv<W, N> {
    /// Writes rows to `out` and the totals to `notes`.
    pub fn new(out: W, notes: N) -> Self {
        Self { out, notes, begun: false, row: Row::default() }
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
        self.row.0.clear();
        for (index, (_, cell)) in COLUMNS.iter().enumerate() {
            if index > 0 {
                self.row.0.push(',');
            }
            cell(&mut self.row, &handshake);
        }
        self.row.0.push_str("\r\n");
        self.out.write_all(self.row.0.as_bytes())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        summary.write(&mut self.notes, crate::Style::PLAIN)
    }
}

/// A row under construction.
#[derive(Debug, Default)]
struct Row(String);

impl Row {
    /// Adds a number or a word of ours; what is absent leaves nothing between the commas.
    fn value(&mut self, value: Option<impl Display>) {
        self.list(value);
    }

    /// Adds numbers or words of ours, with spaces between them.
    fn list(&mut self, values: impl IntoIterator<Item = impl Display>) {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.0.push(' ');
            }
            // Writing to a String can't fail.
            let _ = write!(self.0, "{value}");
        }
    }

    /// Adds the least that a number can be.
    fn least(&mut self, range: Option<(i64, i64)>) {
        self.value(range.map(|(least, _)| least));
    }

    /// Adds the most that it can be.
    fn most(&mut self, range: Option<(i64, i64)>) {
        self.value(range.map(|(_, most)| most));
    }

    /// Adds text from elsewhere.
    fn text(&mut self, text: &str) {
        push_text(&mut self.0, &crate::escape(text));
    }
}

type Column = (&'static str, fn(&mut Row, &HandshakeJson<'_>));

const COLUMNS: [Column; 56] = [
    ("id", |row, h| row.value(Some(h.id))),
    ("previous_id", |row, h| row.value(h.previous_id)),
    ("source", |row, h| row.text(h.source.unwrap_or_default())),
    ("interface", |row, h| row.text(h.interface.unwrap_or_default())),
    ("client_addr", |row, h| row.value(Some(h.client.addr))),
    ("client_port", |row, h| row.value(Some(h.client.port))),
    ("server_addr", |row, h| row.value(Some(h.server.addr))),
    ("server_port", |row, h| row.value(Some(h.server.port))),
    ("answered_by_addr", |row, h| row.value(h.answered_by.map(|end| end.addr))),
    ("answered_by_port", |row, h| row.value(h.answered_by.map(|end| end.port))),
    ("encapsulations", |row, h| {
        let stacks = h.segments.handshake.encapsulations.iter();
        let stacks: Vec<_> = stacks.map(|stack| view::stack(stack, " > ")).collect();
        row.text(&stacks.join(" | "));
    }),
    ("outcome", |row, h| row.value(Some(h.outcome))),
    ("ended_by", |row, h| row.value(Some(h.ended_by))),
    ("reset_by", |row, h| row.value(h.reset_by)),
    ("syn_captured", |row, h| row.value(Some(h.syn_captured))),
    ("syn_ack_captured", |row, h| row.value(Some(h.syn_ack_captured))),
    ("ack_captured", |row, h| row.value(Some(h.ack_captured))),
    ("client_state", |row, h| row.value(h.client_state)),
    ("server_state", |row, h| row.value(h.server_state)),
    ("client_isn", |row, h| row.value(Some(h.client_isn))),
    ("server_isn", |row, h| row.value(h.server_isn)),
    ("start", |row, h| row.value(h.start.map(Rfc3339))),
    ("start_ns", |row, h| row.value(h.timing.start_ns)),
    ("total_ns", |row, h| row.value(h.timing.total_ns)),
    ("total_min_ns", |row, h| row.least(h.timing.total_range_ns)),
    ("total_max_ns", |row, h| row.most(h.timing.total_range_ns)),
    ("retry_wait_ns", |row, h| row.value(h.timing.retry_wait_ns)),
    ("retry_wait_min_ns", |row, h| row.least(h.timing.retry_wait_range_ns)),
    ("retry_wait_max_ns", |row, h| row.most(h.timing.retry_wait_range_ns)),
    ("server_rtt_ns", |row, h| row.value(h.timing.server_rtt_ns)),
    ("server_rtt_min_ns", |row, h| row.least(h.timing.server_rtt_range_ns)),
    ("server_rtt_max_ns", |row, h| row.most(h.timing.server_rtt_range_ns)),
    ("syn_ack_wait_ns", |row, h| row.value(h.timing.syn_ack_wait_ns)),
    ("syn_ack_wait_min_ns", |row, h| row.least(h.timing.syn_ack_wait_range_ns)),
    ("syn_ack_wait_max_ns", |row, h| row.most(h.timing.syn_ack_wait_range_ns)),
    ("client_rtt_ns", |row, h| row.value(h.timing.client_rtt_ns)),
    ("client_rtt_min_ns", |row, h| row.least(h.timing.client_rtt_range_ns)),
    ("client_rtt_max_ns", |row, h| row.most(h.timing.client_rtt_range_ns)),
    ("failed_after_ns", |row, h| row.value(h.timing.failed_after_ns)),
    ("wireshark_irtt_ns", |row, h| row.value(h.timing.wireshark_irtt_ns)),
    ("syn_retransmissions", |row, h| row.value(Some(h.syn_retransmissions))),
    ("syn_ack_retransmissions", |row, h| row.value(Some(h.syn_ack_retransmissions))),
    ("patterns", |row, h| row.list(h.patterns.iter().map(|pattern| pattern.name.name()))),
    ("client_mss", |row, h| row.value(h.negotiated.mss.client)),
    ("server_mss", |row, h| row.value(h.negotiated.mss.server)),
    ("client_window_scale", |row, h| row.value(h.negotiated.window_scale.client)),
    ("server_window_scale", |row, h| row.value(h.negotiated.window_scale.server)),
    ("sack", |row, h| row.value(h.negotiated.sack)),
    ("timestamps", |row, h| row.value(h.negotiated.timestamps)),
    ("icmp_frame", |row, h| row.value(h.icmp.and_then(|icmp| icmp.frame))),
    ("icmp_family", |row, h| row.value(h.icmp.map(|icmp| icmp.family))),
    ("icmp_type", |row, h| row.value(h.icmp.map(|icmp| icmp.kind))),
    ("icmp_code", |row, h| row.value(h.icmp.map(|icmp| icmp.code))),
    ("icmp_name", |row, h| row.text(h.icmp.map_or("", |icmp| icmp.name))),
    ("icmp_sender", |row, h| row.value(h.icmp.map(|icmp| icmp.sender))),
    ("frames", |row, h| row.list(h.segments.handshake.segments.iter().map(|one| one.frame))),
];

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
