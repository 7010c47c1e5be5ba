//! Interfaces, connections and captured frames for the cases.

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use capture::live::{Backend, Live, LiveConfig};
use capture::{FrameSource, Next};
use parser::{LinkType, Timestamp};

/// Runs `ip` with these words.
pub(crate) fn ip(words: &str) {
    let output = Command::new("ip").args(words.split(' ')).output();
    let output = output.expect("ip (iproute2) is needed");
    assert!(output.status.success(), "ip {words}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Switches the loopback interface on, which a new namespace has off.
pub(crate) fn set_up_loopback() {
    ip("link set lo up");
}

/// A frame, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) interface: Option<String>,
    pub(crate) number: u64,
    pub(crate) timestamp: Timestamp,
    pub(crate) link: LinkType,
    pub(crate) wire_len: u32,
    pub(crate) bytes: Vec<u8>,
}

/// The fields of a TCP segment that the cases look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tcp {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    /// Bytes of data by the lengths in the headers.
    pub(crate) len: usize,
}

pub(crate) const SYN: u8 = 0x02;
pub(crate) const ACK: u8 = 0x10;
pub(crate) const SYN_ACK: u8 = SYN | ACK;

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

impl Seen {
    /// The IP packet, behind the Ethernet header if there is one.
    pub(crate) fn packet(&self) -> &[u8] {
        match self.link {
            LinkType::ETHERNET if u16_at(&self.bytes, 12) == 0x8100 => &self.bytes[18..],
            LinkType::ETHERNET => &self.bytes[14..],
            LinkType::RAW => &self.bytes,
            other => panic!("{other} is not expected here"),
        }
    }

    /// The TCP segment of a packet without IPv6 extension headers.
    pub(crate) fn tcp(&self) -> Tcp {
        let packet = self.packet();
        let (source, destination, header, total): (IpAddr, IpAddr, usize, usize) =
            if packet[0] >> 4 == 4 {
                let addr = |at: usize| IpAddr::from(*packet[at..].first_chunk::<4>().unwrap());
                (addr(12), addr(16), usize::from(packet[0] & 15) * 4, u16_at(packet, 2).into())
            } else {
                let addr = |at: usize| IpAddr::from(*packet[at..].first_chunk::<16>().unwrap());
                (addr(8), addr(24), 40, usize::from(u16_at(packet, 4)) + 40)
            };
        let tcp = &packet[header..];
        Tcp {
            source: (source, u16_at(tcp, 0)).into(),
            destination: (destination, u16_at(tcp, 2)).into(),
            seq: u32_at(tcp, 4),
            ack: u32_at(tcp, 8),
            flags: tcp[13],
            len: total - header - usize::from(tcp[12] >> 4) * 4,
        }
    }
}

pub(crate) fn config(interface: &str, backend: Backend) -> LiveConfig {
    LiveConfig { backend, ..LiveConfig::on([interface]) }
}

pub(crate) fn open(interface: &str, backend: Backend) -> Live {
    Live::open(&config(interface, backend)).unwrap()
}

/// What comes until `enough`, or until the capture ends.
pub(crate) fn collect_until(live: &mut Live, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
    let mut all = Vec::new();
    let end = Instant::now() + Duration::from_secs(5);
    while !enough(&all) {
        assert!(Instant::now() < end, "not enough came: {all:#?}");
        let (frame, bytes) = match live.next().unwrap() {
            Next::Frame(frame) => (frame, frame.bytes.to_vec()),
            Next::Idle(_) => continue,
            Next::End => break,
        };
        let (origin, number, link, wire_len) =
            (frame.origin, frame.number, frame.link, frame.wire_len);
        let timestamp = frame.timestamp.expect("live frames have a time");
        let interface = live.names().interface(origin).map(ToOwned::to_owned);
        all.push(Seen { interface, number, timestamp, link, wire_len, bytes });
    }
    all
}

/// Stops the capture and takes what is left.
pub(crate) fn collect_rest(live: &mut Live) -> Vec<Seen> {
    live.stop_handle().stop();
    collect_until(live, |_| false)
}

/// A connection and both its ends.
pub(crate) struct Connection {
    pub(crate) client: TcpStream,
    pub(crate) _server: TcpStream,
}

pub(crate) fn connect(to: &TcpListener) -> Connection {
    let client = TcpStream::connect(to.local_addr().unwrap()).unwrap();
    let (server, _) = to.accept().unwrap();
    Connection { client, _server: server }
}
