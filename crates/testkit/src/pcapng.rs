//! pcapng files, block by block.

use crate::TestFrame;
use crate::pcap::Endian;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;
const ISB_IFDROP: u16 = 5;

/// An interface description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// The link type of its frames.
    pub link: u16,
    /// `if_name`, where it has one.
    pub name: Option<String>,
    /// The snapshot length it claims; 0 is none. Simple packets are bound by it.
    pub snaplen: u32,
    /// `if_tsresol` as it stands in the file: 10^-n, or 2^-n with the top bit set. Microseconds
    /// without it.
    pub tsresol: Option<u8>,
    /// `if_tsoffset`: seconds to be added to every time stamp.
    pub tsoffset: Option<i64>,
}

impl Interface {
    /// An interface with nanoseconds.
    pub fn nanoseconds(link: u16, name: &str) -> Self {
        Self { link, name: Some(name.to_owned()), tsresol: Some(9), ..Self::default() }
    }

    /// The frame's time in this interface's units, rounded down.
    fn ticks(&self, timestamp_ns: i64) -> u64 {
        let ns = i128::from(timestamp_ns)
            - i128::from(self.tsoffset.unwrap_or_default()) * 1_000_000_000;
        let tsresol = self.tsresol.unwrap_or(6);
        let exponent = u32::from(tsresol & 0x7f);
        let base: i128 = if tsresol & 0x80 == 0 { 10 } else { 2 };
        let ticks = match base.checked_pow(exponent).and_then(|factor| ns.checked_mul(factor)) {
            Some(product) => product.div_euclid(1_000_000_000),
            None => {
                panic!("a resolution of {base}^-{exponent} s is too fine for {timestamp_ns} ns")
            }
        };
        u64::try_from(ticks).expect("the time fits 64 bits in the interface's units")
    }
}

/// Writes a pcapng file block by block. Blocks may come in any order, right or wrong.
#[derive(Clone, Debug)]
pub struct Pcapng {
    endian: Endian,
    interfaces: Vec<Interface>,
    bytes: Vec<u8>,
}

/// The bytes of a file with one section, one interface with nanoseconds and these frames.
pub fn pcapng(frames: &[TestFrame], endian: Endian) -> Vec<u8> {
    let link = frames.first().map_or(1, |frame| frame.link as u16);
    let file = Pcapng::new(endian).interface(Interface::nanoseconds(link, "test0"));
    frames.iter().fold(file, |file, frame| file.enhanced(0, frame)).finish()
}

impl Pcapng {
    /// A file that begins with a section header.
    pub fn new(endian: Endian) -> Self {
        Self { endian, interfaces: Vec::new(), bytes: Vec::new() }.section(endian)
    }

    /// Begins another section: its interfaces are counted from 0 again.
    #[must_use]
    pub fn section(mut self, endian: Endian) -> Self {
        self.endian = endian;
        self.interfaces.clear();
        let mut body = Vec::new();
        body.extend(endian.u32(0x1a2b_3c4d));
        body.extend(endian.u16(1));
        body.extend(endian.u16(0));
        body.extend(endian.u64(u64::MAX));
        self.block(SECTION_HEADER, &body)
    }

    /// Describes the next interface.
    #[must_use]
    pub fn interface(mut self, interface: Interface) -> Self {
        let mut body = Vec::new();
        body.extend(self.endian.u16(interface.link));
        body.extend(self.endian.u16(0));
        body.extend(self.endian.u32(interface.snaplen));
        if let Some(name) = &interface.name {
            self.option(&mut body, IF_NAME, name.as_bytes());
        }
        if let Some(tsresol) = interface.tsresol {
            self.option(&mut body, IF_TSRESOL, &[tsresol]);
        }
        if let Some(tsoffset) = interface.tsoffset {
            let tsoffset = self.endian.u64(tsoffset.cast_unsigned());
            self.option(&mut body, IF_TSOFFSET, &tsoffset);
        }
        self.option(&mut body, 0, &[]);
        self.interfaces.push(interface);
        self.block(INTERFACE, &body)
    }

    /// An enhanced packet block, what everybody writes today.
    #[must_use]
    pub fn enhanced(self, interface: u32, frame: &TestFrame) -> Self {
        let mut body = Vec::new();
        body.extend(self.endian.u32(interface));
        self.packet(&mut body, interface, frame);
        self.block(ENHANCED_PACKET, &body)
    }

    /// An obsolete packet block, which also counts `drops`.
    #[must_use]
    pub fn obsolete(self, interface: u16, drops: u16, frame: &TestFrame) -> Self {
        let mut body = Vec::new();
        body.extend(self.endian.u16(interface));
        body.extend(self.endian.u16(drops));
        self.packet(&mut body, u32::from(interface), frame);
        self.block(OBSOLETE_PACKET, &body)
    }

    /// A simple packet block: no time, and always of interface 0.
    #[must_use]
    pub fn simple(self, frame: &TestFrame) -> Self {
        let mut body = Vec::new();
        body.extend(self.endian.u32(frame.wire_len));
        pad(&mut body, &frame.bytes);
        self.block(SIMPLE_PACKET, &body)
    }

    /// An interface statistics block that counts `dropped` packets.
    #[must_use]
    pub fn statistics(self, interface: u32, timestamp_ns: i64, dropped: u64) -> Self {
        let mut body = Vec::new();
        body.extend(self.endian.u32(interface));
        self.ticks(&mut body, interface, timestamp_ns);
        self.option(&mut body, ISB_IFDROP, &self.endian.u64(dropped));
        self.option(&mut body, 0, &[]);
        self.block(STATISTICS, &body)
    }

    /// Any block: name resolution (4), custom (0xbad), unknown ones.
    ///
    /// # Panics
    /// If the body's length is no multiple of four.
    #[must_use]
    pub fn block(mut self, kind: u32, body: &[u8]) -> Self {
        assert_eq!(body.len() % 4, 0, "the body of a block is padded to 32 bits");
        let len = self.endian.u32(body.len() as u32 + 12);
        self.bytes.extend(self.endian.u32(kind));
        self.bytes.extend(len);
        self.bytes.extend_from_slice(body);
        self.bytes.extend(len);
        self
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// What enhanced and obsolete packet blocks share.
    fn packet(&self, body: &mut Vec<u8>, interface: u32, frame: &TestFrame) {
        self.ticks(body, interface, frame.timestamp_ns);
        body.extend(self.endian.u32(frame.bytes.len() as u32));
        body.extend(self.endian.u32(frame.wire_len));
        pad(body, &frame.bytes);
    }

    /// A time: its upper half first, whatever the byte order. An interface that was never described
    /// gets microseconds, so that a file can be written wrong.
    fn ticks(&self, body: &mut Vec<u8>, interface: u32, timestamp_ns: i64) {
        let ticks = match self.interfaces.get(interface as usize) {
            Some(interface) => interface.ticks(timestamp_ns),
            None => Interface::default().ticks(timestamp_ns),
        };
        body.extend(self.endian.u32((ticks >> 32) as u32));
        body.extend(self.endian.u32(ticks as u32));
    }

    fn option(&self, body: &mut Vec<u8>, code: u16, value: &[u8]) {
        body.extend(self.endian.u16(code));
        body.extend(self.endian.u16(value.len() as u16));
        pad(body, value);
    }
}

/// Adds `bytes` and zeros up to a multiple of four.
fn pad(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(bytes);
    body.resize(body.len().next_multiple_of(4), 0);
}
