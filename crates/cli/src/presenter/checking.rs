//! A presenter whose attempts are checked and counted, too.

use std::io;

use handshake::{Event, Reporting, Tracker};
use hostnames::DnsAnswer;
use parser::{Names, Timestamp};
use render::Summary;

use super::Present;
use crate::expectations::Expectations;
use crate::metrics::Metrics;

/// Hands every attempt to expectations, to metrics, and to a presenter.
pub(crate) struct Checking<'a, P> {
    pub(crate) expectations: &'a mut Expectations,
    /// Where somebody may ask for them.
    pub(crate) metrics: Option<Metrics>,
    pub(crate) presenter: P,
}

impl<P: Present> Present for Checking<'_, P> {
    fn reporting(&self) -> Reporting {
        self.presenter.reporting().max(self.expectations.reporting())
    }

    fn is_in_order(&self) -> bool {
        self.presenter.is_in_order()
    }

    fn names(&self) -> &Names {
        self.presenter.names()
    }

    fn learn_names(&mut self, names: &Names) {
        self.presenter.learn_names(names);
    }

    fn wants_answers(&self) -> bool {
        self.presenter.wants_answers()
    }

    fn learn_answer(&mut self, answer: DnsAnswer, begun: u64) {
        self.presenter.learn_answer(answer, begun);
    }

    fn begin(&mut self, capture_start: Timestamp) {
        self.presenter.begin(capture_start);
    }

    fn event(&mut self, event: Event<'_>) {
        if !self.expectations.is_empty() {
            self.expectations.event(event);
        }
        if let Some(metrics) = &mut self.metrics {
            metrics.event(event);
        }
        self.presenter.event(event);
    }

    fn release(&mut self, tracker: &Tracker) -> io::Result<()> {
        self.presenter.release(tracker)
    }

    fn idle(&mut self, tracker: &Tracker, now: Timestamp) -> io::Result<()> {
        self.presenter.idle(tracker, now)
    }

    fn finish(self, summary: Summary) -> io::Result<()> {
        self.presenter.finish(summary)
    }
}
