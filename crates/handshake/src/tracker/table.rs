//! The open attempts, plain ones and full ones: found by 4-tuple, kept in the order of their last
//! segment.

use std::ops::{Index, IndexMut};

use parser::{Layer, Origin, Quoted};

use super::attempt::Attempt;
use super::flow::FlowKey;
use super::index;
use super::open_ids::OpenIds;
use super::plain::PlainOpening;
use super::plain_attempts::{PlainAttempts, Told};
use super::slab_list::SlabList;
use super::stage::Stage;
use super::state::Phase;
use super::vantage::Number;
use crate::side::Side;

/// Of the memory, this part is left to full attempts however many plain ones there are.
const FOR_FULL: usize = 32;
/// And this part to the segments of plain ones.
const FOR_SEGMENTS: usize = 64;
/// What a plain attempt takes as a full one, as a rule: deep stacks of layers come on top.
const UNFOLDED: usize = 2_048;
/// Before so many others a full attempt is put.
const PUT_BACK: usize = 16;
/// In the index, the place of a plain attempt has this bit.
const PLAIN: u32 = 1 << 31;
/// What is expected of a full attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expects {
    /// The answer to its SYN.
    Answer,
    /// The rest of its handshake: its server spoke.
    Rest,
    /// Nothing but what would amend its outcome.
    Nothing,
}

#[derive(Debug)]
struct Slot {
    /// `None` while the place is free.
    attempt: Option<Box<Attempt>>,
    expects: Expects,
    /// The bytes that it takes.
    weight: usize,
}

/// Open attempts on one 4-tuple: one with 23 J within 3.3 s was seen.
pub(super) const ON_ONE_TUPLE: usize = 16;

/// The full attempts on one 4-tuple.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    at: [u32; ON_ONE_TUPLE],
    len: u8,
}

impl Places {
    pub(super) const NONE: Self = Self { at: [0; ON_ONE_TUPLE], len: 0 };

    pub(super) const fn one(at: u32) -> Self {
        let mut all = Self::NONE;
        (all.at[0], all.len) = (at, 1);
        all
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u32] {
        &self.at[..usize::from(self.len)]
    }
}

/// What is open on a 4-tuple.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    /// One attempt on the plain course, and who sent the segment.
    Plain(u32, Side),
    /// Full attempts: those [`Table::between`] the two ends.
    Full,
}

/// An open attempt by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Plain(u32),
    Full(u32),
}

/// All open attempts. Places are valid until the attempt is taken out.
#[derive(Debug)]
pub(super) struct Table {
    index: index::Index,
    slots: Vec<Slot>,
    free: Vec<u32>,
    for_answer: SlabList,
    for_rest: SlabList,
    for_nothing: SlabList,
    ids: OpenIds,
    /// The bytes that all full attempts take, and the most that they ever took.
    weight: usize,
    heaviest: usize,
    pub(super) plain: PlainAttempts,
}

impl Table {
    /// One that may take so much memory.
    pub(super) fn new(memory: usize) -> Self {
        Self {
            index: index::Index::new(),
            slots: Vec::new(),
            free: Vec::new(),
            for_answer: SlabList::new(),
            for_rest: SlabList::new(),
            for_nothing: SlabList::new(),
            ids: OpenIds::default(),
            weight: 0,
            heaviest: 0,
            plain: PlainAttempts::new(memory),
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Notes that a full attempt has changed its size.
    pub(super) fn weigh(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        if let Some(attempt) = &slot.attempt {
            let weight = attempt.weight();
            self.weight = self.weight - slot.weight + weight;
            slot.weight = weight;
            self.heaviest = self.heaviest.max(self.weight);
        }
    }

    /// What of this much memory attempts take, or may take at any time.
    #[inline]
    pub(super) fn taken(&self, memory: usize) -> usize {
        let indexed = self.index.bytes_with_one_more();
        let segments = self.plain.bytes_of_segments().max(memory / FOR_SEGMENTS);
        let full = self.heaviest.max(memory / FOR_FULL);
        self.plain.bytes_of_slots() + indexed + segments + full
    }

    /// Whether another plain attempt fits into this much memory.
    #[inline]
    pub(super) fn fits_plain(&self, memory: usize) -> bool {
        self.plain.has_free_slot() || self.taken(memory) < memory
    }

    /// Whether another segment of a plain attempt fits.
    #[inline]
    pub(super) fn fits_segment(&self, memory: usize) -> bool {
        let segments = self.plain.bytes_of_segments();
        let has_share = self.plain.has_free_link() || segments < memory / FOR_SEGMENTS;
        has_share || self.taken(memory) < memory
    }

    /// The number of a vantage, which gets one for good if it has none; `None` where there is no room.
    #[inline]
    pub(super) fn number_vantage(
        &mut self,
        origin: Origin,
        layers: &[Layer],
        memory: usize,
    ) -> Option<Number> {
        let known = self.plain.vantages.number(origin, layers);
        known.or_else(|| self.add_vantage(origin, layers, memory))
    }

    #[cold]
    #[inline(never)]
    fn add_vantage(&mut self, origin: Origin, layers: &[Layer], memory: usize) -> Option<Number> {
        let room = memory.saturating_sub(self.taken(memory));
        self.plain.vantages.add(origin, layers, room)
    }

    /// Whether the full attempts take no more than is theirs.
    #[inline]
    pub(super) fn fits_full(&self, memory: usize) -> bool {
        self.weight <= self.left_to_full(memory)
    }

    /// Whether a plain attempt fits among them.
    pub(super) fn fits_another_full(&self, memory: usize) -> bool {
        self.weight + UNFOLDED <= self.left_to_full(memory)
    }

    fn left_to_full(&self, memory: usize) -> usize {
        let plain = self.plain.bytes_of_slots() + self.plain.bytes_of_segments();
        let rest = memory.saturating_sub(plain + self.index.bytes_with_one_more());
        rest.max(memory / FOR_FULL)
    }

    /// The smallest id among the open attempts.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.ids.first()
    }

    /// All open attempts, in the order of their ids. What they take is not counted, so it is little.
    pub(super) fn in_order(&self) -> impl Iterator<Item = Place> + use<> {
        let mut all = Vec::with_capacity(self.len());
        let plain = Stage::WITH_QUEUES.into_iter().flat_map(|stage| self.plain.all(stage));
        all.extend(plain.map(|at| at | PLAIN));
        all.extend((0..).zip(&self.slots).filter(|it| it.1.attempt.is_some()).map(|it| it.0));
        // Each queue is nearly in order already.
        all.sort_by_key(|&place| match place_of(place) {
            Place::Plain(at) => self.plain.get(at).id(),
            Place::Full(at) => self[at].id,
        });
        all.into_iter().map(place_of)
    }

    /// The full attempt that expects this and was silent for longest.
    pub(super) fn first(&self, expects: Expects) -> Option<u32> {
        self.list_of(expects).first()
    }

    /// The full attempts that expect this, the one that was silent for longest first.
    pub(super) fn all(&self, expects: Expects) -> impl Iterator<Item = &Attempt> {
        self.list_of(expects).iter().map(|at| &self[at])
    }

    /// Brings the line of the index for this hash near. Gives the place that stands there.
    #[inline]
    pub(super) fn touch_index(&self, hash: u64) -> Option<u32> {
        self.index.touch(hash)
    }

    /// Whether an attempt may be open on the 4-tuple with this hash.
    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.index.places(hash).next().is_some()
    }

    /// Brings a plain attempt near. Gives its latest segment.
    #[inline]
    pub(super) fn touch(&self, place: u32) -> Option<u32> {
        (place & PLAIN != 0).then(|| self.plain.get(place & !PLAIN).latest)
    }

    /// What is open between two ends, in whatever scope.
    #[inline]
    pub(super) fn find(&self, flow: FlowKey<'_>) -> Found {
        for place in self.index.places(flow.hash) {
            if place & PLAIN != 0 {
                let at = place & !PLAIN;
                if let Some(from) = self.plain.sender(at, flow) {
                    return Found::Plain(at, from);
                }
            } else if self[place].is_between(flow) {
                return Found::Full;
            }
        }
        Found::Nothing
    }

    /// The full attempts between two ends, in whatever scope.
    pub(super) fn between(&self, flow: FlowKey<'_>) -> Places {
        let mut places = Places::NONE;
        let full = self.index.places(flow.hash).filter(|place| place & PLAIN == 0);
        for place in full.filter(|&place| self[place].is_between(flow)).take(ON_ONE_TUPLE) {
            places.at[usize::from(places.len)] = place;
            places.len += 1;
        }
        places
    }

    /// The attempt whose SYN or SYN-ACK an ICMP error quotes, whatever tunnel the error came through.
    pub(super) fn find_quoted(&self, flow: FlowKey<'_>, quoted: &Quoted) -> Option<Place> {
        match self.find(flow) {
            Found::Nothing => None,
            Found::Plain(at, from) => {
                let plain = self.plain.get(at);
                let is_quoted = match from {
                    Side::Client => plain.client_isn == quoted.seq,
                    Side::Server => plain.has_server_isn() && plain.server_isn == quoted.seq,
                };
                is_quoted.then_some(Place::Plain(at))
            }
            Found::Full => {
                let places = self.between(flow);
                let found = places.as_slice().iter().find(|&&at| {
                    let Attempt { client, server, state, .. } = &self[at];
                    let goes = |source, destination| {
                        (source, destination) == (&quoted.source, &quoted.destination)
                    };
                    goes(client, server) && state.client_isn == quoted.seq
                        || goes(server, client) && state.server_isn == Some(quoted.seq)
                });
                found.map(|&at| Place::Full(at))
            }
        }
    }

    /// Whether the full attempt with this id is at this place.
    pub(super) fn holds(&self, at: u32, id: u64) -> bool {
        let attempt = self.slots.get(at as usize).and_then(|slot| slot.attempt.as_ref());
        attempt.is_some_and(|attempt| attempt.id == id)
    }

    /// Adds an attempt on the plain course.
    #[inline]
    pub(super) fn insert_plain(
        &mut self,
        hash: u64,
        opening: &PlainOpening<'_>,
        told: Option<&Told>,
    ) -> u32 {
        let at = self.plain.insert(opening, told);
        self.index.insert(hash, at | PLAIN);
        self.ids.add(opening.id);
        at
    }

    /// Takes out an attempt on the plain course.
    pub(super) fn remove_plain(&mut self, hash: u64, at: u32) {
        self.ids.remove(self.plain.get(at).id());
        self.leave_plain(hash, at);
    }

    /// Takes a plain attempt out that goes on as a full one.
    pub(super) fn unfold(&mut self, at: u32, attempt: Attempt) -> u32 {
        self.leave_plain(attempt.hash, at);
        let to = self.put(attempt);
        self.put_back(to);
        to
    }

    /// Puts a full attempt, which is the last of its list, before those that were heard later: whoever is
    /// silent for longest is looked at first. Not before more than a few: hostile traffic can have many.
    fn put_back(&mut self, at: u32) {
        let expects = self.slots[at as usize].expects;
        let heard_later = |&other: &u32| self[other].last_heard_ns > self[at].last_heard_ns;
        let others = self.list_of(expects).iter_back().skip(1).take(PUT_BACK);
        if let Some(before) = others.take_while(heard_later).last() {
            self.list(expects).remove(at);
            self.list(expects).insert(at, before);
        }
    }

    fn leave_plain(&mut self, hash: u64, at: u32) {
        self.index.remove(hash, at | PLAIN);
        self.plain.remove(at);
    }

    /// Adds a full attempt. It waits.
    pub(super) fn insert(&mut self, attempt: Attempt) -> u32 {
        self.ids.add(attempt.id);
        self.put(attempt)
    }

    fn put(&mut self, attempt: Attempt) -> u32 {
        let hash = attempt.hash;
        let expects = expects(&attempt);
        let weight = attempt.weight();
        self.weight += weight;
        self.heaviest = self.heaviest.max(self.weight);
        let slot = Slot { attempt: Some(Box::new(attempt)), expects, weight };
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at as usize] = slot;
                at
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        };
        self.index.insert(hash, at);
        self.list(expects).push(at);
        at
    }

    /// Puts a full attempt last among those that expect what it expects now.
    pub(super) fn requeue(&mut self, at: u32) {
        let now = expects(&self[at]);
        let before = std::mem::replace(&mut self.slots[at as usize].expects, now);
        if before != now || self.list(now).last() != Some(at) {
            self.list(before).remove(at);
            self.list(now).push(at);
        }
    }

    fn list_of(&self, expects: Expects) -> &SlabList {
        match expects {
            Expects::Answer => &self.for_answer,
            Expects::Rest => &self.for_rest,
            Expects::Nothing => &self.for_nothing,
        }
    }

    fn list(&mut self, expects: Expects) -> &mut SlabList {
        match expects {
            Expects::Answer => &mut self.for_answer,
            Expects::Rest => &mut self.for_rest,
            Expects::Nothing => &mut self.for_nothing,
        }
    }

    /// Takes out a full attempt.
    pub(super) fn remove(&mut self, at: u32) -> Option<Box<Attempt>> {
        let slot = &mut self.slots[at as usize];
        let (attempt, expects) = (slot.attempt.take()?, slot.expects);
        self.weight -= slot.weight;
        self.list(expects).remove(at);
        self.index.remove(attempt.hash, at);
        self.ids.remove(attempt.id);
        self.free.push(at);
        Some(attempt)
    }
}

/// What the index calls a place.
fn place_of(place: u32) -> Place {
    if place & PLAIN != 0 { Place::Plain(place & !PLAIN) } else { Place::Full(place) }
}

fn expects(attempt: &Attempt) -> Expects {
    let state = &attempt.state;
    if state.is_quiet() {
        Expects::Nothing
    } else if state.phase == Phase::SynSent && !state.server_syn {
        Expects::Answer
    } else {
        Expects::Rest
    }
}

impl Index<u32> for Table {
    type Output = Attempt;

    #[inline]
    fn index(&self, at: u32) -> &Attempt {
        self.slots[at as usize].attempt.as_deref().expect("the place of an open attempt")
    }
}

impl IndexMut<u32> for Table {
    #[inline]
    fn index_mut(&mut self, at: u32) -> &mut Attempt {
        self.slots[at as usize].attempt.as_deref_mut().expect("the place of an open attempt")
    }
}
