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
    write("flood.pcap", spoofed_syns(60_000).collect())
}
