//! The open attempts: found by 4-tuple, kept in the order of their last segment.

use std::ops::{Index, IndexMut};

use hashbrown::HashTable;
use parser::Quoted;

use super::attempt::Attempt;
use super::flow::FlowKey;
use super::slab_list::SlabList;
use crate::segment::SegmentRecord;

/// A recycled attempt's space for segments is kept if it holds no more than this.
const SPARE_SEGMENTS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queue {
    /// Without a verdict; the next segment is awaited.
    Undecided,
    /// With a verdict; lingers for a fixed time.
    Decided,
}

#[derive(Debug)]
struct Slot {
    attempt: Attempt,
    queue: Queue,
}

/// Open attempts on one 4-tuple: one with 23 J within 3.3 s was seen.
pub(super) const ON_ONE_TUPLE: usize = 16;

/// The open attempts on one 4-tuple.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    at: [u32; ON_ONE_TUPLE],
    len: u8,
}

impl Places {
    pub(super) fn as_slice(&self) -> &[u32] {
        &self.at[..usize::from(self.len)]
    }
}

/// All open attempts. Indices are valid until [`Table::remove`].
#[derive(Debug)]
pub(super) struct Table {
    index: HashTable<u32>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    undecided: SlabList,
    decided: SlabList,
    /// By id, which is the order of first segments.
    order: SlabList,
    segments_held: usize,
}

impl Table {
    pub(super) const fn new() -> Self {
        Self {
            index: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            undecided: SlabList::new(),
            decided: SlabList::new(),
            order: SlabList::new(),
            segments_held: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Segments in all open records together.
    pub(super) fn segments_held(&self) -> usize {
        self.segments_held
    }

    /// Notes that a record grew by `segments`.
    pub(super) fn grew(&mut self, segments: usize) {
        self.segments_held += segments;
    }

    /// Notes that `segments` of a record went elsewhere.
    pub(super) fn shrank(&mut self, segments: usize) {
        self.segments_held -= segments;
    }

    /// The attempt that began first.
    pub(super) fn oldest(&self) -> Option<u32> {
        self.order.first()
    }

    /// The undecided attempt whose last segment is oldest.
    pub(super) fn oldest_undecided(&self) -> Option<u32> {
        self.undecided.first()
    }

    /// The attempts of which more is expected, the one whose last segment is oldest first.
    pub(super) fn all_undecided(&self) -> impl Iterator<Item = &Attempt> {
        self.undecided.iter().map(|at| &self.slots[at as usize].attempt)
    }

    /// The decided attempt whose last segment is oldest.
    pub(super) fn oldest_decided(&self) -> Option<u32> {
        self.decided.first()
    }

    /// The open attempts between two ends, in whatever scope.
    #[inline]
    pub(super) fn between(&self, flow: FlowKey<'_>) -> Places {
        let mut places = Places { at: [0; ON_ONE_TUPLE], len: 0 };
        for &at in self.index.iter_hash(flow.hash) {
            let is_full = usize::from(places.len) == ON_ONE_TUPLE;
            if !is_full && self.slots[at as usize].attempt.is_between(flow) {
                places.at[usize::from(places.len)] = at;
                places.len += 1;
            }
        }
        places
    }

    /// The attempt whose SYN or SYN-ACK an ICMP error quotes, whatever tunnel the error came through.
    pub(super) fn find_quoted(&self, hash: u64, quoted: &Quoted) -> Option<u32> {
        let found = self.index.iter_hash(hash).find(|&&at| {
            let attempt = &self.slots[at as usize].attempt;
            let state = &attempt.state;
            let from_client = attempt.client == quoted.source
                && attempt.server == quoted.destination
                && state.client_isn == quoted.seq;
            let from_server = attempt.client == quoted.destination
                && attempt.server == quoted.source
                && state.server_isn == Some(quoted.seq);
            from_client || from_server
        });
        found.copied()
    }

    /// Whether the attempt with this id is at this place, and open.
    pub(super) fn holds(&self, at: u32, id: u64) -> bool {
        id != 0 && self.slots.get(at as usize).is_some_and(|slot| slot.attempt.id == id)
    }

    /// Adds the attempt that `open` makes; it is lent space for its segments. It waits.
    pub(super) fn insert(&mut self, open: impl FnOnce(Vec<SegmentRecord>) -> Attempt) -> u32 {
        let (at, hash) = match self.free.pop() {
            Some(at) => {
                let slot = &mut self.slots[at as usize];
                let spare = std::mem::take(&mut slot.attempt.segments);
                *slot = Slot { attempt: open(spare), queue: Queue::Undecided };
                (at, slot.attempt.hash)
            }
            None => {
                let attempt = open(Vec::new());
                let hash = attempt.hash;
                self.slots.push(Slot { attempt, queue: Queue::Undecided });
                ((self.slots.len() - 1) as u32, hash)
            }
        };
        let slots = &self.slots;
        self.index.insert_unique(hash, at, |&at| slots[at as usize].attempt.hash);
        self.order.push(at);
        self.undecided.push(at);
        at
    }

    /// Puts the attempt last among those that wait.
    pub(super) fn move_to_undecided(&mut self, at: u32) {
        self.queue(at, Queue::Undecided);
    }

    /// Puts the attempt last among those that linger.
    pub(super) fn move_to_decided(&mut self, at: u32) {
        self.queue(at, Queue::Decided);
    }

    fn queue(&mut self, at: u32, queue: Queue) {
        if self.slots[at as usize].queue == queue && self.list(queue).last() == Some(at) {
            return;
        }
        self.list(self.slots[at as usize].queue).remove(at);
        self.slots[at as usize].queue = queue;
        self.list(queue).push(at);
    }

    fn list(&mut self, queue: Queue) -> &mut SlabList {
        match queue {
            Queue::Undecided => &mut self.undecided,
            Queue::Decided => &mut self.decided,
        }
    }

    /// Takes the attempt out; its space is used again.
    pub(super) fn remove(&mut self, at: u32) {
        self.list(self.slots[at as usize].queue).remove(at);
        self.order.remove(at);
        self.slots[at as usize].attempt.id = 0;
        let segments = &mut self.slots[at as usize].attempt.segments;
        self.segments_held -= segments.len();
        segments.clear();
        if segments.capacity() > SPARE_SEGMENTS {
            *segments = Vec::new();
        }
        let hash = self.slots[at as usize].attempt.hash;
        if let Ok(indexed) = self.index.find_entry(hash, |&indexed| indexed == at) {
            indexed.remove();
        }
        self.free.push(at);
    }
}

impl Index<u32> for Table {
    type Output = Attempt;

    #[inline]
    fn index(&self, at: u32) -> &Attempt {
        &self.slots[at as usize].attempt
    }
}

impl IndexMut<u32> for Table {
    #[inline]
    fn index_mut(&mut self, at: u32) -> &mut Attempt {
        &mut self.slots[at as usize].attempt
    }
}
