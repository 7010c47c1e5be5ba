//! What the filter lets through, in the language of tcpdump.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use parser::{Ports, Subnet};

use super::LiveConfig;

/// What the kernel filter of `config` lets through, as an expression that tcpdump takes.
///
/// tcpdump's language has no words for some of it: of the IPv6 extension headers this looks behind
/// a fragment header alone, and not behind authentication headers; inside an ICMP error it takes the
/// quoted IP header to be without options and does not ask which fragment it is of; without ports it
/// takes every fragment of a segment; and for tagged frames it wants `vlan` and the whole again.
pub fn tcpdump_expression(config: &LiveConfig) -> String {
    let mut alternatives = vec![tcp(config)];
    alternatives.extend(icmp_v4(config));
    alternatives.extend(icmp_v6(config));
    if config.tunnels {
        alternatives.push(
            "ip proto 4 or ip proto 41 or ip proto 47 or ip6 proto 4 or ip6 proto 41 or ip6 proto 47 \
             or udp port 4789 or udp port 8472 or udp port 6081 or udp port 2152 or udp port 3544 \
             or ether proto 0x8847 or ether proto 0x8848 or ether proto 0x8864"
                .to_owned(),
        );
    }
    let alternatives: Vec<_> = alternatives.into_iter().map(|one| format!("({one})")).collect();
    alternatives.join(" or ")
}

/// `words` joined by `or`, as one more condition; nothing where there are none.
fn and_any(words: impl IntoIterator<Item = String>) -> String {
    let words: Vec<_> = words.into_iter().collect();
    if words.is_empty() { String::new() } else { format!(" and ({})", words.join(" or ")) }
}

fn tcp(config: &LiveConfig) -> String {
    let hosts = config.hosts.iter().map(|host| {
        let kind = if host.is_host() { "host" } else { "net" };
        format!("{kind} {}", network(*host))
    });
    let ports = config.ports.iter().map(|ports| {
        let kind = if ports.first() == ports.last() { "port" } else { "portrange" };
        format!("{kind} {ports}")
    });
    format!("tcp{}{}", and_any(hosts), and_any(ports))
}

fn icmp_v4(config: &LiveConfig) -> Option<String> {
    let types = [3, 4, 5, 11, 12].map(|kind| format!("icmp[0] = {kind}"));
    let hosts = quoted_hosts("icmp", [20, 24], |host| host.addr().is_ipv4(), config)?;
    let ports = quoted_ports("icmp", 28, config);
    Some(format!("icmp{} and icmp[17] = 6{hosts}{ports}", and_any(types)))
}

fn icmp_v6(config: &LiveConfig) -> Option<String> {
    let types = "icmp6 and ip6[40] >= 1 and ip6[40] <= 4 and ip6[54] = 6";
    let hosts = quoted_hosts("ip6", [56, 72], |host| host.addr().is_ipv6(), config)?;
    Some(format!("{types}{hosts}{}", quoted_ports("ip6", 88, config)))
}

/// The condition on the quoted addresses at these offsets; `None` where nothing can meet it.
fn quoted_hosts(
    layer: &str,
    offsets: [u32; 2],
    of_family: fn(&&Subnet) -> bool,
    config: &LiveConfig,
) -> Option<String> {
    let hosts: Vec<_> = config.hosts.iter().filter(of_family).collect();
    if config.hosts.is_empty() || hosts.iter().any(|host| host.prefix() == 0) {
        return Some(String::new());
    }
    let words = hosts.iter().flat_map(|host| offsets.map(|at| quoted_addr(layer, at, **host)));
    Some(and_any(words)).filter(|condition| !condition.is_empty())
}

fn quoted_ports(layer: &str, at: u32, config: &LiveConfig) -> String {
    let quoted = |at: u32, ports: &Ports| match (ports.first(), ports.last()) {
        (first, last) if first == last => format!("{layer}[{at}:2] = {first}"),
        (first, last) => format!("({layer}[{at}:2] >= {first} and {layer}[{at}:2] <= {last})"),
    };
    let pairs = config.ports.iter().flat_map(|ports| [at, at + 2].map(|at| quoted(at, ports)));
    and_any(pairs)
}

fn quoted_addr(layer: &str, at: u32, host: Subnet) -> String {
    let (mask, addr) = match network(host).addr() {
        IpAddr::V4(addr) => (mask_of(host, 32), u128::from(addr.to_bits())),
        IpAddr::V6(addr) => (mask_of(host, 128), addr.to_bits()),
    };
    let words = if host.addr().is_ipv4() { 1 } else { 4 };
    let mut conditions = Vec::new();
    for word in 0..words {
        let shift = 32 * (words - 1 - word);
        let (mask, addr) = ((mask >> shift) as u32, (addr >> shift) as u32);
        if mask != 0 {
            let at = at + 4 * word;
            // libpcap 1.10 gets "& 0xffffffff = 0" wrong.
            let mask = if mask == u32::MAX { String::new() } else { format!(" & {mask:#010x}") };
            conditions.push(format!("{layer}[{at}:4]{mask} = {addr:#010x}"));
        }
    }
    format!("({})", conditions.join(" and "))
}

fn mask_of(host: Subnet, bits: u32) -> u128 {
    let unset = bits - u32::from(host.prefix());
    let all = u128::MAX >> (128 - bits);
    all & u128::MAX.checked_shl(unset).unwrap_or(0)
}

/// tcpdump refuses a network with bits beyond its prefix.
fn network(host: Subnet) -> Subnet {
    let addr = match host.addr() {
        IpAddr::V4(addr) => Ipv4Addr::from_bits(addr.to_bits() & mask_of(host, 32) as u32).into(),
        IpAddr::V6(addr) => Ipv6Addr::from_bits(addr.to_bits() & mask_of(host, 128)).into(),
    };
    Subnet::new(addr, host.prefix()).unwrap_or(host)
}
