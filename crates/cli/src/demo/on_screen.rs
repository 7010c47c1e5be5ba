//! The attempts of a scenario on a screen.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use capture::FrameSource as _;
use handshake::{End, Facts, Outcome};
use lab::{Moment, Progress, Protocol, Report, Scenario};
use render::{Language, Record, Summary, View};
use screen::{CopyPackets, Doing, Feed, Screen, Tracked};

use super::expectation::{Found, check};
use super::frame_buffer::FrameBuffer;
use super::show::{Showing, show};
use crate::extract::copy_one;
use crate::memory::Memory;
use crate::output::Output;
use crate::presenter::Before;
use crate::shared::Shared;
use crate::tui::Scene;

/// The attempts are looked at anew after this time.
const LOOK: Duration = Duration::from_millis(50);
/// A look takes no more than one part in so many of the time: the capture waits for it.
const SHARE: u32 = 10;

/// A screen while a scenario runs.
pub(super) struct OnScreen {
    screen: Screen,
    scenario: &'static Scenario,
    /// What the attempts are shown with, where it goes nowhere.
    output: Output,
    shown: Rc<RefCell<BTreeMap<u64, Shown>>>,
    /// Whether something has happened that the screen does not show.
    is_stale: bool,
    /// When the next look is due.
    due: Instant,
}

/// Frames that the screen copies packets from, too.
#[derive(Clone, Debug)]
pub(super) struct Frames(Arc<Mutex<FrameBuffer>>);

impl Frames {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(FrameBuffer::new())))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, FrameBuffer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies packets out of them.
    fn copying(&self, feed: &Feed) -> Arc<CopyPackets> {
        let (frames, feed) = (self.clone(), feed.clone());
        Arc::new(move |record, file| {
            let mut frames = frames.lock();
            frames.rewind();
            copy_one(record, &mut *frames, file, || !feed.is_over())
                .map_err(|error| format!("{error:#}"))
        })
    }
}

impl OnScreen {
    /// Takes the terminal; `on_quit` is called when the user has seen enough.
    pub(super) fn start(
        feed: &Feed,
        scenario: &'static Scenario,
        output: &Output,
        frames: &Frames,
        on_quit: impl FnOnce() + Send + 'static,
    ) -> anyhow::Result<Self> {
        let scene = Scene {
            feed,
            title: format!("{}: {}", scenario.name, scenario.title),
            doing: Doing::Playing,
            copy: frames.copying(feed),
            memory: Memory::default(),
        };
        let screen = scene.start(output.style, on_quit)?;
        let output = Output { out: Shared::new(io::sink()), ..output.clone() };
        let (shown, due) = (Rc::default(), Instant::now());
        Ok(Self { screen, scenario, output, shown, is_stale: true, due })
    }

    /// Notes what happens, and shows it in idle moments.
    pub(super) fn on_moment(
        &mut self,
        moment: &Moment<'_>,
        buffer: &mut FrameBuffer,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let Moment::Idle(_) = moment else {
            self.is_stale = true;
            return Ok(());
        };
        let begun = Instant::now();
        if self.is_stale && begun >= self.due {
            self.is_stale = false;
            self.look(buffer, &progress.report(), End::Interrupted)?;
            self.due = Instant::now() + LOOK.max(begun.elapsed() * SHARE);
        }
        Ok(())
    }

    /// Shows how it ended until the user has seen enough.
    pub(super) fn finish(mut self, frames: &Frames, report: &Report) -> anyhow::Result<()> {
        let found = self.look(&mut frames.lock(), report, End::Complete)?;
        let mut verdict = match check(&found, self.scenario.expected) {
            // What the screen says around its pictures is English.
            Ok(attempts) => super::story::verdict(attempts.as_deref(), Language::English),
            Err(differences) => format!("not as expected: {}", differences.join("; ")),
        };
        if report.connections.iter().any(|connection| connection.protocol == Protocol::Udp) {
            verdict.push_str("; the picture of the datagrams follows when you quit");
        }
        self.screen.feed().say(verdict);
        self.screen.finish().context("the terminal")
    }

    /// Hands the attempts that have changed to the screen, and gives what was found of all.
    fn look(
        &mut self,
        buffer: &mut FrameBuffer,
        report: &Report,
        end: End,
    ) -> anyhow::Result<Vec<Found>> {
        let feed = self.screen.feed();
        feed.learn_names(buffer.names());
        feed.tell_dropped(buffer.lost);
        feed.tell(Tracked { frames: buffer.count(), ..Tracked::default() });
        let (feed, shown, is_last) = (feed.clone(), Rc::clone(&self.shown), end == End::Complete);
        let pictures: Before = Box::new(move |_| Box::new(ToScreen { feed, shown, is_last }));
        let showing = Showing { scenario: self.scenario, all: true, pictures: Some(pictures), end };
        show(self.output.clone(), buffer, report, showing)
    }
}

/// As much of an attempt as tells whether it has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    outcome: Outcome,
    segments: usize,
    calls: usize,
    /// Of these calls.
    returned: usize,
}

/// A view that hands attempts to a screen.
struct ToScreen {
    feed: Feed,
    /// What the screen has, by the ids of the attempts.
    shown: Rc<RefCell<BTreeMap<u64, Shown>>>,
    /// Whether they are complete.
    is_last: bool,
}

impl View for ToScreen {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let Record { handshake, patterns, calls, capture_start, .. } = *record;
        let now = Shown {
            outcome: handshake.outcome,
            segments: handshake.segments.len(),
            calls: calls.len(),
            returned: calls.iter().filter(|call| call.returned.is_some()).count(),
        };
        let before = self.shown.borrow_mut().insert(handshake.id, now);
        if let Some(capture_start) = capture_start {
            self.feed.begin(capture_start);
        }
        // What is known at the end only, as patterns, shows in none of these numbers.
        if self.is_last || before != Some(now) {
            self.feed.attempt(record, before.map(|before| before.outcome));
        }
        if self.is_last {
            let patterns = patterns.iter().map(|pattern| pattern.name).collect();
            self.feed.count(&Facts::of(handshake, patterns));
        }
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}
