//! `--format parquet`.

use columns::{Columns, Content};
use render::{Style, View};

use super::{Layout, notes, without_colours};
use crate::args::Format;
use crate::directory::Directory;
use crate::partitions::Partitions;
use crate::remarks::Remarks;
use crate::shared::Shared;

impl Layout {
    pub(super) const PARQUET: Self = Self {
        // To put a row group in order and to encode it takes about as much again.
        room: 2 * columns::ROOM,
        new_view_below: Some(|directory, style, remarks| {
            below(directory, Content::Attempts, style, remarks)
        }),
        new_view: |out, style, remarks| in_file(out, Content::Attempts, style, remarks),
        ..Self::CSV
    };

    const PARQUET_WITH_SEGMENTS: Self = Self {
        new_view_below: Some(|directory, style, remarks| {
            below(directory, Content::WithSegments, style, remarks)
        }),
        new_view: |out, style, remarks| in_file(out, Content::WithSegments, style, remarks),
        ..Self::PARQUET
    };

    /// The layout of a format whose rows have their segments.
    pub(crate) fn with_segments(format: Format) -> anyhow::Result<Self> {
        anyhow::ensure!(
            format == Format::Parquet,
            "--segments adds segments to the rows of a Parquet file: it needs --format parquet"
        );
        Ok(Self::PARQUET_WITH_SEGMENTS)
    }
}

fn in_file(out: Shared, content: Content, style: Style, remarks: Remarks) -> Box<dyn View> {
    Box::new(Columns::new(out, content, notes(remarks), without_colours(style)))
}

fn below(directory: Directory, content: Content, style: Style, remarks: Remarks) -> Box<dyn View> {
    Box::new(Partitions::new(directory, content, notes(remarks), without_colours(style)))
}
