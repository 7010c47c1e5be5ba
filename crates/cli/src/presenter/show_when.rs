//! When records are shown, and when they leave the buffer.

use std::time::{Duration, Instant};

/// When records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShowWhen {
    /// By their first segments, in large pieces: for files.
    InOrder,
    /// At once as they end: for a stream.
    AsTheyEnd,
    /// As soon as they are decided, and again where that changes: for somebody who watches.
    AsDecided,
}

/// When the buffer is flushed.
#[derive(Debug)]
pub(super) enum FlushPolicy {
    /// When it is full.
    WhenFull,
    /// After each record: the next one may take long.
    EachRecord,
    /// After a record, unless the last flush was a moment ago: then an idle moment follows, which
    /// flushes.
    Limited(Option<Instant>),
}

impl FlushPolicy {
    /// No user notices this delay.
    const MOMENT: Duration = Duration::from_millis(10);

    pub(super) fn of(show_when: ShowWhen) -> Self {
        match show_when {
            ShowWhen::InOrder => Self::WhenFull,
            ShowWhen::AsTheyEnd => Self::EachRecord,
            ShowWhen::AsDecided => Self::Limited(None),
        }
    }

    /// Whether to flush after this record.
    pub(super) fn is_due(&mut self) -> bool {
        match self {
            Self::WhenFull => false,
            Self::EachRecord => true,
            Self::Limited(last) => {
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
