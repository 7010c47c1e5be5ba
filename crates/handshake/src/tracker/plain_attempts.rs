//! All attempts on the plain course: their slots, the chains of their segments, and the queues they wait in.

use std::net::{IpAddr, Ipv4Addr};

use parser::{Layer, SeqNumber};

use super::flow::FlowKey;
use super::kept::{Brief, Rest};
use super::plain::{Ends, MOST_SEGMENTS, Plain, PlainOpening};
use super::queue::{Entry, Queue};
use super::seen::beyond;
use super::stage::Stage;
use super::state::WINDOW;
use super::taken::Taken;
use super::vantage::{Number, Vantage, Vantages};
use crate::record::OthersAnswered;
use crate::side::Side;

/// No kept segment, no free place.
const NONE: u32 = u32::MAX;
/// Once there are so many, room for all is reserved.
const MANY: usize = 4_096;

/// A segment in the chain of its attempt.
#[derive(Clone, Copy, Debug)]
struct Link {
    brief: Brief,
    before: u32,
}

/// What a record says beyond the totals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) taken: Taken,
    pub(super) others_answered: Option<OthersAnswered>,
    pub(super) syn: Rest,
}

/// All attempts on the plain course.
#[derive(Debug)]
pub(super) struct PlainAttempts {
    slots: Vec<Plain>,
    /// No more slots than this will ever be needed.
    most_slots: usize,
    free_slot: u32,
    /// In the order of `slots`; empty where no records are wanted.
    told: Vec<Told>,
    links: Vec<Link>,
    free_link: u32,
    /// In the order of `links`; empty where no records are wanted.
    rests: Vec<Rest>,
    pub(super) vantages: Vantages,
    /// By [`Stage::queue`].
    queues: [Queue; Stage::WITH_QUEUES.len()],
}

impl PlainAttempts {
    /// Those that may take so much memory.
    pub(super) fn new(memory: usize) -> Self {
        Self {
            slots: Vec::new(),
            most_slots: memory / size_of::<Plain>(),
            free_slot: NONE,
            told: Vec::new(),
            links: Vec::new(),
            free_link: NONE,
            rests: Vec::new(),
            vantages: Vantages::new(),
            queues: [const { Queue::new() }; Stage::WITH_QUEUES.len()],
        }
    }

    /// The bytes that the attempts, their queues and their vantages take, free places among them.
    #[inline]
    pub(super) fn bytes_of_slots(&self) -> usize {
        let told = if self.told.is_empty() { 0 } else { size_of::<Told>() };
        let queues: usize = self.queues.iter().map(Queue::bytes).sum();
        self.slots.len() * (size_of::<Plain>() + told) + queues + self.vantages.bytes()
    }

    /// The bytes that their segments take beyond that.
    #[inline]
    pub(super) fn bytes_of_segments(&self) -> usize {
        let rest = if self.rests.is_empty() { 0 } else { size_of::<Rest>() };
        self.links.len() * (size_of::<Link>() + rest)
    }

    #[inline]
    pub(super) fn has_free_slot(&self) -> bool {
        self.free_slot != NONE
    }

    #[inline]
    pub(super) fn has_free_link(&self) -> bool {
        self.free_link != NONE
    }

    #[inline]
    pub(super) fn get(&self, at: u32) -> &Plain {
        &self.slots[at as usize]
    }

    #[inline]
    pub(super) fn told_mut(&mut self, at: u32) -> Option<&mut Told> {
        self.told.get_mut(at as usize)
    }

    pub(super) fn told(&self, at: u32) -> Option<&Told> {
        self.told.get(at as usize)
    }

    /// Who sent a segment of this flow, where the attempt is on it.
    #[inline]
    pub(super) fn sender(&self, at: u32, flow: FlowKey<'_>) -> Option<Side> {
        self.slots[at as usize].sender(flow.source, flow.destination)
    }

    /// Whether the attempt with this id is at this place.
    pub(super) fn holds(&self, at: u32, id: u64) -> bool {
        let slot = self.slots.get(at as usize);
        slot.is_some_and(|slot| slot.id() == id && slot.stage() != Stage::Free)
    }

    /// Where a segment of the attempt at this place was captured.
    #[inline]
    pub(super) fn vantage_of(&self, at: u32, brief: &Brief) -> &Vantage {
        let number = Number { high: self.slots[at as usize].high(), low: brief.low };
        self.vantages.get(number).expect("the number of a vantage")
    }

    /// The layers around an attempt: all of its segments have the same.
    #[inline]
    pub(super) fn layers_of(&self, at: u32) -> &[Layer] {
        &self.vantage_of(at, self.latest(at)).layers
    }

    /// Adds an attempt, with what is told of it where records are wanted.
    #[inline]
    pub(super) fn insert(&mut self, opening: &PlainOpening<'_>, told: Option<&Told>) -> u32 {
        match (opening.client.addr, opening.server.addr) {
            (IpAddr::V4(client), IpAddr::V4(server)) => {
                let (client, server) = (client.octets(), server.octets());
                let ends = Ends::V4 { sent: 0, syn: opening.syn, client, server };
                self.put(opening.plain(ends, NONE), told)
            }
            (client, server) => self.insert_v6(opening, (client, server), told),
        }
    }

    /// Apart from the others, so that these need not put the two forms of addresses together.
    #[inline(never)]
    fn insert_v6(
        &mut self,
        opening: &PlainOpening<'_>,
        (client, server): (IpAddr, IpAddr),
        told: Option<&Told>,
    ) -> u32 {
        let octets = |addr| match addr {
            IpAddr::V4(addr) => Ipv4Addr::to_ipv6_mapped(&addr).octets(),
            IpAddr::V6(addr) => addr.octets(),
        };
        let ends = Ends::V6 { sent: 0, client: octets(client), server: octets(server) };
        let syn = self.add_link(opening.syn, NONE, told.map(|told| told.syn));
        self.put(opening.plain(ends, syn), told)
    }

    #[inline]
    fn put(&mut self, plain: Plain, told: Option<&Told>) -> u32 {
        let at = match self.slots.get(self.free_slot as usize).map(|free| free.latest) {
            Some(next) => {
                let at = std::mem::replace(&mut self.free_slot, next);
                self.slots[at as usize] = plain;
                if let (Some(place), Some(told)) = (self.told.get_mut(at as usize), told) {
                    *place = *told;
                }
                at
            }
            None => {
                if self.slots.len() == MANY {
                    self.reserve_all();
                }
                self.slots.push(plain);
                self.told.extend(told);
                (self.slots.len() - 1) as u32
            }
        };
        self.enqueue(at);
        at
    }

    /// No allocator lets a piece of whole cache lines grow where it is: all of it would be there twice for a
    /// while. Room that is not used yet takes no memory; where the system grants none, the slots grow
    /// all the same.
    #[cold]
    fn reserve_all(&mut self) {
        let _ = self.slots.try_reserve_exact(self.most_slots.saturating_sub(self.slots.len()));
    }

    fn add_link(&mut self, brief: Brief, before: u32, rest: Option<Rest>) -> u32 {
        let link = Link { brief, before };
        match self.links.get(self.free_link as usize).map(|free| free.before) {
            Some(next) => {
                let at = std::mem::replace(&mut self.free_link, next);
                self.links[at as usize] = link;
                if let (Some(place), Some(rest)) = (self.rests.get_mut(at as usize), rest) {
                    *place = rest;
                }
                at
            }
            None => {
                self.links.push(link);
                self.rests.extend(rest);
                (self.links.len() - 1) as u32
            }
        }
    }

    /// An attempt goes on to `stage` with a segment that has this sequence number.
    #[inline]
    pub(super) fn go_on(
        &mut self,
        at: u32,
        (stage, seq): (Stage, SeqNumber),
        brief: Brief,
        rest: Option<Rest>,
    ) {
        let latest = self.add_link(brief, self.slots[at as usize].latest, rest);
        let slot = &mut self.slots[at as usize];
        let before = slot.stage();
        slot.latest = latest;
        slot.set_stage(stage);
        match stage {
            Stage::Free | Stage::Sent | Stage::SentAgain | Stage::Established => {}
            Stage::Received | Stage::Refused => slot.server_isn = seq,
            Stage::ClientClosed => slot.note_client_reset(beyond(seq, slot.client_isn.plus(1))),
        }
        self.leaves(before);
        self.enqueue(at);
    }

    /// The client of an attempt sent its FIN, and this much up to it.
    pub(super) fn note_fin(&mut self, at: u32, bytes: u32) {
        self.slots[at as usize].note_client_fin(bytes);
    }

    /// The client of an established attempt sent so much data. Tells whether its numbers lie in the windows of
    /// the connection; what does not is not noted.
    #[inline]
    pub(super) fn note_data(
        &mut self,
        at: u32,
        (seq, ack): (SeqNumber, SeqNumber),
        len: u32,
    ) -> bool {
        let slot = &mut self.slots[at as usize];
        let (after_j, after_k) = (slot.client_isn.plus(1), slot.server_isn.plus(1));
        let fits = beyond(seq, after_j) < WINDOW && beyond(ack, after_k) < WINDOW;
        let sent = beyond(seq.plus(len), after_j);
        if fits && sent < WINDOW {
            slot.note_client_sent(sent);
        }
        fits
    }

    #[inline]
    fn enqueue(&mut self, at: u32) {
        let Self { slots, queues, .. } = self;
        let slot = &slots[at as usize];
        queues[slot.stage().queue()].push((at, slot.tag()));
    }

    /// An attempt has left the queue of this stage.
    #[inline]
    fn leaves(&mut self, stage: Stage) {
        let Self { slots, queues, .. } = self;
        queues[stage.queue()].leaves(|entry| is_in(slots, entry, stage));
    }

    /// The attempt that waits longest in one of these stages or one like it, and since when.
    #[inline]
    pub(super) fn first_of(&mut self, stages: &[Stage]) -> Option<(i64, u32)> {
        let firsts = stages.iter().filter_map(|&stage| self.first_in(stage));
        firsts.min_by_key(|&(since, _)| since)
    }

    /// The same, where that attempt has a segment that is not in its slot.
    #[inline]
    pub(super) fn first_with_link(&mut self, stages: &[Stage]) -> Option<u32> {
        let first = |&stage: &Stage| {
            // Of a SYN that is in its slot, no segment would become free.
            self.first_in(stage).filter(|&(_, at)| self.slots[at as usize].latest != NONE)
        };
        let firsts = stages.iter().filter_map(first);
        firsts.min_by_key(|&(since, _)| since).map(|(_, at)| at)
    }

    #[inline]
    fn first_in(&mut self, stage: Stage) -> Option<(i64, u32)> {
        let Self { slots, queues, .. } = self;
        let at = queues[stage.queue()].first(|entry| is_in(slots, entry, stage))?;
        Some((self.last_seen(at), at))
    }

    /// The attempts in this stage or one like it, the one that waits longest first.
    pub(super) fn all(&self, stage: Stage) -> impl Iterator<Item = u32> {
        let entries = self.all_entries(stage);
        entries.filter(move |&entry| is_in(&self.slots, entry, stage)).map(|(at, _)| at)
    }

    /// The same, and those that have been in it.
    pub(super) fn all_entries(&self, stage: Stage) -> impl Iterator<Item = Entry> {
        self.queues[stage.queue()].iter()
    }

    /// The SYN of an attempt.
    pub(super) fn syn(&self, at: u32) -> Brief {
        let in_slot = self.slots[at as usize].syn().copied();
        in_slot.unwrap_or_else(|| {
            let first = self.chain(at).last();
            first.map_or_else(Brief::default, |link| self.links[link as usize].brief)
        })
    }

    /// The latest segment of an attempt.
    #[inline]
    pub(super) fn latest(&self, at: u32) -> &Brief {
        let slot = &self.slots[at as usize];
        match self.links.get(slot.latest as usize) {
            Some(link) => &link.brief,
            None => slot.syn().unwrap_or(&Brief::NONE),
        }
    }

    /// What answered the SYN of an attempt, and what acknowledged that.
    #[inline]
    pub(super) fn answer_and_ack(&self, at: u32) -> (Option<&Brief>, Option<&Brief>) {
        let mut latest = self.chain(at).map(|link| &self.links[link as usize].brief);
        match self.slots[at as usize].stage() {
            Stage::Free | Stage::Sent | Stage::SentAgain => (None, None),
            Stage::Received | Stage::Refused => (latest.next(), None),
            stage @ (Stage::Established | Stage::ClientClosed) => {
                let ack = latest.nth(usize::from(stage == Stage::ClientClosed));
                (latest.next(), ack)
            }
        }
    }

    /// When the latest segment of an attempt was captured.
    #[inline]
    pub(super) fn last_seen(&self, at: u32) -> i64 {
        self.latest(at).time
    }

    /// Brings a segment near.
    #[inline]
    pub(super) fn touch(&self, link: u32) {
        std::hint::black_box(self.links.get(link as usize).map(|link| link.before));
    }

    /// The segments of an attempt that are not in its slot, the latest first.
    #[inline]
    fn chain(&self, at: u32) -> impl Iterator<Item = u32> {
        let next = |at: u32| (at != NONE).then_some(at);
        let latest = next(self.slots[at as usize].latest);
        std::iter::successors(latest, move |&at| next(self.links[at as usize].before))
    }

    /// The segments of an attempt, in their order, with what a record says beyond them.
    pub(super) fn segments(&self, at: u32) -> impl Iterator<Item = (Brief, Option<&Rest>)> {
        let syn = self.slots[at as usize].syn();
        let in_slot = syn.map(|&syn| (syn, self.told(at).map(|told| &told.syn)));
        let mut places = [NONE; MOST_SEGMENTS];
        let mut count = 0;
        for (place, link) in places.iter_mut().zip(self.chain(at)) {
            *place = link;
            count += 1;
        }
        let links = places.into_iter().take(count).rev();
        in_slot
            .into_iter()
            .chain(links.map(|at| (self.links[at as usize].brief, self.rests.get(at as usize))))
    }

    /// Takes an attempt out.
    pub(super) fn remove(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        let before = slot.stage();
        slot.set_stage(Stage::Free);
        let mut link = std::mem::replace(&mut slot.latest, self.free_slot);
        self.free_slot = at;
        while let Some(next) = self.links.get(link as usize).map(|link| link.before) {
            self.links[link as usize].before = std::mem::replace(&mut self.free_link, link);
            link = next;
        }
        self.leaves(before);
    }
}

/// Whether an entry of a queue is that of an attempt which still is in it.
#[inline]
fn is_in(slots: &[Plain], (at, tag): Entry, stage: Stage) -> bool {
    let slot = &slots[at as usize];
    let same = slot.stage() != Stage::Free && slot.stage().queue() == stage.queue();
    same && slot.tag() == tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_half_a_cache_line() {
        assert_eq!(size_of::<Link>(), 32);
    }
}
