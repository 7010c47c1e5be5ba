//! What is shown of what the tracker tells.

mod waits;

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
use crate::select::Selection;
use crate::status::complain;
use waits::Waits;

/// When records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// By their first segments, in large pieces: for files.
    InOrder,
    /// At once as they end: for a stream.
    AsTheyEnd,
    /// As soon as they are decided, and again where that changes: for whoever watches.
    AsDecided,
}

/// Selects records, brings them into order and hands them to a view.
pub(crate) struct Screen {
    reporting: Reporting,
    /// `None` shows records as they come.
    order: Option<Order>,
    shown: Shown,
    /// What went wrong while an event was handled; the tracker can't be told.
    failure: Option<io::Error>,
}

/// Shows records in the order in which they are given.
struct Shown {
    view: Box<dyn View>,
    /// What the view writes to.
    out: Shared,
    selection: Selection,
    names: Names,
    /// How many attempts were shown.
    count: u64,
    /// What was said of attempts that have not ended, by id.
    said: BTreeMap<u64, Said>,
    /// What waits for an answer, where somebody watches.
    waits: Option<Waits>,
    /// The patterns of all records, shown or not.
    patterns: BTreeMap<&'static str, u64>,
    prompt: Prompt,
    /// Whether the totals are shown too.
    totals: bool,
}

/// When what was written leaves the buffer.
#[derive(Debug)]
enum Prompt {
    /// When the buffer is full.
    Never,
    /// After each record: whoever feeds us may be silent for long.
    Always,
    /// After a record, unless that was done a moment ago: then an idle moment follows, which does it.
    Paced(Option<Instant>),
}

impl Prompt {
    /// What nobody sees as a delay.
    const MOMENT: Duration = Duration::from_millis(10);

    fn at(pace: Pace) -> Self {
        match pace {
            Pace::InOrder => Self::Never,
            Pace::AsTheyEnd => Self::Always,
            Pace::AsDecided => Self::Paced(None),
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
const MOST_SAID: usize = Limits::DEFAULT.attempts;

/// What is said of an attempt that may change once more segments come.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    outcome: Outcome,
    patterns: Vec<PatternName>,
}

impl Screen {
    /// A screen that writes to `output`.
    pub(crate) fn new(output: Output, args: &OutputArgs, selection: Selection, pace: Pace) -> Self {
        // Whoever wants totals only does not make the tracker build records.
        let totals_only = args.format == Format::Summary && selection.is_empty();
        let screen = Self::behind(|view| view, output, args, selection, pace);
        let reporting = if totals_only { Reporting::Totals } else { screen.reporting };
        Self { reporting, ..screen }
    }

    /// A screen that shows records through another view put before its own.
    pub(crate) fn behind(
        before: impl FnOnce(Box<dyn View>) -> Box<dyn View>,
        output: Output,
        args: &OutputArgs,
        selection: Selection,
        pace: Pace,
    ) -> Self {
        let format = args.format;
        let is_for_people = matches!(format, Format::Timeline | Format::Table);
        let is_amended = is_for_people && pace == Pace::AsDecided;
        let below = InPlace::below(&output).filter(|_| is_amended && !args.verbosity.quiet);
        let Output { out, style, .. } = output;
        let waits = below.map(|below| Waits::new(below, style));
        let view: Box<dyn View> = match format {
            Format::Timeline => Box::new(Timeline::new(out.clone(), style)),
            Format::Table => Box::new(Table::new(out.clone(), style)),
            Format::Json => Box::new(Json::new(out.clone())),
            Format::Jsonl => Box::new(JsonLines::new(out.clone())),
            Format::Csv if args.verbosity.quiet => Box::new(Csv::new(out.clone(), io::sink())),
            Format::Csv => Box::new(Csv::new(out.clone(), io::stderr())),
            Format::Summary => Box::new(Totals::new(out.clone(), style)),
        };
        let is_ordered = format == Format::Json || is_for_people && pace == Pace::InOrder;
        let shown = Shown {
            view: before(view),
            out,
            selection,
            names: Names::default(),
            count: 0,
            said: BTreeMap::new(),
            waits,
            patterns: BTreeMap::new(),
            prompt: Prompt::at(pace),
            totals: !args.verbosity.quiet
                || matches!(format, Format::Json | Format::Jsonl | Format::Csv),
        };
        Self {
            reporting: if is_amended { Reporting::Decisions } else { Reporting::Records },
            order: is_ordered.then(Order::default),
            shown,
            failure: None,
        }
    }

    /// What the tracker is to tell.
    pub(crate) fn reporting(&self) -> Reporting {
        self.reporting
    }

    /// The names that are known by now.
    pub(crate) fn names(&self) -> &Names {
        &self.shown.names
    }

    /// Takes over the names that a source knows by now.
    pub(crate) fn learn_names(&mut self, names: &Names) {
        self.shown.names.extend_from(names);
    }

    /// How many attempts were shown.
    #[cfg(unix)]
    pub(crate) fn count(&self) -> u64 {
        self.shown.count
    }

    /// Takes an event. A failure is told by the next [`release`](Self::release).
    pub(crate) fn event(&mut self, event: Event<'_>) {
        if self.failure.is_none() {
            self.failure = self.try_event(event).err();
        }
    }

    fn try_event(&mut self, event: Event<'_>) -> io::Result<()> {
        let Self { order, shown, .. } = self;
        match (event, order) {
            (Event::Decided(handshake), _) => shown.decided(handshake),
            (Event::Ended(handshake), Some(order)) if shown.selection.takes(handshake) => {
                order.push(handshake, &mut |handshake| shown.ended(handshake))
            }
            (Event::Ended(handshake), _) => shown.ended(handshake),
        }
    }

    /// Shows what is next in order by now.
    pub(crate) fn release(&mut self, tracker: &Tracker) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let Self { order: Some(order), shown, .. } = self else { return Ok(()) };
        order.release(tracker.oldest_open(), &mut |handshake| shown.ended(handshake))
    }

    /// Shows everything that there is to show when nothing happens.
    pub(crate) fn idle(&mut self, tracker: &Tracker, now: Timestamp) -> io::Result<()> {
        self.release(tracker)?;
        let Shown { waits, selection, .. } = &mut self.shown;
        if let Some(waits) = waits {
            waits.look(tracker, selection, now);
        }
        self.shown.flush()
    }

    /// Says something on standard error, which may be the same terminal.
    #[cfg(unix)]
    pub(crate) fn complain(&mut self, what: &dyn std::fmt::Display) -> io::Result<()> {
        self.shown.make_way(None)?;
        self.shown.out.flush()?;
        complain(what);
        Ok(())
    }

    /// Adds what only the screen knows to the totals, and shows them.
    pub(crate) fn finish(self, mut summary: Summary) -> io::Result<()> {
        let Self { order, mut shown, .. } = self;
        shown.make_way(None)?;
        summary.patterns = shown.patterns;
        summary.shown = (!shown.selection.is_empty()).then_some(shown.count);
        if shown.totals {
            shown.view.finish(&summary)?;
        }
        shown.out.flush()?;
        match order.map_or(0, |order| order.let_go()) {
            0 => {}
            let_go => complain(&format_args!(
                "{let_go} attempts are not in order: too many others had to wait for one that stayed open"
            )),
        }
        Ok(())
    }
}

impl Shown {
    /// Shows an attempt that may still change.
    fn decided(&mut self, handshake: &Handshake) -> io::Result<()> {
        let patterns = recognise(handshake);
        let before = self.said.remove(&handshake.id);
        if before.is_none() && !self.takes(handshake, &patterns) {
            return Ok(());
        }
        remember(&mut self.said, MOST_SAID, handshake.id, Said::of(handshake, &patterns));
        self.say(handshake, &patterns, before)
    }

    /// Shows an attempt that won't change any more, unless all was said already.
    fn ended(&mut self, handshake: &Handshake) -> io::Result<()> {
        let patterns = recognise(handshake);
        for pattern in &patterns {
            *self.patterns.entry(pattern.name.name()).or_default() += 1;
        }
        let before = self.said.remove(&handshake.id);
        if before.is_some() || self.takes(handshake, &patterns) {
            self.say(handshake, &patterns, before)
        } else {
            Ok(())
        }
    }

    /// Shows an attempt of which this was said `before`.
    fn say(
        &mut self,
        handshake: &Handshake,
        patterns: &[Pattern],
        before: Option<Said>,
    ) -> io::Result<()> {
        let id = handshake.id;
        match before {
            Some(said) if said == Said::of(handshake, patterns) => return Ok(()),
            Some(Said { outcome, .. }) => {
                self.make_way(Some(id))?;
                let outcome = outcome.name();
                writeln!(self.out, "amended: attempt {id}, shown as {outcome} above, is now")?;
            }
            None => {
                self.make_way(Some(id))?;
                self.count += 1;
            }
        }
        let record = Record { handshake, patterns, calls: &[], names: &self.names };
        self.view.handshake(&record)?;
        if self.prompt.is_due() { self.flush() } else { Ok(()) }
    }

    fn takes(&self, handshake: &Handshake, patterns: &[Pattern]) -> bool {
        self.selection.takes(handshake) && self.selection.takes_patterns(patterns)
    }

    /// Takes away what waits, before something else is written: it may be about this attempt.
    fn make_way(&mut self, attempt: Option<u64>) -> io::Result<()> {
        self.waits.as_mut().map_or(Ok(()), |waits| waits.make_way(attempt))
    }

    /// Writes out what is still held in memory, with what waits below it.
    fn flush(&mut self) -> io::Result<()> {
        if let Some(waits) = &mut self.waits {
            waits.put()?;
        }
        self.out.flush()
    }
}

/// Remembers what was said of an attempt. Two attempts may turn out to be one, of which one end is
/// told; so beyond the `most` that can be open, what was said first is forgotten.
fn remember(all: &mut BTreeMap<u64, Said>, most: usize, id: u64, said: Said) {
    while all.len() >= most {
        all.pop_first();
    }
    all.insert(id, said);
}

impl Said {
    fn of(handshake: &Handshake, patterns: &[Pattern]) -> Self {
        let patterns = patterns.iter().map(|pattern| pattern.name).collect();
        Self { outcome: handshake.outcome, patterns }
    }
}

#[cfg(test)]
mod tests;
