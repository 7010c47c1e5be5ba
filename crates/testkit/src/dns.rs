//! DNS messages, and the UDP datagrams that carry them.

use std::net::{IpAddr, SocketAddr};

use crate::TestFrame;
use crate::packet::{Body, Fragment, Host, Packet};

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
const IN: u16 = 1;
/// Where the counts of questions and of answers are.
const QUESTIONS: usize = 4;
const ANSWERS: usize = 6;

/// A DNS answer. Names are bytes, with `.` between their labels; one that was written before is a
/// pointer to that place.
#[derive(Clone, Debug)]
pub struct Dns {
    bytes: Vec<u8>,
    written: Vec<(Vec<u8>, u16)>,
}

impl Dns {
    /// An answer without a question and without records, with this code of success (0) or failure.
    pub fn new(rcode: u8) -> Self {
        let header = [0x12, 0x34, 0x81, 0x80 | rcode, 0, 0, 0, 0, 0, 0, 0, 0];
        Self { bytes: header.to_vec(), written: Vec::new() }
    }

    /// An answer to somebody who asked for the IPv4 address of this name.
    pub fn of(name: impl AsRef<[u8]>) -> Self {
        Self::new(0).question(name)
    }

    /// Adds a question for the IPv4 address of this name.
    #[must_use]
    pub fn question(mut self, name: impl AsRef<[u8]>) -> Self {
        self.count(QUESTIONS);
        self.name(name.as_ref());
        self.number(A).number(IN);
        self
    }

    /// Adds a record that says that `alias` stands for `name`.
    #[must_use]
    pub fn alias(self, alias: impl AsRef<[u8]>, name: impl AsRef<[u8]>) -> Self {
        self.record(alias.as_ref(), CNAME, |dns| dns.name(name.as_ref()))
    }

    /// Adds a record with an address of this name.
    #[must_use]
    pub fn addr(self, name: impl AsRef<[u8]>, addr: IpAddr) -> Self {
        match addr {
            IpAddr::V4(addr) => {
                self.record(name.as_ref(), A, |dns| dns.bytes.extend(addr.octets()))
            }
            IpAddr::V6(addr) => {
                self.record(name.as_ref(), AAAA, |dns| dns.bytes.extend(addr.octets()))
            }
        }
    }

    /// Its bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn record(mut self, name: &[u8], kind: u16, data: impl FnOnce(&mut Self)) -> Self {
        self.count(ANSWERS);
        self.name(name);
        // It holds for a minute.
        self.number(kind).number(IN).number(0).number(60);
        let at = self.bytes.len();
        self.number(0);
        data(&mut self);
        let length = (self.bytes.len() - at - 2) as u16;
        self.bytes[at..at + 2].copy_from_slice(&length.to_be_bytes());
        self
    }

    fn count(&mut self, at: usize) {
        self.bytes[at + 1] += 1;
    }

    fn number(&mut self, number: u16) -> &mut Self {
        self.bytes.extend(number.to_be_bytes());
        self
    }

    fn name(&mut self, name: &[u8]) {
        if let Some((_, at)) = self.written.iter().find(|(written, _)| written == name) {
            let pointer = 0xc000 | at;
            self.number(pointer);
            return;
        }
        self.written.push((name.to_vec(), self.bytes.len() as u16));
        for label in name.split(|&byte| byte == b'.') {
            self.bytes.push(label.len() as u8);
            self.bytes.extend_from_slice(label);
        }
        self.bytes.push(0);
    }
}

/// An Ethernet frame with a UDP datagram.
///
/// # Panics
/// If one address is of IPv4 and the other one of IPv6.
pub fn datagram(
    source: SocketAddr,
    destination: SocketAddr,
    payload: Vec<u8>,
    timestamp_ns: i64,
) -> TestFrame {
    let host = |end: SocketAddr, mac| Host { addr: end.ip(), port: end.port(), mac };
    let packet = Packet {
        source: host(source, 1),
        destination: host(destination, 2),
        vlans: Vec::new(),
        vxlan: None,
        ttl: 64,
        ip_id: 0,
        fragment: Fragment::Whole,
        body: Body::Udp(payload),
    };
    let bytes = packet.ethernet();
    TestFrame { timestamp_ns, link: 1, wire_len: bytes.len() as u32, bytes }
}
