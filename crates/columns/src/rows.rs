//! Rows that wait for their row group.

use std::net::IpAddr;

use render::Record;

use crate::cell::Cell;
use crate::schema::Content;
use crate::segment::{self, Within};
use crate::{MOST_ROWS, attempt};

/// Rows that wait for their row group, as bytes.
#[derive(Debug)]
pub struct Rows {
    content: Content,
    waiting: Vec<Row>,
    bytes: usize,
}

/// About how long the cells of a row are.
const CELLS: usize = 512;

/// A row that waits.
#[derive(Debug)]
struct Row {
    server: (IpAddr, u16),
    start: Option<i64>,
    id: u64,
    cells: Box<[u8]>,
}

impl Rows {
    /// No rows, for files with this content.
    pub const fn new(content: Content) -> Self {
        Self { content, waiting: Vec::new(), bytes: 0 }
    }

    /// Takes the row of an attempt.
    pub fn push(&mut self, record: &Record<'_>) {
        let mut cells = Vec::with_capacity(CELLS);
        for (.., add) in attempt::COLUMNS {
            add(&mut Cell::new(&mut cells), record);
        }
        if self.content == Content::WithSegments {
            for (.., add) in segment::COLUMNS {
                let add = |cell: &mut Cell<'_>, within| add(cell, &within);
                Cell::new(&mut cells).list(Within::all(record), add);
            }
        }
        let handshake = record.handshake;
        let row = Row {
            server: (handshake.server.addr, handshake.server.port),
            start: handshake.timing.start.map(parser::Timestamp::as_nanos),
            id: handshake.id,
            cells: cells.into_boxed_slice(),
        };
        self.bytes += size_of::<Row>() + row.cells.len();
        self.waiting.push(row);
    }

    /// About how many bytes they take.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a row group can't have more.
    pub fn are_full(&self) -> bool {
        self.waiting.len() >= MOST_ROWS
    }

    /// Whether there are none.
    pub fn are_none(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes all of them out, in the order of a row group: by server and time. Texts are in the order of
    /// their bytes, as Parquet compares them; what has no time is last.
    pub(crate) fn take(&mut self) -> Vec<Box<[u8]>> {
        self.bytes = 0;
        let mut rows = std::mem::take(&mut self.waiting);
        rows.sort_by_cached_key(|Row { server: (addr, port), start, id, .. }| {
            (addr.to_string(), *port, start.is_none(), *start, *id)
        });
        rows.into_iter().map(|row| row.cells).collect()
    }
}
