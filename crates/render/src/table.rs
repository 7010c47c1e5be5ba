//! The table: one line an attempt.

use std::io;

use handshake::{Handshake, Range};
use hostnames::HostName;
use parser::{Endpoint, Timestamp};

use crate::line::Line;
use crate::style::{Column, Ink, Style, TimeFormat};
use crate::text::{clock, duration, seconds};
use crate::{Record, Summary, View, host};

/// `--format table`: one line an attempt below a line of titles, the totals at the end.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    rows: Rows,
    begun: bool,
}

/// The lines of a table.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    style: Style,
    columns: Columns,
}

/// How wide each column is; `None` leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    id: usize,
    time: Option<usize>,
    end: usize,
    outcome: usize,
    total: Option<usize>,
    server_rtt: Option<usize>,
    client_rtt: Option<usize>,
    syns: Option<usize>,
    syn_acks: Option<usize>,
    patterns: Option<usize>,
}

impl Columns {
    /// Columns of any IPv4 address with its port, and of most of them.
    const IPV4: (usize, usize) = (21, 18);
    /// Columns of an IPv6 address with its port.
    const IPV6: usize = 47;
    /// Columns of the longest outcome, and of most of them.
    const OUTCOME: (usize, usize) = (23, 14);
    /// Columns of `:65535`: what is never cut of an end point.
    const PORT: usize = 6;
    /// Columns of an end point that keeps its port where the longest outcome takes room from both ends.
    const LEAST_END: usize = Self::PORT + (Self::OUTCOME.0 - Self::OUTCOME.1).div_ceil(2);
    /// Columns of an id where there is no room for more.
    const LEAST_ID: usize = 3;
    /// Columns of the longest time in seconds, since 1970 or a capture's first frame, and of one within a
    /// day.
    const SECONDS: (usize, usize) = (17, 12);
    /// Enough for two or three patterns, and for most of one.
    const PATTERNS: (usize, usize) = (40, 12);

    fn new(style: Style) -> Self {
        let all = Self::all(style);
        style.limit().map_or(all, |limit| all.within(limit, style))
    }

    /// All of them, as wide as is good.
    fn all(style: Style) -> Self {
        let time = match style.time {
            TimeFormat::Relative => Self::SECONDS.1,
            TimeFormat::Utc | TimeFormat::Local => 15,
            TimeFormat::Epoch => Self::SECONDS.0,
        };
        Self {
            id: 5,
            time: Some(time),
            end: Self::IPV4.0,
            outcome: Self::OUTCOME.0,
            total: Some(9),
            server_rtt: Some(10),
            client_rtt: Some(10),
            syns: Some(4),
            syn_acks: Some(8),
            patterns: Some(Self::PATTERNS.0),
        }
    }

    /// What fits in `limit` columns. Columns give way in the order of [`Column::ALL`], then the end points
    /// are shortened. The total, and then what somebody asked for, give way only where nothing else leaves
    /// room for the ports.
    fn within(mut self, limit: usize, style: Style) -> Self {
        (self.end, self.outcome) = (Self::IPV4.1, Self::OUTCOME.1);
        self.patterns = self.patterns.map(|_| Self::PATTERNS.1);
        let wanted = match style.time {
            TimeFormat::Relative => style.wanted,
            TimeFormat::Utc | TimeFormat::Local | TimeFormat::Epoch => {
                style.wanted.and(Column::Time)
            }
        };
        let (asked_for, others): (Vec<_>, Vec<_>) =
            Column::ALL.into_iter().partition(|column| wanted.has(*column));
        for column in others {
            let needed = match column {
                Column::Total => self.least(),
                _ => self.width(),
            };
            if needed > limit {
                self.leave_out(column);
            }
        }
        for column in asked_for {
            if self.least() > limit {
                self.leave_out(column);
            }
        }
        let with_ports = Self { end: Self::LEAST_END, ..self }.width();
        self.id = self.id.saturating_sub(with_ports.saturating_sub(limit)).max(Self::LEAST_ID);
        if let Some(missing) = self.width().checked_sub(limit) {
            self.end = self.end.saturating_sub(missing.div_ceil(2)).max(Self::PORT);
        }
        self.widened(limit.saturating_sub(self.width()))
    }

    /// Takes `room` columns more: for any outcome, then for the patterns, any time, and longer end points.
    /// First an IPv4 address gets what it needs.
    fn widened(mut self, mut room: usize) -> Self {
        let ends = (room / 2).min(Self::IPV4.0.saturating_sub(self.end));
        self.end += ends;
        room -= 2 * ends;
        // The patterns may be cut; a long outcome takes room from the end points of its line.
        if let Some(left) = room.checked_sub(Self::OUTCOME.0.saturating_sub(self.outcome)) {
            self.outcome = Self::OUTCOME.0;
            room = left;
        }
        let mut widen = |width: &mut usize, most: usize| {
            let more = room.min(most.saturating_sub(*width));
            *width += more;
            room -= more;
        };
        if let Some(patterns) = &mut self.patterns {
            widen(patterns, Self::PATTERNS.0);
        }
        widen(&mut self.outcome, Self::OUTCOME.0);
        if let Some(time) = &mut self.time {
            widen(time, Self::SECONDS.0);
        }
        self.end = (self.end + room / 2).min(Self::IPV6.max(self.end));
        self
    }

    /// For a line whose id, time or outcome is longer than its column: its end points are shorter, so that
    /// none of these is cut and what follows stands in its column.
    fn of_line(self, cells: &Cells) -> Self {
        let id = self.id.max(cells.id.width());
        let time = self.time.map(|width| width.max(cells.time.width()));
        let before = id - self.id + time.unwrap_or_default() - self.time.unwrap_or_default();
        let from_each = (before + cells.outcome.width().saturating_sub(self.outcome)).div_ceil(2);
        Self {
            id,
            time,
            end: self.end.saturating_sub(from_each),
            outcome: self.outcome + 2 * from_each - before,
            ..self
        }
    }

    /// Columns of all of them, each with a space before the next.
    fn width(self) -> usize {
        let always = [self.id, self.end, self.end, self.outcome].into_iter();
        let optional = [
            self.time,
            self.total,
            self.server_rtt,
            self.client_rtt,
            self.syns,
            self.syn_acks,
            self.patterns,
        ];
        always.chain(optional.into_iter().flatten()).map(|width| width + 1).sum::<usize>() - 1
    }

    /// The same where ids and end points are as short as they may be.
    fn least(self) -> usize {
        Self { id: Self::LEAST_ID, end: Self::LEAST_END, ..self }.width()
    }

    const fn leave_out(&mut self, column: Column) {
        match column {
            Column::Time => self.time = None,
            Column::ClientRtt => self.client_rtt = None,
            Column::Repeats => (self.syns, self.syn_acks) = (None, None),
            Column::Patterns => self.patterns = None,
            Column::ServerRtt => self.server_rtt = None,
            Column::Total => self.total = None,
        }
    }
}

impl<W: io::Write> Table<W> {
    /// Writes to `out`.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, rows: Rows { style, columns: Columns::new(style) }, begun: false }
    }
}

impl Rows {
    /// Lines of so many columns, or a few more where that is not enough for an attempt. The ids are at
    /// most `highest`. They have no patterns.
    pub fn within(style: Style, columns: u16, highest: u64) -> Self {
        let style = Style { width: Some(columns), ..style };
        let all = Columns::all(style);
        let id = all.id.max(highest.to_string().len());
        let all = Columns { id, patterns: None, ..all };
        Self { style, columns: all.within(columns.into(), style) }
    }

    /// The titles of the columns.
    pub fn titles(&self) -> Line {
        let text = |text| Line::of(Ink::Faint, text);
        let cells = Cells {
            id: text("id"),
            time: text("time"),
            client: text("client"),
            server: text("server"),
            outcome: text("outcome"),
            total: text("total"),
            server_rtt: text("server RTT"),
            client_rtt: text("client RTT"),
            syns: text("+SYN"),
            syn_acks: text("+SYN-ACK"),
            patterns: text("patterns"),
        };
        cells.line(self.columns, self.style)
    }

    /// The line of an attempt.
    pub fn row(&self, record: &Record<'_>) -> Line {
        let handshake = record.handshake;
        let mut cells = self.cells(record);
        let columns = match self.style.limit() {
            Some(_) => self.columns.of_line(&cells),
            None => self.columns,
        };
        let end = |end, name| Line::of(Ink::Plain, &self.end(end, name, columns.end));
        cells.client = end(handshake.client, record.end_names.client);
        cells.server = end(handshake.server, record.end_names.server);
        cells.line(columns, self.style)
    }

    /// All texts but the end points: these take what room the others leave.
    fn cells(&self, record: &Record<'_>) -> Cells {
        let handshake = record.handshake;
        let style = self.style;
        let timing = &handshake.timing;
        let start = timing.start.map(|start| time(start, record.capture_start, style));
        let rtt = |ns, range| Line::of(Ink::Plain, &bounded(ns, range, style));
        let repeats = |count: u32| {
            Line::of(Ink::Doubtful, &if count > 0 { count.to_string() } else { String::new() })
        };
        let names: Vec<_> = record.patterns.iter().map(|pattern| pattern.name.name()).collect();
        Cells {
            id: Line::of(Ink::Faint, &handshake.id.to_string()),
            time: Line::of(Ink::Faint, &start.unwrap_or_default()),
            client: Line::default(),
            server: Line::default(),
            outcome: Line::of(Ink::from(handshake.outcome), handshake.outcome.name()),
            total: total(handshake, style),
            server_rtt: rtt(timing.server_rtt_ns, timing.server_rtt_range_ns),
            client_rtt: rtt(timing.client_rtt_ns, timing.client_rtt_range_ns),
            syns: repeats(handshake.syn_retransmissions),
            syn_acks: repeats(handshake.syn_ack_retransmissions),
            patterns: Line::of(Ink::Faint, &names.join(" ")),
        }
    }

    /// An end point, shortened where a terminal is narrow.
    fn end(&self, end: Endpoint, name: Option<&HostName>, width: usize) -> String {
        match self.style.limit() {
            Some(_) => {
                let mark = self.style.pick("…", "~");
                shortened(host::end_within(end, name, width, mark), width, self.style)
            }
            None => host::end(end, name),
        }
    }
}

impl<W: io::Write> View for Table<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            self.rows.titles().write(&mut self.out, self.rows.style)?;
        }
        self.rows.row(record).write(&mut self.out, self.rows.style)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.begun {
            self.out.write_all(b"\n")?;
        }
        summary.write(&mut self.out, self.rows.style)
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
    client_rtt: Line,
    syns: Line,
    syn_acks: Line,
    patterns: Line,
}

impl Cells {
    /// The cells side by side: names from the left, numbers to the right. On a terminal, durations, repeats
    /// and patterns are cut where they are too long for their columns. All else pushes what follows:
    /// somebody may type an id, a port tells attempts apart, and the beginning of an outcome is another
    /// outcome.
    fn line(&self, columns: Columns, style: Style) -> Line {
        let mut line = Line::default();
        let mut put = |cell: &Line, width: usize, is_number: bool| {
            let from = line.width();
            if is_number {
                line.right_align(from + width, cell);
            } else {
                line.append(cell);
            }
            line.pad_to((from + width).max(line.width()) + 1);
        };
        let fitted = |cell: &Line, width| {
            let mut cell = cell.clone();
            if style.limit().is_some() {
                cell.fit(width, style);
            }
            cell
        };
        put(&self.id, columns.id, true);
        if let Some(width) = columns.time {
            put(&self.time, width, true);
        }
        put(&self.client, columns.end, false);
        put(&self.server, columns.end, false);
        put(&self.outcome, columns.outcome, false);
        let numbers = [
            (&self.total, columns.total),
            (&self.server_rtt, columns.server_rtt),
            (&self.client_rtt, columns.client_rtt),
            (&self.syns, columns.syns),
            (&self.syn_acks, columns.syn_acks),
        ];
        for (cell, width) in numbers {
            if let Some(width) = width {
                put(&fitted(cell, width), width, true);
            }
        }
        if let Some(width) = columns.patterns {
            put(&fitted(&self.patterns, width), width, false);
        }
        line
    }
}

/// When an attempt began; without another wish, after the first frame of the capture.
pub(crate) fn time(at: Timestamp, capture_start: Option<Timestamp>, style: Style) -> String {
    match style.time {
        TimeFormat::Relative => seconds(at.nanos_since(capture_start.unwrap_or(at))),
        TimeFormat::Utc | TimeFormat::Local => clock(at, &style.zone()),
        TimeFormat::Epoch => seconds(at.as_nanos()),
    }
}

/// Until the attempt was established; marked, until it failed.
pub(crate) fn total(handshake: &Handshake, style: Style) -> Line {
    let timing = &handshake.timing;
    match timing.failed_after_ns {
        Some(ns) => {
            let mut failed = Line::of(Ink::from(handshake.outcome), style.pick("✗ ", "x "));
            failed.push(Ink::Strong, &duration(ns, style.unicode));
            failed
        }
        None => Line::of(Ink::Strong, &bounded(timing.total_ns, timing.total_range_ns, style)),
    }
}

/// A time; where it can't be known, the least that it can be, or the most where that is 0.
pub(crate) fn bounded(ns: Option<i64>, range: Option<Range>, style: Style) -> String {
    let time = |ns| duration(ns, style.unicode);
    match (ns, range) {
        (Some(ns), _) => time(ns),
        (None, Some(Range { min: 0, max })) => format!("{}{}", style.pick("≤", "<="), time(max)),
        (None, Some(Range { min, .. })) => format!("{}{}", style.pick("≥", ">="), time(min)),
        (None, None) => String::new(),
    }
}

/// An end point in at most `width` columns, as far as that can be. What is left out is the middle of the
/// address, at last all of it: the port tells attempts apart, and so do both ends of an address.
fn shortened(text: String, width: usize, style: Style) -> String {
    // An address and its port are ASCII; of a name there is no more than fits.
    if text.chars().count() <= width {
        return text;
    }
    let (address, port) = text.split_at(text.rfind(':').unwrap_or(text.len()));
    let Some(room) = width.checked_sub(port.len() + 1) else { return port.to_owned() };
    let head = (address.len() / 2).min(room);
    let tail = address.len() - (room - head);
    format!("{}{}{}{port}", &address[..head], style.pick("…", "~"), &address[tail..])
}

#[cfg(test)]
mod tests;
