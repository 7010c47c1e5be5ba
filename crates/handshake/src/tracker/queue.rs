//! Attempts in the order in which their time will be over.

use std::collections::VecDeque;

/// An attempt, by its place and a tag, which tells whether it is still there.
pub(super) type Entry = (u32, u32);

/// A queue whose members may leave without being looked for: what has left is passed over later.
#[derive(Debug)]
pub(super) struct Queue {
    entries: VecDeque<Entry>,
    /// How many of them are still in it.
    members: usize,
}

/// As many entries are not worth tidying up.
const FEW: usize = 8_192;
/// A queue grows by this part of it: all that it has room for is memory in use, since it goes round.
const GROWS_BY: usize = 8;

impl Queue {
    pub(super) const fn new() -> Self {
        Self { entries: VecDeque::new(), members: 0 }
    }

    /// The bytes that it takes.
    #[inline]
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// Adds a member.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        self.members += 1;
        let len = self.entries.len();
        if len == self.entries.capacity() {
            self.entries.reserve_exact((len / GROWS_BY).max(1));
        }
        self.entries.push_back(entry);
    }

    /// A member has left. `is_in` tells whether an entry is still in the queue.
    #[inline]
    pub(super) fn leaves(&mut self, is_in: impl Fn(Entry) -> bool) {
        self.members = self.members.saturating_sub(1);
        if self.entries.len() > FEW + self.members + self.members / 2 {
            self.tidy_up(is_in);
        }
    }

    #[cold]
    fn tidy_up(&mut self, is_in: impl Fn(Entry) -> bool) {
        self.entries.retain(|&entry| is_in(entry));
        let len = self.entries.len();
        if self.entries.capacity() > FEW + len + len / 4 {
            self.entries.shrink_to(len + len / GROWS_BY);
        }
    }

    /// The member that was added first.
    #[inline]
    pub(super) fn first(&mut self, is_in: impl Fn(Entry) -> bool) -> Option<u32> {
        while let Some(&entry) = self.entries.front() {
            if is_in(entry) {
                return Some(entry.0);
            }
            self.entries.pop_front();
        }
        None
    }

    /// All entries, the one that was added first first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_left_is_passed_over_and_takes_no_room_for_long() {
        let mut queue = Queue::new();
        for at in 0..100_000 {
            queue.push((at, 0));
        }
        assert!(queue.bytes() < 100_000 * 8 * 9 / 8 + 8 * FEW, "{}", queue.bytes());
        for at in 0..99_000 {
            queue.leaves(|entry| entry.0 > at);
        }
        assert!(queue.entries.len() <= FEW + 1_500, "{}", queue.entries.len());
        assert!(queue.bytes() <= 8 * (3 * FEW + 3_000), "{}", queue.bytes());
        let is_in = |(at, _): Entry| at >= 99_000;
        assert_eq!(queue.first(is_in), Some(99_000));
        assert_eq!(queue.iter().count(), 1_000);
    }
}
