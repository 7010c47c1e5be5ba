//! What the filter lets through, in the language of tcpdump.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::config::{LiveConfig, Subnet};

/// What the kernel filter of `config` lets through, as an expression that tcpdump takes.
///
/// It says less in three places, because tcpdump's language has no words for them: of the IPv6
/// extension headers it looks behind a fragment header alone, inside an ICMP error it takes the
/// quoted IP header to be without options, and it wants `vlan` and the whole again for tagged frames.
pub fn tcpdump_expression(config: &LiveConfig) -> String {
    let mut alternatives = vec![tcp(config), icmp_v4(config), icmp_v6(config)];
    if config.tunnels {
        alternatives.push(
            "ip proto 4 or ip proto 41 or ip proto 47 or ip6 proto 4 or ip6 proto 41 or ip6 proto 47 \
             or udp port 4789 or udp port 8472 or udp port 6081 or udp port 2152 or udp port 3544 \
             or mpls or pppoes"
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
    let ports = config.ports.iter().map(|port| format!("port {port}"));
    format!("tcp{}{}", and_any(hosts), and_any(ports))
}

fn icmp_v4(config: &LiveConfig) -> String {
    let types = [3, 4, 5, 11, 12].map(|kind| format!("icmp[0] = {kind}"));
    let mut expression = format!("icmp{} and icmp[17] = 6", and_any(types));
    if !config.hosts.is_empty() {
        let v4 = config.hosts.iter().filter(|host| host.addr().is_ipv4());
        let words = v4.flat_map(|host| [20, 24].map(|at| quoted_addr("icmp", at, *host)));
        expression += &and_any_or_nothing(words);
    }
    expression + &quoted_ports("icmp", 28, config)
}

fn icmp_v6(config: &LiveConfig) -> String {
    let types = "icmp6 and ip6[40] >= 1 and ip6[40] <= 4 and ip6[54] = 6";
    let mut expression = types.to_owned();
    if !config.hosts.is_empty() {
        let v6 = config.hosts.iter().filter(|host| host.addr().is_ipv6());
        let words = v6.flat_map(|host| [56, 72].map(|at| quoted_addr("ip6", at, *host)));
        expression += &and_any_or_nothing(words);
    }
    expression + &quoted_ports("ip6", 88, config)
}

/// As [`and_any`], for addresses of the other family: none of them is a condition nothing meets.
fn and_any_or_nothing(words: impl IntoIterator<Item = String>) -> String {
    let condition = and_any(words);
    if condition.is_empty() { " and less 0".to_owned() } else { condition }
}

fn quoted_ports(layer: &str, at: u32, config: &LiveConfig) -> String {
    let pairs = config
        .ports
        .iter()
        .flat_map(|port| [at, at + 2].map(|at| format!("{layer}[{at}:2] = {port}")));
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
            conditions.push(format!("{layer}[{at}:4] & {mask:#010x} = {addr:#010x}"));
        }
    }
    if conditions.is_empty() {
        "greater 0".to_owned()
    } else {
        format!("({})", conditions.join(" and "))
    }
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
