//! How long a compressed file may become.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::budget::Budget;

/// A file may become so many times as long as it is stored. gzip reaches 1,032 times at most, and lz4
/// 255. zstd exceeds it with nothing but repetition, which a capture with its time stamps is not.
const RATIO: u64 = 1_100;

/// What one file may still become. It keeps count if the file is opened again.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    budget: Budget,
    /// How far the stored file has been read.
    stored: Arc<AtomicU64>,
    /// What was taken of the bytes that are free. Layers of compression use the same ones, so that
    /// two of them can't multiply.
    taken: Arc<AtomicU64>,
}

impl Allowance {
    pub(super) fn new(budget: &Budget, stored: &Arc<AtomicU64>) -> Self {
        Self { budget: budget.clone(), stored: Arc::clone(stored), taken: Arc::default() }
    }

    /// Where decompressing is counted.
    pub(super) const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Whether a layer may become `len` bytes long.
    #[inline]
    pub(super) fn covers(&self, len: u64) -> bool {
        let earned = self.stored.load(Ordering::Relaxed).saturating_mul(RATIO);
        len <= earned || self.take(len - earned)
    }

    #[cold]
    fn take(&self, beyond: u64) -> bool {
        let more = beyond.saturating_sub(self.taken.load(Ordering::Relaxed));
        let allowed = self.budget.take_free(more);
        if allowed {
            self.taken.fetch_max(beyond, Ordering::Relaxed);
        }
        allowed
    }
}

/// A file would become longer than it may.
#[derive(Clone, Debug)]
pub(super) struct TooLong(pub(super) String);

impl TooLong {
    /// `name` is the compression of the layer that does.
    pub(super) fn new(name: &str) -> Self {
        Self(format!(
            "the {name} stream is more than 1,100 times as long as the file, and the bytes allowed \
             beyond that are used up: allow more with `--max-decompressed SIZE`, \
             or use `{name} -dc FILE | synscope replay -`"
        ))
    }

    /// The one that made an error of an outer layer, if one did.
    pub(super) fn behind(error: &io::Error) -> Option<Self> {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(found.clone());
            }
            cause = match error.downcast_ref::<io::Error>() {
                Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
                None => error.source(),
            };
        }
        None
    }
}

impl From<TooLong> for io::Error {
    fn from(error: TooLong) -> Self {
        Self::other(error)
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for TooLong {}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_size(budget: &Budget, stored: u64) -> Allowance {
        Allowance::new(budget, &Arc::new(stored.into()))
    }

    #[test]
    fn a_file_earns_its_size_1100_times() {
        let budget = Budget::new(0);
        let file = of_size(&budget, 10);
        assert!(file.covers(11_000) && !file.covers(11_001));
    }

    #[test]
    fn what_is_free_is_shared_by_all_files_and_taken_once_by_each() {
        let budget = Budget::new(100);
        let (one, other) = (of_size(&budget, 1), of_size(&budget, 0));
        // Two layers, and the same file opened again.
        for _ in 0..3 {
            assert!(one.clone().covers(1_160));
        }
        assert!(other.covers(40) && !other.covers(41));
        assert!(!one.covers(1_161));
    }

    #[test]
    fn the_sentence_survives_outer_layers() {
        let within = io::Error::other(io::Error::from(TooLong::new("zstd")));
        assert_eq!(TooLong::behind(&within).map(|it| it.0), Some(TooLong::new("zstd").0));
        assert!(TooLong::behind(&io::Error::other("x")).is_none());
    }
}
