//! What is shown of what the tracker tells.

mod waiting_lines;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use handshake::{
    Event, Handshake, Limits, Outcome, Pattern, PatternName, Reporting, Tracker, recognise,
};
use parser::{Names, Timestamp};
use render::{Csv, Json, JsonLines, Order, Record, Summary, Table, Timeline, Totals, View};

use crate::args::{Format, OutputArgs};
use crate::in_place::InPlace;
use crate::output::{Output, Shared};
use crate::selection::Selection;
use crate::status;
use waiting_lines::WaitingLines;

/// When records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShowWhen {
    /// By their first segments, in large pieces: for files.
    InOrder,
    /// At once as they end: for a stream.
    AsTheyEnd,
    /// As soon as they are decided, and again where that changes: for whoever watches.
    AsDecided,
}

/// Selects records, brings them into order and hands them to a view.
pub(crate) struct Presenter {
    reporting: Reporting,
    /// `None` shows records as they come.
    order: Option<Order>,
    emitter: Emitter,
    /// What went wrong while an event was handled; the tracker can't be told.
    failure: Option<io::Error>,
}

/// Shows records in the order in which they are given.
struct Emitter {
    view: Box<dyn View>,
    /// What the view writes to.
    out: Shared,
    selection: Selection,
    names: Names,
    /// How many attempts were shown.
    count: u64,
    /// What was shown last of attempts that have not ended, by id.
    last_shown: BTreeMap<u64, LastShown>,
    /// What waiting for an answer, where somebody watches.
    waiting: Option<WaitingLines>,
    /// The patterns of all records, shown or not.
    patterns: BTreeMap<&'static str, u64>,
    flush_policy: FlushPolicy,
    /// Whether the totals are shown too.
    totals: bool,
}

/// When what was written leaves the buffer.
#[derive(Debug)]
enum FlushPolicy {
    /// When the buffer is full.
    Never,
    /// After each record: whoever feeds us may be silent for long.
    Always,
    /// After a record, unless that was done a moment ago: then an idle moment follows, which does it.
    Paced(Option<Instant>),
}

impl FlushPolicy {
    /// What nobody sees as a delay.
    const MOMENT: Duration = Duration::from_millis(10);

    fn at(pace: ShowWhen) -> Self {
        match pace {
            ShowWhen::InOrder => Self::Never,
            ShowWhen::AsTheyEnd => Self::Always,
            ShowWhen::AsDecided => Self::Paced(None),
        }
    }

    fn is_due(&mut self) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Paced(last) => {
                let now = Instant::now();
                let is_due = last.is_none_or(|last| now.duration_since(last) >= Self::MOMENT);
                if is_due {
                    *last = Some(now);
                }
                is_due
            }
        }
    }
}

/// As many attempts as can be open.
const MOST_OPEN: usize = Limits::DEFAULT.attempts;

/// What was shown last of an attempt; more segments may change it.
#[derive(Debug, PartialEq, Eq)]
struct LastShown {
    outcome: Outcome,
    patterns: Vec<PatternName>,
}

impl Presenter {
    /// A screen that writes to `output`.
    pub(crate) fn new(
        output: Output,
        args: &OutputArgs,
        selection: Selection,
        pace: ShowWhen,
    ) -> Self {
        // Whoever wants totals only does not make the tracker build records.
        let totals_only = args.format == Format::Summary && selection.is_empty();
        let presenter = Self::behind(|view| view, output, args, selection, pace);
        let reporting = if totals_only { Reporting::Totals } else { presenter.reporting };
        Self { reporting, ..presenter }
    }

    /// A screen that shows records through another view put before its own.
    pub(crate) fn behind(
        before: impl FnOnce(Box<dyn View>) -> Box<dyn View>,
        output: Output,
        args: &OutputArgs,
        selection: Selection,
        pace: ShowWhen,
    ) -> Self {
        let format = args.format;
        let is_for_people = matches!(format, Format::Timeline | Format::Table);
        let is_amended = is_for_people && pace == ShowWhen::AsDecided;
        let below = InPlace::below(&output).filter(|_| is_amended && !args.verbosity.quiet);
        let Output { out, style, .. } = output;
        let waiting = below.map(|below| WaitingLines::new(below, style));
        let view: Box<dyn View> = match format {
            Format::Timeline => Box::new(Timeline::new(out.clone(), style)),
            Format::Table => Box::new(Table::new(out.clone(), style)),
            Format::Json => Box::new(Json::new(out.clone())),
            Format::Jsonl => Box::new(JsonLines::new(out.clone())),
            Format::Csv if args.verbosity.quiet => Box::new(Csv::new(out.clone(), io::sink())),
            Format::Csv => Box::new(Csv::new(out.clone(), io::stderr())),
            Format::Summary => Box::new(Totals::new(out.clone(), style)),
        };
        let is_ordered = format == Format::Json || is_for_people && pace == ShowWhen::InOrder;
        let emitter = Emitter {
            view: before(view),
            out,
            selection,
            names: Names::default(),
            count: 0,
            last_shown: BTreeMap::new(),
            waiting,
            patterns: BTreeMap::new(),
            flush_policy: FlushPolicy::at(pace),
            totals: !args.verbosity.quiet
                || matches!(format, Format::Json | Format::Jsonl | Format::Csv),
        };
        Self {
            reporting: if is_amended { Reporting::Decisions } else { Reporting::Records },
            order: is_ordered.then(Order::default),
            emitter,
            failure: None,
        }
    }

    /// What the tracker is to tell.
    pub(crate) fn reporting(&self) -> Reporting {
        self.reporting
    }

    /// The names that are known by now.
    pub(crate) fn names(&self) -> &Names {
        &self.emitter.names
    }

    /// Takes over the names that a source knows by now.
    pub(crate) fn learn_names(&mut self, names: &Names) {
        self.emitter.names.extend_from(names);
    }

    /// How many attempts were shown.
    #[cfg(unix)]
    pub(crate) fn count(&self) -> u64 {
        self.emitter.count
    }

    /// Takes an event. A failure is told by the next [`release`](Self::release).
    pub(crate) fn event(&mut self, event: Event<'_>) {
        if self.failure.is_none() {
            self.failure = self.try_event(event).err();
        }
    }

    fn try_event(&mut self, event: Event<'_>) -> io::Result<()> {
        let Self { order, emitter, .. } = self;
        match (event, order) {
            (Event::Decided(handshake), _) => emitter.decided(handshake),
            (Event::Ended(handshake), Some(order)) if emitter.selection.takes(handshake) => {
                order.push(handshake, &mut |handshake| emitter.ended(handshake))
            }
            (Event::Ended(handshake), _) => emitter.ended(handshake),
        }
    }

    /// Shows what is next in order by now.
    pub(crate) fn release(&mut self, tracker: &Tracker) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let Self { order: Some(order), emitter, .. } = self else { return Ok(()) };
        order.release(tracker.oldest_open(), &mut |handshake| emitter.ended(handshake))
    }

    /// Shows everything that there is to show when nothing happens.
    pub(crate) fn idle(&mut self, tracker: &Tracker, now: Timestamp) -> io::Result<()> {
        self.release(tracker)?;
        let Emitter { waiting, selection, .. } = &mut self.emitter;
        if let Some(waiting) = waiting {
            waiting.update(tracker, selection, now);
        }
        self.emitter.flush()
    }

    /// Says something on standard error, which may be the same terminal.
    #[cfg(unix)]
    pub(crate) fn report(&mut self, what: &dyn std::fmt::Display) -> io::Result<()> {
        self.emitter.clear_lines(None)?;
        self.emitter.out.flush()?;
        status::report(what);
        Ok(())
    }

    /// Adds what only the screen knows to the totals, and shows them.
    pub(crate) fn finish(self, mut summary: Summary) -> io::Result<()> {
        let Self { order, mut emitter, .. } = self;
        emitter.clear_lines(None)?;
        summary.patterns = emitter.patterns;
        summary.shown = (!emitter.selection.is_empty()).then_some(emitter.count);
        if emitter.totals {
            emitter.view.finish(&summary)?;
        }
        emitter.out.flush()?;
        match order.map_or(0, |order| order.let_go()) {
            0 => {}
            let_go => status::report(&format_args!(
                "{let_go} attempts are not in order: too many others had to wait for one that stayed open"
            )),
        }
        Ok(())
    }
}

impl Emitter {
    /// Shows an attempt that may still change.
    fn decided(&mut self, handshake: &Handshake) -> io::Result<()> {
        let patterns = recognise(handshake);
        let before = self.last_shown.remove(&handshake.id);
        if before.is_none() && !self.takes(handshake, &patterns) {
            return Ok(());
        }
        remember(
            &mut self.last_shown,
            MOST_OPEN,
            handshake.id,
            LastShown::of(handshake, &patterns),
        );
        self.show(handshake, &patterns, before)
    }

    /// Shows an attempt that won't change any more, unless this was shown already.
    fn ended(&mut self, handshake: &Handshake) -> io::Result<()> {
        let patterns = recognise(handshake);
        for pattern in &patterns {
            *self.patterns.entry(pattern.name.name()).or_default() += 1;
        }
        let before = self.last_shown.remove(&handshake.id);
        if before.is_some() || self.takes(handshake, &patterns) {
            self.show(handshake, &patterns, before)
        } else {
            Ok(())
        }
    }

    /// Shows an attempt of which this was shown `before`.
    fn show(
        &mut self,
        handshake: &Handshake,
        patterns: &[Pattern],
        before: Option<LastShown>,
    ) -> io::Result<()> {
        let id = handshake.id;
        match before {
            Some(last_shown) if last_shown == LastShown::of(handshake, patterns) => return Ok(()),
            Some(LastShown { outcome, .. }) => {
                self.clear_lines(Some(id))?;
                let outcome = outcome.name();
                writeln!(self.out, "amended: attempt {id}, shown as {outcome} above, is now")?;
            }
            None => {
                self.clear_lines(Some(id))?;
                self.count += 1;
            }
        }
        let record = Record { handshake, patterns, calls: &[], names: &self.names };
        self.view.handshake(&record)?;
        if self.flush_policy.is_due() { self.flush() } else { Ok(()) }
    }

    fn takes(&self, handshake: &Handshake, patterns: &[Pattern]) -> bool {
        self.selection.takes(handshake) && self.selection.takes_patterns(patterns)
    }

    /// Takes away what waiting, before something else is written: it may be about this attempt.
    fn clear_lines(&mut self, attempt: Option<u64>) -> io::Result<()> {
        self.waiting.as_mut().map_or(Ok(()), |waiting| waiting.clear_lines(attempt))
    }

    /// Writes out what is still held in memory, with what waiting below it.
    fn flush(&mut self) -> io::Result<()> {
        if let Some(waiting) = &mut self.waiting {
            waiting.draw()?;
        }
        self.out.flush()
    }
}

/// Remembers what was shown last of an attempt. Two attempts may turn out to be one, of which one end is
/// told; so beyond the `most` that can be open, what was shown first is forgotten.
fn remember(all: &mut BTreeMap<u64, LastShown>, most: usize, id: u64, last_shown: LastShown) {
    while all.len() >= most {
        all.pop_first();
    }
    all.insert(id, last_shown);
}

impl LastShown {
    fn of(handshake: &Handshake, patterns: &[Pattern]) -> Self {
        let patterns = patterns.iter().map(|pattern| pattern.name).collect();
        Self { outcome: handshake.outcome, patterns }
    }
}

#[cfg(test)]
mod tests;
