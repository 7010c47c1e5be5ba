//! What is kept of an IP header.

use std::net::IpAddr;

use crate::Fragment;
use crate::cursor::Cursor;

/// The facts of an IP header that outlive it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IpHeader<'a> {
    pub(crate) addresses: Addresses<'a>,
    /// Time to live or hop limit.
    pub(crate) ttl: u8,
    /// IPv4 identification.
    pub(crate) id: Option<u16>,
    /// Its place in a packet, where it is a fragment.
    pub(crate) part: Option<Part>,
    /// How many layers lie around it.
    pub(crate) depth: usize,
}

impl IpHeader<'_> {
    /// Whether it is an IPv6 header.
    pub(crate) fn is_v6(&self) -> bool {
        matches!(self.addresses, Addresses::V6(..))
    }

    /// What that says about the segment in it, whose header is here.
    #[inline]
    pub(crate) fn fragment(&self) -> Fragment {
        match self.part {
            Some(Part { more: true, .. }) => Fragment::First,
            _ => Fragment::Whole,
        }
    }
}

/// What an IP header says of a fragment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The identification that all fragments of the packet share.
    pub(crate) id: u32,
    /// How many bytes of the packet come before this part.
    pub(crate) offset: usize,
    /// Whether more come after it.
    pub(crate) more: bool,
    /// Whether the packet begins with a TCP header, rather than with what may come before that.
    pub(crate) is_tcp: bool,
}

/// Source and destination as they stand in the header. They become [`IpAddr`]s where they are kept:
/// those are large to pass along.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Addresses<'a> {
    V4([u8; 4], [u8; 4]),
    V6(&'a [u8; 16], &'a [u8; 16]),
}

impl Addresses<'_> {
    /// Source and destination.
    #[inline]
    pub(crate) fn to_ip(self) -> (IpAddr, IpAddr) {
        match self {
            Self::V4(source, destination) => (source.into(), destination.into()),
            Self::V6(source, destination) => ((*source).into(), (*destination).into()),
        }
    }
}

/// Whether an IP packet that fits may begin here: for places where nothing announces it.
pub(crate) fn is_plausible(cursor: &Cursor<'_>) -> bool {
    let word =
        |at: usize| Some(u16::from_be_bytes(*cursor.bytes().get(at..)?.first_chunk()?).into());
    match cursor.bytes().first() {
        Some(&first @ 0x45..=0x4f) => {
            let header = usize::from(first & 0x0f) * 4;
            word(2).is_some_and(|total: usize| (header..=cursor.wire()).contains(&total))
        }
        Some(0x60..=0x6f) => word(4).is_some_and(|length: usize| length + 40 <= cursor.wire()),
        _ => false,
    }
}
