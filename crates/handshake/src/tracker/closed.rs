//! What is remembered of attempts that have ended: enough to name the one before, and to know a
//! late duplicate of its segments. Bounded in number and in time.

use parser::{Endpoint, SeqNumber};

use super::fifo_map::FifoMap;
use super::flow::{FlowKey, Opener, Pair};
use super::mark::{COPY_NS, Confirming, Mark, UNIDENTIFIED_NS};
use super::seen::{Seen, beyond};
use super::spans::LINGER_NS;
use super::state::{FIRST_WINDOW, WINDOW};
use crate::record::Outcome;
use crate::segment::{Kind, SegmentRecord};

/// Attempts remembered for each 4-tuple.
const EACH: usize = 4;
/// 4-tuples of which more than the latest attempt is remembered: together these take a megabyte.
const WITH_MORE: usize = 2_048;
/// Twice the maximum segment lifetime (RFC 9293, 3.4.2): later, nothing of them is on its way.
pub(super) const REMEMBERED_NS: i64 = 240_000_000_000;

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
    /// The same of the last late duplicate: while these come, it is known which attempt they are of.
    pub(super) last_duplicate: Option<i64>,
    /// Its own next segment was overdue, or a RST had ended it.
    pub(super) is_over: bool,
    /// What identifies its first and its last SYN: IP id and TSval.
    pub(super) syns: [Mark; 2],
    /// What showed that the server took the acknowledgment.
    pub(super) confirming: Option<Confirming>,
}

impl Closed {
    /// How long ago its last segment was.
    fn age(&self, time: Option<i64>) -> i64 {
        match (time, self.last_segment) {
            (Some(time), Some(last)) => time.saturating_sub(last),
            _ => 0,
        }
    }

    /// Whether it is remembered.
    fn is_recent(&self, time: Option<i64>) -> bool {
        self.age(time) <= REMEMBERED_NS
    }

    /// Whether it is known as the one that late duplicates are of.
    fn has_duplicates(&self, time: Option<i64>) -> bool {
        let since = time.zip(self.last_duplicate);
        let goes_on = since.is_some_and(|(time, last)| time.saturating_sub(last) <= REMEMBERED_NS);
        goes_on || self.is_recent(time)
    }

    fn has_syn(&self, mark: Mark) -> bool {
        self.syns.iter().any(|syn| syn.is_same(mark))
    }

    /// Whether both numbers of a segment lie in the windows of this connection; where K is not known,
    /// the one that can be compared, if `is_loose`, or both, from a little before what the server is
    /// known to have sent.
    fn owns(&self, from_client: bool, seen: &Seen, is_loose: bool) -> bool {
        let fits = |number, isn: SeqNumber| beyond(number, isn.plus(1)) < WINDOW;
        let near_k = self.confirming.filter(|_| seen.has_ack && !is_loose);
        let near_k = near_k.map(|it| it.seq.minus(FIRST_WINDOW));
        let Some(server_isn) = self.server_isn.or(near_k) else {
            let number = if from_client { seen.seq } else { seen.ack };
            return is_loose && seen.has_ack && fits(number, self.client_isn);
        };
        let (own, other) =
            if from_client { (self.client_isn, server_isn) } else { (server_isn, self.client_isn) };
        let is_next = seen.seq == own.plus(1);
        fits(seen.seq, own) && if seen.has_ack { fits(seen.ack, other) } else { is_next }
    }
}

/// What most segments ask for stands first.
#[derive(Debug)]
#[repr(C)]
struct Tuple {
    /// A FIN or RST was seen since the latest one ended.
    is_closed: bool,
    latest: Closed,
    /// The ones before it, the latest first. Few 4-tuples have any.
    older: Option<Box<[Option<Closed>; EACH - 1]>>,
    /// A SYN with the J of one of them, which was taken for a late duplicate.
    late_syn: Option<Box<SegmentRecord>>,
}

impl Tuple {
    /// The attempts that ended, the latest first.
    fn closed(&self) -> impl Iterator<Item = &Closed> {
        let older = self.older.iter().flat_map(|older| older.iter()).flatten();
        std::iter::once(&self.latest).chain(older)
    }

    /// A segment is a late duplicate of this one of them.
    fn duplicate(&mut self, id: u64, time: Option<i64>) -> Comes {
        let older = self.older.iter_mut().flat_map(|older| older.iter_mut()).flatten();
        if let Some(closed) = std::iter::once(&mut self.latest).chain(older).find(|it| it.id == id)
        {
            closed.last_duplicate = closed.last_duplicate.max(time);
        }
        Comes::Late
    }

    /// Whether more is remembered than the latest attempt.
    const fn has_more(&self) -> bool {
        self.older.is_some() || self.late_syn.is_some()
    }

    const fn new(latest: Closed) -> Self {
        Self { is_closed: false, latest, older: None, late_syn: None }
    }

    /// One more has ended. The one before it is remembered where `keeps_more`, unless it is forgotten by
    /// then, as are those before it.
    fn add(&mut self, closed: Closed, keeps_more: bool) {
        let before = std::mem::replace(&mut self.latest, closed);
        if !before.has_duplicates(closed.last_segment) {
            self.older = None;
        } else if keeps_more {
            let older = self.older.get_or_insert_default();
            older.rotate_right(1);
            older[0] = Some(before);
        }
        self.is_closed = false;
        self.late_syn = None;
    }
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
    tuples: FifoMap<Pair, Tuple>,
    /// How many of them remember more than the latest attempt.
    with_more: usize,
}

impl ClosedAttempts {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { tuples: FifoMap::new(capacity), with_more: 0 }
    }

    /// Remembers an attempt that just ended.
    pub(super) fn add(&mut self, hash: u64, server: Endpoint, closed: Closed) {
        let pair = Pair(closed.client, server);
        match self.tuples.get_mut(hash, &pair) {
            Some(tuple) => {
                changed(&mut self.with_more, tuple, |tuple, keeps_more| {
                    tuple.add(closed, keeps_more);
                });
            }
            None => {
                let gone = self.tuples.replaced_next().is_some_and(Tuple::has_more);
                self.with_more -= usize::from(gone);
                self.tuples.add(hash, pair, Tuple::new(closed));
            }
        }
    }

    /// Brings near what is remembered of the 4-tuple with this hash.
    #[inline]
    pub(super) fn touch(&self, hash: u64) {
        self.tuples.touch(hash);
    }

    /// Whether any attempt between two ends is remembered.
    #[inline]
    pub(super) fn knows(&self, flow: FlowKey<'_>) -> bool {
        self.tuples.get(flow.hash, &flow.pair()).is_some()
    }

    /// Notes a FIN or RST between two ends.
    #[inline]
    pub(super) fn note_end(&mut self, flow: FlowKey<'_>) {
        if let Some(tuple) = self.tuples.get_mut(flow.hash, &flow.pair()) {
            tuple.is_closed = true;
        }
    }

    /// The latest attempt from `client` in `scope` that is remembered at `time`.
    pub(super) fn latest(
        &self,
        hash: u64,
        &Opener { client, server, .. }: &Opener,
        scope: u64,
        time: Option<i64>,
    ) -> Option<&Closed> {
        let tuple = self.tuples.get(hash, &Pair(client, server))?;
        let wanted = |it: &&Closed| it.client == client && it.scope == scope;
        let closed = tuple.closed().filter(wanted).filter(|it| it.is_recent(time));
        // They do not end in the order in which they began.
        closed.max_by_key(|it| it.id)
    }

    /// The id of the latest attempt from `client`.
    pub(super) fn latest_of(
        &self,
        hash: u64,
        (client, server): (Endpoint, Endpoint),
    ) -> Option<u64> {
        let tuple = self.tuples.get(hash, &Pair(client, server))?;
        tuple.closed().filter(|it| it.client == client).map(|it| it.id).max()
    }

    /// Whether a segment may be, captured again, the SYN-ACK of an attempt that just ended, or what
    /// ended it and is in no record.
    pub(super) fn ended_with(&self, flow: FlowKey<'_>, seen: &Seen) -> bool {
        let is_copy = |closed: &Closed| {
            let age = closed.last_segment.zip(seen.time).map(|(last, time)| time.abs_diff(last));
            if seen.kind == Kind::SynAck {
                return closed.client == *flow.destination
                    && closed.server_isn == Some(seen.seq)
                    && closed.client_isn.plus(1) == seen.ack
                    && age.is_some_and(|ns| ns <= COPY_NS as u64);
            }
            closed.client == *flow.destination
                && closed.confirming.is_some_and(|it| it.is_repeated(seen))
        };
        self.tuples.get(flow.hash, &flow.pair()).is_some_and(|it| it.closed().any(is_copy))
    }

    /// Whether a segment is known to be, captured again, what ended an attempt and is in no record.
    pub(super) fn ended_with_packet(&self, flow: FlowKey<'_>, (seen, mark): (&Seen, Mark)) -> bool {
        let is_same = |it: Confirming| it.is_repeated(seen) && it.mark.is_same(mark);
        let is_copy = |closed: &Closed| {
            closed.client == *flow.destination && closed.confirming.is_some_and(is_same)
        };
        self.tuples.get(flow.hash, &flow.pair()).is_some_and(|it| it.closed().any(is_copy))
    }

    /// The latest of the attempts that have ended whose numbers are those of a segment: its id.
    pub(super) fn owner(&self, flow: FlowKey<'_>, seen: &Seen, is_loose: bool) -> Option<u64> {
        let tuple = self.tuples.get(flow.hash, &flow.pair())?;
        let owners = tuple
            .closed()
            .filter(|closed| closed.is_recent(seen.time))
            .filter(|closed| closed.owns(closed.client == *flow.source, seen, is_loose));
        owners.map(|closed| closed.id).max()
    }

    /// What a SYN of `client` is, if no attempt is open for it.
    pub(super) fn syn(
        &mut self,
        hash: u64,
        &Opener { client, server, client_isn }: &Opener,
        (scope, mark): (u64, impl Fn() -> Mark),
        record: impl FnOnce() -> SegmentRecord,
        time: Option<i64>,
    ) -> Comes {
        let Some(tuple) = self.tuples.get_mut(hash, &Pair(client, server)) else {
            return Comes::New;
        };
        // The server's own SYN, of a simultaneous open, has K for its number.
        let crossed = |it: &Closed| it.client == server && it.server_isn == Some(client_isn);
        if find(tuple, crossed, time).is_some_and(|(_, age)| age <= COPY_NS) {
            return Comes::Late;
        }
        let same = |it: &Closed| it.client == client && it.client_isn == client_isn;
        let Some((closed, age)) = find(tuple, same, time) else { return Comes::New };
        let mark = mark();
        let is_late = closed.has_syn(mark) && age <= LINGER_NS;
        if closed.scope != scope {
            // The path may have delivered late what came to the other scope just now.
            let held = tuple.late_syn.as_ref().filter(|held| held.seq == client_isn);
            let is_held = held.is_some_and(|held| is_passing(held, mark, time));
            return if is_late || is_held { Comes::Late } else { Comes::New };
        }
        if is_late {
            Comes::Late
        } else if tuple.is_closed || closed.is_over {
            Comes::New
        } else {
            // A copy of it takes nobody's place.
            let held = tuple
                .late_syn
                .as_ref()
                .is_some_and(|held| held.seq == client_isn && is_copy(held, mark, time));
            if !held {
                changed(&mut self.with_more, tuple, |tuple, keeps_more| {
                    tuple.late_syn = keeps_more.then(|| Box::new(record()));
                });
            }
            tuple.duplicate(closed.id, time)
        }
    }

    /// What a SYN-ACK to `client` is, if no attempt is open for it.
    pub(super) fn syn_ack(
        &mut self,
        hash: u64,
        &Opener { client, server, client_isn }: &Opener,
        scope: u64,
        server_isn: SeqNumber,
        time: Option<i64>,
    ) -> Comes {
        let Some(tuple) = self.tuples.get_mut(hash, &Pair(client, server)) else {
            return Comes::New;
        };
        // The client's own SYN-ACK, of a simultaneous open, has J for its number.
        let crossed = |it: &Closed| {
            it.client == server && it.client_isn == server_isn && it.server_isn == Some(client_isn)
        };
        if let Some((closed, _)) = find(tuple, crossed, time) {
            return tuple.duplicate(closed.id, time);
        }
        // It may acknowledge data of the SYN, too.
        let same = |it: &Closed| {
            let data = beyond(client_isn, it.client_isn);
            let took_data = it.server_isn == Some(server_isn) && u16::try_from(data).is_ok();
            it.client == client && (data == 0 || took_data)
        };
        let Some((closed, _)) = find(tuple, same, time) else { return Comes::New };
        // Where K was not captured, what the server sent later shows it.
        let precedes = |it: Confirming| beyond(it.seq, server_isn.plus(1)) < WINDOW;
        if closed.server_isn.is_none() && closed.confirming.is_some_and(precedes) {
            return tuple.duplicate(closed.id, time);
        }
        let other_isn = closed.server_isn.is_some_and(|isn| isn != server_isn);
        if closed.scope != scope {
            // One J and one K are one connection, in whichever scope.
            let is_same = closed.server_isn == Some(server_isn);
            return if is_same { tuple.duplicate(closed.id, time) } else { Comes::New };
        }
        let is_held = |syn: &mut Box<SegmentRecord>| syn.seq == client_isn;
        let held = changed(&mut self.with_more, tuple, |it, _| it.late_syn.take_if(is_held));
        match held {
            Some(syn) if closed.server_isn != Some(server_isn) => Comes::After(syn),
            Some(syn) => {
                changed(&mut self.with_more, tuple, |it, _| it.late_syn = Some(syn));
                tuple.duplicate(closed.id, time)
            }
            None if other_isn || (closed.server_isn.is_none() && closed.is_over) => Comes::New,
            None => tuple.duplicate(closed.id, time),
        }
    }
}

/// Changes what is remembered of a 4-tuple, which is told whether it may remember more than the latest
/// attempt, and counts those that do.
fn changed<T>(
    with_more: &mut usize,
    tuple: &mut Tuple,
    change: impl FnOnce(&mut Tuple, bool) -> T,
) -> T {
    let others = *with_more - usize::from(tuple.has_more());
    let result = change(tuple, others < WITH_MORE);
    *with_more = others + usize::from(tuple.has_more());
    result
}

/// Whether a SYN is the one that is held, captured again.
fn is_copy(held: &SegmentRecord, mark: Mark, time: Option<i64>) -> bool {
    let kept = Mark::kept(held);
    let apart = || Some(time?.abs_diff(held.timestamp?.as_nanos()));
    kept.is_same(mark) || kept == mark && apart().is_some_and(|ns| ns <= UNIDENTIFIED_NS)
}

/// Whether a SYN in another scope is the one that is held, on its way through both.
fn is_passing(held: &SegmentRecord, mark: Mark, time: Option<i64>) -> bool {
    let apart = time.zip(held.timestamp).map(|(time, at)| time.abs_diff(at.as_nanos()));
    Mark::kept(held).is_same(mark) && apart.is_some_and(|ns| ns <= COPY_NS as u64)
}

/// The latest of the attempts wanted, and how long ago its last segment was, while it is known.
fn find(
    tuple: &Tuple,
    wanted: impl Fn(&Closed) -> bool,
    time: Option<i64>,
) -> Option<(Closed, i64)> {
    let known = tuple.closed().filter(|closed| wanted(closed) && closed.has_duplicates(time));
    let closed = *known.max_by_key(|closed| closed.id)?;
    Some((closed, closed.age(time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(number: u32, id: u64) -> (Endpoint, Closed) {
        let [_, a, b, c] = number.to_be_bytes();
        let closed = Closed {
            id,
            outcome: Outcome::Unanswered,
            scope: 0,
            client: Endpoint::new([10, a, b, c], 1),
            client_isn: SeqNumber(7),
            server_isn: None,
            last_segment: Some(0),
            last_duplicate: None,
            is_over: true,
            syns: [Mark::None; 2],
            confirming: None,
        };
        (Endpoint::new([192, 0, 2, 1], 80), closed)
    }

    #[test]
    fn of_so_many_4_tuples_more_than_the_latest_attempt_is_remembered() {
        let mut all = ClosedAttempts::new(8_192);
        let many = WITH_MORE as u32 + 500;
        for id in 0..3 {
            for number in 0..many {
                let (server, closed) = ended(number, id);
                all.add(u64::from(number) << 32, server, closed);
            }
        }
        assert_eq!(all.with_more, WITH_MORE);
        let remembered = |number: u32| {
            let (server, closed) = ended(number, 0);
            let tuple = all.tuples.get(u64::from(number) << 32, &Pair(closed.client, server));
            tuple.unwrap().closed().map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(remembered(0), [2, 1, 0]);
        assert_eq!(remembered(many - 1), [2]);
        for number in many..many + 8_192 {
            let (server, closed) = ended(number, 9);
            all.add(u64::from(number) << 32, server, closed);
        }
        assert_eq!(all.with_more, 0);
    }

    #[test]
    fn what_is_forgotten_takes_no_place() {
        let mut all = ClosedAttempts::new(8);
        let mut ends = |id, at| {
            let (server, closed) = ended(0, id);
            all.add(0, server, Closed { last_segment: Some(at), ..closed });
            all.with_more
        };
        assert_eq!(ends(1, 0), 0);
        assert_eq!(ends(2, REMEMBERED_NS), 1);
        assert_eq!(ends(3, 2 * REMEMBERED_NS + 1), 0);
    }
}
