//! Seeing datagrams on their way: a capture of handshakes leaves them out.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use parser::{Endpoint, Timestamp};
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::ScenarioError;
use crate::sys;

/// A datagram, or an ICMP error about one, as the kernel saw it arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// When, by the clock that stamps packets and calls.
    pub at: Timestamp,
    /// Who sent the datagram; of an ICMP error, the one that it quotes.
    pub source: Endpoint,
    /// Who it was sent to.
    pub destination: Endpoint,
    /// What it is.
    pub what: Transported,
    /// Whether the lab lost it before it came to the program.
    pub lost: bool,
}

/// What was on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transported {
    /// A UDP datagram with this many bytes of data.
    Udp {
        /// Bytes of data.
        len: u32,
    },
    /// An ICMP error.
    Icmp {
        /// Message type.
        kind: u8,
        /// Code within the type.
        code: u8,
        /// Who reports it.
        sender: IpAddr,
    },
}

/// A datagram that the lab holds back on its way.
#[derive(Debug)]
pub(crate) struct Held {
    destination: Ipv4Addr,
    /// Its UDP header and data.
    bytes: Vec<u8>,
}

/// Raw sockets that are given a copy of every UDP datagram and of every ICMP message.
#[derive(Debug)]
pub(crate) struct Witness {
    udp: Socket,
    icmp: Socket,
}

impl Witness {
    /// Opens them (`CAP_NET_RAW`).
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self { udp: raw(Protocol::UDP)?, icmp: raw(Protocol::ICMPV4)? })
    }

    /// What has arrived, in the order of its times.
    pub(crate) fn take(&self) -> Result<Vec<Datagram>, ScenarioError> {
        let mut seen = drain(&self.udp, udp)?;
        seen.extend(drain(&self.icmp, icmp)?);
        seen.sort_by_key(|datagram| datagram.at);
        Ok(seen)
    }

    /// Takes the datagram that was sent last, where one was, and tells nobody of it.
    pub(crate) fn hold(&self) -> Result<Option<Held>, ScenarioError> {
        let mut held = None;
        drain(&self.udp, |_, packet| {
            let (_, destination, udp) = layers(packet)?;
            held = Some(Held { destination, bytes: udp.to_vec() });
            None
        })?;
        Ok(held)
    }

    /// Lets a datagram that was held back go on.
    pub(crate) fn deliver(&self, held: Held) -> Result<(), ScenarioError> {
        let Held { destination, mut bytes } = held;
        // On its way through the loopback the checksum is not complete; 0 is none (RFC 768).
        if let Some(checksum) = bytes.get_mut(6..8) {
            checksum.fill(0);
        }
        let to = SocketAddr::new(destination.into(), 0).into();
        let sent = self.udp.send_to(&bytes, &to);
        sent.map(|_| ())
            .map_err(|error| ScenarioError::Call { call: "sendto(SOCK_RAW, UDP)".into(), error })
    }
}

fn raw(protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(protocol))?;
    socket.set_nonblocking(true)?;
    // To ask is what makes the kernel stamp the packets of this socket. There is none yet: that is
    // no error.
    let _ = sys::arrival(&socket);
    Ok(socket)
}

fn drain(
    socket: &Socket,
    mut decode: impl FnMut(Timestamp, &[u8]) -> Option<Datagram>,
) -> Result<Vec<Datagram>, ScenarioError> {
    let failed = |error| ScenarioError::Call { call: "recv(SOCK_RAW)".into(), error };
    let mut seen = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        match (&*socket).read(&mut buffer) {
            Ok(length) => {
                let at = sys::arrival(socket).map_err(failed)?;
                seen.extend(buffer.get(..length).and_then(|packet| decode(at, packet)));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(seen),
            Err(error) => return Err(failed(error)),
        }
    }
}

/// An IPv4 packet with UDP in it (RFC 768).
fn udp(at: Timestamp, packet: &[u8]) -> Option<Datagram> {
    let (source, destination, udp) = ends(packet)?;
    let &[high, low] = udp.get(4..)?.first_chunk()?;
    let len = u32::from(u16::from_be_bytes([high, low])).checked_sub(8)?;
    Some(Datagram { at, source, destination, what: Transported::Udp { len }, lost: false })
}

/// An IPv4 packet with an ICMP error in it that quotes UDP (RFC 792).
fn icmp(at: Timestamp, packet: &[u8]) -> Option<Datagram> {
    let (sender, _, message) = layers(packet)?;
    let &[kind, code, ..] = message else { return None };
    // Echo and the like quote nothing.
    let quoted = message.get(8..).filter(|_| matches!(kind, 3 | 11 | 12))?;
    if quoted.get(9) != Some(&(libc::IPPROTO_UDP as u8)) {
        return None;
    }
    let (source, destination, _) = ends(quoted)?;
    let what = Transported::Icmp { kind, code, sender: sender.into() };
    Some(Datagram { at, source, destination, what, lost: false })
}

/// Both ends and the UDP header of an IPv4 packet.
fn ends(packet: &[u8]) -> Option<(Endpoint, Endpoint, &[u8])> {
    let (source, destination, udp) = layers(packet)?;
    let &[a, b, c, d] = udp.first_chunk()?;
    let (from, to) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    Some((Endpoint::new(source, from), Endpoint::new(destination, to), udp))
}

/// Source and destination of an IPv4 packet, and what it carries (RFC 791).
fn layers(packet: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr, &[u8])> {
    let header = usize::from(packet.first()? & 0xf) * 4;
    let source = Ipv4Addr::from(*packet.get(12..)?.first_chunk::<4>()?);
    let destination = Ipv4Addr::from(*packet.get(16..)?.first_chunk::<4>()?);
    Some((source, destination, packet.get(header..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_nanos(1);

    /// From 127.0.0.1 to 127.0.0.2.
    fn ipv4(protocol: u8, content: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0];
        packet.extend([127, 0, 0, 1, 127, 0, 0, 2]);
        packet.extend(content);
        packet
    }

    /// From port 258 to port 772, with 3 bytes of data.
    const UDP: [u8; 11] = [1, 2, 3, 4, 0, 11, 0, 0, b'o', b'n', b'e'];

    #[test]
    fn datagrams_and_errors_about_them_are_reported_with_their_ends() {
        let source = Endpoint::new(Ipv4Addr::LOCALHOST, 258);
        let destination = Endpoint::new(Ipv4Addr::new(127, 0, 0, 2), 772);
        let seen = |what| Some(Datagram { at: AT, source, destination, what, lost: false });
        assert_eq!(udp(AT, &ipv4(17, &UDP)), seen(Transported::Udp { len: 3 }));
        let error = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &ipv4(17, &UDP[..8])].concat();
        let sender = Ipv4Addr::LOCALHOST.into();
        let expected = seen(Transported::Icmp { kind: 3, code: 3, sender });
        assert_eq!(icmp(AT, &ipv4(1, &error)), expected);
    }

    #[test]
    fn what_is_cut_or_about_something_else_is_left_out() {
        let whole = ipv4(17, &UDP);
        for length in 0..26 {
            assert_eq!(udp(AT, &whole[..length]), None, "{length}");
        }
        let about_tcp = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &ipv4(6, &UDP)].concat();
        assert_eq!(icmp(AT, &ipv4(1, &about_tcp)), None);
        let echo = [&[8, 0, 0, 0, 0, 0, 0, 0][..], &ipv4(17, &UDP)].concat();
        assert_eq!(icmp(AT, &ipv4(1, &echo)), None);
        assert_eq!(icmp(AT, &ipv4(1, &[3])), None);
    }
}
