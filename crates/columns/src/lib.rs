//! Attempts as Apache Parquet: a row for each, in typed columns, for programs that read many captures.
//!
//! A row waits as bytes until its row group is written. So the memory follows the waiting rows, which
//! have a bound, and never the number of attempts. What the columns mean is in docs/columns.md.

#![forbid(unsafe_code)]

mod attempt;
mod cell;
mod file;
mod kind;
mod rows;
mod schema;
mod segment;
mod stored;
mod view;

pub use file::ColumnsFile;
pub use rows::Rows;
pub use schema::{Content, SCHEMA_VERSION};
pub use view::Columns;

/// About how many bytes the rows take that wait for their row group. Beyond it a group is written.
pub const ROOM: usize = 12_000_000;

/// The most rows in a group: as many as `DuckDB` has in its own.
pub const MOST_ROWS: usize = 122_880;
