//! Pictures of a few attempts, or a table of many.

use std::io::{self, Write as _};

use render::{Exchange, Record, Style, Summary, Table, Timeline, View};

use crate::held::{Background, Held};
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
    background: Background,
    /// What shows them, once there are many.
    table: Option<Table<Shared>>,
}

impl Brief {
    pub(crate) fn new(out: Shared, style: Style, remarks: Remarks) -> Self {
        let (held, background) = (Vec::new(), Background::default());
        Self { out, style, remarks, held, background, table: None }
    }

    /// Shows in `view` what was held back.
    fn show(&mut self, view: &mut dyn View) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        held.iter().try_for_each(|held| self.background.show(held, view))
    }
}

impl View for Brief {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if let Some(table) = &mut self.table {
            return table.handshake(record);
        }
        if self.held.len() < MOST_PICTURES {
            self.held.push(self.background.hold(record));
            return Ok(());
        }
        let mut table = Table::new(self.out.clone(), self.style);
        self.show(&mut table)?;
        self.table.insert(table).handshake(record)
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        Timeline::new(self.out.clone(), self.style).exchange(exchange)
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
