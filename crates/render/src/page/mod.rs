//! A page of a capture for a browser: what is wrong, the statistics, and the attempts with their ladders,
//! in one file that loads nothing.

mod attempt;
mod document;
mod findings;
mod outcomes;
mod over_time;
mod rank;
mod row;
mod servers;
mod worst;

use std::collections::HashSet;
use std::io;

use handshake::{Handshake, Pattern, PatternName};
use hostnames::{EndNames, HostName};
use maud::{Markup, html};
use parser::{Names, Timestamp};

use self::rank::Examples;
use self::worst::Worst;
use crate::line::Line;
use crate::style::{Style, Tone};
use crate::svg::{class, runs};
use crate::{Record, Summary, View};

/// What bounds a page, and the memory that it takes until it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    /// Attempts in the list.
    pub rows: usize,
    /// Attempts with a ladder.
    pub ladders: usize,
    /// Bytes that the records of these take until their ladders are drawn, about.
    pub records: usize,
    /// Bytes of ladders in the page.
    pub drawn: usize,
}

/// What a row takes beside its text, about: its rank, and what a map and the allocator add.
const BESIDE_ROW: usize = 90;

impl PageLimits {
    /// The bounds of a page that a browser opens in a moment.
    pub const DEFAULT: Self =
        Self { rows: 100_000, ladders: 1_000, records: 8_000_000, drawn: 20_000_000 };

    /// Bytes that are held until the page is written, about.
    pub const fn memory(self) -> usize {
        self.list() + self.records
    }

    /// Bytes that the list takes at most.
    const fn list(self) -> usize {
        self.rows * 250
    }
}

/// `report`: a page of all attempts, with ladders of the worst ones.
#[derive(Debug)]
pub struct Page<W> {
    out: W,
    style: Style,
    limits: PageLimits,
    examples: Examples,
    rows: Worst<Box<str>>,
    held: Worst<Held>,
    names: Names,
    capture_start: Option<Timestamp>,
}

/// What the list has.
struct Listed {
    ids: HashSet<u64>,
    /// Attempts for which there was no room.
    left_out: u64,
}

/// An attempt whose ladder is drawn at the end.
#[derive(Debug)]
struct Held {
    handshake: Handshake,
    patterns: Vec<Pattern>,
    client_name: Option<HostName>,
    server_name: Option<HostName>,
}

impl Held {
    fn of(record: &Record<'_>) -> Self {
        Self {
            handshake: record.handshake.clone(),
            patterns: record.patterns.to_vec(),
            client_name: record.end_names.client.cloned(),
            server_name: record.end_names.server.cloned(),
        }
    }

    fn record<'a>(&'a self, names: &'a Names, capture_start: Option<Timestamp>) -> Record<'a> {
        let Self { handshake, patterns, client_name, server_name } = self;
        let end_names = EndNames { client: client_name.as_ref(), server: server_name.as_ref() };
        Record { handshake, patterns, calls: &[], names, end_names, capture_start }
    }
}

impl<W: io::Write> Page<W> {
    /// Writes to `out` when all attempts are there.
    pub fn new(out: W, style: Style, limits: PageLimits) -> Self {
        Self {
            out,
            style: Style { unicode: true, color: false, width: None, explain: false, ..style },
            limits,
            examples: Examples::default(),
            rows: Worst::new(limits.rows, limits.list()),
            held: Worst::new(limits.ladders, limits.records),
            names: Names::default(),
            capture_start: None,
        }
    }

    /// The ladders, the worst first, as many as the page has room for. Gives how many.
    fn write_ladders(&mut self) -> io::Result<usize> {
        let mut drawn = 0;
        let mut room = self.limits.drawn;
        for (_, held) in self.held.iter() {
            let record = held.record(&self.names, self.capture_start);
            let ladder = attempt::ladder(&record, self.style).into_string();
            let Some(left) = room.checked_sub(ladder.len()) else { break };
            room = left;
            self.out.write_all(ladder.as_bytes())?;
            self.out.write_all(b"\n")?;
            drawn += 1;
        }
        Ok(drawn)
    }

    /// The list as data for the script, as it is shown first.
    fn write_rows(&mut self) -> io::Result<()> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(rank, _)| rank.shown());
        let patterns: Vec<_> = PatternName::ALL.iter().map(|pattern| pattern.name()).collect();
        write!(self.out, "<script type=\"application/json\" id=\"data\">{{")?;
        write!(self.out, "\"outcomes\":{},", row::json(&row::outcomes())?)?;
        write!(self.out, "\"patterns\":{},\"rows\":[", row::json(&patterns)?)?;
        for (at, (_, row)) in rows.iter().enumerate() {
            write!(self.out, "{}\n{row}", if at == 0 { "" } else { "," })?;
        }
        self.out.write_all(b"\n]}</script>\n")
    }
}

impl<W: io::Write> View for Page<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.names.extend_from(record.names);
        self.capture_start = record.capture_start;
        let rank = self.examples.rank(record.handshake);
        let style = self.style;
        self.rows.offer(rank, || {
            let row = row::row(record, style)?.into_boxed_str();
            let bytes = row.len() + BESIDE_ROW;
            Ok((row, bytes))
        })?;
        self.held.offer(rank, || Ok((Held::of(record), record.handshake.weight())))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let listed = Listed {
            ids: self.rows.iter().map(|(rank, _)| rank.id()).collect(),
            left_out: self.rows.left_out(),
        };
        let begin = document::begin(summary, self.style, &listed).into_string();
        self.out.write_all(begin.as_bytes())?;
        self.write_rows()?;
        let drawn = self.write_ladders()?;
        let without = self.rows.iter().count().saturating_sub(drawn) as u64;
        self.out.write_all(document::end(summary, without).into_string().as_bytes())?;
        self.out.write_all(b"\n")
    }
}

/// A line in its colours.
fn words(line: &Line) -> Markup {
    html! {
        @for (Tone { ink, is_bold }, words) in runs(line) {
            span .(class(ink)) .bold[is_bold] { (words) }
        }
    }
}

#[cfg(test)]
mod tests;
