//! The meaning of `--format`. Nothing else asks which format it is.

use std::fmt;
use std::io;

use render::{Csv, Json, JsonLines, Records, Style, Table, Timeline, Totals, View};

use crate::args::Format;
use crate::remarks::Remarks;
use crate::shared::Shared;

/// The readers of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    People,
    Programs,
}

/// How much of each attempt the output holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A picture.
    Pictures,
    /// A line or an object.
    Records,
    /// Nothing: the output holds the totals only.
    Totals,
}

/// Whether the attempts are sorted by their first segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorting {
    Always,
    /// Only when files are read: then no user waits for the next attempt.
    InFiles,
    Never,
}

/// The content of the output, its readers and its order.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) audience: Audience,
    pub(crate) content: Content,
    pub(crate) sorting: Sorting,
    new_view: fn(Shared, Style, Remarks) -> Box<dyn View>,
}

/// What records hold, with their segments or without.
const fn records(style: Style, segments: bool) -> Records {
    Records { segments, compare: style.compare }
}

impl Layout {
    pub(crate) const TIMELINE: Self = Self {
        audience: Audience::People,
        content: Content::Pictures,
        sorting: Sorting::InFiles,
        new_view: |out, style, _| Box::new(Timeline::new(out, style)),
    };

    pub(crate) const TABLE: Self = Self {
        audience: Audience::People,
        content: Content::Records,
        sorting: Sorting::InFiles,
        new_view: |out, style, _| Box::new(Table::new(out, style)),
    };

    pub(crate) const JSON: Self = Self {
        audience: Audience::Programs,
        content: Content::Records,
        sorting: Sorting::Always,
        new_view: |out, style, _| Box::new(Json::new(out, records(style, true))),
    };

    const LEAN_JSON: Self = Self {
        new_view: |out, style, _| Box::new(Json::new(out, records(style, false))),
        ..Self::JSON
    };

    pub(crate) const JSONL: Self = Self {
        audience: Audience::Programs,
        content: Content::Records,
        sorting: Sorting::Never,
        new_view: |out, style, _| Box::new(JsonLines::new(out, records(style, true))),
    };

    const LEAN_JSONL: Self = Self {
        new_view: |out, style, _| Box::new(JsonLines::new(out, records(style, false))),
        ..Self::JSONL
    };

    pub(crate) const CSV: Self = Self {
        audience: Audience::Programs,
        content: Content::Records,
        sorting: Sorting::Never,
        // The totals are not comma-separated values: they go to standard error.
        new_view: |out, _, remarks| match remarks {
            Remarks::Off => Box::new(Csv::new(out, io::sink())),
            Remarks::Normal | Remarks::All => Box::new(Csv::new(out, io::stderr())),
        },
    };

    pub(crate) const SUMMARY: Self = Self {
        audience: Audience::People,
        content: Content::Totals,
        sorting: Sorting::Never,
        new_view: |out, style, _| Box::new(Totals::new(out, style)),
    };

    /// The layout of a format whose records leave their segments out.
    pub(crate) fn without_segments(format: Format) -> anyhow::Result<Self> {
        match format {
            Format::Json => Ok(Self::LEAN_JSON),
            Format::Jsonl => Ok(Self::LEAN_JSONL),
            _ => anyhow::bail!(
                "--no-segments leaves segments out of JSON records: it needs --format json or jsonl"
            ),
        }
    }

    /// The view that writes this layout to `out`.
    pub(crate) fn view(&self, out: Shared, style: Style, remarks: Remarks) -> Box<dyn View> {
        (self.new_view)(out, style, remarks)
    }

    /// Whether people see each attempt.
    pub(crate) fn shows_attempts_to_people(&self) -> bool {
        match (self.audience, self.content) {
            (Audience::People, Content::Pictures | Content::Records) => true,
            (Audience::People, Content::Totals) | (Audience::Programs, _) => false,
        }
    }
}

impl From<Format> for Layout {
    fn from(format: Format) -> Self {
        match format {
            Format::Timeline => Self::TIMELINE,
            Format::Table => Self::TABLE,
            Format::Json => Self::JSON,
            Format::Jsonl => Self::JSONL,
            Format::Csv => Self::CSV,
            Format::Summary => Self::SUMMARY,
        }
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audience, content, sorting, new_view: _ } = self;
        write!(f, "Layout({audience:?}, {content:?}, {sorting:?})")
    }
}
