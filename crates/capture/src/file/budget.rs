//! What decompressing may cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::ahead::Readers;

/// What the decompressors of all files may hold together: eight zstd files of the usual level, three
/// of lz4's largest blocks, or any number of gzip files that can be open.
const MEMORY: usize = 24 << 20;
/// What may be decompressed again, in all. A file that was closed for others to be open is gone
/// through from its beginning, so that without a bound the work would grow with the square.
const AGAIN: u64 = 4 << 30;

/// What decompressing has cost so far, shared by all files of a replay.
#[derive(Clone, Debug, Default)]
pub(super) struct Budget(Arc<Spent>);

#[derive(Debug, Default)]
struct Spent {
    memory: AtomicUsize,
    again: AtomicU64,
    readers: Readers,
}

impl Budget {
    /// Counts `bytes` of memory until the result is dropped.
    pub(super) fn hold(&self, bytes: usize) -> Held {
        self.0.memory.fetch_add(bytes, Ordering::Relaxed);
        Held { budget: self.clone(), bytes }
    }

    /// The threads that read ahead.
    pub(super) fn readers(&self) -> Readers {
        self.0.readers.clone()
    }

    /// Whether more memory is held than should be.
    pub(super) fn is_exceeded(&self) -> bool {
        self.0.memory.load(Ordering::Relaxed) > MEMORY
    }

    /// Asks to decompress `bytes` once more.
    pub(super) fn allows_again(&self, bytes: u64) -> bool {
        self.0.again.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= AGAIN
    }
}

/// Memory that is held.
#[derive(Debug)]
pub(super) struct Held {
    budget: Budget,
    bytes: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.0.memory.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
