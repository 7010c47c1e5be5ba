//! What a view is given.

use std::io;
use std::net::IpAddr;

use handshake::{Handshake, Pattern, Side};
use hostnames::EndNames;
use parser::{Endpoint, IcmpFamily, Names, Timestamp};

use crate::Summary;

/// One connection attempt with everything a view may want to say about it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The attempt.
    pub handshake: &'a Handshake,
    /// The patterns recognised in it.
    pub patterns: &'a [Pattern],
    /// The socket calls of both programs, where they were recorded (the demo does). Only the timeline
    /// shows them.
    pub calls: &'a [SocketCall],
    /// The names behind its origins.
    pub names: &'a Names,
    /// The names of its two hosts, where they are wanted and known.
    pub end_names: EndNames<'a>,
    /// When the capture began: the time of its first frame that has one.
    pub capture_start: Option<Timestamp>,
}

/// One call of a program at its socket, as the program itself timed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketCall {
    /// Whose program.
    pub side: Side,
    /// When it was entered, by the clock that stamps the packets.
    pub entered: Timestamp,
    /// When it returned; `None` where it never did.
    pub returned: Option<Timestamp>,
    /// The call: `connect(127.0.0.1:8080)`.
    pub call: String,
    /// What it returned: `0`, `ECONNREFUSED`. Empty where it never did.
    pub result: String,
}

impl SocketCall {
    /// The name of the call, without its arguments.
    pub(crate) fn name(&self) -> &str {
        self.call.split('(').next().unwrap_or_default()
    }
}

/// What two programs sent each other without a connection.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The protocol's name: `udp`.
    pub protocol: &'a str,
    /// Who sent first.
    pub client: Endpoint,
    /// Who it was sent to.
    pub server: Endpoint,
    /// What was on the way, in the order of its times.
    pub datagrams: &'a [Datagram],
    /// The socket calls of both programs.
    pub calls: &'a [SocketCall],
}

/// A datagram, or an ICMP error about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// When.
    pub at: Timestamp,
    /// Whom it goes to.
    pub to: Side,
    /// What it is.
    pub what: DatagramKind,
    /// Whether it is known not to arrive.
    pub lost: bool,
}

/// What is on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatagramKind {
    /// A datagram with so many bytes of data.
    Data(u32),
    /// An ICMP error.
    Error {
        /// ICMP or `ICMPv6`.
        family: IcmpFamily,
        /// Message type.
        kind: u8,
        /// Code within the type.
        code: u8,
        /// Who reports it.
        sender: IpAddr,
    },
}

/// Turns records into one kind of output.
pub trait View {
    /// Shows an attempt.
    ///
    /// # Errors
    /// Where the writer fails.
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()>;

    /// Shows what was sent without a connection, where a view draws that.
    ///
    /// # Errors
    /// Where the writer fails.
    fn exchange(&mut self, _: &Exchange<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Shows what was held back, where a view holds something: no attempt follows.
    ///
    /// # Errors
    /// Where the writer fails.
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Shows the totals and ends the output. Nothing may follow.
    ///
    /// # Errors
    /// Where the writer fails.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}
