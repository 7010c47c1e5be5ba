//! CSV (RFC 4180): one row an attempt, with a header row.

use std::fmt::{Display, Write as _};
use std::io;
use std::net::IpAddr;

use handshake::{Range, Side, TcpState};
use parser::Timestamp;

use crate::text::Rfc3339;
use crate::{Record, Style, Summary, View, view};

/// `--format csv`. Rows alone go to the output, so that every reader of CSV can take it; the totals go
/// to a second place (standard error), as text.
#[derive(Debug)]
pub struct Csv<W, N> {
    out: W,
    notes: N,
    /// How the notes look.
    style: Style,
    begun: bool,
    row: Row,
}

impl<W: io::Write, N: io::Write> Csv<W, N> {
    /// Writes rows to `out` and the totals to `notes`, which look so.
    pub fn new(out: W, notes: N, style: Style) -> Self {
        Self { out, notes, style, begun: false, row: Row::default() }
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
        self.row.0.clear();
        for (index, (_, cell)) in COLUMNS.iter().enumerate() {
            if index > 0 {
                self.row.0.push(',');
            }
            cell(&mut self.row, record);
        }
        self.row.0.push_str("\r\n");
        self.out.write_all(self.row.0.as_bytes())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        summary.write(&mut self.notes, self.style)
    }
}

/// A row under construction.
#[derive(Debug, Default)]
struct Row(String);

impl Row {
    /// Adds a number; what is absent leaves nothing between the commas.
    fn number(&mut self, number: Option<impl itoa::Integer>) {
        if let Some(number) = number {
            self.0.push_str(itoa::Buffer::new().format(number));
        }
    }

    /// Adds a word of ours.
    fn word(&mut self, word: Option<&str>) {
        self.0.push_str(word.unwrap_or_default());
    }

    fn flag(&mut self, flag: Option<bool>) {
        self.word(flag.map(|flag| if flag { "true" } else { "false" }));
    }

    fn addr(&mut self, addr: Option<IpAddr>) {
        match addr {
            Some(IpAddr::V4(addr)) => {
                for (index, byte) in addr.octets().into_iter().enumerate() {
                    if index > 0 {
                        self.0.push('.');
                    }
                    self.number(Some(byte));
                }
            }
            Some(IpAddr::V6(addr)) => self.value(addr),
            None => {}
        }
    }

    /// Adds a value of another kind.
    fn value(&mut self, value: impl Display) {
        // Writing to a String can't fail.
        let _ = write!(self.0, "{value}");
    }

    /// Adds a list with spaces between its items.
    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, add: fn(&mut Self, Option<T>)) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.0.push(' ');
            }
            add(self, Some(item));
        }
    }

    /// Adds the least that a number can be.
    fn least(&mut self, range: Option<Range>) {
        self.number(range.map(|range| range.min));
    }

    /// Adds the most that it can be.
    fn most(&mut self, range: Option<Range>) {
        self.number(range.map(|range| range.max));
    }

    /// Adds text from elsewhere.
    fn text(&mut self, text: &str) {
        push_text(&mut self.0, &crate::escape(text));
    }
}

type Column = (&'static str, fn(&mut Row, &Record<'_>));

const COLUMNS: [Column; 60] = [
    ("id", |row, r| row.number(Some(r.handshake.id))),
    ("uid", |row, r| row.value(r.handshake.uid())),
    ("community_id", |row, r| row.value(r.handshake.community_id())),
    ("previous_id", |row, r| row.number(r.handshake.previous.map(|previous| previous.id))),
    ("source", |row, r| row.text(r.names.source(r.handshake.origin).unwrap_or_default())),
    ("interface", |row, r| row.text(r.names.interface(r.handshake.origin).unwrap_or_default())),
    ("client_addr", |row, r| row.addr(Some(r.handshake.client.addr))),
    ("client_port", |row, r| row.number(Some(r.handshake.client.port))),
    ("server_addr", |row, r| row.addr(Some(r.handshake.server.addr))),
    ("server_port", |row, r| row.number(Some(r.handshake.server.port))),
    ("answered_by_addr", |row, r| row.addr(r.handshake.answered_by.map(|end| end.addr))),
    ("answered_by_port", |row, r| row.number(r.handshake.answered_by.map(|end| end.port))),
    ("encapsulations", |row, r| {
        let stacks = r.handshake.encapsulations.iter();
        let stacks: Vec<_> = stacks.map(|stack| view::stack(stack, " > ")).collect();
        row.text(&stacks.join(" | "));
    }),
    ("outcome", |row, r| row.word(Some(r.handshake.outcome.name()))),
    ("ended_by", |row, r| row.word(Some(r.handshake.ended_by.name()))),
    ("reset_by", |row, r| row.word(r.handshake.reset_by.map(Side::name))),
    ("syn_captured", |row, r| row.flag(Some(r.handshake.syn_captured))),
    ("syn_ack_captured", |row, r| row.flag(Some(r.handshake.syn_ack_captured))),
    ("ack_captured", |row, r| row.flag(Some(r.handshake.ack_captured))),
    ("client_state", |row, r| row.word(r.handshake.client_state.map(TcpState::name))),
    ("server_state", |row, r| row.word(r.handshake.server_state.map(TcpState::name))),
    ("client_isn", |row, r| row.number(Some(r.handshake.client_isn.0))),
    ("server_isn", |row, r| row.number(r.handshake.server_isn.map(|isn| isn.0))),
    ("start", |row, r| {
        if let Some(start) = r.handshake.timing.start {
            row.value(Rfc3339(start));
        }
    }),
    ("start_ns", |row, r| row.number(r.handshake.timing.start.map(Timestamp::as_nanos))),
    ("total_ns", |row, r| row.number(r.handshake.timing.total_ns)),
    ("total_min_ns", |row, r| row.least(r.handshake.timing.total_range_ns)),
    ("total_max_ns", |row, r| row.most(r.handshake.timing.total_range_ns)),
    ("retry_wait_ns", |row, r| row.number(r.handshake.timing.retry_wait_ns)),
    ("retry_wait_min_ns", |row, r| row.least(r.handshake.timing.retry_wait_range_ns)),
    ("retry_wait_max_ns", |row, r| row.most(r.handshake.timing.retry_wait_range_ns)),
    ("server_rtt_ns", |row, r| row.number(r.handshake.timing.server_rtt_ns)),
    ("server_rtt_min_ns", |row, r| row.least(r.handshake.timing.server_rtt_range_ns)),
    ("server_rtt_max_ns", |row, r| row.most(r.handshake.timing.server_rtt_range_ns)),
    ("syn_ack_wait_ns", |row, r| row.number(r.handshake.timing.syn_ack_wait_ns)),
    ("syn_ack_wait_min_ns", |row, r| row.least(r.handshake.timing.syn_ack_wait_range_ns)),
    ("syn_ack_wait_max_ns", |row, r| row.most(r.handshake.timing.syn_ack_wait_range_ns)),
    ("client_rtt_ns", |row, r| row.number(r.handshake.timing.client_rtt_ns)),
    ("client_rtt_min_ns", |row, r| row.least(r.handshake.timing.client_rtt_range_ns)),
    ("client_rtt_max_ns", |row, r| row.most(r.handshake.timing.client_rtt_range_ns)),
    ("failed_after_ns", |row, r| row.number(r.handshake.timing.failed_after_ns)),
    ("wireshark_irtt_ns", |row, r| row.number(r.handshake.timing.wireshark_irtt_ns)),
    ("syn_retransmissions", |row, r| row.number(Some(r.handshake.syn_retransmissions))),
    ("syn_ack_retransmissions", |row, r| row.number(Some(r.handshake.syn_ack_retransmissions))),
    ("patterns", |row, r| {
        row.list(r.patterns.iter().map(|pattern| pattern.name.name()), Row::word);
    }),
    ("client_mss", |row, r| row.number(r.handshake.negotiated.mss.client)),
    ("server_mss", |row, r| row.number(r.handshake.negotiated.mss.server)),
    ("client_window_scale", |row, r| row.number(r.handshake.negotiated.window_scale.client)),
    ("server_window_scale", |row, r| row.number(r.handshake.negotiated.window_scale.server)),
    ("sack", |row, r| row.flag(view::used_by_both(r.handshake, r.handshake.negotiated.sack))),
    ("timestamps", |row, r| {
        row.flag(view::used_by_both(r.handshake, r.handshake.negotiated.timestamps));
    }),
    ("icmp_frame", |row, r| row.number(r.handshake.icmp.as_ref().map(|icmp| icmp.frame))),
    ("icmp_family", |row, r| {
        row.word(r.handshake.icmp.as_ref().map(|icmp| view::icmp_family(icmp.family)));
    }),
    ("icmp_type", |row, r| row.number(r.handshake.icmp.as_ref().map(|icmp| icmp.kind))),
    ("icmp_code", |row, r| row.number(r.handshake.icmp.as_ref().map(|icmp| icmp.code))),
    ("icmp_name", |row, r| {
        row.text(
            r.handshake.icmp.as_ref().map_or("", |icmp| icmp.family.meaning(icmp.kind, icmp.code)),
        );
    }),
    ("icmp_sender", |row, r| row.addr(r.handshake.icmp.as_ref().map(|icmp| icmp.sender))),
    ("frames", |row, r| row.list(r.handshake.segments.iter().map(|one| one.frame), Row::number)),
    ("client_name", |row, r| row.text(r.end_names.client.map_or("", |host| &*host.name))),
    ("server_name", |row, r| row.text(r.end_names.server.map_or("", |host| &*host.name))),
];

/// Text in quotes where it needs them. A spreadsheet takes text that begins like a formula for one,
/// quotes or not (CWE-1236): an apostrophe before it says that it is text.
pub(crate) fn push_text(row: &mut String, text: &str) {
    // Most names have no character that means anything anywhere.
    let is_ordinary = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_');
    if text.bytes().all(is_ordinary) {
        row.push_str(text);
        return;
    }
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
