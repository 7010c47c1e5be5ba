//! The cases.

use std::net::TcpListener;
use std::time::SystemTime;

use capture::live::Backend;
use parser::LinkType;

use crate::net::{ACK, SYN, SYN_ACK, Seen, Tcp, collect_rest, connect, open};

/// One case, and the backends it is for.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) backends: &'static [Backend],
    pub(crate) run: fn(Backend),
}

const BOTH: &[Backend] = &[Backend::Ring, Backend::Pnet];

pub(crate) const CASES: &[Case] = &[
    Case { name: "handshake_v4", backends: BOTH, run: handshake_v4 },
    Case { name: "handshake_v6", backends: BOTH, run: handshake_v6 },
];

fn handshake_v4(backend: Backend) {
    handshake_is_seen_once(backend, "127.0.0.1:0", [74, 74, 66]);
}

fn handshake_v6(backend: Backend) {
    handshake_is_seen_once(backend, "[::1]:0", [94, 94, 86]);
}

fn handshake_is_seen_once(backend: Backend, address: &str, lengths: [u32; 3]) {
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
    assert_eq!(
        segments,
        [
            Tcp { source: client, destination: server, seq: j, ack: 0, flags: SYN, len: 0 },
            Tcp { source: server, destination: client, seq: k, ack: next, flags: SYN_ACK, len: 0 },
            Tcp {
                source: client,
                destination: server,
                seq: next,
                ack: k.wrapping_add(1),
                flags: ACK,
                len: 0
            },
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
    assert_eq!((stats.received, stats.dropped), (3, 0));
}

fn nanos_now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    since.as_nanos().try_into().unwrap()
}
