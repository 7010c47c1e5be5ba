//! An attempt in the list of a page: the words of a line of the table.

use std::io;

use handshake::{Outcome, Range};
use jiff::tz::TimeZone;
use parser::Timestamp;
use serde::Serialize;

use crate::style::{Ink, Style, TimeFormat};
use crate::svg::class;
use crate::table::{bounded, time, total};
use crate::text::{clock, escape};
use crate::{Record, host};

/// From then on seconds are too many to be read.
const DAY: i64 = 86_400 * 1_000_000_000;

/// A column of the list.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// How the script sorts it.
    pub(super) sort: &'static str,
    /// Where in a row the value stands that it is sorted by.
    pub(super) by: usize,
}

impl Column {
    /// How it is set.
    pub(super) fn kind(&self) -> &'static str {
        if self.sort == "number" { "number" } else { "words" }
    }
}

/// The columns. What is shown of times and durations does not tell all of their order: these are numbers of
/// nanoseconds behind the columns of the row.
pub(super) const COLUMNS: [Column; 11] = {
    const fn column(title: &'static str, sort: &'static str, by: usize) -> Column {
        Column { title, sort, by }
    }
    [
        column("id", "number", 0),
        column("time", "number", 11),
        column("client", "end", 2),
        column("server", "end", 3),
        column("outcome", "name", 4),
        column("total", "number", 12),
        column("server RTT", "number", 13),
        column("client RTT", "number", 14),
        column("+SYN", "number", 8),
        column("+SYN-ACK", "number", 9),
        column("patterns", "name", 10),
    ]
};

/// The outcomes that rows refer to by their places, each with its colour.
pub(super) fn outcomes() -> Vec<(&'static str, &'static str)> {
    let outcome = |outcome: Outcome| (outcome.name(), class(Ink::from(outcome)));
    Outcome::ALL.into_iter().map(outcome).collect()
}

/// A row, column by column and the values that it is sorted by, as JSON.
pub(super) fn row(record: &Record<'_>, style: Style) -> io::Result<String> {
    let handshake = record.handshake;
    let timing = &handshake.timing;
    let since = timing.start.map(|at| at.nanos_since(record.capture_start.unwrap_or(at)));
    let start = timing.start.zip(since).map(|(start, since)| match style.time {
        TimeFormat::Relative if since >= DAY => days(since),
        _ => time(start, record.capture_start, style),
    });
    let least = |ns: Option<i64>, range: Option<Range>| ns.or(range.map(|range| range.min));
    let patterns: Vec<_> = record.patterns.iter().map(|pattern| pattern.name as usize).collect();
    json(&(
        handshake.id,
        start.unwrap_or_default(),
        escape(&host::end(handshake.client, record.end_names.client)),
        escape(&host::end(handshake.server, record.end_names.server)),
        handshake.outcome as usize,
        total(handshake, style).text(),
        bounded(timing.server_rtt_ns, timing.server_rtt_range_ns, style),
        bounded(timing.client_rtt_ns, timing.client_rtt_range_ns, style),
        handshake.syn_retransmissions,
        handshake.syn_ack_retransmissions,
        patterns,
        since,
        timing.failed_after_ns.or(least(timing.total_ns, timing.total_range_ns)),
        least(timing.server_rtt_ns, timing.server_rtt_range_ns),
        least(timing.client_rtt_ns, timing.client_rtt_range_ns),
    ))
}

/// Days and the time since the last whole one: `1103 d 16:41:47.128426`.
fn days(ns: i64) -> String {
    let since = Timestamp::from_nanos(ns % DAY);
    format!("{} d {}", ns / DAY, clock(since, &TimeZone::UTC))
}

/// JSON in which nothing can end the element around it.
pub(super) fn json(it: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(it)?.replace('<', "\\u003c"))
}
