//! What is remembered of attempts that have ended: enough to name the one before, and to know a
//! late duplicate of its segments. Bounded in number and in time.

use parser::{Endpoint, Segment, SeqNumber, TcpOption};

use super::LINGER_NS;
use super::recent::Recent;
use crate::record::Outcome;
use crate::segment::SegmentRecord;

/// Attempts remembered for each 4-tuple.
const EACH: usize = 4;
/// Twice the maximum segment lifetime (RFC 9293, 3.4.2): later, nothing of them is on its way.
const REMEMBERED_NS: i64 = 240_000_000_000;
/// A packet that was captured elsewhere, too, comes within this time.
const COPY_NS: i64 = 200_000_000;

/// An attempt that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    pub(super) id: u64,
    pub(super) outcome: Outcome,
    pub(super) scope: u64,
    pub(super) client: Endpoint,
    pub(super) client_isn: SeqNumber,
    pub(super) server_isn: Option<SeqNumber>,
    /// Nanoseconds since the epoch of its last segment.
    pub(super) last_segment: Option<i64>,
    /// Its own next segment was overdue, or a RST had ended it.
    pub(super) is_over: bool,
    /// What identifies its last SYN: IP id and TSval.
    pub(super) syn: SynMark,
}

/// What identifies a SYN beside its sequence number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SynMark {
    pub(super) ip_id: Option<u16>,
    pub(super) tsval: Option<u32>,
}

impl SynMark {
    pub(super) fn of(segment: &Segment<'_>) -> Self {
        let tsval = segment.options().find_map(|option| match option {
            TcpOption::Timestamps { tsval, .. } => Some(tsval),
            _ => None,
        });
        Self { ip_id: segment.ip_id, tsval }
    }

    pub(super) fn kept(record: &SegmentRecord) -> Self {
        Self { ip_id: record.ip_id, tsval: record.timestamps().map(|(tsval, _)| tsval) }
    }

    /// Whether both come from one packet.
    fn is_same(self, other: Self) -> bool {
        let ids = self.ip_id.filter(|&id| id != 0);
        match ids {
            Some(_) => ids == other.ip_id,
            None => self.tsval.is_some() && self.tsval == other.tsval,
        }
    }
}

/// The two ends of a connection, whichever way round.
#[derive(Clone, Copy, Debug)]
struct Pair(Endpoint, Endpoint);

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        (self.0 == other.0 && self.1 == other.1) || (self.0 == other.1 && self.1 == other.0)
    }
}

#[derive(Debug, Default)]
struct Tuple {
    /// The latest first.
    closed: [Option<Closed>; EACH],
    /// A FIN or RST was seen since the latest one ended.
    is_closed: bool,
    /// A SYN with the J of one of them, which was taken for a late duplicate.
    late_syn: Option<Box<SegmentRecord>>,
}

/// What a segment is that comes on a 4-tuple without an open attempt.
#[derive(Debug)]
pub(super) enum Comes {
    /// The beginning of an attempt.
    New,
    /// The answer to a SYN that was taken for a late duplicate.
    After(Box<SegmentRecord>),
    /// Late: a duplicate on the path or by the capture.
    Late,
}

#[derive(Debug)]
pub(super) struct ClosedAttempts {
    tuples: Recent<Pair, Tuple>,
}

impl ClosedAttempts {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { tuples: Recent::new(capacity) }
    }

    /// Remembers an attempt that just ended.
    pub(super) fn add(&mut self, hash: u64, server: Endpoint, closed: Closed) {
        let pair = Pair(closed.client, server);
        if let Some(tuple) = self.tuples.entry(hash, pair, Tuple::default) {
            tuple.closed.rotate_right(1);
            tuple.closed[0] = Some(closed);
            tuple.is_closed = false;
            tuple.late_syn = None;
        }
    }

    /// Notes a FIN or RST between two ends.
    #[inline]
    pub(super) fn note_end(&mut self, hash: u64, a: Endpoint, b: Endpoint) {
        if let Some(tuple) = self.tuples.get_mut(hash, &Pair(a, b)) {
            tuple.is_closed = true;
        }
    }

    /// The latest attempt from `client` in `scope`.
    pub(super) fn latest(
        &self,
        hash: u64,
        (client, server): (Endpoint, Endpoint),
        scope: u64,
    ) -> Option<&Closed> {
        let tuple = self.tuples.get(hash, &Pair(client, server))?;
        tuple.closed.iter().flatten().find(|it| it.client == client && it.scope == scope)
    }

    /// What a SYN of `client` is, if no attempt is open for it.
    pub(super) fn syn(
        &mut self,
        hash: u64,
        (client, server): (Endpoint, Endpoint),
        (scope, mark): (u64, SynMark),
        record: impl FnOnce() -> SegmentRecord,
        (client_isn, time): (SeqNumber, Option<i64>),
    ) -> Comes {
        let Some(tuple) = self.tuples.get_mut(hash, &Pair(client, server)) else {
            return Comes::New;
        };
        let Some((closed, age)) = find(tuple, client, client_isn, time) else { return Comes::New };
        if closed.scope != scope {
            return if closed.syn.is_same(mark) && age <= COPY_NS {
                Comes::Late
            } else {
                Comes::New
            };
        }
        if closed.syn.is_same(mark) && age <= LINGER_NS {
            Comes::Late
        } else if tuple.is_closed || closed.is_over {
            Comes::New
        } else {
            // A copy of it takes nobody's place.
            let held = tuple
                .late_syn
                .as_ref()
                .is_some_and(|held| held.seq == client_isn && SynMark::kept(held).is_same(mark));
            if !held {
                tuple.late_syn = Some(Box::new(record()));
            }
            Comes::Late
        }
    }

    /// What a SYN-ACK to `client` is, if no attempt is open for it.
    pub(super) fn syn_ack(
        &mut self,
        hash: u64,
        (client, server): (Endpoint, Endpoint),
        scope: u64,
        (client_isn, server_isn): (SeqNumber, SeqNumber),
        time: Option<i64>,
    ) -> Comes {
        let Some(tuple) = self.tuples.get_mut(hash, &Pair(client, server)) else {
            return Comes::New;
        };
        let Some((closed, age)) = find(tuple, client, client_isn, time) else { return Comes::New };
        let other_isn = closed.server_isn.is_some_and(|isn| isn != server_isn);
        if closed.scope != scope {
            return if !other_isn && age <= COPY_NS { Comes::Late } else { Comes::New };
        }
        match tuple.late_syn.take_if(|syn| syn.seq == client_isn) {
            Some(syn) if closed.server_isn != Some(server_isn) => Comes::After(syn),
            Some(syn) => {
                tuple.late_syn = Some(syn);
                Comes::Late
            }
            None if other_isn || (closed.server_isn.is_none() && closed.is_over) => Comes::New,
            None => Comes::Late,
        }
    }
}

/// The attempt with this J, and how long ago its last segment was, while it is remembered.
fn find(
    tuple: &Tuple,
    client: Endpoint,
    client_isn: SeqNumber,
    time: Option<i64>,
) -> Option<(Closed, i64)> {
    let mut all = tuple.closed.iter().flatten();
    let closed = *all.find(|it| it.client == client && it.client_isn == client_isn)?;
    let age = match (time, closed.last_segment) {
        (Some(time), Some(last)) => time.saturating_sub(last),
        _ => 0,
    };
    (age <= REMEMBERED_NS).then_some((closed, age))
}
