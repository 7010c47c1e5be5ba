//! Writes the captures whose instructions `.ci/instructions` counts: `traffic FOLDER`.

use std::path::Path;
use std::{env, fs, io};

use testkit::{Connection, Ip, Pcap, TestFrame, connections, pcap, spoofed_syns};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or_else(|| io::Error::other("name a folder"))?;
    let write = |name: &str, frames: Vec<TestFrame>| {
        fs::write(Path::new(&folder).join(name), pcap(&frames, Pcap::default()))
    };
    write("connections.pcap", connections(3_000).collect())?;
    write("tagged.pcap", connections(3_000).map(tagged).collect())?;
    write("aborted.pcap", (0..3_000).flat_map(aborted).collect())?;
    write("flood.pcap", spoofed_syns(60_000).collect())
}

/// The same frame in VLAN 5.
fn tagged(mut frame: TestFrame) -> TestFrame {
    frame.bytes.splice(12..12, [0x81, 0, 0, 5]);
    frame.wire_len += 4;
    frame
}

/// A connection that its client resets as soon as it is open, as health checks and port scanners do.
fn aborted(number: u32) -> impl Iterator<Item = TestFrame> {
    let packet = move |step| {
        let at = i64::from(number * 4 + step) * 3_000;
        Connection { ip: Ip::V4, number }.packet(step, 1_700_000_000_000_000_000 + at)
    };
    let rst = move || {
        let mut frame = packet(Connection::HANDSHAKE - 1);
        frame.timestamp_ns += 3_000;
        frame.bytes[47] = 0x14;
        frame
    };
    (0..Connection::HANDSHAKE).map(packet).chain([rst()])
}
