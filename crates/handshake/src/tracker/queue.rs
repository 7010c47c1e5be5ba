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

impl Queue {
    /// The bytes that a member takes, with its share of what has left.
    pub(super) const EACH: usize = size_of::<Entry>() * 3 / 2;

    pub(super) const fn new() -> Self {
        Self { entries: VecDeque::new(), members: 0 }
    }

    /// Adds a member. `is_in` tells whether an entry is still in the queue.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry, is_in: impl Fn(Entry) -> bool) {
        self.members += 1;
        self.entries.push_back(entry);
        if self.entries.len() > FEW + self.members + self.members / 2 {
            self.entries.retain(|&entry| is_in(entry));
        }
    }

    /// A member leaves.
    #[inline]
    pub(super) fn leaves(&mut self) {
        self.members = self.members.saturating_sub(1);
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
        let is_in = |(at, _): Entry| at >= 9_000;
        for at in 0..10_000 {
            queue.push((at, 0), |entry| is_in(entry) || entry.0 == at);
            if at < 9_000 {
                queue.leaves();
            }
        }
        assert!(queue.entries.len() <= FEW + 1_500, "{}", queue.entries.len());
        assert_eq!(queue.first(is_in), Some(9_000));
        assert_eq!(queue.iter().count(), 1_000);
    }
}
