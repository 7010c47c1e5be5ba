//! Sequence numbers (RFC 9293, section 3.4): unsigned 32-bit numbers on a circle.

use std::fmt;

/// A TCP sequence or acknowledgment number.
///
/// There is no order on a circle, so this type has none: ask for a [`distance`](Self::distance_from)
/// or whether one [`precedes`](Self::precedes) another. All arithmetic is modulo 2^32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SeqNumber(pub u32);

impl SeqNumber {
    /// The number `n` further on.
    #[must_use]
    pub const fn plus(self, n: u32) -> Self {
        Self(self.0.wrapping_add(n))
    }

    /// The number `n` further back.
    #[must_use]
    pub const fn minus(self, n: u32) -> Self {
        Self(self.0.wrapping_sub(n))
    }

    /// How far `self` lies after `origin`: from -2^31 to 2^31 - 1.
    pub const fn distance_from(self, origin: Self) -> i32 {
        self.0.wrapping_sub(origin.0).cast_signed()
    }

    /// Whether `self` lies in the half circle before `other`.
    pub const fn precedes(self, other: Self) -> bool {
        self.distance_from(other) < 0
    }
}

impl fmt::Display for SeqNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_wraps() {
        let last = SeqNumber(u32::MAX);
        assert_eq!(last.plus(1), SeqNumber(0));
        assert_eq!(SeqNumber(0).minus(1), last);
        assert_eq!(SeqNumber(0).distance_from(last), 1);
        assert_eq!(last.distance_from(SeqNumber(0)), -1);
        assert!(last.precedes(SeqNumber(0)));
        assert!(!SeqNumber(0).precedes(last));
    }

    #[test]
    fn numbers_are_shown_as_they_stand_in_the_header() {
        assert_eq!(SeqNumber(0xf000_0000).to_string(), "4026531840");
    }

    #[test]
    fn half_the_circle_lies_on_each_side() {
        for origin in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let origin = SeqNumber(origin);
            assert!(!origin.precedes(origin));
            assert!(origin.precedes(origin.plus(0x7fff_ffff)));
            // Of two opposite points each precedes the other, as in the kernel's `before()`.
            assert!(origin.precedes(origin.plus(0x8000_0000)));
            assert!(origin.plus(0x8000_0000).precedes(origin));
            assert!(!origin.precedes(origin.plus(0x8000_0001)));
            assert_eq!(origin.plus(0x7fff_ffff).distance_from(origin), i32::MAX);
            assert_eq!(origin.plus(0x8000_0000).distance_from(origin), i32::MIN);
        }
    }
}
