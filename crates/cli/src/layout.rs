//! The meaning of `--format`. Nothing else asks which format it is.

#[cfg(feature = "parquet")]
mod parquet;

use std::fmt;
use std::io;

use answers::Rtts;
use render::{
    Csv, Dialect, Json, JsonLines, Markdown, Mermaid, Metrics, Page, PageLimits, Records, StatsCsv,
    StatsJson, StatsTable, Style, Svg, Table, Theme, Timeline, Totals, View,
};

use crate::args::{Format, StatsFormat};
use crate::brief::Brief;
use crate::directory::Directory;
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
    /// Nothing: the output holds statistics.
    Statistics,
}

/// Whether the attempts are sorted by their first segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorting {
    Always,
    /// Only when files are read: then no user waits for the next attempt.
    InFiles,
    Never,
}

/// Makes a view that writes files below a directory.
type NewViewBelow = fn(Directory, Style, Remarks) -> Box<dyn View>;

/// The content of the output, its readers and its order.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) audience: Audience,
    pub(crate) content: Content,
    pub(crate) sorting: Sorting,
    /// What the findings or statistics that end it tell of RTTs, where any do: putting them together takes time
    /// and memory.
    pub(crate) answers: Option<Rtts>,
    /// Whether it is UTF-8, whatever a terminal shows.
    pub(crate) is_utf8: bool,
    /// Bytes that it holds until they are written.
    pub(crate) room: usize,
    /// The view that writes it to files below a directory, where it is of use only as whole files.
    new_view_below: Option<NewViewBelow>,
    new_view: fn(Shared, Style, Remarks) -> Box<dyn View>,
}

/// What records hold, with their segments or without.
const fn records(style: Style, segments: bool) -> Records {
    Records { segments, compare: style.compare }
}

/// Where totals go that have no place in the output: standard error.
fn notes(remarks: Remarks) -> Box<dyn io::Write> {
    match remarks {
        Remarks::Off => Box::new(io::sink()),
        Remarks::Normal | Remarks::All => Box::new(io::stderr()),
    }
}

/// How they look: nobody asked whether standard error takes colours.
const fn without_colours(style: Style) -> Style {
    Style { color: false, ..style }
}

impl Layout {
    pub(crate) const TIMELINE: Self = Self {
        audience: Audience::People,
        content: Content::Pictures,
        sorting: Sorting::InFiles,
        answers: None,
        is_utf8: false,
        room: 0,
        new_view_below: None,
        new_view: |out, style, _| Box::new(Timeline::new(out, style)),
    };

    /// Pictures of a few attempts, a table of many.
    pub(crate) const BRIEF: Self = Self {
        new_view: |out, style, remarks| Box::new(Brief::new(out, style, remarks)),
        ..Self::TIMELINE
    };

    /// A document: it is written when all attempts are there, and holds no totals.
    const SVG: Self = Self {
        audience: Audience::Programs,
        content: Content::Pictures,
        sorting: Sorting::Always,
        answers: None,
        is_utf8: true,
        room: 0,
        new_view_below: None,
        new_view: |out, style, _| Box::new(Svg::new(out, style)),
    };

    const MERMAID: Self =
        Self { new_view: |out, style, _| Box::new(Mermaid::new(out, style)), ..Self::SVG };

    const MARKDOWN: Self = Self {
        is_utf8: false,
        new_view: |out, style, _| Box::new(Markdown::new(out, style)),
        ..Self::SVG
    };

    /// It sorts the attempts itself.
    pub(crate) const PAGE: Self = Self {
        audience: Audience::Programs,
        content: Content::Pictures,
        sorting: Sorting::Never,
        answers: Some(Rtts::OverTime),
        is_utf8: true,
        room: PageLimits::DEFAULT.memory(),
        new_view_below: None,
        new_view: |out, style, _| Box::new(Page::new(out, style, PageLimits::DEFAULT)),
    };

    pub(crate) const TABLE: Self = Self {
        audience: Audience::People,
        content: Content::Records,
        sorting: Sorting::InFiles,
        answers: None,
        is_utf8: false,
        room: 0,
        new_view_below: None,
        new_view: |out, style, _| Box::new(Table::new(out, style)),
    };

    pub(crate) const JSON: Self = Self {
        audience: Audience::Programs,
        content: Content::Records,
        sorting: Sorting::Always,
        answers: Some(Rtts::Sums),
        is_utf8: true,
        room: 0,
        new_view_below: None,
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
        answers: None,
        is_utf8: true,
        room: 0,
        new_view_below: None,
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
        answers: None,
        is_utf8: true,
        room: 0,
        new_view_below: None,
        new_view: |out, style, remarks| {
            Box::new(Csv::new(out, notes(remarks), without_colours(style)))
        },
    };

    pub(crate) const SUMMARY: Self = Self {
        audience: Audience::People,
        content: Content::Totals,
        sorting: Sorting::Never,
        answers: Some(Rtts::Sums),
        is_utf8: false,
        room: 0,
        new_view_below: None,
        new_view: |out, style, _| Box::new(Totals::new(out, style)),
    };

    /// The screen shows the attempts, and the totals follow when it is gone.
    pub(crate) const SCREEN: Self = Self { content: Content::Pictures, ..Self::SUMMARY };

    /// Nothing is shown: somebody asks for the metrics.
    #[cfg(unix)]
    pub(crate) const SILENT: Self = Self {
        audience: Audience::Programs,
        answers: None,
        new_view: |_, style, _| Box::new(Totals::new(io::sink(), style)),
        ..Self::SUMMARY
    };

    const STATS: Self = Self {
        audience: Audience::People,
        content: Content::Statistics,
        sorting: Sorting::Never,
        answers: Some(Rtts::Quantiles),
        is_utf8: false,
        room: 0,
        new_view_below: None,
        new_view: |out, style, remarks| {
            Box::new(StatsTable::new(out, style, remarks != Remarks::Off))
        },
    };

    const STATS_JSON: Self = Self {
        audience: Audience::Programs,
        is_utf8: true,
        new_view: |out, _, _| Box::new(StatsJson::new(out)),
        ..Self::STATS
    };

    const STATS_CSV: Self = Self {
        audience: Audience::Programs,
        is_utf8: true,
        new_view: |out, _, _| Box::new(StatsCsv::new(out)),
        ..Self::STATS
    };

    const OPEN_METRICS: Self = Self {
        audience: Audience::Programs,
        is_utf8: true,
        new_view: |out, _, _| Box::new(Metrics::new(out, Dialect::OpenMetrics)),
        ..Self::STATS
    };

    const PROMETHEUS: Self = Self {
        audience: Audience::Programs,
        is_utf8: true,
        new_view: |out, _, _| Box::new(Metrics::new(out, Dialect::Prometheus)),
        ..Self::STATS
    };

    /// The same with the attempts in the order of their first segments.
    #[cfg(target_os = "linux")]
    pub(crate) fn sorted(self) -> Self {
        Self { sorting: Sorting::Always, ..self }
    }

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

    /// That a capture which goes on can be shown in it.
    #[cfg(unix)]
    pub(crate) fn check_growing(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.is_whole_files(),
            "a Parquet file is of use only when it is complete: record the packets (`live --write`, \
             `demo --save`), then write it with `synscope replay --format parquet`"
        );
        Ok(())
    }

    /// That a format shows what is asked for.
    pub(crate) fn check(format: Format, style: Style) -> anyhow::Result<()> {
        let Style { compact, explain, compare, theme, .. } = style;
        let is_picture = Self::from(format).content == Content::Pictures;
        anyhow::ensure!(
            is_picture && format != Format::Markdown || !compact,
            "--compact draws the figure of a textbook: it needs --format timeline, svg or mermaid"
        );
        anyhow::ensure!(
            is_picture || !explain,
            "--explain explains the steps of a picture: it needs --format timeline, svg, mermaid or \
             markdown"
        );
        anyhow::ensure!(
            !compare
                || is_picture && format != Format::Mermaid
                || matches!(format, Format::Json | Format::Jsonl),
            "--compare adds to pictures and JSON records: it needs --format timeline, svg, markdown, \
             json or jsonl"
        );
        anyhow::ensure!(
            format == Format::Svg || theme == Theme::Auto,
            "--theme colours pictures that are no text: it needs --format svg"
        );
        Ok(())
    }

    /// That a format shows how connections are closed.
    pub(crate) fn check_whole(format: Format) -> anyhow::Result<()> {
        anyhow::ensure!(
            Self::from(format).content == Content::Pictures,
            "--whole draws how a connection is closed: it needs --format timeline, svg, mermaid or \
             markdown"
        );
        Ok(())
    }

    /// Whether it is of use only as whole files: one, or those below a directory.
    pub(crate) fn is_whole_files(&self) -> bool {
        self.new_view_below.is_some()
    }

    /// The view that writes this layout to `out`, or below a directory where that is given.
    pub(crate) fn view(
        &self,
        out: Shared,
        directory: Option<Directory>,
        style: Style,
        remarks: Remarks,
    ) -> Box<dyn View> {
        match (self.new_view_below, directory) {
            (Some(new_view), Some(directory)) => new_view(directory, style, remarks),
            _ => (self.new_view)(out, style, remarks),
        }
    }

    /// Whether people see each attempt.
    pub(crate) fn shows_attempts_to_people(&self) -> bool {
        match (self.audience, self.content) {
            (Audience::People, Content::Pictures | Content::Records) => true,
            (Audience::People, Content::Totals | Content::Statistics) | (Audience::Programs, _) => {
                false
            }
        }
    }

    /// Whether no attempt is shown by itself.
    pub(crate) fn is_of_all(&self) -> bool {
        matches!(self.content, Content::Totals | Content::Statistics)
    }
}

impl From<Format> for Layout {
    fn from(format: Format) -> Self {
        match format {
            Format::Timeline => Self::TIMELINE,
            Format::Svg => Self::SVG,
            Format::Mermaid => Self::MERMAID,
            Format::Markdown => Self::MARKDOWN,
            Format::Table => Self::TABLE,
            Format::Json => Self::JSON,
            Format::Jsonl => Self::JSONL,
            Format::Csv => Self::CSV,
            #[cfg(feature = "parquet")]
            Format::Parquet => Self::PARQUET,
            Format::Summary => Self::SUMMARY,
            Format::Stats => Self::STATS,
        }
    }
}

impl From<StatsFormat> for Layout {
    fn from(format: StatsFormat) -> Self {
        match format {
            StatsFormat::Table => Self::STATS,
            StatsFormat::Json => Self::STATS_JSON,
            StatsFormat::Csv => Self::STATS_CSV,
            StatsFormat::OpenMetrics => Self::OPEN_METRICS,
            StatsFormat::Prometheus => Self::PROMETHEUS,
        }
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audience, content, sorting, answers, is_utf8, .. } = self;
        write!(f, "Layout({audience:?}, {content:?}, {sorting:?}, {answers:?}, {is_utf8})")
    }
}
