//! The view of one file.

use std::io;

use render::{Record, Style, Summary, View};

use crate::ROOM;
use crate::file::ColumnsFile;
use crate::rows::Rows;
use crate::schema::Content;

/// `--format parquet` to one file. Rows alone go to the output; the totals go to a second place (standard
/// error), as text.
#[derive(Debug)]
pub struct Columns<W: io::Write + Send, N> {
    file: ColumnsFile<W>,
    rows: Rows,
    notes: N,
    /// How the notes look.
    style: Style,
}

impl<W: io::Write + Send, N: io::Write> Columns<W, N> {
    /// Writes a file with this content to `out` and the totals to `notes`, which look so.
    pub fn new(out: W, content: Content, notes: N, style: Style) -> Self {
        Self { file: ColumnsFile::new(out, content), rows: Rows::new(content), notes, style }
    }
}

impl<W: io::Write + Send, N: io::Write> View for Columns<W, N> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.rows.push(record);
        if self.rows.are_full() || self.rows.bytes() > ROOM {
            self.file.write(&mut self.rows)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.file.write(&mut self.rows)?;
        self.file.finish()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        summary.write(&mut self.notes, self.style)
    }
}
