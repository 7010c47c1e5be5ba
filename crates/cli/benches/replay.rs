//! Replaying a large capture, beside other programs that read the same file.
//!
//! `cargo bench -p synscope --bench replay` makes two captures under `target/bench/` (700 MB), runs every
//! program on them in turn, several rounds, and prints for each the median of the ratio to
//! `tcpdump -r` with a filter, round by round, and its peak memory. Programs that are not installed are named
//! and left out. Nothing here fails on a slow machine: the figures are there to be read.

mod common;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use common::{Usage, made, measure, median, target_folder};

const ROUNDS: usize = 5;
const CONNECTIONS: u32 = 500_000;
/// Segments of a connection after its handshake: 6.4 million packets in all.
const DATA_SEGMENTS: u32 = 8;
const FIN_SEGMENTS: u32 = 2;
/// Connections that are open at the same time.
const TOGETHER: u32 = 256;
/// Bytes of a frame that the captures keep.
const CUT: u32 = 96;
const SPOOFED_SYNS: u32 = 5_000_000;

fn main() -> io::Result<()> {
    let folder = target_folder()?;
    let connections = made(&folder, "connections.pcap", CUT, write_connections)?;
    let flood = made(&folder, "flood.pcap", CUT, write_flood)?;
    let synscope = env!("CARGO_BIN_EXE_synscope");
    println!("{CONNECTIONS} connections, {} bytes", connections.metadata()?.len());
    compare(
        &[
            Run::new(
                "tcpdump -r, filter only",
                "tcpdump",
                &["-r", "{}", "-w", "/dev/null", FILTER],
            ),
            Run::new("cat", "cat", &["{}"]),
            Run::new("synscope summary", synscope, &["replay", "--format", "summary", "{}"]),
            Run::new("synscope jsonl", synscope, &["replay", "--format", "jsonl", "{}"]),
            Run::new("synscope csv", synscope, &["replay", "--format", "csv", "{}"]),
            Run::new("argus", "argus", &["-r", "{}", "-w", "/dev/null"]),
        ],
        &connections,
    );
    println!("\n{SPOOFED_SYNS} spoofed SYNs, {} bytes", flood.metadata()?.len());
    compare(
        &[
            Run::new(
                "tcpdump -r, filter only",
                "tcpdump",
                &["-r", "{}", "-w", "/dev/null", FILTER],
            ),
            Run::new("synscope summary", synscope, &["replay", "--format", "summary", "{}"]),
            Run::new("synscope jsonl", synscope, &["replay", "--format", "jsonl", "{}"]),
            Run::new("synscope json", synscope, &["replay", "--format", "json", "{}"]),
        ],
        &flood,
    );
    Ok(())
}

/// Selects the segments of handshakes, as somebody would who has only tcpdump.
const FILTER: &str = "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0";

struct Run {
    name: &'static str,
    program: &'static str,
    arguments: Vec<&'static str>,
}

impl Run {
    fn new(name: &'static str, program: &'static str, arguments: &[&'static str]) -> Self {
        Self { name, program, arguments: arguments.to_vec() }
    }

    /// Runs the program to its end; `None` where it is not installed.
    fn measure(&self, file: &Path) -> Option<Usage> {
        let path = file.to_string_lossy();
        let arguments = self.arguments.iter().map(|argument| argument.replace("{}", &path));
        measure(self.program, arguments)
    }
}

/// Runs all programs in turn, `ROUNDS` times, and prints them beside the first.
fn compare(runs: &[Run], file: &Path) {
    let mut rounds: Vec<Vec<Option<Usage>>> = Vec::new();
    for round in 0..=ROUNDS {
        let measured = runs.iter().map(|run| run.measure(file)).collect();
        // The first round fills the page cache.
        if round > 0 {
            rounds.push(measured);
        }
    }
    println!(
        "{:<26} {:>9} {:>9} {:>12} {:>10}",
        "program", "wall s", "cpu s", "x tcpdump", "peak MiB"
    );
    for (at, run) in runs.iter().enumerate() {
        let used: Vec<Usage> = rounds.iter().filter_map(|round| round[at]).collect();
        if used.is_empty() {
            println!("{:<26} not installed", run.name);
            continue;
        }
        let ratios = rounds
            .iter()
            .filter_map(|round| Some(round[at]?.wall.as_secs_f64() / round[0]?.wall.as_secs_f64()));
        println!(
            "{:<26} {:>9.3} {:>9.3} {:>12.2} {:>10.1}",
            run.name,
            median(used.iter().map(|used| used.wall.as_secs_f64())),
            median(used.iter().map(|used| used.cpu.as_secs_f64())),
            median(ratios),
            used.iter().map(|used| used.peak_kib).max().unwrap_or(0) as f64 / 1024.0,
        );
    }
}

const FIN: u8 = 1;
const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;

/// One packet, headers only, as a capture with a short snap length has it.
struct Packet {
    nanos: u64,
    source: ([u8; 4], u16),
    destination: ([u8; 4], u16),
    seq: u32,
    ack: u32,
    flags: u8,
    data: u16,
}

impl Packet {
    fn write(&self, file: &mut impl Write) -> io::Result<()> {
        // MSS, SACK permitted, timestamps, window scale on a SYN; timestamps on all others.
        const OPEN: [u8; 20] = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
        const LATER: [u8; 12] = [1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 1];
        let options: &[u8] = if self.flags & SYN != 0 { &OPEN } else { &LATER };
        let header = 20 + options.len();
        let total = 20 + header as u16 + self.data;
        let captured = (14 + 20 + header) as u32;
        let mut record = Vec::with_capacity(128);
        for field in [
            (self.nanos / 1_000_000_000) as u32,
            (self.nanos % 1_000_000_000) as u32,
            captured,
            14 + u32::from(total),
        ] {
            record.extend(field.to_le_bytes());
        }
        record.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
        record.extend([0x45, 0]);
        record.extend(total.to_be_bytes());
        record.extend([0x12, 0x34, 0x40, 0, 64, 6, 0, 0]);
        record.extend(self.source.0);
        record.extend(self.destination.0);
        record.extend(self.source.1.to_be_bytes());
        record.extend(self.destination.1.to_be_bytes());
        record.extend(self.seq.to_be_bytes());
        record.extend(self.ack.to_be_bytes());
        record.extend([(header as u8 / 4) << 4, self.flags, 0xfa, 0xf0, 0, 0, 0, 0]);
        record.extend(options);
        file.write_all(&record)
    }
}

/// Connections that overlap, each with data both ways and an orderly end.
fn write_connections(file: &mut BufWriter<File>) -> io::Result<()> {
    let steps = 3 + DATA_SEGMENTS + FIN_SEGMENTS;
    let mut nanos = 1_700_000_000_000_000_000;
    for group in 0..CONNECTIONS / TOGETHER {
        for step in 0..steps {
            for member in 0..TOGETHER {
                nanos += 3_000;
                step_of(group * TOGETHER + member, step, nanos).write(file)?;
            }
        }
    }
    Ok(())
}

fn step_of(connection: u32, step: u32, nanos: u64) -> Packet {
    let number = connection.to_be_bytes();
    let client = ([10, number[1], number[2], number[3]], 32_768 + (connection % 28_000) as u16);
    let server = ([192, 0, 2, (connection % 200) as u8], 443);
    let client_isn = connection.wrapping_mul(0x9e37_79b9);
    let server_isn = connection.wrapping_mul(0x85eb_ca6b);
    // SYN, SYN-ACK, ACK, and then data from either side in turn, the client first.
    let from_client = matches!(step, 0 | 2) || (step > 2 && step % 2 == 1);
    let exchanged = step.saturating_sub(3) / 2 * 1000;
    let (flags, data) = match step {
        0 => (SYN, 0),
        1 => (SYN | ACK, 0),
        2 => (ACK, 0),
        step if step < 3 + DATA_SEGMENTS => (PSH | ACK, 1000),
        _ => (FIN | ACK, 0),
    };
    let started = u32::from(step > 0);
    let (source, destination, seq, ack) = if from_client {
        (
            client,
            server,
            client_isn.wrapping_add(started + exchanged),
            server_isn.wrapping_add(1 + exchanged),
        )
    } else {
        (
            server,
            client,
            server_isn.wrapping_add(u32::from(step > 1) + exchanged),
            client_isn.wrapping_add(1 + exchanged),
        )
    };
    let ack = if step == 0 { 0 } else { ack };
    Packet { nanos, source, destination, seq, ack, flags, data }
}

/// SYNs from addresses that will never answer.
fn write_flood(file: &mut BufWriter<File>) -> io::Result<()> {
    for number in 0..SPOOFED_SYNS {
        let spoofed = number.wrapping_mul(0x9e37_79b9);
        Packet {
            nanos: 1_700_000_000_000_000_000 + u64::from(number) * 10_000,
            source: (spoofed.to_be_bytes(), 1024 + (number % 60_000) as u16),
            destination: ([192, 0, 2, 1], 80),
            seq: spoofed ^ 0x5555_5555,
            ack: 0,
            flags: SYN,
            data: 0,
        }
        .write(file)?;
    }
    Ok(())
}
