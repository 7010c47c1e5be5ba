//! The calls and the connections of a run, as they stand in a file. Whatever is in the file, what is
//! read of it has bounds.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;

use parser::{Endpoint, Timestamp};
use serde::{Deserialize, Serialize};

use crate::association::Protocol;
use crate::call::{Actor, Call, Returned, Side};
use crate::report::Connection;

/// The calls and the connections that a [`Recording`](crate::Recording) has kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The calls, by entry.
    pub calls: Vec<Call>,
    /// The connections, in the order in which they were tried. What the kernel reported of them is
    /// not kept.
    pub connections: Vec<Connection>,
}

impl Recorded {
    /// No file is read beyond this. The calls of 10,000 connections take less.
    const MOST_BYTES: u64 = 64 << 20;

    /// Reads `NAME.calls.jsonl`.
    ///
    /// # Errors
    /// Where the file can't be read, has 64 MB or more, or has a line that is neither a call nor a
    /// connection.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::new(File::open(path)?.take(Self::MOST_BYTES));
        let mut recorded = Self::default();
        let mut line = String::new();
        for number in 1.. {
            line.clear();
            if file.read_line(&mut line)? == 0 {
                break;
            }
            let known = serde_json::from_str(&line).ok().and_then(|line| recorded.take(line));
            known.ok_or_else(|| invalid(&format!("line {number} is no call and no connection")))?;
        }
        if file.get_ref().limit() == 0 {
            return Err(invalid("64 MB or more are no recording of calls"));
        }
        recorded.calls.sort_by_key(|call| (call.entered, call.id));
        Ok(recorded)
    }

    /// Takes what a line says; `None` where it makes no sense.
    fn take(&mut self, line: Line<'_>) -> Option<()> {
        match line {
            Line::Call(line) => self.calls.push(line.call()?),
            Line::Connection(line) => self.connections.push(line.connection()?),
        }
        Some(())
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Line<'a> {
    Call(CallLine<'a>),
    Connection(ConnectionLine<'a>),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct CallLine<'a> {
    id: u32,
    side: Cow<'a, str>,
    number: u32,
    accepted_by: Option<u32>,
    call: Cow<'a, str>,
    entered_ns: i64,
    returned_ns: Option<i64>,
    result: Option<Cow<'a, str>>,
    errno: Option<i32>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ConnectionLine<'a> {
    side: Cow<'a, str>,
    number: u32,
    protocol: Cow<'a, str>,
    client: Option<SocketAddr>,
    server: SocketAddr,
    accepted: bool,
    errno: Option<i32>,
}

impl<'a> From<&'a Call> for Line<'a> {
    fn from(call: &'a Call) -> Self {
        let returned = call.returned.as_ref();
        Self::Call(CallLine {
            id: call.id,
            side: call.actor.side.name().into(),
            number: call.actor.number,
            accepted_by: call.accepted_by,
            call: call.text.as_str().into(),
            entered_ns: call.entered.as_nanos(),
            returned_ns: returned.map(|returned| returned.at.as_nanos()),
            result: returned.map(|returned| returned.result.as_str().into()),
            errno: returned.and_then(|returned| returned.errno),
        })
    }
}

impl From<&Connection> for Line<'_> {
    fn from(connection: &Connection) -> Self {
        let address = |end: Endpoint| SocketAddr::new(end.addr, end.port);
        Self::Connection(ConnectionLine {
            side: connection.actor.side.name().into(),
            number: connection.actor.number,
            protocol: connection.protocol.name().into(),
            client: connection.client.map(address),
            server: address(connection.server),
            accepted: connection.accepted,
            errno: connection.errno,
        })
    }
}

impl CallLine<'_> {
    /// A text of a call has less. The rest of a longer one is left out.
    const MOST_TEXT: usize = 200;

    fn call(self) -> Option<Call> {
        let text = |text: &str| text.chars().take(Self::MOST_TEXT).collect();
        let returned = match (self.returned_ns, self.result) {
            (Some(at), Some(result)) => Some(Returned {
                at: Timestamp::from_nanos(at),
                result: text(&result),
                errno: self.errno,
            }),
            (None, None) => None,
            _ => return None,
        };
        Some(Call {
            id: self.id,
            actor: actor(&self.side, self.number)?,
            entered: Timestamp::from_nanos(self.entered_ns),
            accepted_by: self.accepted_by,
            text: text(&self.call),
            returned,
        })
    }
}

impl ConnectionLine<'_> {
    fn connection(self) -> Option<Connection> {
        let end = |address: SocketAddr| Endpoint::new(address.ip(), address.port());
        Some(Connection {
            actor: actor(&self.side, self.number)?,
            protocol: Protocol::ALL.into_iter().find(|known| known.name() == self.protocol)?,
            client: self.client.map(end),
            server: end(self.server),
            accepted: self.accepted,
            errno: self.errno,
            kernel: None,
        })
    }
}

fn actor(side: &str, number: u32) -> Option<Actor> {
    let side = Side::ALL.into_iter().find(|known| known.name() == side)?;
    Some(Actor { side, number })
}
