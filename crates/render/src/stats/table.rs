//! `stats` for people: findings, then a line for each group.

use std::io;

use answers::{By, Durations, Group, Quantile, Rest};
use handshake::Outcome;

use super::{key_words, spark};
use crate::finding::{nanoseconds, percent};
use crate::line::Line;
use crate::style::{Ink, Style, TimeFormat};
use crate::text::{count, span};
use crate::{Answers, Record, Summary, View, host};

/// Columns of a sparkline.
const SPARK: usize = 16;

/// The statistics as a table.
#[derive(Debug)]
pub struct StatsTable<W> {
    out: W,
    style: Style,
    remarks: bool,
}

impl<W: io::Write> StatsTable<W> {
    /// Writes to `out`, with totals and remarks or without.
    pub fn new(out: W, style: Style, remarks: bool) -> Self {
        Self { out, style, remarks }
    }
}

/// Columns of a name, at least.
const SHORTEST_NAME: usize = 12;

/// One column: its titles (neighbours may share the upper one), how soon it gives way where the
/// terminal is narrow (0 never does), and
/// what it says.
struct Column {
    above: &'static str,
    title: &'static str,
    gives_way: u8,
    cell: fn(&Row<'_>) -> Line,
}

/// A group, and what is needed to write it.
struct Row<'a> {
    name: String,
    group: &'a Group,
    coarse: u32,
    /// Slots of time.
    slots: usize,
    style: Style,
}

impl Row<'_> {
    fn quantile(&self, durations: &Durations, quantile: Quantile) -> Line {
        self.duration(durations.quantile(quantile, self.coarse))
    }

    fn duration(&self, ns: Option<u64>) -> Line {
        let text = ns.map_or(String::new(), |ns| nanoseconds(ns, self.style));
        Line::of(Ink::Plain, &text)
    }

    /// `12 (4 %)`; a faint 0.
    fn share(part: u64, whole: u64, ink: Ink) -> Line {
        if part == 0 {
            return Line::of(Ink::Faint, "0");
        }
        let mut line = Line::of(ink, &count(part));
        line.push(Ink::Plain, &format!(" ({})", percent(part, whole)));
        line
    }
}

const COLUMNS: [Column; 17] = [
    Column { above: "", title: "", gives_way: 0, cell: |row| Line::of(Ink::Strong, &row.name) },
    Column {
        above: "",
        title: "attempts",
        gives_way: 0,
        cell: |row| Line::of(Ink::Plain, &count(row.group.attempts)),
    },
    Column {
        above: "",
        title: "failed",
        gives_way: 0,
        cell: |row| Row::share(row.group.failed(), row.group.attempts, Ink::Bad),
    },
    Column {
        above: "sent again",
        title: "SYN",
        gives_way: 3,
        cell: |row| Row::share(row.group.syn_retransmissions, row.group.syns, Ink::Doubtful),
    },
    Column {
        above: "sent again",
        title: "SYN-ACK",
        gives_way: 5,
        cell: |row| {
            Row::share(row.group.syn_ack_retransmissions, row.group.syn_acks, Ink::Doubtful)
        },
    },
    Column {
        above: "time",
        title: "lost",
        gives_way: 4,
        cell: |row| match row.group.waited_ns {
            0 if row.group.waited_unknown > 0 => Line::of(Ink::Faint, row.style.pick("–", "-")),
            0 => Line::of(Ink::Faint, "0"),
            ns => {
                let ns = i64::try_from(ns).unwrap_or(i64::MAX);
                Line::of(Ink::Plain, &span(ns, row.style.unicode))
            }
        },
    },
    Column {
        above: "server RTT",
        title: "p50",
        gives_way: 1,
        cell: |row| row.quantile(&row.group.server_rtt, Quantile::P50),
    },
    Column {
        above: "server RTT",
        title: "p90",
        gives_way: 9,
        cell: |row| row.quantile(&row.group.server_rtt, Quantile::P90),
    },
    Column {
        above: "server RTT",
        title: "p99",
        gives_way: 2,
        cell: |row| row.quantile(&row.group.server_rtt, Quantile::P99),
    },
    Column {
        above: "server RTT",
        title: "max",
        gives_way: 8,
        cell: |row| row.duration(row.group.server_rtt.max()),
    },
    Column {
        above: "client RTT",
        title: "p50",
        gives_way: 6,
        cell: |row| row.quantile(&row.group.client_rtt, Quantile::P50),
    },
    Column {
        above: "client RTT",
        title: "p90",
        gives_way: 12,
        cell: |row| row.quantile(&row.group.client_rtt, Quantile::P90),
    },
    Column {
        above: "client RTT",
        title: "p99",
        gives_way: 7,
        cell: |row| row.quantile(&row.group.client_rtt, Quantile::P99),
    },
    Column {
        above: "client RTT",
        title: "max",
        gives_way: 11,
        cell: |row| row.duration(row.group.client_rtt.max()),
    },
    Column {
        above: "",
        title: "clients",
        gives_way: 10,
        cell: |row| {
            let (clients, more) = row.group.clients.count();
            Line::of(Ink::Plain, &format!("{}{clients}", if more { "> " } else { "" }))
        },
    },
    Column {
        above: "",
        title: "attempts over time",
        gives_way: 5,
        cell: |row| spark::sparkline(row.group.over_time.slots(), row.slots, SPARK, row.style),
    },
    Column { above: "", title: "failures", gives_way: 13, cell: failures },
];

/// The outcomes that failed: `refused 3, unanswered 1`.
fn failures(row: &Row<'_>) -> Line {
    let counted = Outcome::ALL.into_iter().zip(row.group.outcomes);
    counts(counted.filter(|(outcome, _)| outcome.is_failure()))
}

/// How many attempts have each outcome that occurred.
pub(super) fn counts(counted: impl Iterator<Item = (Outcome, u64)>) -> Line {
    let mut line = Line::default();
    for (outcome, number) in counted.filter(|(_, number)| *number > 0) {
        let comma = if line.width() == 0 { "" } else { ", " };
        line.push(Ink::Plain, comma).push(Ink::from(outcome), outcome.name());
        line.push(Ink::Plain, &format!(" {}", count(number)));
    }
    line
}

impl<W: io::Write> View for StatsTable<W> {
    fn handshake(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        summary.write_head(&mut self.out, self.style, self.remarks)?;
        let Some(answers) = summary.answers.as_deref() else { return Ok(()) };
        let all = answers.stats.all();
        if all.attempts == 0 {
            return Ok(());
        }
        self.out.write_all(b"\n")?;
        for line in table(answers, &all, self.style) {
            line.write(&mut self.out, self.style)?;
        }
        Ok(())
    }
}

/// The table before it is fitted into lines.
#[derive(Debug)]
pub(crate) struct Grid {
    /// What stands above the titles; neighbours may share it.
    pub(crate) above: Vec<&'static str>,
    pub(crate) titles: Vec<&'static str>,
    /// The cells of each group.
    pub(crate) rows: Vec<Vec<Line>>,
}

/// A row for each group, then those of the others and of all together.
pub(crate) fn grid(answers: &Answers, all: &Group, style: Style) -> Grid {
    let stats = &answers.stats;
    let ranking = stats.ranking();
    let slots = all.over_time.slots().len();
    let row = |name: String, group| Row { name, group, coarse: stats.coarse(), slots, style };
    let name = |key| key_words(key, answers, style);
    let mut rows: Vec<_> = ranking.first.iter().map(|(key, group)| row(name(key), group)).collect();
    if let Some(rest) = &ranking.rest {
        rows.push(row(rest_name(rest), &rest.group));
    }
    if rows.len() > 1 {
        rows.push(row("all".to_owned(), all));
    }
    let cells = |row| COLUMNS.iter().map(|column| (column.cell)(row)).collect();
    let first = first_title(stats.question().by, style);
    let titles = COLUMNS.iter().enumerate().map(|(at, it)| if at == 0 { first } else { it.title });
    Grid {
        above: COLUMNS.iter().map(|column| column.above).collect(),
        titles: titles.collect(),
        rows: rows.iter().map(cells).collect(),
    }
}

/// What stands above the names of the groups. A minute in local time says so: elsewhere it is in UTC.
fn first_title(by: By, style: Style) -> &'static str {
    match (by, style.time) {
        (By::Minute, TimeFormat::Local) => "minute, local time",
        _ => by.name(),
    }
}

/// The lines of the table.
pub(super) fn table(answers: &Answers, all: &Group, style: Style) -> Vec<Line> {
    let Grid { above, titles, rows: cells } = grid(answers, all, style);
    let shared = |at: usize| at > 0 && above[at] == above[at - 1];
    let above: Vec<_> =
        (0..above.len()).map(|at| if shared(at) { "" } else { above[at] }).collect();
    let widths = widths(&cells, (&above, &titles), style.limit());
    let text = |text: &str| Line::of(Ink::Faint, text);
    let above: Vec<_> = above.into_iter().map(text).collect();
    let titles: Vec<_> = titles.into_iter().map(text).collect();
    let lines = [line(&above, &widths, style), line(&titles, &widths, style)];
    let mut lines: Vec<_> = lines.into_iter().filter(|line| line.width() > 0).collect();
    lines.extend(cells.iter().map(|cells| line(cells, &widths, style)));
    lines
}

fn rest_name(rest: &Rest) -> String {
    let groups = count(rest.groups as u64);
    if rest.more {
        format!("more than {groups} others")
    } else {
        format!("{groups} other{}", if rest.groups == 1 { "" } else { "s" })
    }
}

/// How wide each column is; `None` of those that gave way. What is empty everywhere is left out. Where
/// nothing limits the columns, all of them stand.
fn widths(
    cells: &[Vec<Line>],
    (above, titles): (&[&str], &[&str]),
    limit: Option<usize>,
) -> Vec<Option<usize>> {
    let mut widths: Vec<_> = (0..COLUMNS.len())
        .map(|at| {
            let widest = cells.iter().map(|row| row[at].width()).max().unwrap_or_default();
            let title = titles[at].len().max(above[at].len());
            (widest > 0 || limit.is_none()).then(|| widest.max(title))
        })
        .collect();
    let all =
        |widths: &[Option<usize>]| widths.iter().flatten().map(|width| width + 2).sum::<usize>();
    let Some(columns) = limit else { return widths };
    while all(&widths) > columns {
        let shown = |at: &usize| widths[*at].is_some() && COLUMNS[*at].gives_way > 0;
        let Some(last) = (0..COLUMNS.len()).filter(shown).max_by_key(|at| COLUMNS[*at].gives_way)
        else {
            break;
        };
        widths[last] = None;
    }
    // At last the names give way.
    let too_many = all(&widths).saturating_sub(columns);
    if let Some(Some(names)) = widths.first_mut() {
        *names = names.saturating_sub(too_many).max(SHORTEST_NAME);
    }
    widths
}

/// One line. The name and what is at the end stand left, numbers right.
fn line(cells: &[Line], widths: &[Option<usize>], style: Style) -> Line {
    let mut line = Line::default();
    let mut begin = 0;
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let Some(width) = width else { continue };
        if at == 0 || at + 2 >= COLUMNS.len() {
            let mut cell = match at {
                0 if cell.width() > *width => {
                    let mark = style.pick("…", "~");
                    Line::of(Ink::Strong, &host::within(cell.text(), *width, mark))
                }
                _ => cell.clone(),
            };
            line.pad_to(begin).append(cell.fit(*width, style));
        } else if cell.width() > 0 {
            line.right_align(begin + width, cell);
        }
        begin += width + 2;
    }
    if let Some(limit) = style.limit() {
        line.fit(limit, style);
    }
    line
}
