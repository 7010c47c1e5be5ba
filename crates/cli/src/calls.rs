//! Which socket calls belong to which attempt.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use handshake::{Handshake, Side};
use lab::{Actor, Call, Connection, Protocol, Recorded};
use parser::{Endpoint, Timestamp};
use render::{Record, SocketCall, Summary, View};

/// The pictures of a run show so many calls. Only a recording that nobody made with a demo has more.
const MOST_SHOWN: usize = 1_000_000;

/// The calls of a scenario, taken attempt by attempt.
#[derive(Debug)]
pub(crate) struct Calls {
    all: Vec<Call>,
    /// How many may still be shown.
    left: usize,
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
    /// The calls and the connections of a run.
    pub(crate) fn new(calls: Vec<Call>, connections: Vec<Connection>) -> Self {
        let single = connections.len() <= 1;
        let (accepted, served) = (HashSet::new(), HashSet::new());
        Self { all: calls, left: MOST_SHOWN, connections, single, accepted, served }
    }

    /// The calls that a demo has saved.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let unread = || format!("{}: the calls can't be read", path.display());
        let Recorded { calls, connections } = Recorded::read(path).with_context(unread)?;
        anyhow::ensure!(!connections.is_empty(), "{}: has no connections", path.display());
        Ok(Self::new(calls, connections))
    }

    /// A view that adds the calls to each record before it hands it on to `view`.
    pub(crate) fn beside(self, view: Box<dyn View>) -> Box<dyn View> {
        Box::new(WithCalls { view, calls: self })
    }

    /// The calls behind an attempt. Attempts must come in the order of their first segments.
    fn of_attempt(&mut self, handshake: &Handshake) -> Vec<SocketCall> {
        let begin = handshake.segments.first().and_then(|first| first.timestamp);
        let actors = self.take_actors(handshake, begin);
        let accept = self.take_accept(handshake.client, begin);
        let listeners = self.take_listeners(handshake.server);
        let belongs = |call: &&Call| {
            self.single
                || actors.contains(&call.actor)
                || accept.is_some() && (Some(call.id) == accept || call.accepted_by == accept)
                || listeners.contains(&call.actor) && is_of_listener(call)
        };
        let calls = self.all.iter().filter(belongs).filter_map(shown).take(self.left);
        let calls: Vec<_> = calls.collect();
        self.left -= calls.len();
        calls
    }

    /// The programs that tried the attempt: two where it was opened from both sides. Of several that
    /// may have, it is the last one whose calls began before the attempt; where no time tells, the
    /// first.
    fn take_actors(&mut self, handshake: &Handshake, begin: Option<Timestamp>) -> Vec<Actor> {
        let (client, server) = (handshake.client, handshake.server);
        let Self { all, connections, .. } = self;
        let had_begun = |actor: Actor| {
            let call =
                all.iter().find(|call| call.actor == actor && call.text.starts_with("connect("));
            call.is_some_and(|call| begin.is_some_and(|begin| call.entered <= begin))
        };
        let mut take = |from: Endpoint, to: Endpoint| {
            let fits = |connection: &Connection| {
                connection.protocol == Protocol::Tcp
                    && connection.server == to
                    && connection.client.is_none_or(|known| known == from)
            };
            let last = connections.iter().rposition(|one| fits(one) && had_begun(one.actor));
            let found = last.or_else(|| connections.iter().position(fits))?;
            Some(connections.remove(found).actor)
        };
        let first = take(client, server);
        first.into_iter().chain(take(server, client)).collect()
    }

    /// The program that listens at this end, and others that wanted to, for the first attempt to reach
    /// it.
    fn take_listeners(&mut self, server: Endpoint) -> Vec<Actor> {
        if !self.served.insert(server) {
            return Vec::new();
        }
        let bind = format!("bind({server})");
        let binds = |call: &&Call| call.actor.side == lab::Side::Server && call.text == bind;
        self.all.iter().filter(binds).map(|call| call.actor).collect()
    }

    /// The first `accept()` that returned this client after the attempt began, and was not taken yet.
    fn take_accept(&mut self, client: Endpoint, begin: Option<Timestamp>) -> Option<u32> {
        let peer = format!(" from {client}");
        let returned_it = |call: &&Call| {
            call.text == "accept()"
                && call.returned.as_ref().is_some_and(|how| {
                    how.result.ends_with(&peer) && begin.is_none_or(|begin| begin <= how.at)
                })
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
pub(crate) fn shown(call: &Call) -> Option<SocketCall> {
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

/// A view of records with their socket calls.
struct WithCalls {
    view: Box<dyn View>,
    calls: Calls,
}

impl View for WithCalls {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let calls = self.calls.of_attempt(record.handshake);
        self.view.handshake(&Record { calls: &calls, ..*record })
    }

    fn end(&mut self) -> io::Result<()> {
        self.view.end()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.view.finish(summary)
    }
}
