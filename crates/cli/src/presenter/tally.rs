//! Adds the facts of attempts up, on a thread of its own where that helps.

use std::io;
use std::mem;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use answers::{Question, Stats};
use handshake::Facts;
use screen::Feed;

/// The threads wake each other once for so many attempts.
const BATCH: usize = 1024;
/// Batches on their way. More would leave the cache before they are read.
const BATCHES: usize = 2;

/// Statistics that grow.
pub(super) enum Tally {
    /// On this thread.
    Here(Box<Stats>),
    /// On another one.
    Beside(Beside),
    /// Where a screen sees them, too.
    OnScreen(Feed),
}

/// Hands facts to another thread.
pub(super) struct Beside {
    batch: Vec<Facts>,
    batches: SyncSender<Vec<Facts>>,
    /// Batches that were taken come back here.
    spare: Receiver<Vec<Facts>>,
    stats: JoinHandle<Box<Stats>>,
}

impl Tally {
    /// Statistics on this thread.
    pub(super) fn here(question: Question) -> Self {
        Self::Here(Box::new(Stats::new(question)))
    }

    /// Statistics on another thread; on this one where the system grants none.
    pub(super) fn beside(question: Question) -> Self {
        Beside::spawn(question).map_or_else(|_| Self::here(question), Self::Beside)
    }

    /// Adds an attempt.
    pub(super) fn add(&mut self, facts: &Facts) {
        match self {
            Self::Here(stats) => stats.add(facts),
            Self::Beside(beside) => beside.add(facts),
            Self::OnScreen(feed) => feed.count(facts),
        }
    }

    /// The sums.
    pub(super) fn finish(self) -> Box<Stats> {
        match self {
            Self::Here(stats) => stats,
            Self::Beside(beside) => beside.finish(),
            Self::OnScreen(feed) => Box::new(feed.stats()),
        }
    }
}

impl Beside {
    fn spawn(question: Question) -> io::Result<Self> {
        let (batches, taken) = sync_channel(BATCHES);
        let (back, spare) = channel();
        let count = move || count(question, taken, &back);
        let stats = thread::Builder::new().name("statistics".to_owned()).spawn(count)?;
        Ok(Self { batch: Vec::with_capacity(BATCH), batches, spare, stats })
    }

    fn add(&mut self, facts: &Facts) {
        self.batch.push(*facts);
        if self.batch.len() >= BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        let next = self.spare.try_recv().unwrap_or_else(|_| Vec::with_capacity(BATCH));
        let batch = mem::replace(&mut self.batch, next);
        // The other thread takes everything unless it panics, which the end passes on.
        let _ = self.batches.send(batch);
    }

    fn finish(mut self) -> Box<Stats> {
        self.send();
        drop(self.batches);
        self.stats.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// What the other thread does.
fn count(
    question: Question,
    batches: Receiver<Vec<Facts>>,
    back: &Sender<Vec<Facts>>,
) -> Box<Stats> {
    let mut stats = Box::new(Stats::new(question));
    for mut batch in batches {
        batch.drain(..).for_each(|facts| stats.add(&facts));
        // At the end nobody wants it back.
        let _ = back.send(batch);
    }
    stats
}
