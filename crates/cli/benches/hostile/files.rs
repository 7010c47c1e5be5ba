//! What somebody might put into files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::floods;

/// Files that are read together, and the packets in them.
pub(crate) struct Files {
    pub(crate) name: &'static str,
    pub(crate) packets: u32,
    folder: &'static str,
    file: fn(u32) -> Vec<u8>,
    count: u32,
}

const PACKETS: u32 = 300_000;

pub(crate) const ALL: &[Files] = &[
    Files { name: "one file", packets: PACKETS, folder: "one", file: one, count: 1 },
    Files {
        name: "1,000 files whose packets take turns",
        packets: PACKETS,
        folder: "turns",
        file: |file| turns(file, 1_000),
        count: 1_000,
    },
    Files {
        name: "4,000 files whose packets take turns",
        packets: PACKETS,
        folder: "many-turns",
        file: |file| turns(file, 4_000),
        count: 4_000,
    },
    Files {
        name: "800 gzip files whose packets take turns",
        packets: PACKETS,
        folder: "gzip-turns",
        file: |file| gzip(&turns(file, 800)),
        count: 800,
    },
    Files {
        name: "65,536 files one after another",
        packets: 131_072,
        folder: "ring",
        file: |file| capture((2 * file..2 * file + 2).map(|number| (number, number))),
        count: 65_536,
    },
    Files {
        name: "64 KB of zstd that stand for 2 GiB",
        packets: 0,
        folder: "bomb",
        file: |_| bomb(),
        count: 1,
    },
    Files {
        name: "300 files of 4,096 long names each",
        packets: 0,
        folder: "names",
        file: names,
        count: 300,
    },
    Files {
        name: "200 sections of 1,000 interfaces",
        packets: 0,
        folder: "sections",
        file: |_| sections(),
        count: 1,
    },
];

impl Files {
    /// Writes the files, unless they are there already.
    pub(crate) fn made(&self, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(self.folder);
        if !path.exists() {
            let unfinished = path.with_extension("part");
            fs::create_dir_all(&unfinished)?;
            for number in 0..self.count {
                fs::write(unfinished.join(format!("{number:05}")), (self.file)(number))?;
            }
            fs::rename(&unfinished, &path)?;
        }
        Ok(path)
    }
}

fn one(_: u32) -> Vec<u8> {
    capture((0..PACKETS).map(|number| (number, number)))
}

/// A file that holds every so manieth packet.
fn turns(file: u32, files: u32) -> Vec<u8> {
    capture((file..PACKETS).step_by(files as usize).map(|number| (number, number)))
}

/// A pcap file of SYNs.
fn capture(packets: impl Iterator<Item = (u32, u32)>) -> Vec<u8> {
    let mut file = pcap_header();
    for (number, time) in packets {
        let frame = (floods::ALL[0].frame)(number);
        let len = frame.len() as u32;
        for field in [1_700_000_000 + time / 100_000, time % 100_000 * 10_000, len, len] {
            file.extend(field.to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

/// Nanosecond pcap, little endian, Ethernet.
fn pcap_header() -> Vec<u8> {
    let version = [2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0];
    [&0xa1b2_3c4d_u32.to_le_bytes()[..], &version].concat()
}

/// A gzip member (RFC 1952) of stored blocks (RFC 1951, 3.2.4).
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for stored in content.chunks(usize::from(u16::MAX)) {
        let len = stored.len() as u16;
        file.push(0);
        file.extend(len.to_le_bytes());
        file.extend((!len).to_le_bytes());
        file.extend(stored);
    }
    file.extend([1, 0, 0, 0xff, 0xff]);
    file.extend(crc32(content).to_le_bytes());
    file.extend((content.len() as u32).to_le_bytes());
    file
}

fn crc32(content: &[u8]) -> u32 {
    let bit = |sum: u32, _| if sum & 1 == 0 { sum >> 1 } else { (sum >> 1) ^ 0xedb8_8320 };
    let byte = |sum: u32, &byte: &u8| (0..8).fold(sum ^ u32::from(byte), bit);
    !content.iter().fold(!0, byte)
}

/// The head of a zstd frame with a window of 128 KiB (RFC 8878, 3.1.1).
const ZSTD: [u8; 6] = [0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];

/// Appends a block of zstd as it is.
fn raw(file: &mut Vec<u8>, bytes: &[u8]) {
    file.extend(&((bytes.len() as u32) << 3).to_le_bytes()[..3]);
    file.extend(bytes);
}

/// Appends a block of zstd that repeats a byte.
fn repeated(file: &mut Vec<u8>, byte: u8, count: u32) {
    file.extend(&(count << 3 | 2).to_le_bytes()[..3]);
    file.push(byte);
}

/// The last block of zstd, which is empty.
const LAST: [u8; 3] = [1, 0, 0];

/// Zeros are packets of no bytes.
fn bomb() -> Vec<u8> {
    let mut file = ZSTD.to_vec();
    raw(&mut file, &pcap_header());
    for _ in 0..16_384 {
        repeated(&mut file, 0, 128 << 10);
    }
    file.extend(LAST);
    file
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let len = (12 + body.len() as u32).to_le_bytes();
    [&kind.to_le_bytes()[..], &len, body, &len].concat()
}

fn section() -> Vec<u8> {
    let mut body = vec![0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0];
    body.extend([0xff; 8]);
    block(0x0a0d_0d0a, &body)
}

/// Interfaces with names of 255 bytes, most of which are no UTF-8.
fn names(number: u32) -> Vec<u8> {
    let mut file = ZSTD.to_vec();
    raw(&mut file, &section());
    for interface in 0..4_096 {
        let mut body = vec![1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xff, 0];
        body.extend([0xff; 240]);
        body.extend(format!("{number:05}-{interface:09}\0\0\0\0\0").bytes());
        let block = block(1, &body);
        let (head, rest) = block.split_at(20);
        raw(&mut file, head);
        repeated(&mut file, 0xff, 240);
        raw(&mut file, &rest[240..]);
    }
    file.extend(LAST);
    file
}

fn sections() -> Vec<u8> {
    let interface = block(1, &[1, 0, 0, 0, 0, 0, 0, 0]);
    let packet = block(6, &[0; 20]);
    let section = [section(), interface.repeat(1_000), packet].concat();
    section.repeat(200)
}
