//! Interfaces, connections and captured frames for the cases.

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime};

use capture::live::{Backend, Live, LiveConfig};
use capture::{FrameSource, Next};
use parser::{LinkType, Timestamp};
use testkit::Links;

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

/// The interfaces of this namespace.
pub(crate) fn links() -> Links {
    Links::open().unwrap()
}

/// Two interfaces `veth0` and `veth1` that are up, each the other's peer.
pub(crate) fn make_veth_pair(index: Option<u32>) {
    links().add_veth("veth0", "veth1", None, index).unwrap();
    links().up("veth1").unwrap();
    links().up("veth0").unwrap();
}

/// The time by the clock that frames are stamped with.
pub(crate) fn nanos_now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    since.as_nanos().try_into().unwrap()
}

/// Returns once the kernel stamps frames on arrival, which it goes on to do while what is returned is
/// there. A ring's frames always are. For a socket the kernel begins to when a worker of its own comes
/// to it, which takes long on a busy machine; until then a frame has the time at which it was read.
pub(crate) fn stamps_on_arrival(backend: Backend) -> Option<Live> {
    if backend == Backend::Ring {
        return None;
    }
    let mut live = open("lo", backend);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let client = connect(&listener).client.local_addr().unwrap();
        std::thread::sleep(Duration::from_millis(1));
        let reading = nanos_now();
        let is_its_syn = |frame: &Seen| (frame.tcp().source, frame.tcp().flags) == (client, SYN);
        let seen = collect_until(&mut live, |seen| seen.iter().any(is_its_syn));
        if seen.last().unwrap().timestamp.as_nanos() < reading {
            return Some(live);
        }
    }
    panic!("no frame is stamped on arrival");
}

/// For what comes at once where a processor is free.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What comes until `enough`, or until the capture ends.
pub(crate) fn collect_until(live: &mut Live, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
    let mut all = Vec::new();
    let end = Instant::now() + PATIENCE;
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
    pub(crate) server: TcpStream,
}

pub(crate) fn connect(to: &TcpListener) -> Connection {
    let client = TcpStream::connect(to.local_addr().unwrap()).unwrap();
    let (server, _) = to.accept().unwrap();
    Connection { client, server }
}
