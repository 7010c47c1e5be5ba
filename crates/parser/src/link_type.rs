//! Link types: how the bytes of a frame begin.

/// A link type as capture files number it (the `LINKTYPE_` registry of the tcpdump group).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkType(pub u32);

impl LinkType {
    /// BSD loopback, host byte order of the writer.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// Linux "cooked" capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// Raw IPv4 or IPv6.
    pub const RAW: Self = Self(101);
    /// Linux "cooked" capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);

    /// Whether a frame begins with the IP header. `DLT_RAW` is 12 on most systems, 14 on OpenBSD; both turn up
    /// in files.
    #[inline]
    pub(crate) const fn is_raw_ip(self) -> bool {
        matches!(self.0, 12 | 14 | 101 | 228 | 229)
    }

    /// Whether a frame begins with an address family of four bytes.
    #[inline]
    pub(crate) const fn is_loopback(self) -> bool {
        matches!(self.0, 0 | 108)
    }
}
