//! Doubly linked lists through a slab: any member is removed in constant time.

/// The end of a list.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Links {
    before: u32,
    after: u32,
}

/// A list of slab indices. Each index is in it at most once.
#[derive(Debug)]
pub(super) struct SlabList {
    first: u32,
    last: u32,
    links: Vec<Links>,
}

impl SlabList {
    pub(super) const fn new() -> Self {
        Self { first: NONE, last: NONE, links: Vec::new() }
    }

    pub(super) fn first(&self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }

    /// The members in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let after = |&at: &u32| Some(self.links[at as usize].after).filter(|&after| after != NONE);
        std::iter::successors(self.first(), after)
    }

    /// The same from the last one on.
    pub(super) fn iter_back(&self) -> impl Iterator<Item = u32> {
        let before =
            |&at: &u32| Some(self.links[at as usize].before).filter(|&before| before != NONE);
        std::iter::successors(self.last(), before)
    }

    pub(super) fn last(&self) -> Option<u32> {
        (self.last != NONE).then_some(self.last)
    }

    /// Adds `index`, which must not be in the list.
    pub(super) fn push(&mut self, index: u32) {
        let slot = index as usize;
        if self.links.len() <= slot {
            self.links.resize(slot + 1, Links { before: NONE, after: NONE });
        }
        self.links[slot] = Links { before: self.last, after: NONE };
        match self.last {
            NONE => self.first = index,
            last => self.links[last as usize].after = index,
        }
        self.last = index;
    }

    /// Adds `index`, which was in the list before, before `other`, which is in it.
    pub(super) fn insert(&mut self, index: u32, other: u32) {
        let before = std::mem::replace(&mut self.links[other as usize].before, index);
        self.links[index as usize] = Links { before, after: other };
        match before {
            NONE => self.first = index,
            before => self.links[before as usize].after = index,
        }
    }

    /// Takes out `index`, which must be in the list.
    pub(super) fn remove(&mut self, index: u32) {
        let Links { before, after } = self.links[index as usize];
        match before {
            NONE => self.first = after,
            before => self.links[before as usize].after = after,
        }
        match after {
            NONE => self.last = before,
            after => self.links[after as usize].before = before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_whichever_is_removed() {
        for removed in 0..4 {
            let mut list = SlabList::new();
            for index in 0..4 {
                list.push(index);
            }
            list.remove(removed);
            let rest: Vec<u32> = (0..4).filter(|&index| index != removed).collect();
            assert_eq!(list.iter().collect::<Vec<_>>(), rest);
            list.push(removed);
            let mut all = [rest.clone(), vec![removed]].concat();
            assert_eq!(list.iter().collect::<Vec<_>>(), all);
            all.reverse();
            assert_eq!(list.iter_back().collect::<Vec<_>>(), all);
            for place in 0..3 {
                list.remove(removed);
                list.insert(removed, rest[place]);
                let mut all = rest.clone();
                all.insert(place, removed);
                assert_eq!(list.iter().collect::<Vec<_>>(), all);
                all.reverse();
                assert_eq!(list.iter_back().collect::<Vec<_>>(), all);
            }
        }
    }

    #[test]
    fn the_last_one_out_leaves_an_empty_list() {
        let mut list = SlabList::new();
        list.push(7);
        assert_eq!(list.first(), Some(7));
        list.remove(7);
        assert_eq!((list.first(), list.iter().collect::<Vec<_>>()), (None, vec![]));
    }
}
