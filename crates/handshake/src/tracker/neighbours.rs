//! What attempts know of each other: the ones that ended on the same 4-tuple, and what happened
//! lately at the same server and from the same client. All of it bounded; the oldest gives way.

use std::net::IpAddr;

use parser::{Endpoint, SeqNumber};

use super::attempt::Attempt;
use super::recent::Recent;
use crate::record::{Context, Outcome};

/// Nanoseconds that "lately" means.
const LATELY_NS: i64 = 60_000_000_000;
/// Servers and clients that are remembered.
const HOSTS: usize = 8_192;
/// Targets of one client that are told apart.
const TARGETS: usize = 16;

/// An attempt that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) id: u64,
    pub(super) outcome: Outcome,
    pub(super) client_isn: SeqNumber,
    /// Nanoseconds since the epoch of its last segment.
    pub(super) last_segment: Option<i64>,
}

/// A 4-tuple within its scope, from the client's point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tuple {
    pub(super) scope: u64,
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
}

#[derive(Debug, Default)]
struct Server {
    /// The last SYN-ACK: when, and in which frame.
    answered: Option<(i64, u64)>,
    /// Attempts that are open and undecided, and the most there were since there were none.
    pending: u32,
    most_pending: u32,
}

#[derive(Debug, Default)]
struct Client {
    targets: Vec<Endpoint>,
    count: u32,
    heard: i64,
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
        if !attempt.syn_captured {
            return;
        }
        let host = Endpoint { port: 0, ..attempt.client };
        let Some(client) = self.clients.entry(hash(&host), host.addr, Client::default) else {
            return;
        };
        if now.saturating_sub(client.heard) > LATELY_NS {
            *client = Client::default();
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
        if let Some(server) = self.servers.entry(hash(&server), server, Server::default) {
            server.answered = Some((now, frame));
        }
        let host = Endpoint { port: 0, ..server };
        self.hop_limits.set(hash(&host), host.addr, ttl);
    }

    /// The attempt is decided, or it ends undecided. It is no longer pending at its server.
    pub(super) fn settled(&mut self, attempt: &Attempt, hash: impl Fn(&Endpoint) -> u64) {
        let server = attempt.server;
        if let Some(server) = self.servers.entry(hash(&server), server, Server::default) {
            server.pending = server.pending.saturating_sub(1);
            if server.pending == 0 {
                server.most_pending = 0;
            }
        }
    }

    /// What the record of `attempt` is to say about its neighbourhood.
    pub(super) fn context(&self, attempt: &Attempt, hash: impl Fn(&Endpoint) -> u64) -> Context {
        let host = Endpoint { port: 0, ..attempt.server };
        let server = self.servers.get(hash(&attempt.server), &attempt.server);
        let began = attempt.start.map(parser::Timestamp::as_nanos);
        let answered = server.and_then(|server| server.answered);
        let client = Endpoint { port: 0, ..attempt.client };
        Context {
            others_answered: answered
                .filter(|&(when, _)| attempt.server_isn.is_none() && Some(when) >= began)
                .map(|(_, frame)| frame),
            server_syn_ack_ttl: self.hop_limits.get(hash(&host), &host.addr).copied(),
            targets_of_client: self
                .clients
                .get(hash(&client), &client.addr)
                .map_or(0, |client| client.count),
            pending_at_server: server.map_or(0, |server| server.most_pending),
            capture_lost_packets: false,
        }
    }
}
