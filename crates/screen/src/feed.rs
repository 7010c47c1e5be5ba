//! What the capture hands to the screen.

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use answers::{Question, Rtts, Stats};
use handshake::{Facts, Outcome, Waiting};
use parser::{Names, Timestamp};
use render::{Answers, Line, Record, Style, group_lines, time_lines};

use crate::history::Attempt;

/// Attempts of a live capture that are copied between two looks of the screen, which come twenty times a
/// second. Nobody could read more, and at a high rate the copies would cost more than everything else.
pub(crate) const MOST_COPIED: usize = 500;

/// Remarks that wait until the screen is gone.
const MOST_REMARKS: usize = 100;

/// Attempts by outcome, in the order of [`Outcome::ALL`].
pub(crate) type Outcomes = [u64; Outcome::ALL.len()];

/// Where the capture leaves what the screen takes. Nobody holds it for longer than a copy takes, so the
/// capture never waits for the terminal. What comes faster than the screen takes it is counted, and let go.
#[derive(Clone, Debug)]
pub struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inbox: Mutex<Inbox>,
    /// Whether the screen would like to know how the tracker stands.
    is_asking: AtomicBool,
    /// Whether the user has seen enough.
    is_over: AtomicBool,
}

#[derive(Debug)]
struct Inbox {
    attempts: VecDeque<Attempt>,
    bytes: usize,
    most_bytes: usize,
    /// Attempts that were copied since the screen looked.
    copied: usize,
    most_copied: usize,
    /// Attempts that were let go.
    gone: u64,
    has_news: bool,
    /// Whether the names have changed since they were taken.
    has_names: bool,
    stands: Stands,
    capture_start: Option<Timestamp>,
    answers: Answers,
    remarks: Vec<String>,
}

/// What the tracker knows of the capture.
#[derive(Clone, Debug, Default)]
pub struct Tracked {
    /// Frames by now.
    pub frames: u64,
    /// Attempts that were closed early for want of memory, and had come to nothing by then.
    pub evicted: u64,
    /// A few attempts that wait for an answer, the oldest first, each with the nanoseconds by now.
    pub waiting: Vec<(i64, Waiting)>,
    /// How many wait in all.
    pub waiting_count: usize,
}

/// How the capture stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stands {
    pub(crate) tracked: Tracked,
    pub(crate) outcomes: Outcomes,
    /// Packets that the kernel dropped, where anything counts them.
    pub(crate) dropped: Option<u64>,
    /// Bytes of the files that were read, and of how many.
    pub(crate) read: Option<(u64, Option<u64>)>,
    pub(crate) has_ended: bool,
    /// The last remark.
    pub(crate) remark: Option<String>,
}

/// What came since the screen took something before.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) attempts: VecDeque<Attempt>,
    pub(crate) gone: u64,
    pub(crate) stands: Stands,
    /// Where they have changed: there may be many.
    pub(crate) names: Option<Names>,
    pub(crate) capture_start: Option<Timestamp>,
}

/// The sums of all attempts, in lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) groups: Vec<Line>,
    pub(crate) over_time: [Line; 2],
}

impl Feed {
    /// A feed that holds attempts of at most so many bytes.
    pub fn new(most_bytes: usize) -> Self {
        Self::copying(most_bytes, usize::MAX)
    }

    /// One that also copies no more attempts than a live capture has time for.
    pub fn of_live(most_bytes: usize) -> Self {
        Self::copying(most_bytes, MOST_COPIED)
    }

    fn copying(most_bytes: usize, most_copied: usize) -> Self {
        let inbox = Inbox {
            attempts: VecDeque::new(),
            bytes: 0,
            most_bytes,
            copied: 0,
            most_copied,
            gone: 0,
            has_news: true,
            has_names: false,
            stands: Stands::default(),
            capture_start: None,
            answers: Stats::new(Question { rtts: Rtts::Quantiles, ..Question::default() }).into(),
            remarks: Vec::new(),
        };
        let (is_asking, is_over) = (AtomicBool::new(true), AtomicBool::new(false));
        Self(Arc::new(Shared { inbox: Mutex::new(inbox), is_asking, is_over }))
    }

    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inbox)) {
        let mut inbox = self.lock();
        change(&mut inbox);
        inbox.has_news = true;
    }

    /// Shows an attempt; `before` is its outcome where it was shown already.
    pub fn attempt(&self, record: &Record<'_>, before: Option<Outcome>) {
        self.change(|inbox| {
            let outcomes = &mut inbox.stands.outcomes;
            if let Some(before) = before {
                let count = &mut outcomes[before as usize];
                *count = count.saturating_sub(1);
            }
            outcomes[record.handshake.outcome as usize] += 1;
            // One that was shown must not stay as it was.
            if before.is_some() || inbox.copied < inbox.most_copied {
                inbox.copied += 1;
                inbox.push(Attempt::of(record));
            } else {
                inbox.gone += 1;
            }
        });
    }

    /// Adds an attempt that has ended to the sums.
    pub fn count(&self, facts: &Facts) {
        self.change(|inbox| inbox.answers.stats.add(facts));
    }

    /// Takes over the names that a source knows by now.
    pub fn learn_names(&self, names: &Names) {
        self.change(|inbox| {
            inbox.answers.names.extend_from(names);
            inbox.has_names = true;
        });
    }

    /// Takes the time at which the capture began.
    pub fn begin(&self, capture_start: Timestamp) {
        self.change(|inbox| inbox.capture_start = Some(capture_start));
    }

    /// Whether the screen would like to be told how the tracker stands. It asks a few times a second.
    pub fn is_asking(&self) -> bool {
        self.0.is_asking.load(Ordering::Relaxed)
    }

    /// Tells how the tracker stands.
    pub fn tell(&self, tracked: Tracked) {
        self.0.is_asking.store(false, Ordering::Relaxed);
        self.change(|inbox| inbox.stands.tracked = tracked);
    }

    /// Tells how many packets the kernel dropped.
    pub fn tell_dropped(&self, dropped: u64) {
        self.change(|inbox| inbox.stands.dropped = Some(dropped));
    }

    /// Tells how many bytes of the files were read, of how many.
    pub fn tell_read(&self, read: u64, total: Option<u64>) {
        self.change(|inbox| inbox.stands.read = Some((read, total)));
    }

    /// Shows a remark. It is kept until the screen is gone.
    pub fn remark(&self, text: String) {
        self.change(|inbox| {
            inbox.stands.remark = Some(text.clone());
            if inbox.remarks.len() < MOST_REMARKS {
                inbox.remarks.push(text);
            }
        });
    }

    /// Shows a sentence in place of the last remark. It is not kept: somebody else prints it later.
    pub fn say(&self, text: String) {
        self.change(|inbox| inbox.stands.remark = Some(text));
    }

    /// The remarks so far.
    pub fn take_remarks(&self) -> Vec<String> {
        mem::take(&mut self.lock().remarks)
    }

    /// The sums so far.
    pub fn stats(&self) -> Stats {
        self.lock().answers.stats.clone()
    }

    /// Ends the screen.
    pub fn quit(&self) {
        self.0.is_over.store(true, Ordering::Release);
    }

    /// Whether the screen ended, or is to end.
    pub fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::Acquire)
    }

    /// Notes that nothing will come any more.
    pub(crate) fn end(&self) {
        self.change(|inbox| inbox.stands.has_ended = true);
    }

    /// Asks to be told how the tracker stands.
    pub(crate) fn ask(&self) {
        self.0.is_asking.store(true, Ordering::Relaxed);
    }

    /// What came; the attempts stay where they are not wanted for now.
    pub(crate) fn take(&self, wants_attempts: bool) -> Option<News> {
        let mut inbox = self.lock();
        inbox.copied = 0;
        if !mem::take(&mut inbox.has_news) {
            return None;
        }
        let (mut attempts, mut gone) = (VecDeque::new(), 0);
        if wants_attempts {
            inbox.bytes = 0;
            attempts = mem::take(&mut inbox.attempts);
            gone = mem::take(&mut inbox.gone);
        } else {
            // They are news again when they are wanted.
            inbox.has_news = !inbox.attempts.is_empty();
        }
        let stands = inbox.stands.clone();
        let names = mem::take(&mut inbox.has_names).then(|| inbox.answers.names.clone());
        Some(News { attempts, gone, stands, names, capture_start: inbox.capture_start })
    }

    /// The sums, in lines for the width of the style; those of groups where they are wanted.
    pub(crate) fn sums(&self, style: Style, wants_groups: bool) -> Sums {
        let inbox = self.lock();
        // The capture need not wait until they are put in order.
        let answers = wants_groups.then(|| inbox.answers.clone());
        let all = inbox.answers.stats.all();
        drop(inbox);
        Sums {
            groups: answers.map(|answers| group_lines(&answers, style)).unwrap_or_default(),
            over_time: time_lines(&all, style.width.unwrap_or_default().into(), style),
        }
    }
}

impl Inbox {
    fn push(&mut self, attempt: Attempt) {
        self.bytes += attempt.bytes();
        self.attempts.push_back(attempt);
        while self.bytes > self.most_bytes
            && let Some(oldest) = self.attempts.pop_front()
        {
            self.bytes -= oldest.bytes();
            self.gone += 1;
        }
    }
}
