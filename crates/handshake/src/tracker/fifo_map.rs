//! A bounded memory: the newest entries, found by key.

use std::hint::black_box;

use super::index::Index;

/// Hash, key and what the value begins with are in one line of the cache.
#[derive(Debug)]
#[repr(C, align(64))]
struct Entry<K, V> {
    hash: u64,
    key: K,
    value: V,
}

/// Keeps the values of the `capacity` keys that were added last; the oldest is dropped.
#[derive(Debug)]
pub(super) struct FifoMap<K, V> {
    index: Index,
    entries: Vec<Entry<K, V>>,
    capacity: usize,
    oldest: usize,
}

impl<K: PartialEq, V> FifoMap<K, V> {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { index: Index::new(), entries: Vec::new(), capacity, oldest: 0 }
    }

    #[inline]
    fn find(&self, hash: u64, key: &K) -> Option<usize> {
        let found = self.index.places(hash).find(|&at| self.entries[at as usize].key == *key);
        found.map(|at| at as usize)
    }

    #[inline]
    pub(super) fn get(&self, hash: u64, key: &K) -> Option<&V> {
        self.find(hash, key).map(|at| &self.entries[at].value)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, hash: u64, key: &K) -> Option<&mut V> {
        self.find(hash, key).map(|at| &mut self.entries[at].value)
    }

    /// The value of `key`; a key that is not there gets the value that `new` gives.
    pub(super) fn entry(&mut self, hash: u64, key: K, new: impl FnOnce() -> V) -> Option<&mut V> {
        let at = match self.find(hash, &key) {
            Some(at) => at,
            None => self.add(hash, key, new())?,
        };
        Some(&mut self.entries[at].value)
    }

    pub(super) fn set(&mut self, hash: u64, key: K, value: V) {
        match self.find(hash, &key) {
            Some(at) => self.entries[at].value = value,
            None => {
                self.add(hash, key, value);
            }
        }
    }

    /// Adds a key that is not there.
    #[inline]
    pub(super) fn add(&mut self, hash: u64, key: K, value: V) -> Option<usize> {
        let entry = Entry { hash, key, value };
        let at = if self.entries.len() < self.capacity {
            self.entries.push(entry);
            self.entries.len() - 1
        } else {
            let at = self.oldest;
            let old = std::mem::replace(self.entries.get_mut(at)?, entry);
            self.oldest = if at + 1 < self.capacity { at + 1 } else { 0 };
            self.index.remove(old.hash, at as u32);
            at
        };
        self.index.insert(hash, at as u32);
        Some(at)
    }

    /// Brings near what looking for a key with this hash will read.
    #[inline]
    pub(super) fn touch(&self, hash: u64) {
        if let Some(entry) = self.index.touch(hash).and_then(|at| self.entries.get(at as usize)) {
            black_box(entry.hash);
        }
    }

    /// Brings near what adding so many keys will drop.
    pub(super) fn touch_oldest(&self, count: usize) {
        if self.entries.len() == self.capacity {
            let (later, oldest) = self.entries.split_at(self.oldest);
            oldest.iter().chain(later).take(count).for_each(|entry| self.touch(entry.hash));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_dropped() {
        let mut map = FifoMap::new(2);
        for key in [1_u64, 2, 3] {
            map.set(key * 7, key, key * 10);
        }
        assert_eq!(map.get(7, &1), None);
        assert_eq!(map.get(14, &2), Some(&20));
        assert_eq!(map.get(21, &3), Some(&30));
        *map.entry(14, 2, || 0).unwrap() += 1;
        map.set(28, 4, 40);
        assert_eq!(map.get(14, &2), None);
        assert_eq!((map.get(21, &3), map.get(28, &4)), (Some(&30), Some(&40)));
    }

    #[test]
    fn equal_hashes_do_not_mix_keys_up() {
        let mut map = FifoMap::new(3);
        map.set(5, 'a', 1);
        map.set(5, 'b', 2);
        map.set(5, 'a', 3);
        assert_eq!((map.get(5, &'a'), map.get(5, &'b')), (Some(&3), Some(&2)));
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let mut map = FifoMap::new(0);
        map.set(1, 'a', 1);
        assert_eq!(map.get(1, &'a'), None);
        assert_eq!(map.entry(1, 'a', || 1), None);
    }
}
