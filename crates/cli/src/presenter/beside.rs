//! A presenter on a thread of its own: one core tracks while another puts records into words.

use std::io;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use handshake::{Event, Handshake, Reporting, Tracker};
use hostnames::DnsAnswer;
use parser::{Names, Timestamp};
use render::Summary;

#[cfg(unix)]
use super::PresentWatched;
use super::{Present, Presenter, ShowWhen, cores, is_ordered, reporting};
use crate::output::Output;
use crate::selection::Selection;
#[cfg(unix)]
use crate::status;

/// The threads wake each other once for so many messages. Tests have few, and send batches again all the same.
const BATCH: usize = if cfg!(test) { 8 } else { 256 };
/// Or once the records of a batch take so many bytes.
const BATCH_BYTES: usize = 256 << 10;
/// Batches on their way. More would leave the cache before they are read.
const BATCHES: usize = 4;

/// What the presenter is told, in the order in which it happens.
enum Message {
    /// There are new names.
    Names,
    /// A DNS answer, and how many attempts had begun when it came.
    Answer(DnsAnswer, u64),
    /// The capture began then.
    Begin(Timestamp),
    /// An attempt is decided: the next record of the batch.
    Decided,
    /// An attempt has ended: the next record of the batch.
    Ended,
    /// Nothing comes for now.
    Idle,
    /// No attempt with a smaller id is open.
    Release(Option<u64>),
    /// The end, with the totals.
    Finish(Box<Summary>),
}

/// Messages on their way, and back. A record takes the place of an older one: so no thread frees what the
/// other one allocated, for which both would wait for the allocator.
#[derive(Default)]
struct Batch {
    messages: Vec<Message>,
    /// The first `filled` are new.
    records: Vec<Handshake>,
    /// The most bytes that was ever in the place of each.
    spaces: Vec<usize>,
    filled: usize,
    /// The bytes of the new ones, and of all places.
    bytes: usize,
    space: usize,
}

/// Hands records to a [`Presenter`] on another thread, which shows them as it would on this one.
pub(crate) struct Beside {
    names: Names,
    /// The other thread takes its names from here.
    shared_names: Arc<Mutex<Names>>,
    reporting: Reporting,
    is_ordered: bool,
    wants_answers: bool,
    /// What it was told last.
    oldest_open: Option<u64>,
    /// How many attempts it has shown.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only what is watched is counted"))]
    count: Arc<AtomicU64>,
    batch: Batch,
    /// `None` once the presenter takes nothing any more.
    batches: Option<SyncSender<Batch>>,
    /// Batches that were taken come back here.
    spare: Receiver<Batch>,
    presenter: Option<JoinHandle<io::Result<()>>>,
}

impl Batch {
    fn push_record(&mut self, message: Message, handshake: &Handshake) {
        let bytes = handshake.weight();
        match (self.records.get_mut(self.filled), self.spaces.get_mut(self.filled)) {
            (Some(older), Some(space)) => {
                older.clone_from(handshake);
                self.space += bytes.saturating_sub(*space);
                *space = bytes.max(*space);
            }
            _ => {
                self.records.push(handshake.clone());
                self.spaces.push(bytes);
                self.space += bytes;
            }
        }
        self.filled += 1;
        self.bytes += bytes;
        self.messages.push(message);
    }

    fn is_full(&self) -> bool {
        self.messages.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    /// What it holds. It is empty then.
    fn take(&mut self) -> (impl Iterator<Item = Message>, &[Handshake]) {
        let filled = mem::take(&mut self.filled);
        self.bytes = 0;
        (self.messages.drain(..), &self.records[..filled])
    }

    /// An empty one, with its space unless that is too much.
    fn emptied(self) -> Self {
        if self.space > BATCH_BYTES * 3 / 2 { Self::default() } else { self }
    }
}

impl Beside {
    /// A presenter of records that writes to `output`, and shows `most` attempts where that is given.
    /// `None` where a second thread would not help: on a single core, for totals alone, or where
    /// each record has to appear at once.
    pub(crate) fn start(
        output: &Output,
        selection: &Selection,
        show_when: ShowWhen,
        most: Option<u64>,
    ) -> Option<Self> {
        let helps = !output.is_terminal
            && !output.layout.is_of_all()
            && show_when != ShowWhen::AsTheyEnd
            && cores() > 1;
        helps.then(|| Self::spawn(output.clone(), selection.clone(), show_when, most))?.ok()
    }

    /// Fails where the system grants no thread.
    pub(super) fn spawn(
        output: Output,
        selection: Selection,
        show_when: ShowWhen,
        most: Option<u64>,
    ) -> io::Result<Self> {
        let is_ordered = is_ordered(&output, show_when);
        let wants_answers = output.host_names.is_some();
        let reporting = reporting(&output, show_when);
        let count = Arc::new(AtomicU64::new(0));
        let shown = Arc::clone(&count);
        let shared_names = Arc::new(Mutex::new(Names::default()));
        let (batches, taken) = sync_channel(BATCHES);
        let (back, spare) = channel();
        let names = Arc::clone(&shared_names);
        let present = move || {
            let presenter = Presenter::new(output, selection, show_when).at_most(most);
            present(presenter, (&names, &shown), taken, &back)
        };
        let presenter = thread::Builder::new().name("presenter".to_owned()).spawn(present)?;
        Ok(Self {
            names: Names::default(),
            shared_names,
            reporting,
            is_ordered,
            wants_answers,
            oldest_open: None,
            count,
            batch: Batch::default(),
            batches: Some(batches),
            spare,
            presenter: Some(presenter),
        })
    }

    fn push(&mut self, message: Message) {
        self.batch.messages.push(message);
        self.send_if_full();
    }

    fn send_if_full(&mut self) {
        if self.batch.is_full() {
            self.send();
        }
    }

    fn send(&mut self) {
        let Some(batches) = &self.batches else { return };
        let next = self.spare.try_recv().unwrap_or_default().emptied();
        let batch = mem::replace(&mut self.batch, next);
        if batches.send(batch).is_err() {
            // The presenter has failed. The next release asks it why.
            self.batches = None;
        }
    }

    /// Waits until everything is shown. `None` where that was waited for before.
    fn join(&mut self) -> Option<thread::Result<io::Result<()>>> {
        self.send();
        self.batches = None;
        self.presenter.take().map(JoinHandle::join)
    }

    fn end(&mut self) -> io::Result<()> {
        match self.join() {
            None => Ok(()),
            Some(Ok(end)) => end,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
        }
    }
}

impl Present for Beside {
    fn reporting(&self) -> Reporting {
        self.reporting
    }

    fn is_in_order(&self) -> bool {
        self.is_ordered
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn learn_names(&mut self, names: &Names) {
        self.names.extend_from(names);
        self.shared_names.lock().unwrap_or_else(PoisonError::into_inner).extend_from(names);
        self.push(Message::Names);
    }

    fn wants_answers(&self) -> bool {
        self.wants_answers
    }

    fn learn_answer(&mut self, answer: DnsAnswer, begun: u64) {
        self.push(Message::Answer(answer, begun));
    }

    fn begin(&mut self, capture_start: Timestamp) {
        self.push(Message::Begin(capture_start));
    }

    fn event(&mut self, event: Event<'_>) {
        let (message, handshake) = match event {
            Event::Decided(handshake) => (Message::Decided, handshake),
            Event::Ended(handshake) => (Message::Ended, handshake),
            // Of facts alone nothing is shown here.
            Event::Counted(_) => return,
        };
        if self.batches.is_some() {
            self.batch.push_record(message, handshake);
            self.send_if_full();
        }
    }

    fn release(&mut self, tracker: &Tracker) -> io::Result<()> {
        if self.batches.is_none() {
            return self.end();
        }
        let oldest_open = tracker.oldest_open();
        // Without an open attempt every record leaves, those that ended since the last time too.
        let is_news = oldest_open.is_none() || oldest_open != self.oldest_open;
        if self.is_ordered && is_news {
            self.oldest_open = oldest_open;
            self.push(Message::Release(oldest_open));
        }
        Ok(())
    }

    fn idle(&mut self, tracker: &Tracker, _: Timestamp) -> io::Result<()> {
        if self.presenter.as_ref().is_some_and(JoinHandle::is_finished) {
            return self.end();
        }
        self.release(tracker)?;
        if !self.batch.messages.is_empty() {
            self.batch.messages.push(Message::Idle);
            self.send();
        }
        Ok(())
    }

    fn finish(mut self, summary: Summary) -> io::Result<()> {
        self.push(Message::Finish(Box::new(summary)));
        self.end()
    }
}

#[cfg(unix)]
impl PresentWatched for Beside {
    fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// What is shown goes to no terminal.
    fn report(&mut self, what: &dyn std::fmt::Display) -> io::Result<()> {
        status::report(what);
        Ok(())
    }
}

/// A run that ends in an error shows what came before it.
impl Drop for Beside {
    fn drop(&mut self) {
        self.join();
    }
}

/// What the other thread does.
fn present(
    mut presenter: Presenter,
    (names, count): (&Mutex<Names>, &AtomicU64),
    batches: Receiver<Batch>,
    back: &Sender<Batch>,
) -> io::Result<()> {
    for mut batch in batches {
        let (messages, records) = batch.take();
        let mut records = records.iter();
        for message in messages {
            match message {
                Message::Names => {
                    presenter.learn_names(&names.lock().unwrap_or_else(PoisonError::into_inner));
                }
                Message::Answer(answer, begun) => presenter.learn_answer(answer, begun),
                Message::Begin(capture_start) => presenter.begin(capture_start),
                Message::Decided => tell(&mut presenter, records.next().map(Event::Decided))?,
                Message::Ended => tell(&mut presenter, records.next().map(Event::Ended))?,
                Message::Idle => presenter.emitter.flush()?,
                Message::Release(oldest_open) => presenter.release_before(oldest_open)?,
                Message::Finish(summary) => return presenter.finish(*summary),
            }
        }
        count.store(presenter.emitter.count, Ordering::Relaxed);
        // At the end nobody wants it back.
        let _ = back.send(batch);
    }
    Ok(())
}

fn tell(presenter: &mut Presenter, event: Option<Event<'_>>) -> io::Result<()> {
    event.map_or(Ok(()), |event| presenter.try_event(event))
}
