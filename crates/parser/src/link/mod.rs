//! Link types: how the bytes of a frame begin.

mod cooked;
pub(crate) mod ethernet;
mod host;
mod lan;
mod llc;
pub(crate) mod ppp;
pub(crate) mod wifi;

use std::fmt;

use crate::decode::{Next, Walk};
use crate::tunnel::{mpls, pppoe};
use crate::{Other, Stopped};

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
            6 => "token ring",
            9 => "PPP",
            10 => "FDDI",
            12 | 14 | 101 => "raw IP",
            50 => "PPP in HDLC framing",
            51 => "PPPoE",
            100 => "ATM RFC 2684",
            104 => "Cisco HDLC",
            105 => "IEEE 802.11",
            107 => "frame relay",
            108 => "OpenBSD loopback",
            109 => "OpenBSD enc",
            113 => "Linux cooked v1",
            117 => "BSD pflog",
            119 => "IEEE 802.11 with Prism header",
            122 => "IP over Fibre Channel",
            127 => "IEEE 802.11 with radiotap header",
            138 => "IP over IEEE 1394",
            163 => "IEEE 802.11 with AVS header",
            166 | 204 => "PPP with direction",
            192 => "PPI",
            205 => "Cisco HDLC with direction",
            206 => "frame relay with direction",
            219 => "MPLS",
            226 => "Solaris ipnet",
            228 => "raw IPv4",
            229 => "raw IPv6",
            239 => "Linux netfilter log",
            240 => "netANALYZER",
            241 => "netANALYZER transparent",
            242 => "IP over InfiniBand",
            258 => "Apple PKTAP",
            274 => "Ethernet mPacket",
            276 => "Linux cooked v2",
            281 => "Ethernet with Broadcom switch tag",
            282 => "Ethernet after Broadcom switch tag",
            284 => "Ethernet with Marvell switch tag",
            285 => "Ethernet with Marvell EDSA tag",
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
        1 => ethernet::step(walk),
        // DLT_RAW is 12 on most systems, 14 on OpenBSD; both turn up in files.
        12 | 14 | 101 | 228 | 229 => Ok(Next::Ip),
        number => other_step(walk, number),
    }
}

/// The link types that are met less often.
#[inline(never)]
fn other_step(walk: &mut Walk<'_, '_>, number: u32) -> Result<Next, Stopped> {
    match number {
        0 | 108 => host::loopback(walk),
        6 => lan::token_ring(walk),
        9 | 50 => ppp::hdlc(walk),
        10 => lan::fddi(walk),
        51 => pppoe::step(walk),
        100 => llc::step(walk),
        104 => ppp::cisco_hdlc(walk),
        105 => wifi::frame(walk, wifi::Padding::None),
        107 => ppp::frame_relay(walk),
        109 => host::enc(walk),
        113 => cooked::version_1(walk),
        117 => host::pflog(walk),
        119 | 163 => wifi::prism_or_avs(walk),
        122 => lan::fibre_channel(walk),
        127 => wifi::radiotap(walk),
        138 => lan::firewire(walk),
        166 | 204 => ppp::with_direction(walk),
        192 => wifi::ppi(walk),
        205 => after::<1>(walk, ppp::cisco_hdlc),
        206 => after::<1>(walk, ppp::frame_relay),
        219 => mpls::step(walk),
        226 => host::ipnet(walk),
        239 => host::nflog(walk),
        240 => after::<4>(walk, ethernet::step),
        // The same, and the eight bytes of preamble.
        241 => after::<12>(walk, ethernet::step),
        242 => lan::infiniband(walk),
        258 => host::pktap(walk),
        274 => after::<8>(walk, ethernet::step),
        276 => cooked::version_2(walk),
        281 | 284 => ethernet::switch_tagged(walk, 4),
        282 => after::<4>(walk, ethernet::step),
        285 => ethernet::switch_tagged(walk, 8),
        _ => Ok(Next::Other(Other::Link(LinkType(number)))),
    }
}

/// Passes `N` bytes of a capture device's own before what `step` decodes.
fn after<const N: usize>(
    walk: &mut Walk<'_, '_>,
    step: fn(&mut Walk<'_, '_>) -> Result<Next, Stopped>,
) -> Result<Next, Stopped> {
    walk.rest.take::<N>("link")?;
    step(walk)
}
