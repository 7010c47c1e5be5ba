//! A socket whose calls are timed and written down.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::Duration;

use parser::Endpoint;
use socket2::{Domain, Socket, Type};

use crate::association::Protocol;
use crate::call::Actor;
use crate::call::pause;
use crate::error::{Need, ScenarioError};
use crate::filter::Loss;
use crate::journal::Journal;
use crate::report::TcpInfo;
use crate::sys;

/// No call blocks longer, whatever goes wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(12);

type Done<T = ()> = Result<T, ScenarioError>;

/// One of the programs of a scenario: it makes calls, and they are timed.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) actor: Actor,
    pub(crate) journal: Journal,
    /// The `accept()` that made the socket it works with.
    pub(crate) accepted_by: Option<u32>,
}

impl Program {
    /// `socket()` for a TCP connection to or at `end`.
    pub(crate) fn tcp(&self, end: Endpoint) -> Done<TimedSocket> {
        self.socket(end, Protocol::Tcp)
    }

    /// `socket()` for UDP datagrams to or at `end`.
    pub(crate) fn udp(&self, end: Endpoint) -> Done<TimedSocket> {
        self.socket(end, Protocol::Udp)
    }

    /// `socket()`, `bind()` and `listen()`: a server at `end`.
    pub(crate) fn listen(&self, end: Endpoint, backlog: i32) -> Done<TimedSocket> {
        self.tcp(end)?.into_listener(end, backlog)
    }

    fn socket(&self, end: Endpoint, protocol: Protocol) -> Done<TimedSocket> {
        let (domain, family) = match end.addr {
            std::net::IpAddr::V4(_) => (Domain::IPV4, "AF_INET"),
            std::net::IpAddr::V6(_) => (Domain::IPV6, "AF_INET6"),
        };
        let (kind, name) = match protocol {
            Protocol::Tcp => (Type::STREAM, "SOCK_STREAM"),
            Protocol::Udp => (Type::DGRAM, "SOCK_DGRAM"),
        };
        let socket = self.call(
            format!("socket({family}, {name})"),
            || Socket::new(domain, kind, None),
            |socket| socket.as_raw_fd().to_string(),
        )?;
        let timed = TimedSocket { socket, protocol, program: self.clone() };
        timed.patience(PATIENCE)?;
        Ok(timed)
    }

    pub(crate) fn call<T>(
        &self,
        text: String,
        call: impl FnOnce() -> io::Result<T>,
        show: impl FnOnce(&T) -> String,
    ) -> Done<T> {
        self.call_with_id(text, call, show).map(|(_, value)| value)
    }

    fn call_with_id<T>(
        &self,
        text: String,
        call: impl FnOnce() -> io::Result<T>,
        show: impl FnOnce(&T) -> String,
    ) -> Done<(u32, T)> {
        let who = (self.actor, self.accepted_by);
        let (id, result) = self.journal.time(who, text.clone(), call, show);
        let value = result.map_err(|error| ScenarioError::Call { call: text, error })?;
        Ok((id, value))
    }
}

/// A socket of a [`Program`]. Closing it is a call too: [`TimedSocket::close`].
#[derive(Debug)]
pub(crate) struct TimedSocket {
    socket: Socket,
    protocol: Protocol,
    program: Program,
}

impl TimedSocket {
    /// `bind()` and `listen()`, at a port that may have been in use a moment ago.
    pub(crate) fn into_listener(self, end: Endpoint, backlog: i32) -> Done<Self> {
        self.reuse_address()?;
        self.bind(end)?;
        self.listen(backlog)?;
        Ok(self)
    }

    fn reuse_address(&self) -> Done {
        let call = || self.socket.set_reuse_address(true);
        self.program.call("setsockopt(SO_REUSEADDR, 1)".into(), call, zero)
    }

    /// Lets `close()` reset the connection instead of closing it (`SO_LINGER` with a time of 0).
    pub(crate) fn reset_on_close(&self) -> Done {
        let call = || self.socket.set_linger(Some(Duration::ZERO));
        self.program.call("setsockopt(SO_LINGER, 0 s)".into(), call, zero)
    }

    /// Gives up what stays unacknowledged for this long, SYNs included.
    pub(crate) fn user_timeout(&self, timeout: Duration) -> Done {
        let call = || self.socket.set_tcp_user_timeout(Some(timeout));
        let text = format!("setsockopt(TCP_USER_TIMEOUT, {} ms)", timeout.as_millis());
        self.program.call(text, call, zero)
    }

    /// Sends small segments at once (switches Nagle's algorithm off).
    pub(crate) fn no_delay(&self) -> Done {
        let call = || self.socket.set_tcp_nodelay(true);
        self.program.call("setsockopt(TCP_NODELAY, 1)".into(), call, zero)
    }

    /// Takes data from SYNs.
    pub(crate) fn fast_open(&self, queue: i32) -> Done {
        let call = || sys::set_fast_open(&self.socket, queue);
        self.program.call(format!("setsockopt(TCP_FASTOPEN, {queue})"), call, zero)
    }

    pub(crate) fn bind(&self, end: Endpoint) -> Done {
        let call = || self.socket.bind(&address(end).into());
        self.program.call(format!("bind({end})"), call, zero)
    }

    fn listen(&self, backlog: i32) -> Done {
        let call = || self.socket.listen(backlog);
        self.program.call(format!("listen(backlog {backlog})"), call, zero)
    }

    /// Tries to connect, and notes the connection and what the kernel tells of it.
    pub(crate) fn connect(&self, server: Endpoint) -> Done {
        let call = || self.socket.connect(&address(server).into());
        let connection = self.tries(server);
        let result = self.program.call(format!("connect({server})"), call, zero);
        self.tried(connection, server, result.is_ok());
        result
    }

    /// Lets others listen at the port that this socket is bound to.
    pub(crate) fn reuse_port(&self) -> Done {
        let call = || self.socket.set_reuse_port(true);
        self.program.call("setsockopt(SO_REUSEPORT, 1)".into(), call, zero)
    }

    /// Whether calls wait. Accepted sockets wait whatever their listener does.
    pub(crate) fn non_blocking(&self, on: bool) -> Done {
        let call = || self.socket.set_nonblocking(on);
        let flags = if on { "O_NONBLOCK" } else { "0" };
        self.program.call(format!("fcntl(F_SETFL, {flags})"), call, zero)
    }

    /// Sends `data` in the SYN where a cookie is at hand (RFC 7413): `connect()` and `send()` in one.
    pub(crate) fn connect_with_data(&self, server: Endpoint, data: &str) -> Done {
        let call = || {
            let to = address(server).into();
            self.socket.send_to_with_flags(data.as_bytes(), &to, libc::MSG_FASTOPEN)
        };
        let text = format!("sendto({data:?}, MSG_FASTOPEN, {server})");
        let connection = self.tries(server);
        let result = self.program.call(text, call, usize::to_string);
        // With a cookie at hand the call does not wait for the SYN-ACK; what the kernel tells does.
        pause(2);
        self.tried(connection, server, result.is_ok());
        result.map(|_| ())
    }

    pub(crate) fn accept(&self) -> Done<Self> {
        let show = |(socket, peer): &(Socket, Option<Endpoint>)| {
            let fd = socket.as_raw_fd();
            peer.map_or_else(|| fd.to_string(), |peer| format!("{fd} from {peer}"))
        };
        let call = || {
            let (socket, peer) = self.socket.accept()?;
            Ok((socket, peer.as_socket().map(endpoint)))
        };
        let (id, (socket, peer)) = self.program.call_with_id("accept()".into(), call, show)?;
        if let Some(peer) = peer {
            self.program.journal.accepted(peer);
        }
        let program = Program { accepted_by: Some(id), ..self.program.clone() };
        let accepted = Self { socket, protocol: self.protocol, program };
        accepted.patience(PATIENCE)?;
        Ok(accepted)
    }

    pub(crate) fn send(&self, data: &str) -> Done<usize> {
        let call = || self.socket.send(data.as_bytes());
        self.program.call(format!("send({data:?})"), call, usize::to_string)
    }

    /// Receives up to `limit` bytes; 0 bytes are the end of the stream.
    pub(crate) fn recv(&self, limit: usize) -> Done<usize> {
        let mut buffer = vec![0; limit];
        let call = || {
            let length = (&self.socket).read(&mut buffer)?;
            Ok(buffer[..length].to_vec())
        };
        let show = |data: &Vec<u8>| match data.len() {
            0 => "0".to_owned(),
            length => format!("{length} {:?}", String::from_utf8_lossy(data)),
        };
        self.program.call(format!("recv({limit})"), call, show).map(|data| data.len())
    }

    pub(crate) fn close(self) -> Done {
        let Self { socket, program, .. } = self;
        program.call(
            "close()".into(),
            move || {
                drop(socket);
                Ok(())
            },
            zero,
        )
    }

    /// From now on the network loses these segments on their way to this socket, and to those that
    /// it accepts. This is the lab's doing, no call of the program.
    pub(crate) fn lose(&self, loss: Loss) -> Done {
        self.socket
            .attach_filter(&loss.program())
            .map_err(|error| ScenarioError::Missing { need: Need::SocketFilter, error })
    }

    /// From now on the network loses nothing.
    pub(crate) fn lose_nothing(&self) -> Done {
        self.socket
            .detach_filter()
            .map_err(|error| ScenarioError::Missing { need: Need::SocketFilter, error })
    }

    /// Bounds how long the calls of this socket block.
    pub(crate) fn patience(&self, limit: Duration) -> Done {
        self.socket
            .set_read_timeout(Some(limit))
            .and_then(|()| self.socket.set_write_timeout(Some(limit)))
            .map_err(|error| ScenarioError::Call { call: "setsockopt(SO_RCVTIMEO)".into(), error })
    }

    fn tries(&self, server: Endpoint) -> usize {
        let Program { actor, journal, .. } = &self.program;
        journal.tries(*actor, self.protocol, self.own_end(server), server)
    }

    /// This socket's end of a connection to `server`, where it has a port by now.
    fn own_end(&self, server: Endpoint) -> Option<Endpoint> {
        let client = self.socket.local_addr().ok().and_then(|addr| addr.as_socket()).map(endpoint);
        // When connect() has failed the kernel takes the address back and keeps the port. It had
        // chosen the server's own address: on a loopback both ends share it.
        client.filter(|client| client.port != 0).map(|client| match client.addr {
            addr if addr.is_unspecified() => Endpoint { addr: server.addr, ..client },
            _ => client,
        })
    }

    fn tried(&self, connection: usize, server: Endpoint, connected: bool) {
        let kernel = (connected && self.protocol == Protocol::Tcp)
            .then(|| sys::tcp_info(&self.socket).ok())
            .flatten()
            .map(TcpInfo::from);
        self.program.journal.tried(connection, self.own_end(server), kernel);
    }
}

fn zero<T>(_done: &T) -> String {
    "0".to_owned()
}

pub(crate) fn address(end: Endpoint) -> SocketAddr {
    SocketAddr::new(end.addr, end.port)
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint::new(address.ip(), address.port())
}
