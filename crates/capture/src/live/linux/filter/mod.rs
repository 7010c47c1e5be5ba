//! The filter that the kernel runs on every frame, in classic BPF.
//!
//! It lets through every TCP segment (payload or not: the third segment of a handshake may carry
//! data) and every ICMP error that quotes one, where ports and addresses are among those asked for.
//! [`crate::live::tcpdump_expression`] says the same in tcpdump's language. It looks behind
//! - up to two VLAN tags in the frame (a tag that the hardware took off is not in the frame),
//! - up to [`EXTENSIONS`] IPv6 extension headers, [`QUOTED_EXTENSIONS`] inside an ICMP error.
//!
//! Of a fragmented packet it takes the first fragment, which is where the TCP header is.

mod asm;
mod layers;
mod matches;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use parser::Ports;

pub(super) use asm::Instruction;
pub use asm::Program;

use crate::live::config::{Backend, LiveConfig};

/// The most instructions the kernel takes (`BPF_MAXINSNS`).
pub(super) const MAX_INSTRUCTIONS: usize = 4096;
/// How many IPv6 extension headers are skipped before the TCP header.
pub(super) const EXTENSIONS: u32 = 6;
/// How many are skipped in a packet that an ICMP error quotes.
pub(super) const QUOTED_EXTENSIONS: u32 = 3;
/// What a filter returns to keep a frame whole (tcpdump's default snap length).
const WHOLE: u32 = 262_144;
/// The longest frame that [`Backend::Pnet`] takes without SYN, FIN or RST: it has to copy every
/// frame whole, and a bulk transfer over loopback has segments of 64 KiB.
const PNET_LONGEST: u32 = 2048;

/// How the frames begin that a filter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// With an Ethernet header.
    Ethernet,
    /// With an Ethernet header, and the kernel shows each frame twice: going out and coming in.
    Loopback,
    /// With the IP header, or with a link header that the kernel has measured.
    Network,
    /// Any of these, as the hardware type of each frame's interface says.
    Any,
    /// With an Ethernet header; frames of other interfaces are left out.
    AnyEthernet,
}

/// The part of a configuration that a filter is made from.
#[derive(Debug)]
struct Selection {
    ports: Vec<Ports>,
    /// Whether addresses matter at all; of the two lists below, an empty one then matches nothing.
    by_host: bool,
    /// Address and mask.
    hosts_v4: Vec<(u32, u32)>,
    hosts_v6: Vec<(u128, u128)>,
    tunnels: bool,
    snaplen: u32,
    longest: Option<u32>,
}

impl Selection {
    fn new(config: &LiveConfig) -> Self {
        let mut ports = config.ports.clone();
        ports.sort_unstable();
        ports.dedup();
        let (mut hosts_v4, mut hosts_v6) = (Vec::new(), Vec::new());
        for host in &config.hosts {
            let prefix = u32::from(host.prefix());
            match host.addr() {
                IpAddr::V4(addr) => {
                    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
                    hosts_v4.push((addr.to_bits() & mask, mask));
                }
                IpAddr::V6(addr) => {
                    let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
                    hosts_v6.push((addr.to_bits() & mask, mask));
                }
            }
        }
        let (snaplen, longest) = match config.backend {
            Backend::Ring => (config.snaplen.clamp(1, WHOLE), None),
            Backend::Pnet => (WHOLE, Some(PNET_LONGEST)),
        };
        let by_host = !config.hosts.is_empty();
        Self { ports, by_host, hosts_v4, hosts_v6, tunnels: config.tunnels, snaplen, longest }
    }

    /// Whether every TCP segment is wanted.
    fn takes_all(&self) -> bool {
        self.ports.is_empty() && !self.by_host && self.longest.is_none()
    }
}

/// The filter for frames of `layout`.
pub(super) fn program(config: &LiveConfig, layout: Layout) -> Program {
    let selection = Selection::new(config);
    layers::Generator::new(&selection).generate(layout)
}
