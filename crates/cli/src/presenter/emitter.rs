//! Writes records in the order in which they are given.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use answers::Stats;
use handshake::{Facts, Handshake, Outcome, Pattern, PatternName, recognise};
use hostnames::{EndNames, HostNames};
use jiff::tz::TimeZone;
use parser::{Names, Timestamp};
use render::{Record, View};
use screen::Screen;

use super::none_selected::NoneSelected;
use super::show_when::FlushPolicy;
use super::tally::Tally;
use super::waiting_lines::WaitingLines;
use crate::selection::Selection;
use crate::shared::Shared;

/// Open attempts whose last shown state is remembered.
const MOST_OPEN: usize = 65_536;

/// Shows the records that were selected, each one again where it changed.
pub(super) struct Emitter {
    pub(super) view: Box<dyn View>,
    /// The view writes to it.
    pub(super) out: Shared,
    pub(super) selection: Selection,
    pub(super) names: Names,
    /// The names of hosts, where they are wanted.
    pub(super) host_names: Option<HostNames>,
    /// When the capture began.
    pub(super) capture_start: Option<Timestamp>,
    /// The zone in which days begin.
    pub(super) zone: TimeZone,
    /// How many attempts were shown.
    pub(super) count: u64,
    /// No more are shown than so many, whatever is selected.
    pub(super) most: Option<u64>,
    /// What is to be said if there are none.
    pub(super) none_selected: Option<NoneSelected>,
    /// The last shown state of attempts that have not ended, by id.
    pub(super) last_shown: BTreeMap<u64, LastShown>,
    /// Shows the attempts in place of the view, where there is one.
    pub(super) screen: Option<Screen>,
    /// Attempts without an answer, where somebody watches.
    pub(super) waiting: Option<WaitingLines>,
    /// The patterns of all records, shown or not; `None` where there are no records.
    pub(super) patterns: Option<BTreeMap<&'static str, u64>>,
    pub(super) flush_policy: FlushPolicy,
    /// Whether the totals are shown too.
    pub(super) totals: bool,
    /// The statistics of the attempts that are shown, where they are wanted.
    pub(super) stats: Option<Tally>,
    /// Those of all attempts of the selected hosts and time, where others are left out of these: what
    /// became of a few says nothing of a server.
    pub(super) whole: Option<Box<Stats>>,
}

/// The last shown state of an attempt; more segments may change it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LastShown {
    pub(super) outcome: Outcome,
    pub(super) patterns: Vec<PatternName>,
}

impl LastShown {
    fn of(handshake: &Handshake, patterns: &[Pattern]) -> Self {
        let patterns = patterns.iter().map(|pattern| pattern.name).collect();
        Self { outcome: handshake.outcome, patterns }
    }
}

impl Emitter {
    /// Shows an attempt that may still change.
    pub(super) fn decided(&mut self, handshake: &Handshake) -> io::Result<()> {
        let patterns = recognise(handshake);
        let before = self.last_shown.remove(&handshake.id);
        if before.is_none() && !self.takes(handshake, &patterns) {
            return Ok(());
        }
        let now = LastShown::of(handshake, &patterns);
        remember(&mut self.last_shown, MOST_OPEN, handshake.id, now);
        self.show(handshake, &patterns, before)
    }

    /// Takes the facts of an attempt that ended.
    pub(super) fn counted(&mut self, facts: &Facts) {
        if !self.may_show_one_more() {
            return;
        }
        self.count += 1;
        if let Some(stats) = &mut self.stats {
            stats.add(facts);
        }
    }

    /// Shows an attempt that won't change any more, unless all of it was shown already.
    pub(super) fn ended(&mut self, handshake: &Handshake) -> io::Result<()> {
        let patterns = recognise(handshake);
        let counts = self.patterns.get_or_insert_default();
        for pattern in &patterns {
            *counts.entry(pattern.name.name()).or_default() += 1;
        }
        let before = self.last_shown.remove(&handshake.id);
        let is_shown = before.is_some() || self.takes(handshake, &patterns);
        self.count(handshake, &patterns, is_shown);
        if is_shown {
            return self.show(handshake, &patterns, before);
        }
        if let Some(none_selected) = self.none_selected.as_mut().filter(|_| self.count == 0) {
            none_selected.add(handshake, &patterns);
        }
        Ok(())
    }

    fn count(&mut self, handshake: &Handshake, patterns: &[Pattern], is_shown: bool) {
        let is_of_whole = self.whole.is_some() && self.selection.takes_place(handshake);
        let stats = self.stats.as_mut().filter(|_| is_shown);
        let whole = self.whole.as_mut().filter(|_| is_of_whole);
        if stats.is_none() && whole.is_none() {
            return;
        }
        let names = patterns.iter().map(|pattern| pattern.name).collect();
        let facts = Facts::of(handshake, names);
        if let Some(stats) = stats {
            stats.add(&facts);
        }
        if let Some(whole) = whole {
            whole.add(&facts);
        }
    }

    /// Shows an attempt; `before` is what was shown of it already.
    fn show(
        &mut self,
        handshake: &Handshake,
        patterns: &[Pattern],
        before: Option<LastShown>,
    ) -> io::Result<()> {
        let id = handshake.id;
        if before.as_ref().is_some_and(|before| *before == LastShown::of(handshake, patterns)) {
            return Ok(());
        }
        if let Some(screen) = &self.screen {
            self.count += u64::from(before.is_none());
            let names = (&self.names, self.host_names.as_ref());
            let record = record((handshake, patterns), names, self.capture_start);
            screen.feed().attempt(&record, before.map(|shown| shown.outcome));
            return Ok(());
        }
        match before {
            Some(LastShown { outcome, .. }) => {
                self.erase_waiting(Some(id))?;
                let outcome = outcome.name();
                writeln!(self.out, "amended: attempt {id}, shown as {outcome} above, is now")?;
            }
            None => {
                self.erase_waiting(Some(id))?;
                self.count += 1;
            }
        }
        let Self { view, names, host_names, capture_start, .. } = self;
        let record = record((handshake, patterns), (names, host_names.as_ref()), *capture_start);
        view.handshake(&record)?;
        if self.flush_policy.is_due() { self.flush() } else { Ok(()) }
    }

    fn takes(&self, handshake: &Handshake, patterns: &[Pattern]) -> bool {
        self.may_show(handshake) && self.selection.takes_patterns(patterns)
    }

    /// Whether an attempt is selected, apart from its patterns, and one more is to be shown.
    pub(super) fn may_show(&self, handshake: &Handshake) -> bool {
        // All of them are looked at to know which come first.
        let limit = self.selection.limit.filter(|_| self.selection.most_sorted().is_none());
        limit.is_none_or(|limit| self.count < limit)
            && self.may_show_one_more()
            && self.selection.takes(handshake)
    }

    fn may_show_one_more(&self) -> bool {
        self.most.is_none_or(|most| self.count < most)
    }

    /// Erases the lines of those who wait, before anything else is written. `attempt` waits no longer.
    pub(super) fn erase_waiting(&mut self, attempt: Option<u64>) -> io::Result<()> {
        self.waiting.as_mut().map_or(Ok(()), |waiting| waiting.erase(attempt))
    }

    /// Writes out what is still in memory, and those who wait below it.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if let Some(waiting) = &mut self.waiting {
            waiting.draw()?;
        }
        self.out.flush()
    }
}

/// What views are given of an attempt.
fn record<'a>(
    (handshake, patterns): (&'a Handshake, &'a [Pattern]),
    (names, host_names): (&'a Names, Option<&'a HostNames>),
    capture_start: Option<Timestamp>,
) -> Record<'a> {
    let end_names = host_names.map_or(EndNames::default(), |host_names| {
        host_names.of_attempt(handshake.id, handshake.client.addr, handshake.server.addr)
    });
    Record { handshake, patterns, calls: &[], names, end_names, capture_start }
}

/// Remembers the last shown state of an attempt. Two attempts may turn out to be one, and the tracker
/// reports one end for both. So beyond `most`, the oldest is forgotten.
pub(super) fn remember(
    all: &mut BTreeMap<u64, LastShown>,
    most: usize,
    id: u64,
    last_shown: LastShown,
) {
    while all.len() >= most {
        all.pop_first();
    }
    all.insert(id, last_shown);
}
