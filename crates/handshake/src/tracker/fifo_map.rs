//! A bounded memory: the newest entries, found by key.

use std::hint::black_box;

/// No more are kept, whatever is asked for.
const MOST: usize = 1 << 24;

/// Key and what the value begins with are in one line of the cache.
#[derive(Debug)]
#[repr(C, align(64))]
struct Entry<K, V> {
    key: K,
    value: V,
}

/// The hash of an entry, and the number of the one before it in its chain.
#[derive(Clone, Copy, Debug)]
struct Link {
    hash: u64,
    before: u64,
}

/// Keeps the values of the `capacity` keys that were added last; the oldest is dropped.
///
/// Entries have ascending numbers, and those whose hashes begin alike are a chain, the newest first. A
/// number that is too old ends it, so that nobody has to take an entry out of its chain.
#[derive(Debug)]
pub(super) struct FifoMap<K, V> {
    /// By the first bits of a hash: the newest of its chain.
    heads: Vec<u64>,
    /// In the order of `entries`.
    links: Vec<Link>,
    entries: Vec<Entry<K, V>>,
    capacity: usize,
    /// The places for entries, a power of two, less one.
    mask: usize,
    /// The number of the next entry. Its last bits are its place.
    next: u64,
}

impl<K: PartialEq, V> FifoMap<K, V> {
    pub(super) const fn new(capacity: usize) -> Self {
        let capacity = if capacity < MOST { capacity } else { MOST };
        Self {
            heads: Vec::new(),
            links: Vec::new(),
            entries: Vec::new(),
            capacity,
            mask: capacity.next_power_of_two() - 1,
            next: 0,
        }
    }

    #[inline]
    const fn place(&self, number: u64) -> usize {
        number as usize & self.mask
    }

    /// Whether the entry with this number is kept still.
    #[inline]
    const fn is_kept(&self, number: u64) -> bool {
        self.next - number <= self.capacity as u64
    }

    #[inline]
    const fn head(&self, hash: u64) -> usize {
        (hash >> 32) as usize & self.heads.len().wrapping_sub(1)
    }

    /// The places of the entries that begin with this hash, and of a few others.
    #[inline]
    fn chain(&self, hash: u64) -> impl Iterator<Item = usize> {
        let kept = |number: u64| self.is_kept(number).then_some(number);
        let first = self.heads.get(self.head(hash)).copied().and_then(kept);
        let next = move |&number: &u64| kept(self.links[self.place(number)].before);
        std::iter::successors(first, next).map(|number| self.place(number))
    }

    #[inline]
    fn find(&self, hash: u64, key: &K) -> Option<usize> {
        let mut chain = self.chain(hash);
        chain.find(|&at| self.links[at].hash == hash && self.entries[at].key == *key)
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

    /// The value that the next key takes the place of.
    pub(super) fn replaced_next(&self) -> Option<&V> {
        self.entries.get(self.place(self.next)).map(|entry| &entry.value)
    }

    /// Adds a key that is not there.
    #[inline]
    pub(super) fn add(&mut self, hash: u64, key: K, value: V) -> Option<usize> {
        if self.capacity == 0 {
            return None;
        }
        if self.heads.is_empty() {
            self.begin();
        }
        let (at, head) = (self.place(self.next), self.head(hash));
        let link = Link { hash, before: std::mem::replace(&mut self.heads[head], self.next) };
        let entry = Entry { key, value };
        if at < self.entries.len() {
            self.links[at] = link;
            self.entries[at] = entry;
        } else {
            self.links.push(link);
            self.entries.push(entry);
        }
        self.next += 1;
        Some(at)
    }

    /// Makes the heads. The number in them is too old for any entry. Room for all entries is reserved, as no
    /// allocator lets a piece of whole cache lines grow where it is; what is not used yet takes no memory.
    #[cold]
    fn begin(&mut self) {
        let _ = self.entries.try_reserve_exact(self.capacity);
        let _ = self.links.try_reserve_exact(self.capacity);
        let heads = 2 * (self.mask + 1);
        self.heads = vec![0; heads];
        self.next = heads as u64;
    }

    /// Brings near what looking for a key with this hash will read.
    #[inline]
    pub(super) fn touch(&self, hash: u64) {
        if let Some(at) = self.chain(hash).next() {
            black_box(self.links[at].hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_added_last(
            capacity in 0..9_usize,
            // Few hashes, so that keys are in one chain.
            keys in proptest::collection::vec(0..24_u64, 0..200),
        ) {
            let hash = |key: u64| (key % 5) << 32;
            let mut map = FifoMap::new(capacity);
            let mut model: Vec<(u64, usize)> = Vec::new();
            for (value, key) in keys.into_iter().enumerate() {
                map.set(hash(key), key, value);
                match model.iter_mut().find(|it| it.0 == key) {
                    Some(known) => known.1 = value,
                    None => model.push((key, value)),
                }
                model.drain(..model.len().saturating_sub(capacity));
                for key in 0..24 {
                    let expected = model.iter().find(|it| it.0 == key).map(|it| it.1);
                    prop_assert_eq!(map.get(hash(key), &key).copied(), expected);
                }
            }
        }
    }

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
