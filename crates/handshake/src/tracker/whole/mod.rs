//! Connections that are followed from their SYN to their end, for a view that shows how they are
//! closed. It stands beside the attempts: without it nothing is kept of a connection that is over.

mod connection;
mod states;

use std::collections::{BTreeMap, VecDeque};

use parser::{Content, Decoder, Frame, Layer, Segment};

use super::flow::{FlowHasher, Opener};
use super::index::Index;
use super::report::{Event, OnEvent};
use super::slab_list::SlabList;
use super::table::ON_ONE_TUPLE;
use crate::close::Close;
use crate::record::{Handshake, Outcome};
use crate::segment::Kind;
use connection::Connection;

/// What each connection takes beside itself: its place, its links, its entry in the index, and where
/// its end is awaited.
const BESIDE: usize = 128;
/// Ends that may be awaited of connections that were let go, before they are looked for.
const SPARE: usize = 1_000;

/// The connections that are followed.
#[derive(Debug)]
pub(super) struct Whole {
    decoder: Decoder,
    hasher: FlowHasher,
    index: Index,
    connections: Vec<Option<Box<Connection>>>,
    free: Vec<u32>,
    /// The one that was silent for longest first.
    by_silence: SlabList,
    /// The records that wait for the end of their connection, by id.
    held: BTreeMap<u64, u32>,
    /// Connections that are closed, and when nothing of them is awaited any more.
    due: VecDeque<(i64, u64)>,
    bytes: usize,
    /// What all of them may take.
    memory: usize,
}

impl Whole {
    pub(super) fn new(memory: usize) -> Self {
        Self {
            decoder: Decoder::new(),
            hasher: FlowHasher::new(),
            index: Index::new(),
            connections: Vec::new(),
            free: Vec::new(),
            by_silence: SlabList::new(),
            held: BTreeMap::new(),
            due: VecDeque::new(),
            bytes: 0,
            memory,
        }
    }

    /// The smallest id of a record that waits.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.held.first_key_value().map(|(&id, _)| id)
    }

    /// Takes what the attempts tell: the record of a connection waits for its end.
    pub(super) fn on_event(&mut self, event: Event<'_>, on_event: OnEvent<'_>) {
        let Event::Ended(record) = event else { return on_event(event) };
        let Handshake { client, server, client_isn, .. } = *record;
        let place = self.find(&Opener { client, server, client_isn });
        let is_open =
            matches!(record.outcome, Outcome::Established | Outcome::EstablishedClientOnly);
        match place {
            Some(at) if is_open => {
                self.change(at, |connection| connection.hold(record));
                self.held.insert(record.id, at);
                self.await_end(at);
                self.make_room(on_event);
            }
            Some(at) => {
                self.remove(at);
                on_event(event);
            }
            // It was let go for want of memory, or another attempt with its numbers has it.
            None if is_open && client != server => {
                let close = Close { is_cut: true, ..Close::default() };
                on_event(Event::Ended(&Handshake {
                    close: Some(Box::new(close)),
                    ..record.clone()
                }));
            }
            None => on_event(event),
        }
    }

    /// Takes a frame, after the attempts have taken it.
    pub(super) fn on_frame(&mut self, frame: &Frame<'_>, on_event: OnEvent<'_>) {
        let mut decoder = std::mem::take(&mut self.decoder);
        let packet = decoder.decode(frame);
        if let Content::Tcp(segment) = &packet.content {
            self.on_segment(frame, packet.layers, segment);
            self.make_room(on_event);
        }
        self.decoder = decoder;
    }

    fn on_segment(&mut self, frame: &Frame<'_>, layers: &[Layer], segment: &Segment<'_>) {
        if segment.source == segment.destination {
            return;
        }
        let opener = Opener::of(segment);
        let opens = matches!(Kind::of(segment.flags), Kind::Syn | Kind::SynAck);
        if opens && self.find(&opener).is_none() {
            self.begin(opener);
        }
        let flow = self.hasher.flow(&segment.source, &segment.destination);
        let places: Vec<u32> = self.index.places(flow.hash).take(ON_ONE_TUPLE).collect();
        for at in places {
            let is_between = |it: &Connection| it.is_between(flow);
            if self.connections[at as usize].as_deref().is_some_and(is_between) {
                self.change(at, |connection| connection.take(frame, layers, segment));
                self.by_silence.remove(at);
                self.by_silence.push(at);
                self.await_end(at);
            }
        }
    }

    /// Tells the connections of which nothing is awaited any more.
    pub(super) fn advance_to(&mut self, now: i64, on_event: OnEvent<'_>) {
        while let Some(&(_, id)) = self.due.front().filter(|&&(due, _)| due <= now) {
            self.due.pop_front();
            let Some(&at) = self.held.get(&id) else { continue };
            let due = self.connections[at as usize].as_deref().and_then(Connection::due);
            if due.is_some_and(|due| due <= now) {
                self.tell(at, false, on_event);
            } else if let Some(connection) = &mut self.connections[at as usize] {
                connection.is_awaited = false;
                self.await_end(at);
            }
        }
    }

    /// Tells the records that still wait, as far as their connections were captured.
    pub(super) fn finish(&mut self, on_event: OnEvent<'_>) {
        while let Some((_, at)) = self.held.pop_first() {
            self.tell(at, false, on_event);
        }
    }

    /// The connection that is opened like this and has no record yet.
    fn find(&self, opener: &Opener) -> Option<u32> {
        let flow = self.hasher.flow(&opener.client, &opener.server);
        let is = |it: &Connection| it.record.is_none() && it.is_opened_by(opener);
        let is_there = |&at: &u32| self.connections[at as usize].as_deref().is_some_and(is);
        self.index.places(flow.hash).find(is_there)
    }

    fn begin(&mut self, opener: Opener) {
        let hash = self.hasher.flow(&opener.client, &opener.server).hash;
        if self.index.places(hash).count() >= ON_ONE_TUPLE {
            // A late copy of a SYN began one that no attempt has.
            let has_none = |&at: &u32| {
                self.connections[at as usize].as_deref().is_some_and(|it| it.record.is_none())
            };
            let Some(at) = self.index.places(hash).find(has_none) else { return };
            self.remove(at);
        }
        let connection = Box::new(Connection::new(hash, opener));
        self.bytes += connection.weight() + BESIDE;
        let at = match self.free.pop() {
            Some(at) => {
                self.connections[at as usize] = Some(connection);
                at
            }
            None => {
                self.connections.push(Some(connection));
                (self.connections.len() - 1) as u32
            }
        };
        self.index.insert(hash, at);
        self.by_silence.push(at);
    }

    fn change(&mut self, at: u32, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = &mut self.connections[at as usize] {
            let before = connection.weight();
            change(connection);
            self.bytes = self.bytes + connection.weight() - before;
        }
    }

    /// Notes when nothing of a connection is awaited any more, if it is closed.
    fn await_end(&mut self, at: u32) {
        let Some(connection) = &mut self.connections[at as usize] else { return };
        if let (Some(due), Some(record), false) =
            (connection.due(), &connection.record, connection.is_awaited)
        {
            self.due.push_back((due, record.id));
            connection.is_awaited = true;
            // Those that were let go meanwhile must not add up.
            if self.due.len() > 2 * self.held.len() + SPARE {
                let Self { due, held, .. } = self;
                due.retain(|(_, id)| held.contains_key(id));
            }
        }
    }

    /// Lets the connections that were silent for longest go, until there is room.
    fn make_room(&mut self, on_event: OnEvent<'_>) {
        while self.bytes > self.memory {
            let Some(at) = self.by_silence.first() else { return };
            let is_closed =
                self.connections[at as usize].as_deref().is_some_and(Connection::is_closed);
            self.tell(at, !is_closed, on_event);
        }
    }

    fn remove(&mut self, at: u32) -> Option<Connection> {
        let connection = self.connections[at as usize].take()?;
        self.bytes -= connection.weight() + BESIDE;
        self.index.remove(connection.hash, at);
        self.by_silence.remove(at);
        self.free.push(at);
        if let Some(record) = &connection.record {
            self.held.remove(&record.id);
        }
        Some(*connection)
    }

    /// Takes a connection out and tells its record, if it has one.
    fn tell(&mut self, at: u32, is_cut: bool, on_event: OnEvent<'_>) {
        if let Some(record) = self.remove(at).and_then(|it| it.conclude(is_cut)) {
            on_event(Event::Ended(&record));
        }
    }
}
