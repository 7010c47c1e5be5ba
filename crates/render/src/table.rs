//! The table: one line an attempt.

use std::io;

use handshake::{Handshake, Range};
use parser::{Endpoint, Timestamp};

use crate::line::Line;
use crate::style::{Ink, Style, TimeFormat};
use crate::text::{clock, duration, seconds};
use crate::{Record, Summary, View};

/// `--format table`: one line an attempt below a line of titles, the totals at the end.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    style: Style,
    columns: Columns,
    /// What relative times count from: the start of the first attempt shown that has one.
    origin: Option<Timestamp>,
    begun: bool,
}

/// How wide each column is; `None` leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    id: usize,
    time: Option<usize>,
    end: usize,
    outcome: usize,
    total: usize,
    server_rtt: Option<usize>,
    retries: Option<usize>,
    patterns: Option<usize>,
}

impl Columns {
    /// Columns of an IPv4 address with its port.
    const IPV4: usize = 21;
    /// Columns of an IPv6 address with its port.
    const IPV6: usize = 47;
    /// Enough for two or three patterns.
    const PATTERNS: usize = 40;

    /// What fits. The narrower the terminal, the more is left out: time first, then patterns, retries
    /// and the server's RTT.
    fn new(style: Style) -> Self {
        let columns = style.columns();
        let time = match style.time {
            TimeFormat::Relative => 12,
            TimeFormat::Utc | TimeFormat::Local => 15,
            TimeFormat::Epoch => 17,
        };
        let mut table = Self {
            id: if columns < 80 { 4 } else { 5 },
            time: (columns >= 120).then_some(time),
            end: 0,
            outcome: if columns < 140 { 14 } else { 23 },
            total: 9,
            server_rtt: (columns >= 80).then_some(10),
            retries: (columns >= 100).then_some(7),
            patterns: None,
        };
        let room = columns - table.fixed();
        // What two IPv4 end points leave goes to the patterns, then to longer end points.
        if columns >= 100 {
            let left = room.saturating_sub(2 * Self::IPV4 + 1);
            table.patterns = Some(left.clamp(12, Self::PATTERNS));
        }
        let room = columns - table.fixed();
        table.end = (room / 2).min(Self::IPV6);
        table
    }

    /// Columns of everything but the two end points, each with a space before the next.
    fn fixed(self) -> usize {
        let always = [self.id, self.outcome, self.total].into_iter();
        let optional = [self.time, self.server_rtt, self.retries, self.patterns];
        let widths = always.chain(optional.into_iter().flatten());
        widths.map(|width| width + 1).sum::<usize>() + 1
    }
}

impl<W: io::Write> Table<W> {
    /// Writes to `out`.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, columns: Columns::new(style), origin: None, begun: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        let text = |text| Line::of(Ink::Faint, text);
        let cells = Cells {
            id: text("id"),
            time: text("time"),
            client: text("client"),
            server: text("server"),
            outcome: text("outcome"),
            total: text("total"),
            server_rtt: text("server RTT"),
            retries: text("retries"),
            patterns: text("patterns"),
        };
        self.write(&cells)
    }

    fn write(&mut self, cells: &Cells) -> io::Result<()> {
        cells.line(self.columns, self.style).write(&mut self.out, self.style)
    }

    fn time(&self, at: Timestamp) -> String {
        match self.style.time {
            TimeFormat::Relative => seconds(at.nanos_since(self.origin.unwrap_or(at))),
            TimeFormat::Utc | TimeFormat::Local => clock(at, &self.style.zone()),
            TimeFormat::Epoch => seconds(at.as_nanos()),
        }
    }

    fn cells(&self, record: &Record<'_>) -> Cells {
        let handshake = record.handshake;
        let style = self.style;
        let end = |end: Endpoint| Line::of(Ink::Plain, &shortened(end, self.columns.end, style));
        let timing = &handshake.timing;
        let start = handshake.timing.start.map(|start| self.time(start));
        let retries =
            u64::from(handshake.syn_retransmissions) + u64::from(handshake.syn_ack_retransmissions);
        let retries = (retries > 0).then(|| retries.to_string());
        let names: Vec<_> = record.patterns.iter().map(|pattern| pattern.name.name()).collect();
        Cells {
            id: Line::of(Ink::Faint, &handshake.id.to_string()),
            time: Line::of(Ink::Faint, &start.unwrap_or_default()),
            client: end(handshake.client),
            server: end(handshake.server),
            outcome: Line::of(Ink::from(handshake.outcome), handshake.outcome.name()),
            total: Line::of(Ink::Strong, &total(handshake, style)),
            server_rtt: Line::of(
                Ink::Plain,
                &bounded(timing.server_rtt_ns, timing.server_rtt_range_ns, style),
            ),
            retries: Line::of(Ink::Doubtful, &retries.unwrap_or_default()),
            patterns: Line::of(Ink::Faint, &names.join(" ")),
        }
    }
}

impl<W: io::Write> View for Table<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if !self.begun {
            self.begin()?;
        }
        self.origin = self.origin.or(record.handshake.timing.start);
        self.write(&self.cells(record))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.begun {
            self.out.write_all(b"\n")?;
        }
        summary.write(&mut self.out, self.style)
    }
}

/// The texts of a line.
struct Cells {
    id: Line,
    time: Line,
    client: Line,
    server: Line,
    outcome: Line,
    total: Line,
    server_rtt: Line,
    retries: Line,
    patterns: Line,
}

impl Cells {
    /// The cells side by side: names from the left, numbers to the right.
    fn line(&self, columns: Columns, style: Style) -> Line {
        let mut line = Line::default();
        let mut put = |cell: &Line, width: Option<usize>, is_number: bool| {
            let Some(width) = width else { return };
            let (mut cell, from) = (cell.clone(), line.width());
            cell.fit(width, style);
            if is_number {
                line.right_align(from + width, &cell);
            } else {
                line.append(&cell);
            }
            line.pad_to(from + width + 1);
        };
        put(&self.id, Some(columns.id), true);
        put(&self.time, columns.time, true);
        put(&self.client, Some(columns.end), false);
        put(&self.server, Some(columns.end), false);
        put(&self.outcome, Some(columns.outcome), false);
        put(&self.total, Some(columns.total), true);
        put(&self.server_rtt, columns.server_rtt, true);
        put(&self.retries, columns.retries, true);
        put(&self.patterns, columns.patterns, false);
        line
    }
}

/// Until the attempt was established, or until it failed.
fn total(handshake: &Handshake, style: Style) -> String {
    let timing = &handshake.timing;
    let ns = timing.total_ns.or(timing.failed_after_ns);
    bounded(ns, timing.total_range_ns, style)
}

/// A time; where it can't be known, the least that it can be, or the most where that is 0.
fn bounded(ns: Option<i64>, range: Option<Range>, style: Style) -> String {
    let time = |ns| duration(ns, style.unicode);
    match (ns, range) {
        (Some(ns), _) => time(ns),
        (None, Some(Range { min: 0, max })) => format!("{}{}", style.pick("≤", "<="), time(max)),
        (None, Some(Range { min, .. })) => format!("{}{}", style.pick("≥", ">="), time(min)),
        (None, None) => String::new(),
    }
}

/// An end point in at most `width` columns. What is left out is the middle of the address: the port
/// tells attempts apart, and so do both ends of an address.
fn shortened(end: Endpoint, width: usize, style: Style) -> String {
    let text = end.to_string();
    let Some(excess) = text.len().checked_sub(width).filter(|&excess| excess > 0) else {
        return text;
    };
    // An address and its port are ASCII.
    let port = text.rfind(':').unwrap_or(text.len());
    let gap = (port / 2).min(port.saturating_sub(excess + 1));
    let (head, tail) = (text.get(..gap), text.get(gap + excess + 1..));
    format!("{}{}{}", head.unwrap_or_default(), style.pick("…", "~"), tail.unwrap_or_default())
}

#[cfg(test)]
mod tests;
