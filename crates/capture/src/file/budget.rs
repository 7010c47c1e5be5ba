//! What files may cost together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::ahead::Readers;

/// What the decompressors of all files may hold together: eight zstd files of the usual level, two of
/// lz4's largest blocks, or 160 gzip files.
const MEMORY: usize = 20 << 20;
/// What may be decompressed again, in all. A file that was closed for others to be open is gone
/// through from its beginning, so that without a bound the work would grow with the square.
const AGAIN: u64 = 4 << 30;

/// What compressed files may become beyond a multiple of their sizes, in bytes.
pub(super) const FREE: u64 = 1_000_000_000;
/// The interfaces that all files may describe together, beyond a few of each.
const INTERFACES: usize = 1 << 17;

/// What was spent so far, shared by all files of a replay.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<Spent>);

#[derive(Debug, Default)]
struct Spent {
    memory: AtomicUsize,
    /// The most that it was at one time.
    #[cfg(test)]
    most_memory: AtomicUsize,
    again: AtomicU64,
    readers: Readers,
    /// What is left of the bytes that files may become beyond a multiple of their sizes.
    free: AtomicU64,
    interfaces: AtomicUsize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(FREE)
    }
}

impl Budget {
    /// Nothing spent yet. `free` is what files may become beyond a multiple of their sizes.
    pub(super) fn new(free: u64) -> Self {
        Self(Arc::new(Spent { free: free.into(), ..Spent::default() }))
    }

    /// Takes `bytes` of what is free, if there are as many.
    pub(super) fn take_free(&self, bytes: u64) -> bool {
        let free = &self.0.free;
        free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(bytes))
            .is_ok()
    }

    /// Counts `bytes` of memory until the result is dropped.
    pub(super) fn hold(&self, bytes: usize) -> Held {
        self.0.memory.fetch_add(bytes, Ordering::Relaxed);
        #[cfg(test)]
        self.0.most_memory.fetch_max(self.held(), Ordering::Relaxed);
        Held { budget: self.clone(), bytes }
    }

    /// The threads that read ahead.
    pub(super) fn readers(&self) -> Readers {
        self.0.readers.clone()
    }

    /// The bytes of memory that are held.
    pub(super) fn held(&self) -> usize {
        self.0.memory.load(Ordering::Relaxed)
    }

    /// Whether that, or so many bytes more, is more than should be.
    pub(super) fn is_exceeded_with(&self, more: usize) -> bool {
        self.held() + more > MEMORY
    }

    /// The most that was held at one time since this was asked last.
    #[cfg(test)]
    pub(super) fn most_held(&self) -> usize {
        self.0.most_memory.swap(0, Ordering::Relaxed)
    }

    /// Asks to keep `count` descriptions of interfaces, until they are given back.
    pub(super) fn takes_interfaces(&self, count: usize) -> bool {
        let before = self.0.interfaces.fetch_add(count, Ordering::Relaxed);
        let fits = before + count <= INTERFACES;
        if !fits {
            self.give_back_interfaces(count);
        }
        fits
    }

    pub(super) fn give_back_interfaces(&self, count: usize) {
        self.0.interfaces.fetch_sub(count, Ordering::Relaxed);
    }

    /// How many bytes were decompressed once more.
    #[cfg(test)]
    pub(super) fn again(&self) -> u64 {
        self.0.again.load(Ordering::Relaxed)
    }

    /// Whether `bytes` may be decompressed once more.
    pub(super) fn would_allow_again(&self, bytes: u64) -> bool {
        self.0.again.load(Ordering::Relaxed).saturating_add(bytes) <= AGAIN
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
