//! Pictures of a few attempts, or a table of many.

use std::io::{self, Write as _};

use handshake::{Handshake, Pattern};
use parser::{Names, Timestamp};
use render::{Record, Style, Summary, Table, Timeline, View};

use crate::remarks::Remarks;
use crate::shared::Shared;

/// A user looks at so many pictures, one by one.
const MOST_PICTURES: usize = 20;

/// A view that holds attempts back until it is known whether they are few.
pub(crate) struct Brief {
    out: Shared,
    style: Style,
    remarks: Remarks,
    held: Vec<Held>,
    names: Names,
    capture_start: Option<Timestamp>,
    /// What shows them, once there are many.
    table: Option<Table<Shared>>,
}

/// An attempt that is held back.
struct Held {
    handshake: Handshake,
    patterns: Vec<Pattern>,
}

impl Brief {
    pub(crate) fn new(out: Shared, style: Style, remarks: Remarks) -> Self {
        let (held, names) = (Vec::new(), Names::default());
        Self { out, style, remarks, held, names, capture_start: None, table: None }
    }

    fn hold(&mut self, record: &Record<'_>) {
        self.names.extend_from(record.names);
        self.capture_start = record.capture_start;
        let (handshake, patterns) = (record.handshake.clone(), record.patterns.to_vec());
        self.held.push(Held { handshake, patterns });
    }

    /// Shows in `view` what was held back.
    fn show(&mut self, view: &mut dyn View) -> io::Result<()> {
        let (names, capture_start) = (&self.names, self.capture_start);
        for Held { handshake, patterns } in self.held.drain(..) {
            let (handshake, patterns) = (&handshake, &*patterns);
            view.handshake(&Record { handshake, patterns, calls: &[], names, capture_start })?;
        }
        Ok(())
    }
}

impl View for Brief {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if let Some(table) = &mut self.table {
            return table.handshake(record);
        }
        if self.held.len() < MOST_PICTURES {
            self.hold(record);
            return Ok(());
        }
        let mut table = Table::new(self.out.clone(), self.style);
        self.show(&mut table)?;
        self.table.insert(table).handshake(record)
    }

    fn end(&mut self) -> io::Result<()> {
        if self.table.is_none() {
            return self.show(&mut Timeline::new(self.out.clone(), self.style));
        }
        if self.remarks != Remarks::Off {
            let how = "--id N shows the picture of one attempt, --format timeline all of them";
            write!(self.out, "\nmore than {MOST_PICTURES} attempts: {how}\n")?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        match &mut self.table {
            Some(table) => table.finish(summary),
            None => Timeline::new(self.out.clone(), self.style).finish(summary),
        }
    }
}
