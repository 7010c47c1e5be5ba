//! What is seen of connections over loopback.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use capture::live::{Backend, Live, LiveConfig, LiveStats};
use parser::{LinkType, Ports, Subnet};
use socket2::{Domain, Socket, Type};

use crate::net::{
    ACK, SYN, SYN_ACK, Seen, Tcp, collect_rest, config, connect, nanos_now, open, stamps_on_arrival,
};

pub(super) fn v4(backend: Backend) {
    handshake_is_seen_once(backend, "127.0.0.1:0", [74, 74, 66]);
}

pub(super) fn v6(backend: Backend) {
    handshake_is_seen_once(backend, "[::1]:0", [94, 94, 86]);
}

fn handshake_is_seen_once(backend: Backend, address: &str, lengths: [u32; 3]) {
    let _stamps = stamps_on_arrival(backend);
    let mut live = open("lo", backend);
    let listener = TcpListener::bind(address).unwrap();
    let before = nanos_now();
    let connection = connect(&listener);
    let after = nanos_now();
    let seen = collect_rest(&mut live);

    let client = connection.client.local_addr().unwrap();
    let server = listener.local_addr().unwrap();
    let segments: Vec<Tcp> = seen.iter().map(Seen::tcp).collect();
    let (j, k) = (segments[0].seq, segments[1].seq);
    let next = j.wrapping_add(1);
    let last = k.wrapping_add(1);
    assert_eq!(
        segments,
        [
            Tcp { source: client, destination: server, seq: j, ack: 0, flags: SYN, len: 0 },
            Tcp { source: server, destination: client, seq: k, ack: next, flags: SYN_ACK, len: 0 },
            Tcp { source: client, destination: server, seq: next, ack: last, flags: ACK, len: 0 },
        ]
    );
    let lengths_seen: Vec<_> = seen.iter().map(|frame| frame.wire_len).collect();
    assert_eq!(lengths_seen, lengths);
    let mut times = vec![before];
    times.extend(seen.iter().map(|frame| frame.timestamp.as_nanos()));
    times.push(after);
    assert!(times.is_sorted(), "connect() lies around its segments: {times:?}");
    for (frame, number) in seen.iter().zip(1..) {
        assert_eq!(frame.number, number);
        assert_eq!(frame.interface.as_deref(), Some("lo"));
        assert_eq!(frame.link, LinkType::ETHERNET);
        assert_eq!(frame.wire_len as usize, frame.bytes.len());
    }
    let stats = live.stats();
    assert_eq!(stats, LiveStats { received: 3, dropped: Some(0) });
}

/// A client that delays its acknowledgment sends it with the first data.
pub(super) fn with_data(backend: Backend) {
    let mut live = open("lo", backend);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut connections = Vec::new();
    for _ in 0..50 {
        let mut client = connect_with(&listener, |socket| socket.set_tcp_quickack(false).unwrap());
        client.write_all(b"hello").unwrap();
        connections.push((client, listener.accept().unwrap()));
    }
    let seen = collect_rest(&mut live);
    for (client, _) in &connections {
        let client = client.local_addr().unwrap();
        let sent: Vec<_> =
            seen.iter().map(Seen::tcp).filter(|tcp| tcp.source == client).take(2).collect();
        let [syn, third] = sent[..] else { panic!("two segments of {client}: {sent:?}") };
        assert_eq!((syn.flags, syn.len), (SYN, 0));
        assert_eq!(third.seq, syn.seq.wrapping_add(1));
        assert_eq!((third.flags & ACK, third.len), (ACK, 5));
    }
}

/// A client whose socket is changed before it connects.
fn connect_with(to: &TcpListener, change: impl Fn(&Socket)) -> TcpStream {
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    change(&client);
    client.connect(&to.local_addr().unwrap().into()).unwrap();
    client.into()
}

/// Sends a megabyte through a connection.
fn send_bulk(listener: &TcpListener) -> (TcpStream, TcpStream) {
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let sender = std::thread::spawn(move || {
        client.write_all(&vec![7; BULK]).unwrap();
        client
    });
    server.read_exact(&mut vec![0; BULK]).unwrap();
    (sender.join().unwrap(), server)
}

const BULK: usize = 1 << 20;

/// Segments of up to 64 KiB go over loopback: of each, the headers come and the length on the wire.
pub(super) fn bulk_is_cut(backend: Backend) {
    let config = LiveConfig { snaplen: 96, ..config("lo", backend) };
    let mut live = Live::open(&config).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (client, _server) = send_bulk(&listener);
    let seen = collect_rest(&mut live);
    let client = client.local_addr().unwrap();
    let sent: Vec<_> = seen.iter().filter(|frame| frame.tcp().source == client).collect();
    // On a busy machine TCP itself sends something twice, each time as another packet.
    let packets: BTreeSet<_> = sent.iter().map(|frame| frame.packet()[4..6].to_vec()).collect();
    assert_eq!(packets.len(), sent.len(), "nothing comes twice");
    assert_eq!(reached(&sent), BULK, "nothing is lost");
    assert!(sent.iter().any(|frame| frame.wire_len > 30_000), "{sent:?}");
    for frame in seen {
        assert_eq!(frame.bytes.len(), frame.wire_len.min(96) as usize);
    }
    assert_eq!(live.stats().dropped, Some(0));
}

/// How much data was sent, up to the first gap.
fn reached(sent: &[&Seen]) -> usize {
    let first = sent[0].tcp().seq.wrapping_add(1);
    let data = sent.iter().map(|frame| frame.tcp()).filter(|tcp| tcp.len > 0);
    let mut parts: Vec<_> =
        data.map(|tcp| (tcp.seq.wrapping_sub(first) as usize, tcp.len)).collect();
    parts.sort_unstable();
    parts.iter().fold(0, |end, (start, len)| if *start <= end { end.max(start + len) } else { end })
}

/// pnet has to copy what it sees, so long segments stay out unless they open or close.
pub(super) fn bulk_is_left_out(backend: Backend) {
    let mut live = open("lo", backend);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (client, server) = send_bulk(&listener);
    drop((client, server));
    let seen = collect_rest(&mut live);
    assert_eq!(seen[0].tcp().flags, SYN);
    assert_eq!(seen[1].tcp().flags, SYN_ACK);
    assert_eq!(seen[2].tcp().flags, ACK);
    for frame in seen {
        assert!(frame.wire_len <= 2048 || frame.tcp().flags & 0x07 != 0, "{frame:?}");
    }
    assert_eq!(live.stats().dropped, Some(0));
}

/// The kernel itself agrees with the filter about ports and addresses.
pub(super) fn ports_and_hosts(backend: Backend) {
    let wanted = TcpListener::bind("127.0.0.1:0").unwrap();
    let [other_port, other_host, six] =
        ["127.0.0.1:0", "127.1.0.1:0", "[::1]:0"].map(|addr| TcpListener::bind(addr).unwrap());
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let host = Subnet::new("127.0.0.0".parse().unwrap(), 16).unwrap();
    let config = LiveConfig {
        ports: [&wanted, &other_host, &six].map(|one| Ports::from(port(one))).to_vec(),
        hosts: vec![host],
        ..config("lo", backend)
    };
    let mut live = Live::open(&config).unwrap();
    let _others = (connect(&other_port), connect(&six));
    // From an address outside of the network to another: neither end is wanted.
    let _outside = connect_with(&other_host, |socket| {
        socket.bind(&SocketAddr::from(([127, 2, 0, 1], 0)).into()).unwrap();
    });
    let connection = connect(&wanted);
    let flags: Vec<_> = collect_rest(&mut live)
        .iter()
        .map(Seen::tcp)
        .map(|tcp| (tcp.source, tcp.destination, tcp.flags))
        .collect();
    let client = connection.client.local_addr().unwrap();
    let server = wanted.local_addr().unwrap();
    assert_eq!(flags, [(client, server, SYN), (server, client, SYN_ACK), (client, server, ACK)]);
}
