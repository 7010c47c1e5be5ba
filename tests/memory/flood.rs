//! Floods, and what they may take.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::Stdio;

use testkit::{Connection, Dns, Ip, Pcap, TestFrame, datagram, pcap, spoofed_syn};

use crate::sys;
use crate::util::Dir;

/// The most that a run may take, in KiB: 64 MB.
const MOST_KIB: i64 = 64_000_000 / 1024 + UNOPTIMISED_KIB;
/// Without optimisation its code is larger, and it copies more: 13 MiB were seen.
const UNOPTIMISED_KIB: i64 = if cfg!(debug_assertions) { 15 * 1024 } else { 0 };

/// Attempts that nothing ends, in an output format.
#[derive(Clone, Copy)]
pub(crate) struct Flood {
    pub(crate) name: &'static str,
    format: &'static str,
    ip: Ip,
    packet: fn(Ip, u32) -> TestFrame,
    packets: u32,
    /// Whether the names of hosts are wanted.
    names: bool,
    /// Whether connections are followed to their end.
    whole: bool,
}

pub(crate) const ALL: [Flood; 13] = [
    flood("summary_of_syns", "summary", syn, 600_000),
    flood("summary_of_syns_captured_twice", "summary", syn_captured_twice, 2 * 600_000),
    flood("summary_of_syns_sent_again", "summary", syn_sent_again, 40 * 20_000),
    flood("jsonl_of_syns_sent_again", "jsonl", syn_sent_again, 40 * 20_000),
    Flood { ip: Ip::V6, ..flood("summary_of_syns_of_ipv6", "summary", syn, 500_000) },
    flood("summary_of_syns_in_many_stacks_of_tags", "summary", syn_in_tags, 700_000),
    flood("summary_of_handshakes", "summary", handshake, 3 * 350_000),
    flood("jsonl_of_syns", "jsonl", syn, 250_000),
    Flood { ip: Ip::V6, ..flood("jsonl_of_syns_of_ipv6", "jsonl", syn, 200_000) },
    flood("jsonl_of_handshakes", "jsonl", handshake, 3 * 150_000),
    Flood { names: true, ..flood("jsonl_with_names", "jsonl", syn_or_answer, 250_000) },
    Flood { whole: true, ..flood("whole_syns", "timeline", syn, 250_000) },
    Flood { whole: true, ..flood("whole_handshakes", "timeline", handshake, 3 * 150_000) },
];

const fn flood(
    name: &'static str,
    format: &'static str,
    packet: fn(Ip, u32) -> TestFrame,
    packets: u32,
) -> Flood {
    Flood { name, format, ip: Ip::V4, packet, packets, names: false, whole: false }
}

fn syn(ip: Ip, at: u32) -> TestFrame {
    spoofed_syn(ip, at, i64::from(at) * 1_000)
}

/// What one interface captured, and then what another one did: time goes back, so that attempts take their
/// full form when most of the memory is full of plain ones.
fn syn_captured_twice(ip: Ip, at: u32) -> TestFrame {
    syn(ip, at % 600_000)
}

/// SYNs of which some are in a stack of tags that no other one is in: where they were captured is kept, too.
fn syn_in_tags(ip: Ip, at: u32) -> TestFrame {
    let mut frame = syn(ip, at);
    if at.is_multiple_of(4) {
        let ids = (0..8).map(|bit| at >> (2 * bit) & 0xff);
        let tags: Vec<u8> = ids.flat_map(|id| [0x81, 0, 0, id as u8]).collect();
        frame.wire_len += tags.len() as u32;
        frame.bytes.splice(12..12, tags);
    }
    frame
}

/// Each SYN comes so often that its attempt takes its full form.
fn syn_sent_again(ip: Ip, at: u32) -> TestFrame {
    spoofed_syn(ip, at % 20_000, i64::from(at) * 50_000)
}

/// A DNS answer with as long a name as can be for another address each time, and then some SYNs.
fn syn_or_answer(ip: Ip, at: u32) -> TestFrame {
    if !at.is_multiple_of(8) {
        return syn(ip, at);
    }
    let [resolver, client] =
        [53, 5_000].map(|port| SocketAddr::from(([192, 0, 2, port as u8], port)));
    let label = "x".repeat(62);
    let name = format!("{label}.{label}.{label}.{at:062}");
    let dns = Dns::of(&name).addr(&name, at.to_be_bytes().into());
    datagram(resolver, client, dns.finish(), i64::from(at) * 1_000)
}

/// The packets of a handshake, and then those of the next one.
fn handshake(ip: Ip, at: u32) -> TestFrame {
    let (number, step) = (at / Connection::HANDSHAKE, at % Connection::HANDSHAKE);
    Connection { ip, number }.packet(step, i64::from(at) * 1_000)
}

impl Flood {
    pub(crate) fn assert_memory(&self) -> io::Result<()> {
        let format = self.format;
        let dir = Dir::new();
        self.write(BufWriter::new(File::create(dir.path("flood.pcap"))?))?;
        let mut command = dir.synscope(["replay", "--format", format, "flood.pcap"]).into_command();
        if format != "summary" {
            // Records of one port are written, and all are made.
            command.args(["--port", "1024"]);
        }
        if self.whole {
            command.arg("--whole");
        }
        if self.names {
            command.args(["--names", "--hosts", "/dev/null"]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut shown = String::new();
        child.stdout.take().expect("it is piped").read_to_string(&mut shown)?;
        let peak_kib = sys::wait(&child)?.peak_kib;
        let is_full = ["closed early for want of memory", r#""evicted":{""#];
        assert!(is_full.iter().any(|words| shown.contains(words)), "too few attempts: {shown}");
        assert!(peak_kib < MOST_KIB, "{peak_kib} KiB");
        Ok(())
    }

    /// A frame at a time, as this process has to stay small.
    fn write(&self, mut file: BufWriter<File>) -> io::Result<()> {
        const HEADER: usize = 24;
        for at in 0..self.packets {
            let record = pcap(&[(self.packet)(self.ip, at)], Pcap::default());
            file.write_all(if at == 0 { &record } else { &record[HEADER..] })?;
        }
        file.flush()
    }
}
