//! A presenter whose attempts appear on a screen.

use std::io;

use handshake::Tracker;
use parser::Timestamp;
use render::Summary;
use screen::{Screen, Tracked};

use super::tally::Tally;
use super::waiting_lines::overdue;
use super::{Presenter, ShowWhen};
use crate::output::Output;
use crate::selection::Selection;
use crate::status;

/// Attempts without an answer that are listed, at most.
const MOST_WAITING: usize = 50;

impl Presenter {
    /// A presenter that shows records on a screen. When the screen is gone, the totals go to `output`.
    pub(crate) fn on_screen(
        screen: Screen,
        output: Output,
        selection: Selection,
        show_when: ShowWhen,
    ) -> Self {
        let mut presenter = Self::new(Output { size: None, ..output }, selection, show_when);
        presenter.emitter.stats = Some(Tally::OnScreen(screen.feed().clone()));
        presenter.emitter.screen = Some(screen);
        presenter
    }

    /// Tells the screen how the tracker stands, where it asks.
    pub(super) fn tell_screen(&self, tracker: &Tracker, now: Option<Timestamp>) {
        let Some(screen) = &self.emitter.screen else { return };
        if !screen.feed().is_asking() {
            return;
        }
        let (waiting, waiting_count) = match now {
            Some(now) => overdue(tracker, &self.emitter.selection, now, MOST_WAITING),
            None => (Vec::new(), 0),
        };
        screen.feed().tell(Tracked {
            frames: tracker.traffic().frames,
            evicted: tracker.counters().evicted_open(),
            waiting,
            waiting_count,
        });
    }
}

/// Waits until the user has seen enough, then says what was remarked meanwhile.
pub(super) fn finish(screen: Screen, summary: &Summary) -> io::Result<()> {
    let feed = screen.feed().clone();
    let evicted = summary.counters.evicted_open();
    feed.tell(Tracked { frames: summary.traffic.frames, evicted, ..Tracked::default() });
    screen.finish()?;
    feed.take_remarks().iter().for_each(|remark| status::report(remark));
    Ok(())
}
