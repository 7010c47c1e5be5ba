//! Which open attempt a segment belongs to.

use parser::{Endpoint, Segment};

use super::arrival::Arrival;
use super::attempt::Attempt;
use super::attempts::Attempts;
use super::claim::{Claim, claim};
use super::mark::Mark;
use super::seen::beyond;
use super::state::Phase;
use super::table::Place;
use crate::segment::Kind;
use crate::side::Side;

/// How well a segment fits an attempt, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is on the same 4-tuple.
    Loose,
    /// In another scope, its numbers prove it.
    Elsewhere,
    /// In the same scope, as far as it claims.
    Here(Claim),
}

impl Fit {
    fn of(claim: Claim, is_here: bool, kind: Kind) -> Option<Self> {
        match (claim, is_here) {
            (Claim::None, _) => None,
            (Claim::Loose, true) => Some(Self::Loose),
            (claim, true) => Some(Self::Here(claim)),
            // The same J in another scope is another attempt, unless it is a copy.
            (Claim::Proved, false) if kind != Kind::Syn => Some(Self::Elsewhere),
            (_, false) => None,
        }
    }
}

impl Attempts {
    /// The attempt that a segment belongs to: the one that it fits best, among equals the newest.
    /// Tells who of the two sent it.
    pub(super) fn find(&mut self, arrival: &mut Arrival<'_>) -> Option<(u32, Side)> {
        let (segment, seen) = (arrival.segment, &arrival.seen);
        let rivals = arrival.rivals.as_slice();
        let is_alone = rivals.len() == 1;
        let is_latest = |id| rivals.iter().all(|&at| self.table[at].id <= id);
        let mut best: Option<(Fit, u64, (u32, Side))> = None;
        let mut copied = None;
        for &at in rivals {
            let attempt = &self.table[at];
            let from = attempt.sender(seen.kind, &segment.source);
            let is_here = attempt.is_in(arrival.scope);
            if (!is_here || !is_alone) && Self::holds_original(attempt, from, arrival) {
                copied = Some((at, from));
            }
            let claim = claim(&attempt.state, from, seen);
            // Only the newest SYN is answered by what fits an older connection.
            let claim = match claim {
                Claim::Answer
                    if !is_latest(attempt.id)
                        || self.is_older(attempt)
                        || self.is_ending_again(arrival) =>
                {
                    Claim::Loose
                }
                claim => claim,
            };
            let Some(fit) = Fit::of(claim, is_here, seen.kind) else { continue };
            if best.is_none_or(|(highest, id, _)| (fit, attempt.id) > (highest, id)) {
                best = Some((fit, attempt.id, (at, from)));
            }
        }
        match (copied, best) {
            (Some((other, _)), Some((_, _, (found, from)))) if self.is_one(found, other) => {
                Some((self.merge(found, other), from))
            }
            (Some(copied), _) => Some(copied),
            (None, Some((fit, id, found))) => match self.owner(arrival, (fit, found.0)) {
                Some(owner) if owner > id => None,
                owner => {
                    arrival.is_foreign = fit == Fit::Loose && owner.is_some();
                    Some(found)
                }
            },
            (None, None) => {
                let at = self.find_elsewhere(arrival)?;
                Some((at, self.table[at].sender(arrival.seen.kind, &arrival.segment.source)))
            }
        }
    }

    /// Whether an attempt holds the packet of which this one is a copy.
    #[inline]
    fn holds_original(attempt: &Attempt, from: Side, arrival: &Arrival<'_>) -> bool {
        let Arrival { frame, segment, layers, scope, .. } = arrival;
        let encapsulation = || attempt.known_encapsulation(layers, *scope);
        attempt.original_of(frame, segment, from, encapsulation).is_some()
    }

    /// Whether a later attempt on the same 4-tuple has ended already.
    #[inline(never)]
    fn is_older(&self, attempt: &Attempt) -> bool {
        let closed = self.closed.latest_of(attempt.hash, (attempt.client, attempt.server));
        closed.is_some_and(|id| id > attempt.id)
    }

    /// Whether a segment is the very packet that ended an attempt, captured again.
    #[inline(never)]
    fn is_ending_again(&self, arrival: &Arrival<'_>) -> bool {
        let Arrival { segment, seen, flow, .. } = arrival;
        self.closed.ended_with_packet(*flow, (seen, Mark::of(segment)))
    }

    /// The attempt that has ended whose numbers those of a segment are, where it fits an open one no
    /// better than this; the highest id for a copy of what ended one. Both numbers of a later one
    /// outweigh windows that may be those of any other.
    #[inline(never)]
    fn owner(&self, arrival: &Arrival<'_>, (fit, at): (Fit, u32)) -> Option<u64> {
        let Arrival { segment, seen, flow, .. } = arrival;
        let attempt = &self.table[at];
        let is_weak = match fit {
            Fit::Loose => true,
            // The plain course asks nobody else.
            Fit::Here(Claim::InWindow) => {
                attempt.state.phase != Phase::Established || attempt.state.reset.is_some()
            }
            Fit::Here(_) | Fit::Elsewhere => false,
        };
        let may_be = match seen.kind {
            Kind::Ack => true,
            Kind::SynAck => fit == Fit::Loose,
            // In SYN-SENT a client discards it, whatever it was meant for.
            Kind::Rst => attempt.client == segment.source || attempt.state.phase != Phase::SynSent,
            _ => false,
        };
        if !is_weak || !may_be {
            return None;
        }
        if self.closed.ended_with(*flow, seen) {
            return Some(u64::MAX);
        }
        if seen.kind == Kind::SynAck {
            return None;
        }
        self.closed.owner(*flow, seen, fit == Fit::Loose)
    }

    /// The attempt that is answered from another address than its SYN went to.
    #[inline(never)]
    fn find_elsewhere(&mut self, arrival: &Arrival<'_>) -> Option<u32> {
        let Arrival { segment, seen, flow, .. } = arrival;
        let Segment { source, destination, .. } = segment;
        // What was answered here before may be over, and another attempt be answered here now.
        let answered_here = self.elsewhere.between(*flow);
        if let Some(at) = answered_here.and_then(|(at, id)| self.full(at, id)) {
            let began_anew = matches!(seen.kind, Kind::Syn);
            return (!began_anew).then_some(at);
        }
        if seen.kind != Kind::SynAck {
            return None;
        }
        let (at, id) = self.elsewhere.latest_of(destination)?;
        // Another client may have its place there: what it began stays as it is.
        if self.client_at(at, id) != Some(*destination) {
            return None;
        }
        let at = self.full(at, id)?;
        let attempt = &mut self.table[at];
        let state = &attempt.state;
        let fits = attempt.server.port == source.port
            && attempt.is_in(arrival.scope)
            && state.awaits_answer()
            && beyond(seen.ack, state.after_j()) <= state.syn_data;
        if !fits {
            return None;
        }
        attempt.rare_mut().answered_by = Some(*source);
        self.elsewhere.goes_on(*flow, (Place::Full(at), id));
        Some(at)
    }

    /// The client of the attempt with this id.
    fn client_at(&self, at: Place, id: u64) -> Option<Endpoint> {
        match at {
            Place::Plain(at) => {
                self.table.plain.holds(at, id).then(|| self.table.plain.get(at).client())
            }
            Place::Full(at) => self.table.holds(at, id).then(|| self.table[at].client),
        }
    }

    /// The place of the attempt with this id, which is a full one from now on.
    fn full(&mut self, at: Place, id: u64) -> Option<u32> {
        match at {
            Place::Plain(at) => self.table.plain.holds(at, id).then(|| self.unfold(at)),
            Place::Full(at) => self.table.holds(at, id).then_some(at),
        }
    }

    /// Whether two attempts that hold the same packet are one: the same J.
    #[inline(never)]
    fn is_one(&self, one: u32, other: u32) -> bool {
        let (a, b) = (&self.table[one], &self.table[other]);
        one != other && a.client == b.client && a.state.client_isn == b.state.client_isn
    }
}
