//! Link types: how the bytes of a frame begin.

pub(crate) mod bsd;
pub(crate) mod cooked;
pub(crate) mod ethernet;

use std::fmt;

use crate::decode::{Next, Walk};
use crate::{Reason, Stopped};

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

    /// Its name, where it is one that is decoded.
    const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "BSD loopback",
            1 => "Ethernet",
            12 | 14 | 101 => "raw IP",
            108 => "OpenBSD loopback",
            113 => "Linux cooked v1",
            228 => "raw IPv4",
            229 => "raw IPv6",
            276 => "Linux cooked v2",
            _ => return None,
        })
    }
}

impl fmt::Display for LinkType {
    /// `Ethernet (link type 1)`, or the number alone where nothing more is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (link type {})", self.0),
            None => write!(f, "link type {}", self.0),
        }
    }
}

/// What a frame of `link` type begins with.
#[inline]
pub(crate) fn step(walk: &mut Walk<'_, '_>, link: LinkType) -> Result<Next, Stopped> {
    match link.0 {
        0 | 108 => bsd::loopback(walk),
        1 => Ok(Next::Ethernet),
        // DLT_RAW is 12 on most systems, 14 on OpenBSD; both turn up in files.
        12 | 14 | 101 | 228 | 229 => Ok(Next::Ip),
        113 => cooked::version_1(walk),
        276 => cooked::version_2(walk),
        number => Err(walk.rest.stop("link", Reason::Unsupported(number))),
    }
}
