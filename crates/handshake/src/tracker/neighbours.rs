//! What attempts know of each other: what happened lately at the same server and from the same client. All of it bounded; the oldest gives way.

use std::net::IpAddr;

use parser::Endpoint;

use super::attempt::Attempt;
use super::recent::Recent;
use super::state::Phase;
use crate::record::{Context, OthersAnswered};

/// Nanoseconds that "lately" means.
const LATELY_NS: i64 = 60_000_000_000;
/// Servers and clients that are remembered.
const HOSTS: usize = 8_192;
/// Targets of one client that are told apart.
const TARGETS: usize = 16;

/// How long before the first SYN an answer to somebody else still tells something.
const BEFORE_NS: i64 = 1_000_000_000;

#[derive(Debug, Default)]
struct Server {
    answered: Option<Answered>,
    /// Attempts that are open and undecided, and the most there were since there were none.
    pending: u32,
    most_pending: u32,
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
    targets: Vec<Endpoint>,
    count: u32,
    heard: i64,
    /// When, and in which frame, it last completed a handshake.
    completed: Option<(i64, u64)>,
}

#[derive(Debug)]
pub(super) struct Neighbours {
    servers: Recent<Endpoint, Server>,
    clients: Recent<IpAddr, Client>,
    hop_limits: Recent<IpAddr, u8>,
}

impl Neighbours {
    pub(super) const fn new() -> Self {
        Self {
            servers: Recent::new(HOSTS),
            clients: Recent::new(HOSTS),
            hop_limits: Recent::new(HOSTS),
        }
    }

    /// An attempt begins.
    pub(super) fn opened(&mut self, attempt: &Attempt, hash: impl Fn(&Endpoint) -> u64, now: i64) {
        let server = attempt.server;
        if let Some(server) = self.servers.entry(hash(&server), server, Server::default) {
            server.pending = server.pending.saturating_add(1);
            server.most_pending = server.most_pending.max(server.pending);
        }
        if !attempt.state.syn_captured {
            return;
        }
        let host = Endpoint { port: 0, ..attempt.client };
        let Some(client) = self.clients.entry(hash(&host), host.addr, Client::default) else {
            return;
        };
        if now.saturating_sub(client.heard) > LATELY_NS {
            *client = Client { completed: client.completed, ..Client::default() };
        }
        client.heard = now;
        if !client.targets.contains(&server) {
            let slot = client.count as usize % TARGETS;
            match client.targets.get_mut(slot) {
                Some(target) => *target = server,
                None => client.targets.push(server),
            }
            client.count = client.count.saturating_add(1);
        }
    }

    /// The attempt's server sent a SYN-ACK.
    pub(super) fn answered(
        &mut self,
        attempt: &Attempt,
        hash: impl Fn(&Endpoint) -> u64,
        (now, frame, ttl): (i64, u64, u8),
    ) {
        let server = attempt.server;
        let host = attempt.client.addr;
        if let Some(server) = self.servers.entry(hash(&server), server, Server::default) {
            server.answered = Some(Answered { at: now, frame, host });
        }
        let host = Endpoint { port: 0, ..server };
        self.hop_limits.set(hash(&host), host.addr, ttl);
    }

    /// The attempt's client completed its handshake.
    pub(super) fn completed(
        &mut self,
        attempt: &Attempt,
        hash: impl Fn(&Endpoint) -> u64,
        (now, frame): (i64, u64),
    ) {
        let host = Endpoint { port: 0, ..attempt.client };
        if let Some(client) = self.clients.entry(hash(&host), host.addr, Client::default) {
            client.completed = Some((now, frame));
        }
    }

    /// Another SYN that the server of an attempt answered lately, asked at a SYN of that attempt:
    /// since the second before its first one.
    pub(super) fn answered_lately(
        &self,
        attempt: &Attempt,
        hash: impl Fn(&Endpoint) -> u64,
    ) -> Option<OthersAnswered> {
        let server = self.servers.get(hash(&attempt.server), &attempt.server)?;
        let since = attempt.start?.as_nanos().saturating_sub(BEFORE_NS);
        let Answered { frame, host, .. } =
            server.answered.filter(|answered| answered.at >= since)?;
        Some(OthersAnswered { frame, same_host: host == attempt.client.addr })
    }

    /// The attempt is decided, or it ends undecided: it is no longer pending at its server. Tells how
    /// many were at most, since there were none.
    pub(super) fn settled(&mut self, attempt: &Attempt, hash: impl Fn(&Endpoint) -> u64) -> u32 {
        let server = attempt.server;
        let Some(server) = self.servers.entry(hash(&server), server, Server::default) else {
            return 0;
        };
        let most = server.most_pending;
        server.pending = server.pending.saturating_sub(1);
        if server.pending == 0 {
            server.most_pending = 0;
        }
        most
    }

    /// What the record of `attempt` is to say about its neighbourhood.
    pub(super) fn context(&self, attempt: &Attempt, hash: impl Fn(&Endpoint) -> u64) -> Context {
        let host = Endpoint { port: 0, ..attempt.server };
        let server = self.servers.get(hash(&attempt.server), &attempt.server);
        let client = Endpoint { port: 0, ..attempt.client };
        let client = self.clients.get(hash(&client), &client.addr);
        let began = attempt.start.map(parser::Timestamp::as_nanos);
        let completed = client.and_then(|client| client.completed);
        Context {
            others_answered: attempt.others_answered.filter(|_| attempt.state.server_isn.is_none()),
            client_completed: completed
                .filter(|&(at, _)| attempt.state.phase != Phase::Established && Some(at) >= began)
                .map(|(_, frame)| frame),
            server_syn_ack_ttl: self.hop_limits.get(hash(&host), &host.addr).copied(),
            targets_of_client: client.map_or(0, |client| client.count),
            pending_at_server: attempt
                .were_pending
                .or(server.map(|server| server.most_pending))
                .unwrap_or(0),
            capture_lost_packets: false,
        }
    }
}
