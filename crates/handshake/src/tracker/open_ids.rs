//! Which attempts are open, by id: a bit for each.

use std::collections::VecDeque;

const BITS: u64 = u64::BITS as u64;

/// The ids of the open attempts. They are given in ascending order, so that a short run of bits holds
/// them.
#[derive(Debug, Default)]
pub(super) struct OpenIds {
    /// The first id that has a bit, a multiple of 64.
    base: u64,
    words: VecDeque<u64>,
}

impl OpenIds {
    /// Adds an id, the greatest so far.
    #[inline]
    pub(super) fn add(&mut self, id: u64) {
        if self.words.is_empty() {
            self.base = id - id % BITS;
        }
        let word = ((id - self.base) / BITS) as usize;
        while self.words.len() <= word {
            self.words.push_back(0);
        }
        self.words[word] |= 1 << (id % BITS);
    }

    /// Takes out an id.
    #[inline]
    pub(super) fn remove(&mut self, id: u64) {
        let word = (id.wrapping_sub(self.base) / BITS) as usize;
        if let Some(word) = self.words.get_mut(word) {
            *word &= !(1 << (id % BITS));
        }
        while self.words.front() == Some(&0) {
            self.words.pop_front();
            self.base += BITS;
        }
    }

    /// The smallest one.
    pub(super) fn first(&self) -> Option<u64> {
        self.words.front().map(|word| self.base + u64::from(word.trailing_zeros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_open_one_is_known() {
        let mut open = OpenIds::default();
        assert_eq!(open.first(), None);
        for id in 1..=1_000 {
            open.add(id);
        }
        for id in (2..=900).chain(950..=1_000) {
            open.remove(id);
            assert_eq!(open.first(), Some(1));
        }
        open.remove(1);
        assert_eq!(open.first(), Some(901));
        for id in 901..950 {
            open.remove(id);
        }
        assert_eq!(open.first(), None);
        open.add(5_000);
        assert_eq!((open.first(), open.words.len()), (Some(5_000), 1));
    }
}
