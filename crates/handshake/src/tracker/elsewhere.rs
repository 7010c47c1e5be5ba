//! Answers from another address than the SYN went to: a NAT or a balancer that translates one
//! direction only.

use parser::Endpoint;

use super::fifo_map::FifoMap;
use super::flow::{FlowHasher, FlowKey};
use super::table::Place;

/// Places for clients whose SYN waits: a power of two. Where two clients meet in one, the later one
/// has it; what is missed then is a suspicion, and the same one in every run.
const CLIENTS: usize = 4_096;
/// Pairs of a client and the address that answered it.
const PAIRS: usize = 1_024;

/// An attempt, by its place in the table and its id, which tells whether the place is still its own.
pub(super) type Ticket = (Place, u64);

/// Finds the attempt that a SYN-ACK from an unexpected address answers, and then what follows.
#[derive(Debug)]
pub(super) struct Elsewhere {
    clients: Vec<Ticket>,
    pairs: FifoMap<(Endpoint, Endpoint), Ticket>,
    is_empty: bool,
}

impl Elsewhere {
    pub(super) const fn new() -> Self {
        Self { clients: Vec::new(), pairs: FifoMap::new(PAIRS), is_empty: true }
    }

    /// Notes that an attempt of a client begins.
    #[inline]
    pub(super) fn begins(&mut self, client: &Endpoint, ticket: Ticket) {
        if self.clients.is_empty() {
            self.clients = vec![(Place::Full(0), 0); CLIENTS];
        }
        self.clients[place_of(client)] = ticket;
    }

    /// Notes that an attempt of a client has another place now.
    pub(super) fn moves(&mut self, client: &Endpoint, ticket: Ticket) {
        if let Some(known) = self.clients.get_mut(place_of(client))
            && known.1 == ticket.1
        {
            *known = ticket;
        }
    }

    /// The attempt that a client began last, if nothing took its place.
    pub(super) fn latest_of(&self, client: &Endpoint) -> Option<Ticket> {
        self.clients.get(place_of(client)).copied()
    }

    /// Notes that an attempt goes on with this answer.
    pub(super) fn goes_on(&mut self, answer: FlowKey<'_>, ticket: Ticket) {
        self.is_empty = false;
        self.pairs.set(answer.hash, (*answer.destination, *answer.source), ticket);
    }

    /// Whether no attempt goes on elsewhere.
    pub(super) const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The attempt that goes on between these two.
    #[inline]
    pub(super) fn between(&self, flow: FlowKey<'_>) -> Option<Ticket> {
        if self.is_empty { None } else { self.find(flow) }
    }

    #[inline(never)]
    fn find(&self, flow: FlowKey<'_>) -> Option<Ticket> {
        let FlowKey { hash, source: &source, destination: &destination } = flow;
        let forth = self.pairs.get(hash, &(source, destination));
        forth.or_else(|| self.pairs.get(hash, &(destination, source))).copied()
    }
}

#[inline]
fn place_of(client: &Endpoint) -> usize {
    FlowHasher::FIXED.endpoint(client) as usize % CLIENTS
}
