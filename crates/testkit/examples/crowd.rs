//! Writes a capture with more attempts than a page lists, for the browser tests: `crowd FILE`.

use std::{env, fs, io};

use testkit::{Connection, Ip, Pcap, TestFrame, pcap, spoofed_syn};

/// SYNs that nobody answers.
const UNANSWERED: u32 = 99_500;
/// Connections after them, of which each takes longer to answer than the one before.
const ESTABLISHED: u32 = 1_500;

const BEGIN_NS: i64 = 1_700_000_000_000_000_000;
const SECOND: i64 = 1_000_000_000;

/// The handshake of a connection. It begins when nobody waits for the SYNs any more.
fn handshake(number: u32) -> [TestFrame; 3] {
    let begin = BEGIN_NS + 600 * SECOND + i64::from(number) * SECOND / 10;
    let rtt = i64::from(number + 1) * 20_000;
    [(0, 0), (1, rtt), (2, rtt + 50_000)]
        .map(|(step, after)| Connection { ip: Ip::V6, number }.packet(step, begin + after))
}

fn main() -> io::Result<()> {
    let file = env::args_os().nth(1).ok_or_else(|| io::Error::other("name a file"))?;
    let ip = |number| if number % 2 == 0 { Ip::V4 } else { Ip::V6 };
    let syn = |number| spoofed_syn(ip(number), number, BEGIN_NS + i64::from(number) * 1_000_000);
    let frames: Vec<_> =
        (0..UNANSWERED).map(syn).chain((0..ESTABLISHED).flat_map(handshake)).collect();
    fs::write(file, pcap(&frames, Pcap::default()))
}
