//! Groups of attempts, as many as are told apart.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasherDefault;
use std::mem;

use crate::by::Key;
use crate::group::Group;
use crate::peers::AsIs;

/// Groups that are told apart; attempts of further ones are put together.
pub const MOST_GROUPS: usize = 1_024;
/// Groups without trouble that are compared to find one that need not be told apart.
const LOOKED_AT: usize = 8;

/// Groups of attempts that have something in common.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// By the hash of what they have in common.
    by_hash: HashMap<u64, (Key, Box<Group>), BuildHasherDefault<AsIs>>,
    /// Those that had no trouble when they were looked at last, in the order in which that was.
    without_trouble: VecDeque<u64>,
    /// The attempts of groups that are not told apart, as there are too many.
    rest: Group,
    /// The cells that are fewer since groups were put to the rest.
    freed_cells: usize,
}

impl Groups {
    /// The group of an attempt, by its key and the hash of that. Where there are too many, one that
    /// `is_hurt` takes the place of one without trouble.
    pub(crate) fn group(&mut self, key: Key, hash: u64, is_hurt: bool) -> &mut Group {
        if is_hurt && self.by_hash.len() >= MOST_GROUPS && !self.by_hash.contains_key(&hash) {
            self.make_place();
        }
        let is_full = self.by_hash.len() >= MOST_GROUPS;
        match self.by_hash.entry(hash) {
            Entry::Occupied(entry) => &mut entry.into_mut().1,
            Entry::Vacant(_) if is_full => &mut self.rest,
            Entry::Vacant(entry) => {
                self.without_trouble.push_back(hash);
                &mut entry.insert((key, Box::default())).1
            }
        }
    }

    /// Puts a group without trouble to the rest: of the few that were looked at least lately, the one with
    /// the fewest attempts.
    #[cold]
    fn make_place(&mut self) {
        let mut fewest: Option<(u64, u64)> = None;
        let mut looked_at = 0;
        while looked_at < LOOKED_AT
            && let Some(hash) = self.without_trouble.pop_front()
        {
            let Some((_, group)) = self.by_hash.get(&hash) else { continue };
            // What has trouble once is never looked at again.
            if group.hurt > 0 {
                continue;
            }
            looked_at += 1;
            // Of equal ones the first: a hash is another one in each run.
            let mut stays = Some(hash);
            if fewest.is_none_or(|(attempts, _)| group.attempts < attempts) {
                stays = fewest.replace((group.attempts, hash)).map(|(_, hash)| hash);
            }
            self.without_trouble.extend(stays);
        }
        if let Some((_, hash)) = fewest
            && let Some((_, group)) = self.by_hash.remove(&hash)
        {
            let before = self.rest.cells() + group.cells();
            self.rest.merge(&group);
            self.freed_cells += before - self.rest.cells();
        }
    }

    /// The cells that are fewer since this was asked last.
    pub(crate) fn take_freed_cells(&mut self) -> usize {
        mem::take(&mut self.freed_cells)
    }

    /// Every group, the one of those that are not told apart among them.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Group> {
        self.by_hash.values_mut().map(|(_, group)| &mut **group).chain([&mut self.rest])
    }

    /// The attempts of groups that are not told apart.
    pub(crate) const fn untold(&self) -> &Group {
        &self.rest
    }

    /// Each group that is told apart, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Group)> {
        self.by_hash.values().map(|(key, group)| (key, &**group))
    }
}
