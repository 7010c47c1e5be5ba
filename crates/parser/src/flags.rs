//! The control bits of a TCP header (RFC 9293, section 3.1; AE: RFC 9768).

use std::fmt;
use std::ops::BitOr;

/// The twelve bits between data offset and window: three reserved ones, AE, and the eight flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u16);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x001);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x002);
    /// Reset the connection.
    pub const RST: Self = Self(0x004);
    /// Push.
    pub const PSH: Self = Self(0x008);
    /// The acknowledgment field is significant.
    pub const ACK: Self = Self(0x010);
    /// The urgent pointer is significant.
    pub const URG: Self = Self(0x020);
    /// ECN echo (RFC 3168).
    pub const ECE: Self = Self(0x040);
    /// Congestion window reduced (RFC 3168).
    pub const CWR: Self = Self(0x080);
    /// Accurate ECN (RFC 9768), once the nonce sum.
    pub const AE: Self = Self(0x100);

    const NAMES: [(Self, &'static str); 9] = [
        (Self::SYN, "SYN"),
        (Self::FIN, "FIN"),
        (Self::RST, "RST"),
        (Self::PSH, "PSH"),
        (Self::ACK, "ACK"),
        (Self::URG, "URG"),
        (Self::ECE, "ECE"),
        (Self::CWR, "CWR"),
        (Self::AE, "AE"),
    ];

    /// Whether every bit of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The bits that are in `self` and in `other`.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether no TCP that means to communicate sets these bits together: SYN with FIN or RST, none at
    /// all (a NULL scan), or FIN, PSH and URG without ACK (a Christmas tree scan).
    #[inline]
    pub const fn is_odd(self) -> bool {
        let bits = self.0 & 0x3f;
        let xmas = Self::FIN.0 | Self::PSH.0 | Self::URG.0;
        let torn = self.contains(Self::SYN) && self.0 & (Self::FIN.0 | Self::RST.0) != 0;
        torn || bits == 0 || bits == xmas
    }

    /// The names of the bits that are set, SYN first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(bit, _)| self.contains(*bit)).map(|(_, name)| name)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Flags {
    /// `SYN,ACK`, or `none`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = self.names();
        f.write_str(names.next().unwrap_or("none"))?;
        names.try_for_each(|name| write!(f, ",{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_combinations_are_those_of_scanners() {
        let (fin, syn, rst, psh) = (Flags::FIN, Flags::SYN, Flags::RST, Flags::PSH);
        for odd in [Flags(0), Flags::ECE, syn | fin, syn | rst, fin | psh | Flags::URG] {
            assert!(odd.is_odd(), "{odd}");
        }
        for plain in [syn, syn | Flags::ACK, fin, fin | Flags::ACK, rst, psh, syn | psh] {
            assert!(!plain.is_odd(), "{plain}");
        }
    }

    #[test]
    fn sets_of_flags_are_compared_bit_by_bit() {
        let (syn, ack, fin) = (Flags::SYN, Flags::ACK, Flags::FIN);
        let syn_ack = syn | ack;
        assert_eq!(syn_ack | ack, Flags(0x012));
        let of = |other| {
            (syn_ack.contains(other), syn_ack.intersects(other), syn_ack.intersection(other))
        };
        assert_eq!(of(syn_ack), (true, true, syn_ack));
        assert_eq!(of(ack), (true, true, ack));
        assert_eq!(of(ack | fin), (false, true, ack));
        assert_eq!(of(fin), (false, false, Flags(0)));
        assert_eq!(of(Flags(0)), (true, false, Flags(0)));
    }

    #[test]
    fn flags_are_named_with_syn_first() {
        assert_eq!((Flags::ACK | Flags::SYN).to_string(), "SYN,ACK");
        assert_eq!(Flags(0x1ff).to_string(), "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR,AE");
        assert_eq!(Flags(0xe00).to_string(), "none");
    }
}
