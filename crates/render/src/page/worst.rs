//! The worst of many, within bounds.

use std::collections::BTreeMap;
use std::io;

use super::rank::Rank;

/// What is kept for the worst attempts.
#[derive(Debug)]
pub(super) struct Worst<T> {
    kept: BTreeMap<Rank, (T, usize)>,
    /// How many are kept at most, and how many bytes.
    most: usize,
    room: usize,
    bytes: usize,
    left_out: u64,
}

impl<T> Worst<T> {
    /// Keeps `most` at most, which take `room` bytes at most.
    pub(super) const fn new(most: usize, room: usize) -> Self {
        Self { kept: BTreeMap::new(), most, room, bytes: 0, left_out: 0 }
    }

    /// Takes what `make` gives and how many bytes that takes, where it is among the worst.
    ///
    /// # Errors
    /// Those of `make`.
    pub(super) fn offer(
        &mut self,
        rank: Rank,
        make: impl FnOnce() -> io::Result<(T, usize)>,
    ) -> io::Result<()> {
        let is_full = self.kept.len() >= self.most;
        if is_full && self.kept.last_key_value().is_none_or(|(last, _)| *last <= rank) {
            self.left_out += 1;
            return Ok(());
        }
        let (it, bytes) = make()?;
        self.bytes += bytes;
        if let Some((_, same)) = self.kept.insert(rank, (it, bytes)) {
            self.bytes -= same;
        }
        while self.kept.len() > self.most || self.bytes > self.room {
            let Some((_, (_, bytes))) = self.kept.pop_last() else { break };
            self.bytes -= bytes;
            self.left_out += 1;
        }
        Ok(())
    }

    /// What is kept, the worst first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Rank, &T)> {
        self.kept.iter().map(|(rank, (it, _))| (rank, it))
    }

    /// How many were not kept.
    pub(super) const fn left_out(&self) -> u64 {
        self.left_out
    }
}
