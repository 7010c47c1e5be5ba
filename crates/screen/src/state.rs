//! What the screen shows, apart from how it is drawn.

use std::cmp::Reverse;
use std::mem;

use parser::{Names, Timestamp};
use render::{Record, Style, steps};

use crate::areas::Areas;
use crate::feed::{News, Stands, Sums};
use crate::history::{Attempt, History};

/// What a screen is set up with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What is captured: `lo, tcp port 443`.
    pub title: String,
    /// Where the attempts come from.
    pub doing: Doing,
    /// How text looks; its width is that of the terminal, whatever it says.
    pub style: Style,
    /// Bytes that the attempts it remembers may take.
    pub most_bytes: usize,
}

/// What is done meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Files are read.
    Reading,
    /// Files are read that somebody still writes.
    Following,
    /// Interfaces are listened to.
    Capturing,
    /// A scenario is played.
    Playing,
}

/// Everything that decides what is drawn.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(crate) struct State {
    /// What is captured: `lo, tcp port 443`.
    pub(crate) title: String,
    pub(crate) doing: Doing,
    pub(crate) style: Style,
    pub(crate) history: History,
    pub(crate) names: Names,
    pub(crate) capture_start: Option<Timestamp>,
    pub(crate) stands: Stands,
    pub(crate) sums: Sums,
    /// The attempts that match the filter, in order.
    pub(crate) listed: Vec<u64>,
    /// The attempt that somebody chose; without one it is the first of the list.
    chosen: Option<u64>,
    /// The first line of the list that is seen.
    pub(crate) top: usize,
    pub(crate) order: Order,
    pub(crate) filter: String,
    pub(crate) is_typing: bool,
    pub(crate) is_paused: bool,
    pub(crate) page: Page,
    /// Whether the ladder has all the room.
    pub(crate) is_zoomed: bool,
    /// Steps of the ladder that are shown; `None` shows all, and the outcome.
    pub(crate) steps: Option<usize>,
    /// Lines by which the ladder, the groups or the help are scrolled.
    pub(crate) scroll: usize,
    /// Whether the end of a ladder that grows is shown, until somebody scrolls.
    follows: bool,
    /// What was done last, until the next key.
    pub(crate) message: Option<String>,
    /// Where everything was drawn last.
    pub(crate) areas: Areas,
    pub(crate) is_over: bool,
}

/// Which attempts come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    #[default]
    Newest,
    Worst,
}

/// What the middle of the screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Page {
    #[default]
    Attempts,
    Groups,
    Help,
}

impl State {
    /// Nothing yet.
    pub(crate) fn new(setup: Setup) -> Self {
        let Setup { title, doing, style, most_bytes } = setup;
        Self {
            title,
            doing,
            style,
            history: History::new(most_bytes),
            names: Names::default(),
            capture_start: None,
            stands: Stands::default(),
            sums: Sums::default(),
            listed: Vec::new(),
            chosen: None,
            top: 0,
            order: Order::default(),
            filter: String::new(),
            is_typing: false,
            is_paused: false,
            page: Page::default(),
            is_zoomed: false,
            steps: None,
            scroll: 0,
            follows: doing == Doing::Playing,
            message: None,
            areas: Areas::default(),
            is_over: false,
        }
    }

    /// Takes what came.
    pub(crate) fn hear(&mut self, news: News) {
        let News { attempts, gone, stands, names, capture_start } = news;
        (self.stands, self.capture_start) = (stands, capture_start);
        self.names = names.unwrap_or_else(|| mem::take(&mut self.names));
        self.history.gone += gone;
        if !attempts.is_empty() {
            for attempt in attempts {
                self.history.insert(attempt);
            }
            self.list();
        }
    }

    /// Lists the attempts anew: the filter, the order or the attempts have changed.
    pub(crate) fn list(&mut self) {
        let filter = self.filter.to_lowercase();
        let matching = self.history.newest_first().filter(|(_, attempt)| attempt.matches(&filter));
        self.listed = match self.order {
            Order::Newest => matching.map(|(id, _)| id).collect(),
            Order::Worst => {
                let mut all: Vec<_> =
                    matching.map(|(id, it)| (Reverse(it.trouble()), id)).collect();
                all.sort_by_key(|(trouble, _)| *trouble);
                all.into_iter().map(|(_, id)| id).collect()
            }
        };
        if self.chosen.is_some_and(|chosen| !self.listed.contains(&chosen)) {
            self.choose(None);
        }
    }

    /// The attempt that is looked at.
    pub(crate) fn selected(&self) -> Option<&Attempt> {
        self.history.get(self.chosen.or_else(|| self.listed.first().copied())?)
    }

    /// The same as a record.
    pub(crate) fn record(&self) -> Option<Record<'_>> {
        self.selected().map(|attempt| attempt.record(&self.names, self.capture_start))
    }

    /// Its place in the list.
    pub(crate) fn place(&self) -> usize {
        let place = self.chosen.and_then(|chosen| self.listed.iter().position(|id| *id == chosen));
        place.unwrap_or_default()
    }

    /// Looks at another attempt; without one, at the first of the list, whichever that is.
    pub(crate) fn choose(&mut self, attempt: Option<u64>) {
        if self.chosen != attempt {
            (self.steps, self.scroll) = (None, 0);
        }
        self.chosen = attempt;
    }

    /// Looks at the attempt at a place of the list, or at the last one.
    pub(crate) fn choose_at(&mut self, place: usize) {
        let place = place.min(self.listed.len().saturating_sub(1));
        self.choose(self.listed.get(place).copied());
    }

    /// Scrolls the ladder, the groups or the help.
    pub(crate) fn scroll_by(&mut self, lines: isize) {
        self.follows = false;
        self.scroll = self.scroll.saturating_add_signed(lines);
    }

    /// The first line of the ladder that is shown, if there is one that far down.
    pub(crate) fn top_of_ladder(&self) -> usize {
        if self.follows && !self.stands.has_ended { usize::MAX } else { self.scroll }
    }

    /// Shows so many steps more of the ladder, or less. Beyond the last one all is shown.
    pub(crate) fn step(&mut self, by: isize) {
        let Some(record) = self.record() else { return };
        let all = steps(&record, self.style);
        self.follows = false;
        let shown = self.steps.unwrap_or(if by > 0 { 0 } else { all + 1 });
        let shown = shown.saturating_add_signed(by);
        self.steps = (1..=all).contains(&shown).then_some(shown);
        // The last step is what is looked at.
        self.scroll = if self.steps.is_some() { usize::MAX } else { 0 };
    }
}
