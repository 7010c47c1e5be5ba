//! Views of connection attempts: timeline, table, JSON, CSV, summary, statistics, page.
//!
//! Every view is given immutable records and writes to an [`std::io::Write`]; it knows nothing of
//! arguments, terminals or files, decides nothing about a handshake, and keeps no record. What is said
//! (words, numbers, order) comes from one view model, so that all views say the same thing. Text that
//! comes from outside (names, packets) is [`escape`]d before a terminal can see it.

#![forbid(unsafe_code)]

mod csv;
mod expectations;
mod finding;
#[cfg(test)]
mod fixture;
mod host;
mod json;
mod ladder;
mod language;
mod line;
mod markdown;
mod mermaid;
mod order;
mod page;
mod paper;
mod record;
mod stats;
mod style;
mod summary;
mod svg;
mod table;
mod text;
mod timeline;
mod totals;
mod view;
mod waiting;

pub use csv::Csv;
pub use expectations::{Told, caret, write_expectations, write_expectations_total};
pub use json::{Json, JsonLines, Records, StatsJson, json_schema, write_expectations_json};
pub use language::{Language, Part};
pub use line::{Line, fitted, wrapped};
pub use markdown::Markdown;
pub use mermaid::Mermaid;
pub use order::{Order, OrderLimits};
pub use page::{Page, PageLimits};
pub use record::{Datagram, DatagramKind, Exchange, Record, SocketCall, View};
pub use stats::{
    Dialect, Metrics, Standing, StatsCsv, StatsTable, group_lines, live_metrics, outcome_lines,
    time_lines,
};
pub use style::{Column, Style, Theme, TimeFormat, Wanted, is_zone_name};
pub use summary::{Answers, Damaged, Faults, Summary, Unread};
pub use svg::{Piece, Svg, screen_picture};
pub use table::{Rows, Table};
pub use text::{escape, plural};
pub use timeline::{Pace, Timeline, picture, steps};
pub use totals::Totals;
pub use view::{distances, layers, note, offered_by, offset_ns, used_by_both};
pub use waiting::waiting_line;
