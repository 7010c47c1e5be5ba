//! IP packets with a TCP segment in them: read, and rewritten on their way.

use std::net::{IpAddr, SocketAddr};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// What a packet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    pub(crate) options: Vec<u8>,
    pub(crate) len: u32,
    pub(crate) ip_id: u16,
    pub(crate) ttl: u8,
}

impl Segment {
    pub(crate) fn is_syn(&self) -> bool {
        self.flags & (SYN | ACK | RST) == SYN
    }

    pub(crate) fn is_syn_ack(&self) -> bool {
        self.flags & (SYN | ACK | RST) == SYN | ACK
    }

    pub(crate) fn is_rst(&self) -> bool {
        self.flags & RST != 0
    }

    /// A RST that a client in SYN-SENT takes whose next number is `next`.
    pub(crate) fn refuses(&self, next: u32) -> bool {
        self.flags & (RST | ACK) == RST | ACK && self.ack == next
    }

    /// An acknowledgment beyond the SYN-ACK, with or without data or FIN.
    pub(crate) fn is_ack(&self) -> bool {
        self.flags & (SYN | ACK | RST) == ACK
    }

    pub(crate) fn has_data(&self) -> bool {
        self.len > 0 || self.flags & FIN != 0
    }

    /// TSval and TSecr (RFC 7323).
    pub(crate) fn timestamps(&self) -> Option<(u32, u32)> {
        let mut rest = self.options.as_slice();
        loop {
            match *rest {
                [8, 10, ref body @ ..] if body.len() >= 8 => {
                    return Some((number(&body[..4]), number(&body[4..8])));
                }
                [1, ref after @ ..] => rest = after,
                [2..=255, len @ 2..=255, ..] => rest = rest.get(usize::from(len)..)?,
                _ => return None,
            }
        }
    }

    /// Whether a copy can be distinguished from a packet that was sent again: each sending has a
    /// number of its own.
    pub(crate) fn has_identity(&self) -> bool {
        self.ip_id != 0 || self.timestamps().is_some()
    }

    /// What `packet` says; the stacks and the forger write no extension headers.
    pub(crate) fn read(packet: &[u8]) -> Self {
        let word = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
        let v4 = packet[0] >> 4 == 4;
        let (from, to, tcp): (IpAddr, IpAddr, usize) = if v4 {
            let addr = |at: usize| <[u8; 4]>::try_from(&packet[at..at + 4]).unwrap();
            (addr(12).into(), addr(16).into(), 20)
        } else {
            let addr = |at: usize| <[u8; 16]>::try_from(&packet[at..at + 16]).unwrap();
            (addr(8).into(), addr(24).into(), 40)
        };
        let long = |at: usize| u32::from(word(at)) << 16 | u32::from(word(at + 2));
        let data = tcp + usize::from(packet[tcp + 12] >> 4) * 4;
        Self {
            from: SocketAddr::new(from, word(tcp)),
            to: SocketAddr::new(to, word(tcp + 2)),
            seq: long(tcp + 4),
            ack: long(tcp + 8),
            flags: packet[tcp + 13] & 0x3f,
            window: word(tcp + 14),
            options: packet[tcp + 20..data].to_vec(),
            len: (packet.len() - data) as u32,
            ip_id: if v4 { word(4) } else { 0 },
            ttl: packet[if v4 { 8 } else { 7 }],
        }
    }
}

/// Four bytes as a number.
pub(crate) fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// Gives an IPv4 packet another identification.
pub(crate) fn set_ip_id(packet: &mut [u8], ip_id: u16) {
    if packet[0] >> 4 == 4 {
        packet[4..6].copy_from_slice(&ip_id.to_be_bytes());
        mend(packet);
    }
}

/// Takes `hops` off the hop limit.
pub(crate) fn hop(packet: &mut [u8], hops: u8) {
    let at = if packet[0] >> 4 == 4 { 8 } else { 7 };
    packet[at] -= hops;
    mend(packet);
}

/// Makes the header checksum of an IPv4 packet right again.
fn mend(packet: &mut [u8]) {
    if packet[0] >> 4 == 4 {
        packet[10..12].fill(0);
        // The one's complement sum of RFC 1071.
        let sum = packet[..20].chunks(2).fold(0_u16, |sum, word| {
            let (sum, carry) = sum.overflowing_add(u16::from_be_bytes([word[0], word[1]]));
            sum + u16::from(carry)
        });
        let sum = !sum;
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
    }
}
