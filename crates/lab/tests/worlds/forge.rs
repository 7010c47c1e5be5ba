//! ICMP errors, as a router on the way would send them.

use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use crate::plan::Plan;

/// Raw sockets: one that sees TCP segments, and one that sends ICMP.
pub(crate) struct Forge {
    tcp: Socket,
    icmp: Socket,
    /// SYNs seen, by the port that they come from.
    syns: HashMap<u16, u32>,
}

const V6_HEADER: usize = 40;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

impl Forge {
    pub(crate) fn open(v6: bool) -> io::Result<Self> {
        let (domain, protocol) =
            if v6 { (Domain::IPV6, Protocol::ICMPV6) } else { (Domain::IPV4, Protocol::ICMPV4) };
        let tcp = Socket::new(domain, Type::RAW, Some(Protocol::TCP))?;
        tcp.set_nonblocking(true)?;
        let icmp = Socket::new(domain, Type::RAW, Some(protocol))?;
        Ok(Self { tcp, icmp, syns: HashMap::new() })
    }

    /// Answers the SYNs that are due for an error, and tells which client each was of.
    pub(crate) fn answer(&mut self, plan: &Plan) -> io::Result<Vec<usize>> {
        let mut answered = Vec::new();
        let mut buffer = [0; 2048];
        loop {
            let length = match (&self.tcp).read(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(answered),
                Err(error) => return Err(error),
            };
            // A raw IPv4 socket gives the IP header too (raw(7)), a raw IPv6 socket does not.
            let header = if plan.v6() { 0 } else { usize::from(buffer[0] & 0xf) * 4 };
            let tcp = &buffer[header..length];
            if tcp[13] & (SYN | ACK) != SYN {
                continue;
            }
            let port = u16::from_be_bytes([tcp[0], tcp[1]]);
            let seen = self.syns.entry(port).or_default();
            *seen += 1;
            let (mut quoted, tcp_at) = if plan.v6() {
                (v6(plan.host, tcp), V6_HEADER)
            } else {
                (buffer[..length].to_vec(), header)
            };
            let index = (0..plan.clients.len()).find(|&at| plan.client_end(at).port() == port);
            let Some(index) = index else { continue };
            let Some(icmp) = plan.clients[index].icmp.filter(|icmp| icmp.on_syn == *seen) else {
                continue;
            };
            if !icmp.fits {
                // The upper half of J: far outside of any window.
                quoted[tcp_at + 4] ^= 0x40;
            }
            self.send(plan.clients[index].host, icmp.code, &quoted)?;
            answered.push(index);
        }
    }

    fn send(&self, client: IpAddr, code: u8, quoted: &[u8]) -> io::Result<()> {
        // Destination unreachable (RFC 792; RFC 4443, 3.1).
        let mut message = vec![if client.is_ipv6() { 1 } else { 3 }, code, 0, 0, 0, 0, 0, 0];
        message.extend(quoted);
        // The kernel fills in the checksum of ICMPv6 alone (RFC 3542, 3.1).
        if !client.is_ipv6() {
            let sum = checksum(&message).to_be_bytes();
            message[2..4].copy_from_slice(&sum);
        }
        self.icmp.send_to(&message, &SocketAddr::new(client, 0).into()).map(drop)
    }
}

/// The IPv6 header that `tcp` had from `host` to itself (RFC 8200, 3), and `tcp`.
fn v6(host: IpAddr, tcp: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((tcp.len() as u16).to_be_bytes());
    packet.extend([libc::IPPROTO_TCP as u8, 64]);
    for _ in 0..2 {
        if let IpAddr::V6(address) = host {
            packet.extend(address.octets());
        }
    }
    packet.extend(tcp);
    packet
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
