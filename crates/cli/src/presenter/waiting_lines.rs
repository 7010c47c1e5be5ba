//! Attempts without an answer, below the output for as long as they wait.

use std::io;

use handshake::{Tracker, Waiting};
use parser::Timestamp;
use render::{Style, waiting_line};

use crate::in_place::InPlace;
use crate::selection::Selection;

/// Nearly every answer comes within this time; an attempt that waits longer is shown.
const PATIENCE_NS: i64 = 1_000_000_000;
/// Time between two updates of the lines, which show tenths of a second.
const PERIOD_NS: i64 = 200_000_000;
/// Lines at most.
const MOST: usize = 5;

/// The lines below the output.
pub(super) struct WaitingLines {
    lines_below: InPlace,
    style: Style,
    lines: Vec<Line>,
    made: Option<Timestamp>,
}

struct Line {
    /// The attempt that it shows.
    id: Option<u64>,
    text: String,
}

impl WaitingLines {
    pub(super) fn new(lines_below: InPlace, style: Style) -> Self {
        Self { lines_below, style, lines: Vec::new(), made: None }
    }

    /// Updates the lines: who waits by now.
    pub(super) fn update(&mut self, tracker: &Tracker, selection: &Selection, now: Timestamp) {
        if self.made.is_some_and(|made| (0..PERIOD_NS).contains(&now.nanos_since(made))) {
            return;
        }
        self.made = Some(now);
        let (columns, rows) = self.lines_below.size();
        // The cursor takes a row, and a line that fills its row confuses some terminals.
        let width = self.style.columns().min(columns).saturating_sub(1);
        let (oldest, count) = overdue(tracker, selection, now, MOST.min(rows.saturating_sub(1)));
        let mut lines: Vec<_> = oldest
            .iter()
            .map(|(ns, waiting)| Line {
                id: Some(waiting.id),
                text: waiting_line(waiting, *ns, self.style).text().to_owned(),
            })
            .collect();
        if count > lines.len() {
            // The last line counts the others.
            lines.pop();
            let more = count - lines.len();
            let others = match (lines.is_empty(), more) {
                (false, _) => "more",
                (true, 1) => "attempt waits",
                (true, _) => "attempts wait",
            };
            let text = format!(" {} and {more} {others}", mark(self.style.unicode));
            lines.push(Line { id: None, text });
        }
        for line in &mut lines {
            line.text = line.text.chars().take(width).collect();
        }
        self.lines = lines;
    }

    /// Erases the lines until the next [`draw`](Self::draw). `attempt` waits no longer.
    pub(super) fn erase(&mut self, attempt: Option<u64>) -> io::Result<()> {
        if attempt.is_some() {
            self.lines.retain(|line| line.id != attempt);
        }
        self.lines_below.replace(Vec::new())
    }

    /// Puts the lines below what was written.
    pub(super) fn draw(&mut self) -> io::Result<()> {
        self.lines_below.replace(self.lines.iter().map(|line| line.text.clone()).collect())
    }
}

/// The attempts that wait for too long, and how long: the `most` that began first, in their order, and
/// the number of all.
pub(super) fn overdue(
    tracker: &Tracker,
    selection: &Selection,
    now: Timestamp,
    most: usize,
) -> (Vec<(i64, Waiting)>, usize) {
    let (mut oldest, mut count) = (Vec::<(i64, Waiting)>::new(), 0);
    for waiting in tracker.waiting() {
        let since = waiting.start.map_or(0, |start| now.nanos_since(start));
        if since < PATIENCE_NS || !selection.takes_ends(waiting.client, waiting.server) {
            continue;
        }
        count += 1;
        let at = oldest.partition_point(|(_, other)| other.id < waiting.id);
        if at < most {
            oldest.insert(at, (since, waiting));
            oldest.truncate(most);
        }
    }
    (oldest, count)
}

fn mark(unicode: bool) -> &'static str {
    if unicode { "…" } else { "..." }
}
