//! What a run leaves behind: its calls, and the connections they tried.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parser::{Endpoint, Timestamp};

use crate::association::Protocol;
use crate::call::{Actor, Call, CallEvent, Returned, now};
use crate::errno;
use crate::report::{Connection, TcpInfo};
use crate::witness::Datagram;

/// Where every call of a run is written down and reported.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    entries: Arc<Mutex<Entries>>,
    events: Sender<CallEvent>,
}

#[derive(Debug, Default)]
struct Entries {
    calls: Vec<Call>,
    connections: Vec<Connection>,
    accepted: Vec<Endpoint>,
    datagrams: Vec<Datagram>,
}

impl Journal {
    pub(crate) fn new(events: Sender<CallEvent>) -> Self {
        Self { entries: Arc::default(), events }
    }

    /// Makes a call and times it. Returns its id beside its result.
    pub(crate) fn time<T>(
        &self,
        (actor, accepted_by): (Actor, Option<u32>),
        text: String,
        call: impl FnOnce() -> io::Result<T>,
        show: impl FnOnce(&T) -> String,
    ) -> (u32, io::Result<T>) {
        let id = self.enter(actor, accepted_by, text);
        let result = call();
        self.leave(id, |at| match &result {
            Ok(value) => Returned { at, result: show(value), errno: None },
            Err(error) => Returned {
                at,
                result: format!("-1 {}", errno::describe(error)),
                errno: error.raw_os_error(),
            },
        });
        (id, result)
    }

    /// Notes that `actor` is about to try to reach `server`, and from where as far as that is known.
    /// Returns the number of the connection.
    pub(crate) fn tries(
        &self,
        actor: Actor,
        protocol: Protocol,
        client: Option<Endpoint>,
        server: Endpoint,
    ) -> usize {
        let (accepted, errno, kernel) = (false, None, None);
        let connection = Connection { actor, protocol, client, server, accepted, errno, kernel };
        let mut entries = self.lock();
        entries.connections.push(connection);
        entries.connections.len() - 1
    }

    /// Notes the kernel's data about a connection after the attempt.
    pub(crate) fn tried(
        &self,
        connection: usize,
        client: Option<Endpoint>,
        kernel: Option<TcpInfo>,
    ) {
        if let Some(connection) = self.lock().connections.get_mut(connection) {
            connection.client = client.or(connection.client);
            connection.kernel = kernel;
        }
    }

    /// Notes datagrams that were on the way.
    pub(crate) fn saw(&self, datagrams: Vec<Datagram>) {
        self.lock().datagrams.extend(datagrams);
    }

    /// Every datagram noted so far.
    pub(crate) fn datagrams(&self) -> Vec<Datagram> {
        self.lock().datagrams.clone()
    }

    /// Notes that `accept()` handed out the connection from `peer`.
    pub(crate) fn accepted(&self, peer: Endpoint) {
        self.lock().accepted.push(peer);
    }

    /// Every call so far, by entry.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// Every connection that was tried, in that order, with what its calls make known of it.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let entries = self.lock();
        // The same end may connect again, and then each is accepted or not.
        let mut accepted = entries.accepted.clone();
        let mut is_accepted = |client: Endpoint| {
            let found = accepted.iter().position(|peer| *peer == client);
            found.map(|found| accepted.swap_remove(found)).is_some()
        };
        let mut errors = HashMap::new();
        for call in &entries.calls {
            match call.returned.as_ref().and_then(|returned| returned.errno) {
                // A non-blocking connect() that has begun says so by an error number.
                None | Some(libc::EINPROGRESS) => {}
                Some(errno) => {
                    errors.entry(call.actor).or_insert(errno);
                }
            }
        }
        let mut complete = |connection: &Connection| Connection {
            accepted: connection.client.is_some_and(&mut is_accepted),
            errno: errors.get(&connection.actor).copied(),
            ..connection.clone()
        };
        entries.connections.iter().map(&mut complete).collect()
    }

    fn enter(&self, actor: Actor, accepted_by: Option<u32>, text: String) -> u32 {
        let mut entries = self.lock();
        let id = entries.calls.len() as u32 + 1;
        // Stamped under the lock, so that ids and times have the same order (and see `settle`).
        let call = Call { id, actor, entered: now(), accepted_by, text, returned: None };
        entries.calls.push(call.clone());
        self.tell(CallEvent::Entered(call));
        id
    }

    fn leave(&self, id: u32, returned: impl FnOnce(Timestamp) -> Returned) {
        let mut entries = self.lock();
        if let Some(call) = entries.calls.get_mut(id as usize - 1) {
            call.returned = Some(returned(now()));
            let call = call.clone();
            self.tell(CallEvent::Returned(call));
        }
    }

    /// Returns once everything that bears a time before this call has been reported: a thread may
    /// be held up between the two, but has the lock meanwhile.
    pub(crate) fn settle(&self) {
        drop(self.lock());
    }

    fn tell(&self, event: CallEvent) {
        // Nobody has to listen: the report holds every call as well.
        let _ = self.events.send(event);
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    use crate::call::Side;

    const CLIENT: Actor = Actor { side: Side::Client, number: 1 };

    #[test]
    fn a_call_is_reported_when_it_enters_and_when_it_returns() {
        let (events, told) = mpsc::channel();
        let journal = Journal::new(events);
        let before = now();
        let (id, in_flight) = journal.time(
            (CLIENT, Some(7)),
            "accept()".into(),
            || Ok(journal.calls()),
            |calls| calls.len().to_string(),
        );
        let in_flight = in_flight.expect("the call succeeds");
        let [call] = journal.calls().try_into().expect("one call");
        let returned = call.returned.clone().expect("it returned");
        assert_eq!((returned.result.as_str(), returned.errno), ("1", None));
        assert!(before <= call.entered && call.entered <= returned.at);
        assert_eq!((call.id, call.accepted_by), (id, Some(7)));
        let entered = Call { returned: None, ..call.clone() };
        assert_eq!(in_flight, std::slice::from_ref(&entered));
        assert_eq!(entered.to_string(), "accept() ...");
        assert_eq!(
            told.try_iter().collect::<Vec<_>>(),
            [CallEvent::Entered(entered), CallEvent::Returned(call)]
        );
    }

    #[test]
    fn a_failure_shows_as_in_the_manual() {
        let journal = Journal::new(mpsc::channel().0);
        let refused = || Err::<(), _>(io::Error::from_raw_os_error(libc::ECONNREFUSED));
        let text = "connect(127.0.0.1:1)".into();
        let (_, failed) = journal.time((CLIENT, None), text, refused, |()| "0".into());
        assert!(failed.is_err());
        let [call] = journal.calls().try_into().expect("one call");
        assert_eq!(call.to_string(), "connect(127.0.0.1:1) = -1 ECONNREFUSED (Connection refused)");
        assert_eq!(call.returned.and_then(|returned| returned.errno), Some(libc::ECONNREFUSED));
    }
}
