//! The conversation completeness of Wireshark, as version 4.0 computes it.

use parser::Flags;

use super::tcp;
use crate::record::Handshake;

/// `tcp.completeness`: which kinds of segments a conversation has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Completeness(pub u8);

impl Completeness {
    const SYN: u8 = 1;
    const SYN_ACK: u8 = 2;
    const ACK: u8 = 4;
    const DATA: u8 = 8;
    const FIN: u8 = 16;
    const RST: u8 = 32;

    /// The letters of the bits, the highest first.
    const LETTERS: [(u8, char); 6] = [
        (Self::RST, 'R'),
        (Self::FIN, 'F'),
        (Self::DATA, 'D'),
        (Self::ACK, 'A'),
        (Self::SYN_ACK, 'S'),
        (Self::SYN, 'S'),
    ];

    /// That of the segments of an attempt, as if the capture held no others.
    pub fn of(handshake: &Handshake) -> Self {
        let mut bits = 0;
        for (index, segment) in tcp(handshake).enumerate() {
            let has = |flags| segment.flags.contains(flags);
            let data = if segment.len > 0 { Self::DATA } else { 0 };
            bits |= match (has(Flags::SYN), has(Flags::ACK)) {
                // A SYN counts where it begins the conversation.
                (true, false) if index == 0 => Self::SYN | data,
                (true, true) => Self::SYN_ACK,
                (false, true) if data == 0 => Self::ACK,
                (false, true) => data,
                _ => 0,
            };
            if has(Flags::FIN | Flags::ACK) {
                bits |= Self::FIN;
            }
            if has(Flags::RST) {
                bits |= Self::RST;
            }
        }
        Self(bits)
    }

    /// A letter for each bit, the highest first, and `absent` for one that is not set: `··DASS`.
    pub fn letters(self, absent: char) -> String {
        let letter = |(bit, letter)| if self.0 & bit == 0 { absent } else { letter };
        Self::LETTERS.into_iter().map(letter).collect()
    }
}
