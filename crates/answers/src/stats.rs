//! Statistics of attempts, group by group.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasherDefault;
use std::net::IpAddr;

use handshake::{Facts, PatternName, PatternSet, Side};
use parser::Timestamp;

use crate::by::{By, Key};
use crate::counts_as::{is_failure, is_hurt, nanoseconds};
use crate::durations::{Durations, Quantile};
use crate::evidence::Ids;
use crate::group::Group;
use crate::groups::Groups;
use crate::over_time::{OverTime, Scale};
use crate::peers::{AsIs, PeerHasher, Peers};
use crate::ttls::Ttls;

/// Clients that are told apart.
pub(crate) const MOST_CLIENTS: usize = 1_024;
/// Cells of durations in all groups together. Beyond that they get wider.
pub(crate) const MOST_CELLS: usize = 1 << 17;
/// The widest cells: as many bits of a duration are given up.
const COARSEST: u32 = 10;

/// What is asked of attempts: how they are put together, which groups come first, and what of their RTTs
/// is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What they are put together by.
    pub by: By,
    /// What comes first.
    pub sort: Sort,
    /// Groups that are shown; the rest is put together.
    pub limit: usize,
    /// What is told of RTTs.
    pub rtts: Rtts,
}

/// What is told of RTTs. To keep more takes more time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rtts {
    /// How many there are, their mean and the longest, and how many are in each bucket of metrics.
    Sums,
    /// Quantiles, too.
    Quantiles,
    /// Those of all attempts that began in each slot of time, too.
    OverTime,
}

/// Which groups come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Those with the most attempts that failed or had to be repeated.
    #[default]
    Worst,
    /// Those with the most attempts.
    Attempts,
    /// Those with the most failed attempts.
    Failed,
    /// Those with the most repeated segments.
    Retried,
    /// Those that lost the most time by waiting.
    Waited,
    /// Those with the longest server RTT, by the 99th percentile.
    ServerRtt,
    /// Those with the longest client RTT, by the 99th percentile.
    ClientRtt,
    /// By what they have in common, ascending.
    Key,
}

impl Default for Question {
    fn default() -> Self {
        Self { by: By::Server, sort: Sort::Worst, limit: 20, rtts: Rtts::OverTime }
    }
}

/// What a client did.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) addr: IpAddr,
    pub(crate) attempts: u64,
    pub(crate) failed: u64,
    /// The server endpoints that it tried.
    pub(crate) targets: Peers,
    pub(crate) ids: Ids,
}

/// The statistics of the attempts of a capture.
#[derive(Clone, Debug)]
pub struct Stats {
    question: Question,
    hasher: PeerHasher,
    servers: Groups,
    /// By what was asked for, where that is something else.
    asked: Option<Groups>,
    /// By the hash of their addresses.
    pub(crate) clients: HashMap<u64, Client, BuildHasherDefault<AsIs>>,
    /// Those whose attempts had all succeeded when they were looked at last.
    without_failure: VecDeque<u64>,
    /// Attempts in which each pattern was recognised, and the first of them.
    patterns: Vec<(u64, Ids)>,
    scale: Scale,
    /// The server RTTs of all attempts.
    server_rtts: OverTime<Durations>,
    /// How wide the cells of durations are, and how many there are.
    coarse: u32,
    pub(crate) cells: usize,
}

/// The groups in the order that was asked for.
#[derive(Clone, Debug)]
pub struct Ranking<'a> {
    /// As many as were asked for.
    pub first: Vec<(Key, &'a Group)>,
    /// The attempts of all others, where there are any.
    pub rest: Option<Rest>,
}

/// The attempts of groups that are not shown.
#[derive(Clone, Debug)]
pub struct Rest {
    /// How many groups these are; more, where there were too many to tell them apart.
    pub groups: usize,
    /// Whether there were too many.
    pub more: bool,
    /// What their attempts came to.
    pub group: Box<Group>,
}

impl Stats {
    /// Statistics that answer `question`.
    pub fn new(question: Question) -> Self {
        Self {
            question,
            hasher: PeerHasher::default(),
            servers: Groups::default(),
            asked: (question.by != By::Server).then(Groups::default),
            clients: HashMap::default(),
            without_failure: VecDeque::new(),
            patterns: vec![(0, Ids::default()); PatternName::ALL.len()],
            scale: Scale::default(),
            server_rtts: OverTime::default(),
            coarse: 0,
            cells: 0,
        }
    }

    /// Adds an attempt.
    pub fn add(&mut self, facts: &Facts) {
        let slot = facts.start.and_then(|start| self.slot(start));
        let client = self.hasher.addr(facts.client.addr);
        let server = self.hasher.endpoint(facts.server);
        let place = (slot, (self.question.rtts >= Rtts::Quantiles).then_some(self.coarse));
        let is_hurt = is_hurt(facts);
        let group = self.servers.group(Key::Endpoint(facts.server), server, is_hurt);
        self.cells += group.add(facts, place, client);
        if let Some(asked) = &mut self.asked {
            let key = self.question.by.key(facts);
            self.cells +=
                asked.group(key, self.hasher.key(&key), is_hurt).add(facts, place, client);
        }
        if self.question.rtts == Rtts::OverTime
            && let Some((slot, rtt)) = slot.zip(nanoseconds(facts.server_rtt_ns))
        {
            self.cells += usize::from(self.server_rtts.slot(slot).add(rtt, self.coarse));
        }
        for groups in [Some(&mut self.servers), self.asked.as_mut()].into_iter().flatten() {
            self.cells -= groups.take_freed_cells();
        }
        self.add_client(facts, (client, server));
        if facts.patterns != PatternSet::default() {
            for ((count, ids), &pattern) in self.patterns.iter_mut().zip(PatternName::ALL) {
                if facts.patterns.contains(pattern) {
                    *count += 1;
                    ids.add(facts.id);
                }
            }
        }
        while self.cells > MOST_CELLS && self.coarse < COARSEST {
            self.coarsen();
        }
    }

    fn add_client(&mut self, facts: &Facts, (hash, server): (u64, u64)) {
        if let Some(client) = self.clients.get_mut(&hash) {
            return client.add(facts, server);
        }
        let is_full = self.clients.len() >= MOST_CLIENTS;
        if is_full && !(is_failure(facts) && self.make_place_for_client()) {
            return;
        }
        let mut client = Client::new(facts.client.addr);
        client.add(facts, server);
        self.without_failure.push_back(hash);
        self.clients.insert(hash, client);
    }

    /// Forgets a client whose attempts all succeeded. Tells whether there was one.
    fn make_place_for_client(&mut self) -> bool {
        while let Some(hash) = self.without_failure.pop_front() {
            if self.clients.get(&hash).is_some_and(|client| client.failed == 0) {
                self.clients.remove(&hash);
                return true;
            }
        }
        false
    }

    /// The slot in which `start` lies. All slots become wider where it lies in none.
    fn slot(&mut self, start: Timestamp) -> Option<usize> {
        let time = start.as_nanos();
        self.scale.slot_of(time).or_else(|| self.slot_of_wider(time))
    }

    #[cold]
    fn slot_of_wider(&mut self, time: i64) -> Option<usize> {
        let wider = self.scale.including(time);
        for group in all_groups(&mut self.servers, &mut self.asked) {
            group.over_time.rescale(self.scale, wider);
        }
        let cells = |rtts: &OverTime<Durations>| rtts.slots().iter().map(Durations::len).sum();
        let before: usize = cells(&self.server_rtts);
        self.server_rtts.rescale(self.scale, wider);
        let after: usize = cells(&self.server_rtts);
        self.cells -= before - after;
        self.scale = wider;
        wider.slot_of(time)
    }

    #[cold]
    fn coarsen(&mut self) {
        self.coarse += 1;
        self.cells = 0;
        let groups = all_groups(&mut self.servers, &mut self.asked);
        let of_groups = groups.flat_map(|group| [&mut group.server_rtt, &mut group.client_rtt]);
        for durations in of_groups.chain(self.server_rtts.slots_mut()) {
            durations.coarsen(self.coarse);
            self.cells += durations.len();
        }
    }

    /// What was asked.
    pub const fn question(&self) -> Question {
        self.question
    }

    /// All attempts.
    pub fn all(&self) -> Group {
        let mut all = self.servers.untold().clone();
        let mut servers: Vec<_> = self.servers.iter().collect();
        servers.sort_by_key(|(key, _)| **key);
        for (_, group) in servers {
            all.merge(group);
        }
        all
    }

    /// The attempts by their servers.
    pub(crate) const fn servers(&self) -> &Groups {
        &self.servers
    }

    /// The hop limits of the SYN-ACKs of a host, from whatever port.
    pub(crate) fn syn_ack_ttls(&self, host: IpAddr) -> Ttls {
        let mut ttls = Ttls::default();
        for (key, group) in self.servers.iter() {
            if matches!(key, Key::Endpoint(server) if server.addr == host) {
                ttls.merge(group.syn_ack_ttls);
            }
        }
        ttls
    }

    /// The client with this hash, where it is told apart.
    pub(crate) fn client(&self, hash: u64) -> Option<&Client> {
        self.clients.get(&hash)
    }

    /// Attempts in which a pattern was recognised.
    pub fn pattern(&self, name: PatternName) -> u64 {
        self.patterns[name as usize].0
    }

    /// A few of these attempts.
    pub(crate) fn shown(&self, name: PatternName) -> Vec<u64> {
        self.patterns[name as usize].1.as_slice().to_vec()
    }

    /// The slots that time is divided into.
    pub const fn scale(&self) -> Scale {
        self.scale
    }

    /// The server RTTs of the attempts that began in each slot, up to the last slot that has any; none where
    /// nobody asked for them.
    pub fn server_rtts(&self) -> &[Durations] {
        self.server_rtts.slots()
    }

    /// How wide the cells of durations are: 2 to the power of this, beside the finest.
    pub const fn coarse(&self) -> u32 {
        self.coarse
    }

    /// The groups in the order that was asked for.
    pub fn ranking(&self) -> Ranking<'_> {
        let groups = self.asked.as_ref().unwrap_or(&self.servers);
        let mut all: Vec<_> = groups.iter().map(|(key, group)| (*key, group)).collect();
        all.sort_by_cached_key(|&(key, group)| (Reverse(self.worth(group)), key));
        let rest = all.split_off(all.len().min(self.question.limit));
        let more = groups.untold().attempts > 0;
        let rest = (more || !rest.is_empty()).then(|| {
            let mut sum = groups.untold().clone();
            for (_, group) in &rest {
                sum.merge(group);
            }
            Rest { groups: rest.len(), more, group: Box::new(sum) }
        });
        Ranking { first: all, rest }
    }

    /// What makes a group come first, then what decides between groups of equal worth.
    fn worth(&self, group: &Group) -> [u64; 3] {
        let worth = match self.question.sort {
            Sort::Worst => group.hurt,
            Sort::Attempts => group.attempts,
            Sort::Failed => group.failed(),
            Sort::Retried => group.syn_retransmissions + group.syn_ack_retransmissions,
            Sort::Waited => group.waited_ns,
            Sort::ServerRtt => group.server_rtt.quantile(Quantile::P99, self.coarse).unwrap_or(0),
            Sort::ClientRtt => group.client_rtt.quantile(Quantile::P99, self.coarse).unwrap_or(0),
            Sort::Key => return [0; 3],
        };
        [worth, group.waited_ns, group.attempts]
    }
}

fn all_groups<'a>(
    servers: &'a mut Groups,
    asked: &'a mut Option<Groups>,
) -> impl Iterator<Item = &'a mut Group> {
    let asked = asked.iter_mut().flat_map(Groups::all_mut);
    servers.all_mut().chain(asked)
}

impl Client {
    fn new(addr: IpAddr) -> Self {
        Self { addr, attempts: 0, failed: 0, targets: Peers::default(), ids: Ids::default() }
    }

    fn add(&mut self, facts: &Facts, target: u64) {
        self.attempts += 1;
        // Who resets what was answered only wanted to know whether it is.
        self.failed += u64::from(is_failure(facts) && facts.reset_by != Some(Side::Client));
        self.targets.add(target);
        self.ids.add(facts.id);
    }
}
