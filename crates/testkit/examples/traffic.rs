//! Writes the captures whose instructions `.ci/instructions` counts: `traffic FOLDER`.

use std::path::Path;
use std::{env, fs, io};

use testkit::{Pcap, TestFrame, connections, pcap, spoofed_syns};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or_else(|| io::Error::other("name a folder"))?;
    let write = |name: &str, frames: Vec<TestFrame>| {
        fs::write(Path::new(&folder).join(name), pcap(&frames, Pcap::default()))
    };
    write("connections.pcap", connections(3_000).collect())?;
    write("tagged.pcap", connections(3_000).map(tagged).collect())?;
    write("flood.pcap", spoofed_syns(60_000).collect())
}

/// The same frame in VLAN 5.
fn tagged(mut frame: TestFrame) -> TestFrame {
    frame.bytes.splice(12..12, [0x81, 0, 0, 5]);
    frame.wire_len += 4;
    frame
}
