//! Which open attempt a segment belongs to.

use parser::Segment;

use super::attempts::{Arrival, Attempts};
use super::claim::{Claim, claim};
use super::copies::Place;
use super::seen::beyond;
use crate::segment::Kind;

impl Attempts {
    /// The attempt that a segment belongs to: the one that it fits best, among equals the newest.
    pub(super) fn find(&mut self, arrival: &Arrival<'_>) -> Option<u32> {
        let Arrival { segment, seen, scope, frame, .. } = arrival;
        let mut best: Option<(u8, u64, u32)> = None;
        let mut copied = None;
        for at in self.table.between(arrival.hash, &segment.source, &segment.destination) {
            let attempt = &self.table[at];
            let Some(from) = attempt.sender(seen.kind, segment) else { continue };
            let fit = claim(&attempt.state, from, seen);
            let rank = if attempt.is_in(*scope) {
                match fit {
                    Claim::None => continue,
                    Claim::Loose => 0,
                    Claim::InWindow => 3,
                    Claim::Proved => 4,
                    Claim::Answer => 5,
                }
            } else {
                let place = Place { origin: frame.origin, ttl: segment.ttl, encapsulation: None };
                if attempt.original_of(segment, from, place, frame.timestamp).is_some() {
                    copied = Some(at);
                    2
                } else if fit == Claim::Proved && seen.kind != Kind::Syn {
                    1
                } else {
                    continue;
                }
            };
            if best.is_none_or(|(highest, id, _)| (rank, attempt.id) > (highest, id)) {
                best = Some((rank, attempt.id, at));
            }
        }
        let Some((_, _, found)) = best else { return self.find_elsewhere(arrival) };
        match copied.filter(|&other| self.is_one(found, other)) {
            Some(other) => Some(self.merge(found, other)),
            None => Some(found),
        }
    }

    /// The attempt that is answered from another address than its SYN went to.
    fn find_elsewhere(&mut self, arrival: &Arrival<'_>) -> Option<u32> {
        let Arrival { segment, seen, hash, .. } = arrival;
        let Segment { source, destination, .. } = segment;
        if let Some((at, id)) = self.elsewhere.between(*hash, source, destination) {
            let began_anew = matches!(seen.kind, Kind::Syn);
            return Some(at).filter(|&at| self.table.holds(at, id) && !began_anew);
        }
        if seen.kind != Kind::SynAck {
            return None;
        }
        let (at, id) = self.elsewhere.latest_of(self.hasher.endpoint(destination))?;
        if !self.table.holds(at, id) {
            return None;
        }
        let attempt = &mut self.table[at];
        let state = &attempt.state;
        let fits = attempt.client == *destination
            && attempt.server.port == source.port
            && attempt.is_in(arrival.scope)
            && state.awaits_answer()
            && beyond(seen.ack, state.after_j()) <= state.syn_data;
        if !fits {
            return None;
        }
        attempt.answered_by = Some(*source);
        self.elsewhere.goes_on(*hash, *destination, *source, (at, id));
        Some(at)
    }

    /// Whether two attempts that hold the same packet are one: the same J.
    fn is_one(&self, one: u32, other: u32) -> bool {
        let (a, b) = (&self.table[one], &self.table[other]);
        one != other && a.client == b.client && a.state.client_isn == b.state.client_isn
    }
}
