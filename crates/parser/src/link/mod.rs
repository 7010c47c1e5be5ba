//! Link types: how the bytes of a frame begin.

mod cooked;
pub(crate) mod ethernet;
mod frame_relay;
mod host;
mod lan;
mod llc;
mod ppp;
mod wifi;

use std::fmt;

pub(crate) use host::{is_ip_family, loopback_family};

use crate::tunnel::{mpls, pppoe};
use crate::walk::{Next, Walk};
use crate::{LinkType, Other, Stopped};

impl fmt::Display for LinkType {
    /// `Ethernet (link type 1)`, or the number alone where nothing more is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match name(*self) {
            Some(name) => write!(f, "{name} (link type {})", self.0),
            None => write!(f, "link type {}", self.0),
        }
    }
}

/// Declares the link types that are decoded: their numbers, their name, what decodes them.
macro_rules! link_types {
    ($($($number:literal)|+ => $name:literal, $step:expr;)*) => {
        const fn name(link: LinkType) -> Option<&'static str> {
            match link.0 {
                $($($number)|+ => Some($name),)*
                _ => None,
            }
        }

        #[inline(never)]
        fn listed_step(walk: &mut Walk<'_, '_>, link: LinkType) -> Result<Next, Stopped> {
            let step: fn(&mut Walk<'_, '_>) -> Result<Next, Stopped> = match link.0 {
                $($($number)|+ => $step,)*
                _ => return Ok(Next::Other(Other::Link(link))),
            };
            step(walk)
        }
    };
}

link_types! {
    0 => "BSD loopback", host::loopback;
    1 => "Ethernet", ethernet::step;
    6 => "token ring", lan::token_ring;
    9 => "PPP", ppp::hdlc;
    10 => "FDDI", lan::fddi;
    12 | 14 | 101 => "raw IP", raw_ip;
    50 => "PPP in HDLC framing", ppp::hdlc;
    51 => "PPPoE", pppoe::step;
    100 => "ATM RFC 2684", llc::step;
    104 => "Cisco HDLC", ppp::cisco_hdlc;
    105 => "IEEE 802.11", wifi::plain;
    107 => "frame relay", frame_relay::step;
    108 => "OpenBSD loopback", host::loopback;
    109 => "OpenBSD enc", host::enc;
    113 => "Linux cooked v1", cooked::version_1;
    117 => "BSD pflog", host::pflog;
    119 => "IEEE 802.11 with Prism header", wifi::prism_or_avs;
    122 => "IP over Fibre Channel", lan::fibre_channel;
    127 => "IEEE 802.11 with radiotap header", wifi::radiotap;
    138 => "IP over IEEE 1394", lan::firewire;
    163 => "IEEE 802.11 with AVS header", wifi::prism_or_avs;
    166 | 204 => "PPP with direction", ppp::with_direction;
    192 => "PPI", wifi::ppi;
    205 => "Cisco HDLC with direction", |walk| after::<1>(walk, ppp::cisco_hdlc);
    206 => "frame relay with direction", |walk| after::<1>(walk, frame_relay::step);
    219 => "MPLS", mpls::step;
    226 => "Solaris ipnet", host::ipnet;
    228 => "raw IPv4", raw_ip;
    229 => "raw IPv6", raw_ip;
    239 => "Linux netfilter log", host::nflog;
    240 => "netANALYZER", |walk| after::<4>(walk, ethernet::step);
    // The same, and the eight bytes of preamble.
    241 => "netANALYZER transparent", |walk| after::<12>(walk, ethernet::step);
    242 => "IP over InfiniBand", lan::infiniband;
    258 => "Apple PKTAP", host::pktap;
    274 => "Ethernet mPacket", |walk| after::<8>(walk, ethernet::step);
    276 => "Linux cooked v2", cooked::version_2;
    281 => "Ethernet with Broadcom switch tag", |walk| ethernet::switch_tagged(walk, 4);
    282 => "Ethernet after Broadcom switch tag", |walk| after::<4>(walk, ethernet::step);
    284 => "Ethernet with Marvell switch tag", |walk| ethernet::switch_tagged(walk, 4);
    285 => "Ethernet with Marvell EDSA tag", |walk| ethernet::switch_tagged(walk, 8);
}

/// What a frame of `link` type begins with. What is met most often takes no look into the table.
#[inline]
pub(crate) fn step(walk: &mut Walk<'_, '_>, link: LinkType) -> Result<Next, Stopped> {
    match link {
        LinkType::ETHERNET => ethernet::step(walk),
        LinkType::RAW => Ok(Next::Ip),
        _ => listed_step(walk, link),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is a step like others")]
fn raw_ip(_: &mut Walk<'_, '_>) -> Result<Next, Stopped> {
    Ok(Next::Ip)
}

/// Passes `N` bytes of a capture device's own before what `step` decodes.
fn after<const N: usize>(
    walk: &mut Walk<'_, '_>,
    step: fn(&mut Walk<'_, '_>) -> Result<Next, Stopped>,
) -> Result<Next, Stopped> {
    walk.cursor.take::<N>("link")?;
    step(walk)
}
