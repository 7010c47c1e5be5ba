//! Which socket calls belong to which attempt.

use handshake::{Handshake, Side};
use lab::{Actor, Call, Connection, Report};
use render::SocketCall;

/// The calls of a story, handed out attempt by attempt.
#[derive(Debug)]
pub(super) struct Calls {
    all: Vec<Call>,
    /// The connections whose attempt was not seen yet, in the order in which they were tried.
    connections: Vec<Connection>,
    /// A story of one connection: every call is about it.
    single: bool,
}

impl Calls {
    pub(super) fn of(report: Report) -> Self {
        let Report { calls, connections, .. } = report;
        Self { all: calls, single: connections.len() <= 1, connections }
    }

    /// The calls behind an attempt. Attempts must come in the order of their first segments.
    pub(super) fn of_attempt(&mut self, handshake: &Handshake) -> Vec<SocketCall> {
        let client = self.take_actor(handshake);
        let end = handshake.client.to_string();
        let belongs = |call: &&Call| {
            let names_client =
                || call.returned.as_ref().is_some_and(|how| how.result.ends_with(&end));
            self.single || Some(call.actor) == client || names_client()
        };
        self.all.iter().filter(belongs).map(shown).collect()
    }

    /// Who tried the attempt. Where the kernel had taken the client's port back, the order decides.
    fn take_actor(&mut self, handshake: &Handshake) -> Option<Actor> {
        let matches = |connection: &Connection| {
            connection.server == handshake.server
                && connection.client.is_none_or(|client| client == handshake.client)
        };
        let found = self.connections.iter().position(matches)?;
        Some(self.connections.remove(found).actor)
    }
}

fn shown(call: &Call) -> SocketCall {
    SocketCall {
        side: match call.actor.side {
            lab::Side::Client => Side::Client,
            lab::Side::Server => Side::Server,
        },
        entered: call.entered,
        returned: call.returned.as_ref().map(|returned| returned.at),
        call: call.text.clone(),
        result: call.returned.as_ref().map_or_else(String::new, |returned| returned.result.clone()),
    }
}
