//! Which socket calls belong to which attempt.

use std::collections::HashSet;

use handshake::{Handshake, Side};
use lab::{Actor, Call, Connection, Report};
use parser::Endpoint;
use render::SocketCall;

/// The calls of a scenario, taken attempt by attempt.
#[derive(Debug)]
pub(super) struct Calls {
    all: Vec<Call>,
    /// The connections whose attempt was not seen yet, in the order in which they were tried.
    connections: Vec<Connection>,
    /// The scenario has one connection: every call is about it.
    single: bool,
    /// The calls of `accept()` that belong to an attempt already, by id.
    accepted: HashSet<u32>,
    /// Servers whose calls before any `accept()` belong to an attempt already.
    served: HashSet<Endpoint>,
}

impl Calls {
    pub(super) fn of(report: &Report) -> Self {
        let Report { calls, connections, .. } = report.clone();
        let single = connections.len() <= 1;
        let (accepted, served) = (HashSet::new(), HashSet::new());
        Self { all: calls, connections, single, accepted, served }
    }

    /// The calls behind an attempt. Attempts must come in the order of their first segments.
    pub(super) fn of_attempt(&mut self, handshake: &Handshake) -> Vec<SocketCall> {
        let actors = self.take_actors(handshake);
        let accept = self.take_accept(handshake.client);
        let listener = self.take_listener(handshake.server);
        let belongs = |call: &&Call| {
            self.single
                || actors.contains(&call.actor)
                || accept.is_some() && (Some(call.id) == accept || call.accepted_by == accept)
                || Some(call.actor) == listener && is_of_listener(call)
        };
        self.all.iter().filter(belongs).filter_map(shown).collect()
    }

    /// The programs that tried the attempt: two where it was opened from both sides. Where the kernel
    /// had taken the client's port back, the order decides.
    fn take_actors(&mut self, handshake: &Handshake) -> Vec<Actor> {
        let (client, server) = (handshake.client, handshake.server);
        let mut take = |from: Endpoint, to: Endpoint| {
            let found = self.connections.iter().position(|connection| {
                connection.server == to && connection.client.is_none_or(|known| known == from)
            })?;
            Some(self.connections.remove(found).actor)
        };
        let first = take(client, server);
        first.into_iter().chain(take(server, client)).collect()
    }

    /// The program that listens at this end, for the first attempt to reach it.
    fn take_listener(&mut self, server: Endpoint) -> Option<Actor> {
        let bind = format!("bind({server})");
        let listens = |call: &&Call| call.actor.side == lab::Side::Server && call.text == bind;
        self.served.insert(server).then(|| Some(self.all.iter().find(listens)?.actor))?
    }

    /// The first `accept()` that returned this client and was not taken yet.
    fn take_accept(&mut self, client: Endpoint) -> Option<u32> {
        let peer = format!(" from {client}");
        let returned_it = |call: &&Call| {
            call.text == "accept()"
                && call.returned.as_ref().is_some_and(|how| how.result.ends_with(&peer))
                && !self.accepted.contains(&call.id)
        };
        let id = self.all.iter().find(returned_it)?.id;
        self.accepted.insert(id);
        Some(id)
    }
}

/// A call of a server's program that is about its listening socket, and returns no connection.
fn is_of_listener(call: &Call) -> bool {
    let names_peer = call
        .returned
        .as_ref()
        .is_some_and(|how| how.errno.is_none() && how.result.contains(" from "));
    call.accepted_by.is_none() && !names_peer
}

/// The call as a picture shows it, unless it is of neither end.
pub(super) fn shown(call: &Call) -> Option<SocketCall> {
    let side = match call.actor.side {
        lab::Side::Client => Side::Client,
        lab::Side::Server => Side::Server,
        lab::Side::Router => return None,
    };
    Some(SocketCall {
        side,
        entered: call.entered,
        returned: call.returned.as_ref().map(|returned| returned.at),
        call: call.text.clone(),
        result: call.returned.as_ref().map_or_else(String::new, |returned| returned.result.clone()),
    })
}
