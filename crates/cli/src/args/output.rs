//! How the output looks, and where it goes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::help;
#[cfg(unix)]
use crate::units;

/// The target and the look of the output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(crate) struct OutputArgs {
    /// The output format [default: timeline]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,

    /// Leave the segments out of each record (json and jsonl only)
    #[arg(long)]
    pub(crate) no_segments: bool,

    /// Add the list of segments to each row (parquet only)
    #[cfg(feature = "parquet")]
    #[arg(long, conflicts_with = "no_segments")]
    pub(crate) segments: bool,

    /// Draw the figure of a textbook and nothing else (timeline, svg and mermaid only)
    #[arg(long, conflicts_with_all = ["explain", "compare"])]
    pub(crate) compact: bool,

    /// Explain each attempt with the rules of RFC 9293 (pictures only)
    #[arg(long)]
    pub(crate) explain: bool,

    /// Add what Wireshark and Zeek print of the handshake (timeline, svg, markdown, json and jsonl only)
    #[arg(long)]
    pub(crate) compare: bool,

    /// Draw the close of each connection, too: FINs, the ACKs of FINs, RSTs (pictures only)
    #[arg(long)]
    pub(crate) whole: bool,

    /// The colours of an SVG picture
    #[arg(long, value_enum, default_value_t, value_name = "THEME")]
    pub(crate) theme: ThemeName,

    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// How pictures grow.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct PaceArgs {
    /// Draw the next segment or call when a key is pressed (timeline on a terminal only)
    #[arg(long, conflicts_with_all = ["speed", "tui"])]
    pub(crate) step: bool,

    /// Draw as fast as it happened, times a factor: 0.001 takes a thousand times as long, at most 10 s
    /// between two steps (timeline only)
    #[arg(long, value_name = "FACTOR", conflicts_with = "tui", value_parser = units::factor)]
    pub(crate) speed: Option<f64>,
}

#[cfg(unix)]
impl PaceArgs {
    /// Whether any of them is given.
    pub(crate) const fn is_given(self) -> bool {
        self.step || self.speed.is_some()
    }
}

/// Whether there is a screen in place of the output.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ScreenArgs {
    /// Show the attempts on a screen: a list, the ladder of one of them, and how the capture stands
    #[arg(long, conflicts_with_all = [
        "format", "no_segments", "explain", "compare", "whole", "theme", "compact", "output", "width",
        "quiet",
    ])]
    pub(crate) tui: bool,
}

/// The colours of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeName {
    /// Light, or dark where the reader's system is dark
    #[default]
    Auto,
    /// For white paper
    Light,
    /// For a dark page
    Dark,
}

/// The target and the look of any output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct LookArgs {
    /// Write to a file instead of standard output (`-`)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// The format of times
    #[arg(long, value_enum, default_value_t, value_name = "STYLE")]
    pub(crate) time: TimeStyle,

    /// When to use colours
    #[arg(long, long_help = help::COLOR, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: When,

    /// Draw with ASCII characters only; this is the default if the locale is not UTF-8
    #[arg(long)]
    pub(crate) ascii: bool,

    /// Columns of the output [default: the width of the terminal; without one 100, or what a table needs]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=1000))]
    pub(crate) width: Option<u16>,

    #[command(flatten)]
    pub(crate) lang: LangArgs,

    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

/// The language of what people read.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct LangArgs {
    /// The language of pictures and of the words around them [default: the language of the locale]
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Lang>,
}

/// The languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// Simplified Chinese
    Zh,
}

/// How much is reported beside the output.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Verbosity {
    /// Print no totals and no remarks; errors are still printed
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print more on standard error: the dropped privileges, what is left to the program, the skipped files
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A ladder for each attempt, segment by segment
    #[default]
    Timeline,
    /// The ladders as a picture, for slides and pages
    Svg,
    /// The ladders as a Mermaid sequence diagram, which GitHub and many editors draw
    Mermaid,
    /// A section for each attempt, for a ticket: outcome, segments, ladder, what to check next
    Markdown,
    /// One line for each attempt
    Table,
    /// One JSON document
    Json,
    /// One JSON object on each line, printed when an attempt ends
    Jsonl,
    /// Comma-separated values
    Csv,
    /// Apache Parquet, to `--output FILE`; files by day to `--output DIR/` (it exists, or ends in a slash)
    #[cfg(feature = "parquet")]
    Parquet,
    /// Totals and findings only
    Summary,
    /// Statistics for each server (`synscope stats` has more)
    Stats,
}

/// The forms of statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsFormat {
    /// Findings and a table, for people
    #[default]
    Table,
    /// One JSON document, with the histograms
    Json,
    /// Comma-separated values
    Csv,
    /// Metrics as `OpenMetrics` text, for a scrape or a push
    #[value(name = "openmetrics")]
    OpenMetrics,
    /// Metrics as Prometheus text, for the textfile collector
    Prometheus,
}

/// When something is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How times are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimeStyle {
    /// Since the first segment of the attempt; in a table, since the first frame of the capture
    #[default]
    Relative,
    /// Time of day, UTC
    Utc,
    /// Time of day, local time zone
    Local,
    /// Seconds since 1970-01-01 UTC
    Epoch,
}
