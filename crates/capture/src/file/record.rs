//! What the pcap and pcapng readers have in common: a record, and how one can be broken.

use parser::{LinkType, Timestamp};

use super::buffer::Buffer;

/// No record may be longer, headers included. Larger ones are seen in no real capture (Wireshark's
/// own limit for packets of a network is 256 KiB), but in broken files.
pub(super) const MAX_RECORD: u32 = 16 << 20;

/// A packet record whose header has been read and whose bytes need not have arrived yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// When it was captured, where it is `timed`. (An `Option` is copied in one piece that was
    /// stored in two, for which processors wait.)
    pub(super) time: Timestamp,
    /// Whether it has a time.
    pub(super) timed: bool,
    /// The interface within the source.
    pub(super) interface: Option<u16>,
    /// How its bytes begin.
    pub(super) link: LinkType,
    /// Length on the wire.
    pub(super) wire_len: u32,
    /// Bytes before the captured ones.
    pub(super) header_len: u32,
    /// Captured bytes.
    pub(super) captured_len: u32,
    /// Bytes of the whole record.
    pub(super) total_len: u32,
}

/// A record that can't be read, and nothing after it either.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Where the record begins.
    pub(super) offset: u64,
    /// What is wrong with it, in one clause.
    pub(super) reason: String,
}

impl Broken {
    pub(super) fn new(offset: u64, reason: impl Into<String>) -> Self {
        Self { offset, reason: reason.into() }
    }

    /// The stream ended within the record at `offset`, of which `wanted` bytes are missed.
    #[cold]
    pub(super) fn cut_off(buffer: &Buffer, offset: u64, wanted: u64, what: &str) -> Self {
        let found = buffer.offset() - offset + buffer.available().len() as u64;
        let cut = || format!("the file ends within {what}, after {found} of {wanted} bytes");
        Self { offset, reason: buffer.failure().map_or_else(cut, str::to_owned) }
    }
}

/// What the end of the stream means where a record header of `wanted` bytes should begin: the
/// regular end, where nothing at all is left and nothing failed.
#[cold]
pub(super) fn end_of_records(buffer: &Buffer, wanted: u64, what: &str) -> Result<bool, Broken> {
    if buffer.available().is_empty() && buffer.failure().is_none() {
        return Ok(false);
    }
    Err(Broken::cut_off(buffer, buffer.offset(), wanted, what))
}

/// The byte order of a file or section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    #[inline]
    pub(super) const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub(super) const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) const fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        }
    }
}
