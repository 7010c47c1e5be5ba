//! A Parquet file that is being written.

use std::fmt;
use std::io;

use parquet::column::writer::{ColumnWriter, ColumnWriterImpl};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

use crate::cell::Levels;
use crate::rows::Rows;
use crate::schema::{Content, properties, schema};
use crate::stored::Stored;

/// So many rows of a column are handed over at once.
const BATCH: usize = 1024;

/// A Parquet file that is being written. It is of use once it is finished.
pub struct ColumnsFile<W: io::Write + Send> {
    writer: Writer<W>,
}

/// A file begins with its first row group, or with its end where it has none.
enum Writer<W: io::Write + Send> {
    Begun(SerializedFileWriter<W>),
    NotBegun(Option<W>, Content),
}

impl<W: io::Write + Send> ColumnsFile<W> {
    /// A file with this content.
    pub const fn new(out: W, content: Content) -> Self {
        Self { writer: Writer::NotBegun(Some(out), content) }
    }

    /// Writes rows as one row group, and takes them out. They must have the content of the file.
    ///
    /// # Errors
    /// Where the writer fails.
    pub fn write(&mut self, rows: &mut Rows) -> io::Result<()> {
        if rows.are_none() {
            return Ok(());
        }
        let rows = rows.take();
        let mut rows: Vec<&[u8]> = rows.iter().map(|row| &**row).collect();
        let mut group = self.writer()?.next_row_group().map_err(failure)?;
        while let Some(column) = group.next_column().map_err(failure)? {
            write_column(column, &mut rows).map_err(failure)?;
        }
        group.close().map_err(failure).map(drop)
    }

    /// How many row groups were written.
    pub fn groups(&self) -> usize {
        match &self.writer {
            Writer::Begun(writer) => writer.flushed_row_groups().len(),
            Writer::NotBegun(..) => 0,
        }
    }

    /// Writes the end of the file.
    ///
    /// # Errors
    /// Where the writer fails.
    pub fn finish(&mut self) -> io::Result<()> {
        let writer = self.writer()?;
        writer.finish().map_err(failure)?;
        writer.inner_mut().flush()
    }

    fn writer(&mut self) -> io::Result<&mut SerializedFileWriter<W>> {
        if let Writer::NotBegun(out, content) = &mut self.writer {
            let out = out.take().ok_or_else(|| io::Error::other("a file that failed to begin"))?;
            let schema = schema(*content).map_err(failure)?;
            let properties = properties(&schema);
            let writer = SerializedFileWriter::new(out, schema, properties).map_err(failure)?;
            self.writer = Writer::Begun(writer);
        }
        match &mut self.writer {
            Writer::Begun(writer) => Ok(writer),
            Writer::NotBegun(..) => Err(io::Error::other("the file has not begun")),
        }
    }
}

/// Writes a column, whose values come next in each row.
fn write_column(
    mut column: SerializedColumnWriter<'_>,
    rows: &mut [&[u8]],
) -> Result<(), ParquetError> {
    match column.untyped() {
        ColumnWriter::BoolColumnWriter(writer) => write_values(writer, rows)?,
        ColumnWriter::Int32ColumnWriter(writer) => write_values(writer, rows)?,
        ColumnWriter::Int64ColumnWriter(writer) => write_values(writer, rows)?,
        ColumnWriter::ByteArrayColumnWriter(writer) => write_values(writer, rows)?,
        _ => return Err(ParquetError::General("no column is of this type".to_owned())),
    }
    column.close()
}

fn write_values<T: Stored>(
    writer: &mut ColumnWriterImpl<'_, T>,
    rows: &mut [&[u8]],
) -> Result<(), ParquetError> {
    let there = writer.get_descriptor().max_def_level();
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    for batch in rows.chunks_mut(BATCH) {
        values.clear();
        definitions.clear();
        repetitions.clear();
        for row in batch {
            let mut next = Levels::take(row);
            while let Some(Levels { repetition, definition }) = next {
                definitions.push(definition.into());
                repetitions.push(repetition.into());
                if i16::from(definition) == there {
                    values.push(T::take(row));
                }
                let is_of_cell = Levels::peek(row).is_some_and(|levels| levels.repetition > 0);
                next = if is_of_cell { Levels::take(row) } else { None };
            }
        }
        writer.write_batch(&values, Some(&definitions), Some(&repetitions))?;
    }
    Ok(())
}

/// The failure of the writer below, where it is one.
fn failure(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}

impl<W: io::Write + Send> fmt::Debug for ColumnsFile<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnsFile").field("groups", &self.groups()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that takes so many bytes.
    struct Full(usize);

    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = self.0.min(bytes.len());
            self.0 -= taken;
            if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_file_without_rows_has_an_end() {
        let mut out = Vec::new();
        ColumnsFile::new(&mut out, Content::WithSegments).finish().unwrap();
        assert!(out.starts_with(b"PAR1") && out.ends_with(b"PAR1"));
    }

    #[test]
    fn the_failure_of_the_writer_comes_back_each_time() {
        for room in [0, 3, 100, 1000] {
            let mut file = ColumnsFile::new(Full(room), Content::Attempts);
            let failed = file.finish().unwrap_err();
            assert_eq!(failed.kind(), io::ErrorKind::StorageFull, "{room}");
            assert!(file.finish().is_err(), "{room}");
        }
    }
}
