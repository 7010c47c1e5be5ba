//! Presents what the tracker reports: selected, in order, through a view.

mod beside;
#[cfg(unix)]
mod checking;
mod emitter;
mod none_selected;
mod on_screen;
mod show_when;
mod tally;
mod waiting_lines;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::num::NonZero;
use std::thread;

use answers::{Question, Rtts, Stats};
use handshake::{Event, Reporting, Tracker};
use hostnames::DnsAnswer;
use parser::{Names, Timestamp};
use render::{Answers, Order, Summary, View, plural};

use crate::layout::{Audience, Content, Sorting};
use crate::output::Output;
use crate::remarks::Remarks;
use crate::selection::Selection;
use crate::sorted::Sorted;
use crate::status;
use emitter::Emitter;
use none_selected::NoneSelected;
use show_when::FlushPolicy;
use tally::Tally;
use waiting_lines::WaitingLines;

pub(crate) use beside::Beside;
#[cfg(unix)]
pub(crate) use checking::Checking;
pub(crate) use show_when::ShowWhen;

/// So many threads get a core each.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Puts a view before another one, or in its place.
pub(crate) type Before = Box<dyn FnOnce(Box<dyn View>) -> Box<dyn View>>;

/// Takes what the pipeline has to show.
pub(crate) trait Present {
    /// Which events the tracker must report.
    fn reporting(&self) -> Reporting;

    /// Whether records wait for their turn.
    fn is_in_order(&self) -> bool;

    /// The names that are known by now.
    fn names(&self) -> &Names;

    /// Takes over the names that a source knows by now.
    fn learn_names(&mut self, names: &Names);

    /// Whether DNS answers are wanted.
    fn wants_answers(&self) -> bool;

    /// Takes a DNS answer that came when so many attempts had `begun`.
    fn learn_answer(&mut self, answer: DnsAnswer, begun: u64);

    /// Takes the time of the first frame that has one, before the events of that frame.
    fn begin(&mut self, capture_start: Timestamp);

    /// Takes an event. The next [`release`](Self::release) returns its failure.
    fn event(&mut self, event: Event<'_>);

    /// Shows the records whose turn it is by now.
    fn release(&mut self, tracker: &Tracker) -> io::Result<()>;

    /// Shows everything that there is to show when nothing happens.
    fn idle(&mut self, tracker: &Tracker, now: Timestamp) -> io::Result<()>;

    /// Adds what only the presenter knows to the totals, and shows them.
    fn finish(self, summary: Summary) -> io::Result<()>;
}

/// The same of a capture that goes on until something ends it.
#[cfg(unix)]
pub(crate) trait PresentWatched: Present {
    /// How many attempts were shown.
    fn count(&self) -> u64;

    /// Reports something on standard error, which may be the same terminal.
    fn report(&mut self, what: &dyn std::fmt::Display) -> io::Result<()>;
}

/// Whether attempts are shown again where they change.
fn is_amended(output: &Output, show_when: ShowWhen) -> bool {
    output.layout.shows_attempts_to_people() && show_when == ShowWhen::AsDecided
}

/// Which events the tracker must report where records are shown.
fn reporting(output: &Output, show_when: ShowWhen) -> Reporting {
    match (output.whole, is_amended(output, show_when)) {
        (true, _) => Reporting::Whole,
        (false, true) => Reporting::Decisions,
        (false, false) => Reporting::Records,
    }
}

fn is_ordered(output: &Output, show_when: ShowWhen) -> bool {
    match output.layout.sorting {
        Sorting::Always => true,
        Sorting::InFiles => show_when == ShowWhen::InOrder,
        Sorting::Never => false,
    }
}

/// What the answers at the end of an output are to, where it has any.
fn question(output: &Output) -> Option<Question> {
    output.layout.answers.map(|rtts| Question { rtts, ..output.question })
}

/// Selects records, brings them into order and hands them to a view.
pub(crate) struct Presenter {
    reporting: Reporting,
    /// `None` shows records as they come.
    order: Option<Order>,
    emitter: Emitter,
    /// The first failure of an event, until the next call can return it: the tracker can't.
    failure: Option<io::Error>,
}

impl Presenter {
    /// A presenter that writes to `output`.
    pub(crate) fn new(output: Output, selection: Selection, show_when: ShowWhen) -> Self {
        // For totals and statistics the tracker need not build records.
        let facts_only = output.layout.is_of_all() && selection.is_empty();
        let is_beside = facts_only && show_when == ShowWhen::InOrder && cores() > 1;
        let question = question(&output);
        let mut presenter = Self::behind(|view| view, output, selection, show_when);
        if facts_only {
            presenter.reporting = Reporting::Facts;
            presenter.emitter.patterns = None;
        }
        if is_beside {
            presenter.emitter.stats = question.map(Tally::beside);
        }
        presenter
    }

    /// A presenter that shows records through another view before its own.
    pub(crate) fn behind(
        before: impl FnOnce(Box<dyn View>) -> Box<dyn View>,
        output: Output,
        selection: Selection,
        show_when: ShowWhen,
    ) -> Self {
        let below = output.lines_below();
        let style = selection.styled(output.style);
        let reporting = reporting(&output, show_when);
        let order = is_ordered(&output, show_when).then(Order::default);
        let shows_waiting = is_amended(&output, show_when) && output.remarks != Remarks::Off;
        let below = below.filter(|_| shows_waiting);
        let question = question(&output);
        let Output { out, directory, layout, remarks, room_to_sort, host_names, .. } = output;
        let view = before(layout.view(out.clone(), directory, style, remarks));
        let to_judge = Question { rtts: Rtts::Sums, ..Question::default() };
        let judges = layout.answers.is_some() && selection.judges();
        let whole = judges.then(|| Box::new(Stats::new(to_judge)));
        let emitter = Emitter {
            view: match selection.most_sorted() {
                Some(most) => Box::new(Sorted::new(view, selection.sort, (most, room_to_sort))),
                None => view,
            },
            out,
            none_selected: NoneSelected::of(&selection).filter(|_| remarks != Remarks::Off),
            selection,
            names: Names::default(),
            host_names,
            capture_start: None,
            zone: style.zone(),
            count: 0,
            most: None,
            last_shown: BTreeMap::new(),
            screen: None,
            waiting: below.map(|below| WaitingLines::new(below, style)),
            patterns: Some(BTreeMap::new()),
            flush_policy: FlushPolicy::of(show_when),
            totals: remarks != Remarks::Off
                || layout.audience == Audience::Programs
                || layout.content == Content::Statistics,
            whole,
            stats: question.map(Tally::here),
        };
        Self { reporting, order, emitter, failure: None }
    }

    /// Shows no more attempts than so many: those that are open when they are shown stay out.
    pub(crate) fn at_most(mut self, most: Option<u64>) -> Self {
        self.emitter.most = most;
        self
    }

    fn try_event(&mut self, event: Event<'_>) -> io::Result<()> {
        let Self { order, emitter, .. } = self;
        match (event, order) {
            (Event::Counted(facts), _) => {
                emitter.counted(facts);
                Ok(())
            }
            (Event::Decided(handshake), _) => emitter.decided(handshake),
            (Event::Ended(handshake), Some(order)) if emitter.may_show(handshake) => {
                order.push(handshake, &mut |handshake| emitter.ended(handshake))
            }
            (Event::Ended(handshake), _) => emitter.ended(handshake),
        }
    }

    /// Shows the records whose turn it is while this is the oldest attempt that is open.
    fn release_before(&mut self, oldest_open: Option<u64>) -> io::Result<()> {
        let Self { order: Some(order), emitter, .. } = self else { return Ok(()) };
        order.release(oldest_open, &mut |handshake| emitter.ended(handshake))
    }
}

#[cfg(unix)]
impl PresentWatched for Presenter {
    fn count(&self) -> u64 {
        self.emitter.count
    }

    fn report(&mut self, what: &dyn std::fmt::Display) -> io::Result<()> {
        if let Some(screen) = &self.emitter.screen {
            screen.feed().remark(what.to_string());
            return Ok(());
        }
        self.emitter.erase_waiting(None)?;
        self.emitter.out.flush()?;
        status::report(what);
        Ok(())
    }
}

impl Present for Presenter {
    fn reporting(&self) -> Reporting {
        self.reporting
    }

    fn is_in_order(&self) -> bool {
        self.order.is_some()
    }

    fn names(&self) -> &Names {
        &self.emitter.names
    }

    fn learn_names(&mut self, names: &Names) {
        self.emitter.names.extend_from(names);
        if let Some(screen) = &self.emitter.screen {
            screen.feed().learn_names(names);
        }
    }

    fn wants_answers(&self) -> bool {
        self.emitter.host_names.is_some()
    }

    fn learn_answer(&mut self, answer: DnsAnswer, begun: u64) {
        if let Some(host_names) = &mut self.emitter.host_names {
            host_names.learn(answer, begun);
        }
    }

    fn begin(&mut self, capture_start: Timestamp) {
        let Emitter { selection, zone, none_selected, .. } = &mut self.emitter;
        selection.settle(capture_start, zone);
        if let Some(none_selected) = none_selected {
            none_selected.settle(capture_start, zone);
        }
        self.emitter.capture_start = Some(capture_start);
        if let Some(screen) = &self.emitter.screen {
            screen.feed().begin(capture_start);
        }
    }

    fn event(&mut self, event: Event<'_>) {
        if self.failure.is_none() {
            self.failure = self.try_event(event).err();
        }
    }

    fn release(&mut self, tracker: &Tracker) -> io::Result<()> {
        self.tell_screen(tracker, tracker.traffic().last);
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.release_before(tracker.oldest_open()),
        }
    }

    fn idle(&mut self, tracker: &Tracker, now: Timestamp) -> io::Result<()> {
        self.tell_screen(tracker, Some(now));
        self.release(tracker)?;
        let Emitter { waiting, selection, .. } = &mut self.emitter;
        if let Some(waiting) = waiting {
            waiting.update(tracker, selection, now);
        }
        self.emitter.flush()
    }

    fn finish(self, mut summary: Summary) -> io::Result<()> {
        let Self { order, mut emitter, .. } = self;
        if let Some(screen) = emitter.screen.take() {
            on_screen::finish(screen, &summary)?;
        }
        emitter.erase_waiting(None)?;
        summary.patterns = emitter.patterns;
        let names = &emitter.names;
        summary.answers = emitter.stats.map(|stats| {
            let whole = emitter.whole.map(|whole| *whole);
            let host_names = emitter.host_names.take().unwrap_or_default();
            Box::new(Answers { stats: *stats.finish(), whole, names: names.clone(), host_names })
        });
        let shown = emitter.count.min(emitter.selection.most_sorted().unwrap_or(u64::MAX));
        summary.shown = (!emitter.selection.is_empty()).then_some(shown);
        emitter.view.end()?;
        if emitter.totals {
            emitter.view.finish(&summary)?;
        }
        emitter.out.flush()?;
        if let Some(none_selected) = emitter.none_selected
            && emitter.count == 0
            && summary.handshakes() > 0
        {
            status::report(&none_selected.sentence(summary.handshakes()));
        }
        let is_sorted = emitter.selection.most_sorted().is_some();
        warn_of_order(order.filter(|_| !is_sorted).map_or(0, |order| order.let_go()));
        warn_of_memory(&summary);
        Ok(())
    }
}

/// Says that so many records left before their turn.
fn warn_of_order(let_go: u64) {
    if let_go > 0 {
        let are = if let_go == 1 { "is" } else { "are" };
        status::report(&format_args!(
            "{} {are} not in the order of the first segments: too many attempts ended while an earlier \
             one was open; sort them by `id`",
            plural(let_go, "attempt")
        ));
    }
}

/// Says that memory was too small for right outcomes. Totals with findings say it of themselves.
pub(crate) fn warn_of_memory(summary: &Summary) {
    let evicted = summary.counters.evicted_open();
    if evicted > 0 && summary.answers.is_none() {
        status::report(&format_args!(
            "{} closed early for want of memory: their outcomes may be wrong, and what came later may \
             be counted as another attempt; use more memory: `--memory 1GB`",
            plural(evicted, "attempt")
        ));
    }
}

#[cfg(test)]
pub(crate) mod tests;
