//! Whether synscope finds what was made.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::text::thousands;
use crate::traffic::Traffic;

/// Attempts by outcome.
type Outcomes = BTreeMap<String, u64>;

/// What synscope said of a capture.
pub(crate) struct Verdicts {
    made: Outcomes,
    /// In the totals of `--format summary`.
    totals: Outcomes,
    /// How these totals say that memory was short.
    early: Option<String>,
    /// In the records of `--format jsonl`.
    records: Outcomes,
    /// Frames that were read.
    pub(crate) frames: u64,
}

impl Verdicts {
    pub(crate) fn of(traffic: &Traffic, file: &Path) -> io::Result<Self> {
        let made = traffic.outcomes();
        let mut totals = Outcomes::new();
        let mut early = None;
        lines("summary", file, |line| {
            totals.extend(total(line));
            early = early.take().or_else(|| closed_early(line));
        })?;
        let mut records = Outcomes::new();
        let mut frames = 0;
        lines("jsonl", file, |line| match outcome(line) {
            Some(outcome) => match records.get_mut(outcome) {
                Some(count) => *count += 1,
                None => drop(records.insert(outcome.to_owned(), 1)),
            },
            None => frames = frames_of(line),
        })?;
        Ok(Self { made, totals, early, records, frames })
    }

    /// Rows of a table: how many attempts of each outcome were made, and how many were found.
    pub(crate) fn rows(&self, name: &str) -> Vec<Vec<String>> {
        let all = [&self.made, &self.totals, &self.records];
        let outcomes: BTreeSet<&String> = all.iter().flat_map(|found| found.keys()).collect();
        let row = |outcome: &String| {
            let counts = all.map(|found| found.get(outcome).copied().unwrap_or_default());
            let [made, totals, records] = counts;
            // Rounded down: only what is complete is 100 %.
            let thousandths = (totals.min(records).min(made) * 100_000).checked_div(made);
            let share = thousandths.map(|share| format!("{} %", share as f64 / 1000.0));
            let mut cells = vec![name.to_owned(), format!("`{outcome}`")];
            cells.extend(counts.map(thousands));
            cells.push(share.unwrap_or_default());
            cells
        };
        outcomes.into_iter().map(row).collect()
    }

    /// How many attempts have the right verdict, in the totals and in the records, and how many were
    /// closed early.
    pub(crate) fn right(&self) -> String {
        let right = |found: &Outcomes| -> u64 {
            let both =
                |(name, made): (&String, &u64)| found.get(name).map_or(0, |it| *it.min(made));
            self.made.iter().map(both).sum()
        };
        let early = self.early.as_ref().map_or(String::new(), |it| format!(" Totals: {it}."));
        format!(
            "Right: {} in the totals and {} in the records, of {} connections.{early}",
            thousands(right(&self.totals)),
            thousands(right(&self.records)),
            thousands(self.made.values().sum())
        )
    }
}

/// Gives each line that synscope prints about the capture.
fn lines(format: &str, file: &Path, mut each: impl FnMut(&str)) -> io::Result<()> {
    let mut synscope = Command::new(env!("CARGO_BIN_EXE_synscope"))
        .args(["replay", "--width", "1000", "--format", format])
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output =
        BufReader::with_capacity(1 << 16, synscope.stdout.take().expect("it is piped"));
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        each(&line);
        line.clear();
    }
    if synscope.wait()?.success() { Ok(()) } else { Err(io::Error::other("synscope failed")) }
}

/// A line of the totals, as `  established   1234  ████`.
fn total(line: &str) -> Option<(String, u64)> {
    let mut words = line.strip_prefix("  ").filter(|it| !it.starts_with('·'))?.split_whitespace();
    let (name, count) = (words.next()?, words.next()?);
    Some((name.to_owned(), count.replace(',', "").parse().ok()?))
}

/// A remark below the totals, as `  · 1,234 attempts closed early for want of memory`.
fn closed_early(line: &str) -> Option<String> {
    let remark = line.strip_prefix("  · ")?.trim_end();
    remark.contains("(--memory)").then(|| remark.to_owned())
}

/// The outcome in a record; the line with the totals has none.
fn outcome(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("\"outcome\":\"")?;
    rest.split('"').next()
}

fn frames_of(totals: &str) -> u64 {
    let totals: serde_json::Value = serde_json::from_str(totals).unwrap_or_default();
    totals["frames"].as_u64().unwrap_or_default()
}
