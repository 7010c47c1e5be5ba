//! Finds places by the hash of what is there: one array, probed from the hash on.

/// Nothing is here. An entry is the tag above the place plus one.
const FREE: u64 = 0;
const SMALLEST: usize = 1_024;

/// The part of a hash that an entry keeps. The hash is keyed, so nobody can prepare equal ones.
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

const fn tag_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}

/// Places by hash. At most five eighths of the array are taken, so that a probe is short.
#[derive(Debug)]
pub(super) struct Index {
    entries: Vec<u64>,
    len: usize,
}

impl Index {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), len: 0 }
    }

    /// How many places it holds.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The bytes that it takes with one place more, or will take with a few more: it counts as twice as large
    /// once half of it is taken, and grows later. So the few attempts that may have no room, and are let in,
    /// do not make it grow. It never gets smaller. The smallest one is not counted in full.
    #[inline]
    pub(super) fn bytes_with_one_more(&self) -> usize {
        let len = self.len + 1;
        let entries = match self.entries.len() {
            ..=SMALLEST => len * 4,
            entries if len * 2 > entries => entries * 2,
            entries => entries,
        };
        entries * size_of::<u64>()
    }

    /// The place that stands first where this hash is looked for.
    #[inline]
    pub(super) fn touch(&self, hash: u64) -> Option<u32> {
        let mask = self.entries.len().wrapping_sub(1);
        let entry = *self.entries.get(tag(hash) as usize & mask)?;
        // One hash in 2^32 has the tag that is in a free entry.
        (tag_of(entry) == tag(hash) && entry != FREE).then_some((entry as u32).wrapping_sub(1))
    }

    /// The places with this hash, and now and then one whose hash is another.
    #[inline]
    pub(super) fn places(&self, hash: u64) -> impl Iterator<Item = u32> {
        let tag = tag(hash);
        let mask = self.entries.len().wrapping_sub(1);
        let mut at = tag as usize & mask;
        std::iter::from_fn(move || {
            loop {
                let entry = *self.entries.get(at)?;
                if entry == FREE {
                    return None;
                }
                at = (at + 1) & mask;
                if tag_of(entry) == tag {
                    return Some((entry as u32).wrapping_sub(1));
                }
            }
        })
    }

    /// Adds a place, which must not be in it.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, place: u32) {
        if (self.len + 1) * 8 > self.entries.len() * 5 {
            self.grow();
        }
        self.len += 1;
        self.put((u64::from(tag(hash)) << 32) | u64::from(place.wrapping_add(1)));
    }

    #[inline]
    fn put(&mut self, entry: u64) {
        let mask = self.entries.len() - 1;
        let mut at = tag_of(entry) as usize & mask;
        while self.entries[at] != FREE {
            at = (at + 1) & mask;
        }
        self.entries[at] = entry;
    }

    #[cold]
    fn grow(&mut self) {
        let larger = (self.entries.len() * 2).max(SMALLEST);
        let before = std::mem::replace(&mut self.entries, vec![FREE; larger]);
        for entry in before.into_iter().filter(|&entry| entry != FREE) {
            self.put(entry);
        }
    }

    fn position(&self, hash: u64, place: u32) -> Option<usize> {
        let wanted = (u64::from(tag(hash)) << 32) | u64::from(place.wrapping_add(1));
        let mask = self.entries.len().wrapping_sub(1);
        let mut at = tag(hash) as usize & mask;
        loop {
            match *self.entries.get(at)? {
                FREE => return None,
                entry if entry == wanted => return Some(at),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Takes a place out. What was put behind it moves up, so that no gap ends a probe too early.
    #[inline]
    pub(super) fn remove(&mut self, hash: u64, place: u32) {
        let Some(mut gap) = self.position(hash, place) else { return };
        self.len -= 1;
        let mask = self.entries.len() - 1;
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let entry = self.entries[at];
            if entry == FREE {
                break;
            }
            let home = tag_of(entry) as usize & mask;
            // It may move into the gap unless its home lies behind that.
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(gap) & mask {
                self.entries[gap] = entry;
                gap = at;
            }
        }
        self.entries[gap] = FREE;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_put_in_and_not_taken_out(
            // Few tags, near each other and at the end of the array, so that probes meet and wrap.
            steps in proptest::collection::vec((0..24_u64, 0..8_u32, any::<bool>()), 0..400),
        ) {
            let hash = |number: u64| (number.wrapping_sub(12) & 0xffff_ffff) << 32 | 7;
            let (mut index, mut model) = (Index::new(), BTreeSet::new());
            for (number, place, adds) in steps {
                if adds && model.insert((number, place)) {
                    index.insert(hash(number), place);
                } else if !adds {
                    model.remove(&(number, place));
                    index.remove(hash(number), place);
                }
            }
            prop_assert_eq!(index.len(), model.len());
            for number in 0..24 {
                let found: BTreeSet<_> = index.places(hash(number)).map(|at| (number, at)).collect();
                let expected = model.iter().filter(|it| it.0 == number).copied().collect();
                prop_assert_eq!(&found, &expected);
                let first = index.touch(hash(number));
                prop_assert!(first.is_none_or(|at| found.contains(&(number, at))), "{:?}", first);
            }
        }
    }

    #[test]
    fn what_is_free_is_no_place_whatever_the_hash() {
        let mut index = Index::new();
        assert_eq!([0, 1 << 32, u64::MAX].map(|hash| index.touch(hash)), [None; 3]);
        index.insert(5 << 32, 8);
        assert_eq!([0, 1 << 32, u64::MAX].map(|hash| index.touch(hash)), [None; 3]);
        index.insert(0, 9);
        assert_eq!((index.touch(0), index.touch(5 << 32)), (Some(9), Some(8)));
        index.remove(0, 9);
        assert_eq!(index.touch(0), None);
    }

    #[test]
    fn it_grows() {
        let mut index = Index::new();
        assert_eq!(index.places(0).count(), 0);
        for place in 0..10_000 {
            index.insert(u64::from(place) << 40, place);
        }
        assert!((0..10_000).all(|it| index.places(u64::from(it) << 40).any(|at| at == it)));
        assert_eq!((index.len(), index.entries.len()), (10_000, 16_384));
        let counted = |index: &Index| index.bytes_with_one_more() / size_of::<u64>();
        assert_eq!(counted(&index), 32_768);
        for place in 10_000..10_241 {
            index.insert(u64::from(place) << 40, place);
        }
        assert_eq!((counted(&index), index.entries.len()), (32_768, 32_768));
        for place in 10..10_241 {
            index.remove(u64::from(place) << 40, place);
        }
        assert_eq!((index.len(), counted(&index)), (10, 32_768));
    }

    #[test]
    fn the_smallest_counts_by_what_is_in_it() {
        let mut index = Index::new();
        for place in 0..600 {
            assert_eq!(index.bytes_with_one_more() / size_of::<u64>(), 4 * (place as usize + 1));
            index.insert(u64::from(place) << 40, place);
        }
    }
}
