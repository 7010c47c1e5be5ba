//! An attempt in the list of a page: the words of a line of the table.

use std::io;

use handshake::Outcome;
use serde::Serialize;

use crate::style::{Ink, Style};
use crate::svg::class;
use crate::table::{bounded, time, total};
use crate::text::escape;
use crate::{Record, host};

/// The titles of its columns, each with how the script sorts it.
pub(super) const COLUMNS: [(&str, &str); 11] = [
    ("id", "number"),
    ("time", "id"),
    ("client", "name"),
    ("server", "name"),
    ("outcome", "name"),
    ("total", "duration"),
    ("server RTT", "duration"),
    ("client RTT", "duration"),
    ("+SYN", "number"),
    ("+SYN-ACK", "number"),
    ("patterns", "name"),
];

/// How a column is set that is sorted so.
pub(super) fn kind(sort: &str) -> &'static str {
    if sort == "name" { "words" } else { "number" }
}

/// The outcomes that rows refer to by their places, each with its colour.
pub(super) fn outcomes() -> Vec<(&'static str, &'static str)> {
    let outcome = |outcome: Outcome| (outcome.name(), class(Ink::from(outcome)));
    Outcome::ALL.into_iter().map(outcome).collect()
}

/// A row, column by column, as JSON.
pub(super) fn row(record: &Record<'_>, style: Style) -> io::Result<String> {
    let handshake = record.handshake;
    let timing = &handshake.timing;
    let start = timing.start.map(|start| time(start, record.capture_start, style));
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
    ))
}

/// JSON in which nothing can end the element around it.
pub(super) fn json(it: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(it)?.replace('<', "\\u003c"))
}
