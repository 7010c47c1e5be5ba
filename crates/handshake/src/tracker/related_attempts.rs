//! What attempts know of each other: what happened lately at the same server and from the same client. All of it is bounded; the oldest is dropped.

use std::net::IpAddr;

use parser::{Endpoint, Timestamp};
use smallvec::SmallVec;

use super::arrival::Arrival;
use super::attempt::Attempt;
use super::fifo_map::FifoMap;
use super::flow::FlowHasher;
use super::judgement::Effect;
use super::spans::{CUT_NS, LIFETIME_NS};
use super::taken::Taken;
use crate::record::{Context, OthersAnswered};
use crate::segment::Kind;

/// Nanoseconds that "lately" means.
pub(super) const LATELY_NS: i64 = 60_000_000_000;
/// Servers and clients that are remembered.
const HOSTS: usize = 4_096;
/// Different targets of one client that are counted.
const TARGETS: usize = 16;
/// How long before the first SYN an answer to somebody else still tells something.
const BEFORE_NS: i64 = 1_000_000_000;

/// What happened is summed up over this much time, and as often. An attempt that nothing decides is
/// told 75 s after its last segment at the earliest: what it is told of is over by then, whatever
/// other traffic let it wait for longer.
const SLOT_NS: i64 = 10_000_000_000;
const SLOTS: usize = 32;
const SECOND_NS: i64 = 1_000_000_000;
/// Slots of a minute.
const LATELY_SLOTS: i64 = LATELY_NS / SLOT_NS;
/// A decided attempt is told 3.5 s later at the earliest: seconds after its first that count for it.
const SECONDS_AFTER: i64 = 2;
/// Seconds in which a client tried something new.
const SECONDS: usize = 16;

/// The slot of a time, or the second.
const fn slot(ns: i64, length: i64) -> i64 {
    ns.div_euclid(length)
}

/// What is known of some stretches of time, the latest few of those in which anything happened. Most hosts are
/// met in one alone, and need no memory beyond that.
#[derive(Debug)]
struct Slots<T> {
    all: SmallVec<[(i64, T); 1]>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { all: SmallVec::new() }
    }
}

impl<T: Copy> Slots<T> {
    /// What is known of one stretch; `new` where nothing is.
    fn entry(&mut self, slot: i64, most: usize, new: T) -> &mut T {
        let at = match self.all.iter().rposition(|&(known, _)| known == slot) {
            Some(at) => at,
            None => {
                if self.all.len() >= most {
                    self.all.remove(0);
                }
                self.all.push((slot, new));
                self.all.len() - 1
            }
        };
        &mut self.all[at].1
    }

    fn get_mut(&mut self, slot: i64) -> Option<&mut T> {
        self.all.iter_mut().rfind(|(known, _)| *known == slot).map(|(_, value)| value)
    }

    /// What is known from one to another, the latest first.
    fn between(&self, first: i64, last: i64) -> impl Iterator<Item = T> {
        let wanted = self.all.iter().rev().filter(move |(slot, _)| (first..=last).contains(slot));
        wanted.map(|&(_, value)| value)
    }
}

#[derive(Debug, Default)]
struct Server {
    answered: Option<Answered>,
    waiting: Slots<Waiting>,
}

/// Attempts that began in a slot and are undecided, and the most that there were in it of those that
/// began in it or in the minute before.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    count: u32,
    most: u32,
}

/// Who an attempt is between, and how far it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Party {
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    /// The time of its first segment.
    pub(super) start: Option<Timestamp>,
    pub(super) syn_captured: bool,
    pub(super) is_decided: bool,
}

impl Party {
    pub(super) fn of(attempt: &Attempt) -> Self {
        let Attempt { client, server, start, state, .. } = attempt;
        Self {
            client: *client,
            server: *server,
            start: *start,
            syn_captured: state.syn_captured,
            is_decided: state.is_decided(),
        }
    }

    /// When it began, in nanoseconds since the epoch; captures without times have one time.
    fn began(&self) -> i64 {
        self.start.map_or(0, Timestamp::as_nanos)
    }
}

/// The last SYN-ACK of a server: when, in which frame, and to which host.
#[derive(Clone, Copy, Debug)]
struct Answered {
    at: i64,
    frame: u64,
    host: IpAddr,
}

#[derive(Debug, Default)]
struct Client {
    targets: SmallVec<[Endpoint; 1]>,
    last_attempt_at: i64,
    /// The ten minutes in which it began its last attempt. Each of them counts anew, so that the count
    /// does not depend on what was before.
    cell: i64,
    /// How many targets it tried at all; how many before the silence of a minute or these ten minutes;
    /// how many in the ten minutes before, and how many until the end of each second in which it tried
    /// a new one.
    tried: u32,
    tried_before: u32,
    tried_in_last: u32,
    tried_until: Slots<u32>,
    /// When, and in which frame, it first completed a handshake in each slot.
    completed: Slots<(i64, u64)>,
}

impl Client {
    /// Begins to count anew, where it paused for a minute or other ten minutes have begun.
    fn counts_from(&mut self, now: i64) {
        let paused = now.saturating_sub(self.last_attempt_at) > LATELY_NS;
        let cell = slot(now, CUT_NS);
        if paused || cell != self.cell {
            let tried = self.tried.wrapping_sub(self.tried_before);
            self.tried_in_last = if paused { 0 } else { tried };
            self.targets.clear();
            self.tried_before = self.tried;
        }
        (self.cell, self.last_attempt_at) = (cell, now);
    }
}

#[derive(Debug)]
pub(super) struct RelatedAttempts {
    servers: FifoMap<Endpoint, Server>,
    clients: FifoMap<IpAddr, Client>,
    /// Of the last SYN-ACK of each server, with its time.
    hop_limits: FifoMap<IpAddr, (i64, u8)>,
    hasher: FlowHasher,
}

impl RelatedAttempts {
    pub(super) const fn new(hasher: FlowHasher) -> Self {
        Self {
            servers: FifoMap::new(HOSTS),
            clients: FifoMap::new(HOSTS),
            hop_limits: FifoMap::new(HOSTS),
            hasher,
        }
    }

    /// A segment had this effect on an attempt.
    #[inline(never)]
    pub(super) fn update(
        &mut self,
        attempt: &mut Attempt,
        arrival: &Arrival<'_>,
        effect: Effect,
        now: i64,
    ) {
        let Arrival { frame, segment, seen, .. } = arrival;
        let party = Party::of(attempt);
        match effect {
            Effect::AfterReset if seen.kind != Kind::SynAck => {}
            // One that comes after a RST shows as well that the server answers.
            Effect::SynAck | Effect::AfterReset => {
                self.answered(&party, (now, frame.number, segment.ttl));
            }
            Effect::Opened | Effect::SynAgain => {
                let answered = self.answered_lately(&party);
                if answered.is_some() {
                    let rare = attempt.rare_mut();
                    rare.others_answered = rare.others_answered.or(answered);
                }
            }
            Effect::KAcked { .. } => self.completed(&party, (now, frame.number)),
            _ => {}
        }
    }

    /// An attempt begins.
    pub(super) fn opened(&mut self, attempt: &Party, now: i64) -> Taken {
        let server = attempt.server;
        let at = slot(attempt.began(), SLOT_NS);
        if let Some(server) =
            self.servers.entry(self.hasher.endpoint(&server), server, Server::default)
        {
            let before: u32 =
                server.waiting.between(at - LATELY_SLOTS, at).map(|waiting| waiting.count).sum();
            let waiting = server.waiting.entry(at, SLOTS, Waiting::default());
            waiting.count = waiting.count.saturating_add(1);
            waiting.most = waiting.most.max(before.saturating_add(1));
        }
        let server_ttl = self.server_ttl(attempt);
        if !attempt.syn_captured {
            return Taken { server_ttl, ..Taken::default() };
        }
        let host = Endpoint { port: 0, ..attempt.client };
        let Some(client) =
            self.clients.entry(self.hasher.endpoint(&host), host.addr, Client::default)
        else {
            return Taken { server_ttl, ..Taken::default() };
        };
        client.counts_from(now);
        if !client.targets.contains(&server) {
            let place = client.tried.wrapping_sub(client.tried_before) as usize % TARGETS;
            match client.targets.get_mut(place) {
                Some(target) => *target = server,
                None => client.targets.push(server),
            }
            client.tried = client.tried.wrapping_add(1);
            let second = slot(attempt.began(), SECOND_NS);
            *client.tried_until.entry(second, SECONDS, 0) = client.tried;
        }
        Taken {
            targets: client.tried.wrapping_sub(client.tried_before).max(client.tried_in_last),
            targets_before: client.tried_before,
            server_ttl,
            pending: None,
        }
    }

    fn server_ttl(&self, attempt: &Party) -> Option<u8> {
        let host = Endpoint { port: 0, ..attempt.server };
        let &(at, ttl) = self.hop_limits.get(self.hasher.endpoint(&host), &host.addr)?;
        (attempt.began().saturating_sub(at) <= LIFETIME_NS).then_some(ttl)
    }

    /// The attempt's server sent a SYN-ACK.
    pub(super) fn answered(&mut self, attempt: &Party, (now, frame, ttl): (i64, u64, u8)) {
        let server = attempt.server;
        let host = attempt.client.addr;
        if let Some(server) =
            self.servers.entry(self.hasher.endpoint(&server), server, Server::default)
        {
            server.answered = Some(Answered { at: now, frame, host });
        }
        let host = Endpoint { port: 0, ..server };
        self.hop_limits.set(self.hasher.endpoint(&host), host.addr, (now, ttl));
    }

    /// The attempt's client completed its handshake.
    pub(super) fn completed(&mut self, attempt: &Party, (now, frame): (i64, u64)) {
        let host = Endpoint { port: 0, ..attempt.client };
        if let Some(client) =
            self.clients.entry(self.hasher.endpoint(&host), host.addr, Client::default)
        {
            client.completed.entry(slot(now, SLOT_NS), SLOTS, (now, frame));
        }
    }

    /// Another SYN that the server of an attempt answered lately, asked at a SYN of that attempt:
    /// since the second before its first one.
    pub(super) fn answered_lately(&self, attempt: &Party) -> Option<OthersAnswered> {
        let server = self.servers.get(self.hasher.endpoint(&attempt.server), &attempt.server)?;
        let since = attempt.start?.as_nanos().saturating_sub(BEFORE_NS);
        let Answered { frame, host, .. } =
            server.answered.filter(|answered| answered.at >= since)?;
        Some(OthersAnswered { frame, same_host: host == attempt.client.addr })
    }

    /// An attempt no longer waits at its server: once.
    #[inline]
    pub(super) fn no_longer_pending(&mut self, attempt: &mut Attempt) {
        if std::mem::take(&mut attempt.pending) {
            attempt.taken = self.stopped_waiting(&Party::of(attempt), attempt.taken);
        }
    }

    /// The attempt is decided, or it ends undecided: it no longer waits at its server. What it has
    /// taken is brought up to date.
    pub(super) fn stopped_waiting(&mut self, attempt: &Party, taken: Taken) -> Taken {
        let at = slot(attempt.began(), SLOT_NS);
        let mut taken = self.taken(attempt, taken);
        let server = attempt.server;
        if let Some(server) = self.servers.get_mut(self.hasher.endpoint(&server), &server)
            && let Some(waiting) = server.waiting.get_mut(at)
        {
            waiting.count = waiting.count.saturating_sub(1);
        }
        taken.server_ttl = self.server_ttl(attempt);
        taken
    }

    /// What an attempt has taken, and the counts as they are now: of the time around its beginning.
    fn taken(&self, attempt: &Party, mut taken: Taken) -> Taken {
        let began = attempt.began();
        if taken.pending.is_none() {
            let at = slot(began, SLOT_NS);
            let server = self.servers.get(self.hasher.endpoint(&attempt.server), &attempt.server);
            let waiting = server.map(|server| server.waiting.between(at, at + LATELY_SLOTS));
            taken.pending = waiting.into_iter().flatten().map(|waiting| waiting.most).max();
        }
        if attempt.is_decided && taken.targets > 0 {
            let host = Endpoint { port: 0, ..attempt.client };
            let client = self.clients.get(self.hasher.endpoint(&host), &host.addr);
            let second = slot(began, SECOND_NS);
            let until = client.map(|it| it.tried_until.between(second, second + SECONDS_AFTER));
            for tried in until.into_iter().flatten() {
                taken.targets = taken.targets.max(tried.wrapping_sub(taken.targets_before));
            }
        }
        taken
    }

    /// What the record of `attempt` is to say about its neighbourhood.
    pub(super) fn context(&self, attempt: &Attempt) -> Context {
        let host = Endpoint { port: 0, ..attempt.client };
        let party = Party::of(attempt);
        let taken = self.taken(&party, attempt.taken);
        let client = self.clients.get(self.hasher.endpoint(&host), &host.addr);
        let began = party.began();
        let at = slot(began, SLOT_NS);
        let completed = client.filter(|_| !attempt.state.is_decided()).and_then(|it| {
            let after = it.completed.between(at, at + LATELY_SLOTS);
            after.filter(|&(time, _)| time >= began).min()
        });
        Context {
            others_answered: attempt
                .rare(|rare| rare.others_answered)
                .filter(|_| attempt.state.server_isn.is_none()),
            client_completed: completed.map(|(_, frame)| frame),
            server_syn_ack_ttl: taken.server_ttl,
            targets_of_client: taken.targets,
            pending_at_server: taken.pending.unwrap_or(0),
            ..Context::default()
        }
    }
}
