//! The TCP checksum (RFC 9293, section 3.1), and what capture on the sender does to it.

use std::net::IpAddr;

use etherparse::checksum::Sum16BitWords;
use etherparse::ip_number;

use crate::{Fragment, Segment, named};

named! {
    /// What a segment's checksum says. A bad checksum never hides a segment: it is a note on it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Checksum {
        /// It covers what was captured.
        Ok = "ok",
        /// It holds the sum of the pseudo header alone: the network card was to complete it (offload).
        Partial = "partial",
        /// It does not fit.
        Bad {
            /// The value in the header.
            found: u16,
            /// The value that would fit.
            expected: u16,
        } = "bad",
        /// The segment was not captured whole, so nothing can be said.
        Unknown = "unknown",
    }
}

impl Segment<'_> {
    /// Recomputes the checksum, where everything it covers was captured.
    pub fn checksum(&self) -> Checksum {
        Checksum::of(self)
    }
}

impl Checksum {
    fn of(segment: &Segment<'_>) -> Self {
        let length = u32::from(segment.header_len) + segment.len;
        let whole = segment.fragment == Fragment::Whole && segment.bytes.len() == length as usize;
        let Some((before, rest)) = segment.bytes.split_at_checked(16).filter(|_| whole) else {
            return Self::Unknown;
        };
        let Some((field, after)) = rest.split_first_chunk::<2>() else {
            return Self::Unknown;
        };
        let found = u16::from_be_bytes(*field);
        let pseudo = pseudo_header(segment, length);
        let expected = pseudo.clone().add_slice(before).add_slice(after).ones_complement().to_be();
        // Zero is 0x0000 and 0xffff in ones' complement; a receiver accepts either.
        if found == expected || (found == 0xffff && expected == 0) {
            Self::Ok
        } else if found == !pseudo.ones_complement().to_be() {
            Self::Partial
        } else {
            Self::Bad { found, expected }
        }
    }
}

/// The sum of the pseudo header of either IP version (RFC 9293, section 3.1; RFC 8200, section 8.1).
fn pseudo_header(segment: &Segment<'_>, length: u32) -> Sum16BitWords {
    let mut sum = Sum16BitWords::new();
    for addr in [segment.source.addr, segment.destination.addr] {
        sum = match addr {
            IpAddr::V4(addr) => sum.add_4bytes(addr.octets()),
            IpAddr::V6(addr) => sum.add_16bytes(addr.octets()),
        };
    }
    sum.add_4bytes(length.to_be_bytes()).add_2bytes([0, ip_number::TCP.0])
}
