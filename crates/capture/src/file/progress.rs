//! How far the reading of files has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far the reading of files has come, for any thread to ask.
#[derive(Clone, Debug)]
pub struct ReadSoFar {
    read: Vec<Arc<AtomicU64>>,
    total: Option<u64>,
}

impl ReadSoFar {
    pub(super) const fn new(read: Vec<Arc<AtomicU64>>, total: Option<u64>) -> Self {
        Self { read, total }
    }

    /// As far as this.
    pub fn progress(&self) -> Progress {
        let read = self.read.iter().map(|read| read.load(Ordering::Relaxed)).sum();
        Progress { read, total: self.total }
    }
}

/// How far reading has come, in bytes of the files as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What has been read.
    pub read: u64,
    /// What there is to read; `None` where an input has no size, as a pipe has none.
    pub total: Option<u64>,
}
