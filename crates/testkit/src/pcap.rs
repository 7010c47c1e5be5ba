//! Classic pcap files, in every variant that was ever common.

use crate::TestFrame;

/// Byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Endian {
    pub(crate) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(crate) fn u64(self, value: u64) -> [u8; 8] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

/// The unit of a time stamp's fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Microseconds.
    Micro,
    /// Nanoseconds.
    Nano,
}

/// The layout of the record header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magic {
    /// 16 bytes: magic a1b2c3d4, or a1b23c4d with nanoseconds.
    Standard,
    /// Alexey Kuznetsov's, 24 bytes: magic a1b2cd34, microseconds.
    Modified,
}

/// How a pcap file is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pcap {
    /// Byte order of the headers.
    pub endian: Endian,
    /// Unit of the time stamps.
    pub precision: Precision,
    /// Layout of the record headers.
    pub magic: Magic,
    /// The snapshot length that the header claims; nothing is cut.
    pub snaplen: u32,
    /// The link type, with whatever else is in that field; without it, that of the first frame.
    pub link: Option<u32>,
}

impl Default for Pcap {
    /// Little endian, nanoseconds, standard magic, snapshot length 262144.
    fn default() -> Self {
        Self {
            endian: Endian::Little,
            precision: Precision::Nano,
            magic: Magic::Standard,
            snaplen: 262_144,
            link: None,
        }
    }
}

/// The bytes of a pcap file with these frames.
///
/// # Panics
/// If a frame has a time before 1970 or after 2106, which the format can't hold.
pub fn pcap(frames: &[TestFrame], form: Pcap) -> Vec<u8> {
    let Pcap { endian, precision, magic, snaplen, link } = form;
    let magic_number = match (magic, precision) {
        (Magic::Standard, Precision::Micro) => 0xa1b2_c3d4,
        (Magic::Standard, Precision::Nano) => 0xa1b2_3c4d,
        (Magic::Modified, _) => 0xa1b2_cd34,
    };
    let link = link.or(frames.first().map(|frame| frame.link)).unwrap_or(1);
    let mut file = Vec::new();
    file.extend(endian.u32(magic_number));
    file.extend(endian.u16(2));
    file.extend(endian.u16(4));
    for field in [0, 0, snaplen, link] {
        file.extend(endian.u32(field));
    }
    let unit_ns = if magic_number == 0xa1b2_3c4d { 1 } else { 1000 };
    for frame in frames {
        let seconds = frame.timestamp_ns.div_euclid(1_000_000_000);
        let fraction = frame.timestamp_ns.rem_euclid(1_000_000_000).unsigned_abs() / unit_ns;
        let seconds = u32::try_from(seconds).expect("pcap holds the years 1970 to 2106");
        for field in [seconds, fraction as u32, frame.bytes.len() as u32, frame.wire_len] {
            file.extend(endian.u32(field));
        }
        if magic == Magic::Modified {
            // Interface index, protocol, packet type and padding.
            file.extend([0; 8]);
        }
        file.extend_from_slice(&frame.bytes);
    }
    file
}
