//! A truth table: packets down, filters across.

mod frames;
mod interpreter;

use std::net::IpAddr;

use parser::{Ports, Subnet};

use super::{EXTENSIONS, Layout, MAX_INSTRUCTIONS, Program, QUOTED_EXTENSIONS, program};
use crate::live::{Backend, LiveConfig, tcpdump_expression};
use frames::{
    Pair, V4, authenticated, ethernet, icmp, ipv4, ipv6, ipv6_fragment, tcp, udp, v4, v6,
    with_ethertype,
};
use interpreter::{Skb, check, run};

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

fn subnet(text: &str, prefix: u8) -> Subnet {
    Subnet::new(text.parse::<IpAddr>().unwrap(), prefix).unwrap()
}

/// The filters, each by a letter.
fn filters() -> Vec<(char, LiveConfig)> {
    let base = LiveConfig::on(["lo"]);
    let ports = [443, 80].map(Ports::from).to_vec();
    let hosts_v4 = vec![subnet("10.255.255.255", 9)];
    let hosts_v6 = vec![subnet("2001:db8::1", 128), subnet("2001:db8:0:0:8000::", 65)];
    vec![
        ('A', base.clone()),
        ('P', LiveConfig { ports: ports.clone(), ..base.clone() }),
        ('4', LiveConfig { hosts: hosts_v4.clone(), ..base.clone() }),
        ('6', LiveConfig { hosts: hosts_v6, ..base.clone() }),
        ('B', LiveConfig { ports: ports.clone(), hosts: hosts_v4, ..base.clone() }),
        ('T', LiveConfig { ports, tunnels: true, ..base }),
    ]
}

/// IP packets, and the filters that let them through.
fn packets() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut rows = tcp_packets();
    rows.extend(icmp_packets());
    rows.extend(tunnels());
    rows
}

/// Inside the /9, outside of it (the bit after its prefix tells), and two that are far from it.
fn pairs_v4() -> [Pair; 3] {
    [
        v4([10, 128, 0, 1], [192, 0, 2, 1]),
        v4([192, 0, 2, 1], [10, 127, 0, 1]),
        v4([192, 0, 2, 1], [198, 51, 100, 1]),
    ]
}

fn tcp_packets() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let [inside, outside, far] = pairs_v4();
    let towards = v4([192, 0, 2, 1], [10, 255, 0, 1]);
    let (host, net) = (v6("2001:db8::1", "::2"), v6("::2", "2001:db8::7fff:0:0:1"));
    let neither = v6("2001:db8::2", "2001:db8:0:1:8000::");
    let (syn, other) = (tcp(49152, 80, SYN, 0), tcp(81, 49152, SYN, 0));
    let plain = V4::default();
    let first = V4 { fragment: 0x2000, ..plain };
    let (second, last) = (V4 { fragment: 0x2001, ..plain }, V4 { fragment: 0x1fff, ..plain });
    let options = V4 { options: 40, ..plain };
    vec![
        ("SYN to 80", ipv4(plain, inside, 6, &syn), "AP4BT"),
        ("SYN-ACK from 443", ipv4(plain, inside, 6, &tcp(443, 49152, SYN | ACK, 0)), "AP4BT"),
        ("the destination is outside", ipv4(plain, outside, 6, &syn), "APT"),
        ("the destination is inside", ipv4(plain, towards, 6, &other), "A4"),
        ("another port", ipv4(plain, inside, 6, &other), "A4"),
        ("neither", ipv4(plain, far, 6, &other), "A"),
        ("data", ipv4(plain, inside, 6, &tcp(80, 1, ACK, 1400)), "AP4BT"),
        ("IPv4 options", ipv4(options, inside, 6, &syn), "AP4BT"),
        ("IPv4 options, another port", ipv4(options, far, 6, &other), "A"),
        ("first fragment", ipv4(first, inside, 6, &syn), "AP4BT"),
        ("second fragment", ipv4(second, inside, 6, &syn), ""),
        ("last fragment", ipv4(last, inside, 6, &syn), ""),
        ("authenticated", ipv4(plain, inside, 51, &authenticated(6, &syn)), "AP4BT"),
        ("authenticated, another port", ipv4(options, far, 51, &authenticated(6, &other)), "A"),
        ("authenticated UDP", ipv4(plain, inside, 51, &authenticated(17, &udp(80, 80))), ""),
        ("UDP", ipv4(plain, inside, 17, &udp(80, 443)), ""),
        ("IPv6 host", ipv6(host, &[], 6, &syn), "AP6T"),
        ("IPv6 net", ipv6(net, &[], 6, &other), "A"),
        ("IPv6 in the net", ipv6(v6("::1", "2001:db8::8000:0:0:7"), &[], 6, &other), "A6"),
        ("IPv6 neither", ipv6(neither, &[], 6, &syn), "APT"),
        ("IPv6 hop-by-hop", ipv6(host, &[0], 6, &syn), "AP6T"),
        ("IPv6 all extensions", ipv6(host, &[0, 60, 43, 44, 51, 135], 6, &syn), "AP6T"),
        ("IPv6 all, another port", ipv6(host, &[0, 60, 43, 44, 51, 135], 6, &other), "A6"),
        ("IPv6 too many", ipv6(host, &[60; EXTENSIONS as usize + 1], 6, &syn), ""),
        ("IPv6 later fragment", ipv6_fragment(host, &[44], 1, 6, &syn), ""),
        ("IPv6 last fragment", ipv6_fragment(host, &[0, 44], 0x1fff, 6, &syn), ""),
        ("IPv6 encrypted", ipv6(host, &[], 50, &syn), ""),
        ("IPv6 UDP", ipv6(host, &[0], 17, &udp(80, 80)), ""),
    ]
}

fn icmp_packets() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let [inside, outside, far] = pairs_v4();
    let plain = V4::default();
    let options = V4 { options: 8, ..plain };
    let syn = &tcp(49152, 80, SYN, 0)[..8];
    let quoted = ipv4(plain, inside, 6, syn);
    let report = |kind, quoted: &[u8]| ipv4(plain, far, 1, &icmp(kind, quoted));
    let long = ipv4(options, inside, 6, syn);
    let other = ipv4(plain, outside, 6, &tcp(1, 2, SYN, 0));
    let fragment = ipv4(V4 { fragment: 1, ..plain }, inside, 6, syn);
    let host = v6("2001:db8::1", "::2");
    let quoted_v6 = ipv6(host, &[], 6, syn);
    let report_v6 = |kind, quoted: &[u8]| ipv6(v6("fe80::1", "::2"), &[], 58, &icmp(kind, quoted));
    let most = ipv6(host, &[0, 60, 44][..QUOTED_EXTENSIONS as usize], 6, syn);
    let more = ipv6(host, &[0; QUOTED_EXTENSIONS as usize + 1], 6, syn);
    let later = ipv6_fragment(host, &[44], 9, 6, syn);
    vec![
        ("unreachable", report(3, &quoted), "AP4BT"),
        ("source quench", report(4, &quoted), "AP4BT"),
        ("redirect", report(5, &quoted), "AP4BT"),
        ("time exceeded", report(11, &quoted), "AP4BT"),
        ("parameter problem", report(12, &quoted), "AP4BT"),
        ("echo", report(8, &quoted), ""),
        ("echo reply", report(0, &quoted), ""),
        ("outer options", ipv4(options, far, 1, &icmp(3, &quoted)), "AP4BT"),
        ("quoted options", report(3, &long), "AP4BT"),
        ("the reporter is inside", ipv4(plain, inside, 1, &icmp(3, &other)), "A"),
        ("about UDP", report(3, &ipv4(plain, inside, 17, syn)), ""),
        ("about a later fragment", report(3, &fragment), ""),
        ("about IPv6", report(3, &quoted_v6), ""),
        ("about another version", report(3, &[&[0x65], &quoted[1..]].concat()), ""),
        ("IPv6 unreachable", report_v6(1, &quoted_v6), "AP6T"),
        ("IPv6 too big", report_v6(2, &quoted_v6), "AP6T"),
        ("IPv6 time exceeded", report_v6(3, &quoted_v6), "AP6T"),
        ("IPv6 parameter problem", report_v6(4, &quoted_v6), "AP6T"),
        ("IPv6 echo", report_v6(128, &quoted_v6), ""),
        ("IPv6 type 0", report_v6(0, &quoted_v6), ""),
        ("IPv6 about UDP", report_v6(1, &ipv6(host, &[], 17, syn)), ""),
        ("IPv6 about extensions", report_v6(1, &most), "AP6T"),
        ("IPv6 about too many", report_v6(1, &more), ""),
        ("IPv6 about a later fragment", report_v6(1, &later), ""),
        ("IPv6 about IPv4", report_v6(1, &quoted), ""),
        ("IPv6 about another version", report_v6(1, &[&[0x40], &quoted_v6[1..]].concat()), ""),
        ("ICMP in IPv6", ipv6(host, &[], 1, &icmp(3, &quoted)), ""),
        ("ICMPv6 in IPv4", ipv4(plain, far, 58, &icmp(1, &quoted_v6)), ""),
    ]
}

fn tunnels() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let [inside, ..] = pairs_v4();
    let plain = V4::default();
    let six = v6("2001:db8::1", "::2");
    vec![
        ("IPv4 in IPv4", ipv4(plain, inside, 4, &[0x45; 40]), "T"),
        ("IPv6 in IPv4", ipv4(plain, inside, 41, &[0x60; 40]), "T"),
        ("GRE", ipv4(plain, inside, 47, &[0; 40]), "T"),
        ("VXLAN", ipv4(plain, inside, 17, &udp(49152, 4789)), "T"),
        ("Geneve", ipv4(plain, inside, 17, &udp(49152, 6081)), "T"),
        ("GTP-U, answering", ipv4(V4 { options: 4, ..plain }, inside, 17, &udp(2152, 1)), "T"),
        ("Teredo", ipv4(plain, inside, 17, &udp(3544, 49152)), "T"),
        ("GRE in IPv6", ipv6(six, &[0], 47, &[0; 40]), "T"),
        ("VXLAN in IPv6", ipv6(six, &[60, 60], 17, &udp(49152, 8472)), "T"),
        ("a DNS answer", ipv6(six, &[], 17, &udp(53, 49152)), ""),
    ]
}

/// A frame that came in on an Ethernet interface.
fn incoming(bytes: &[u8]) -> Skb<'_> {
    Skb { bytes, network: 14, packet_type: 0, hardware: 1 }
}

fn decide(config: &LiveConfig, layout: Layout, skb: Skb<'_>) -> bool {
    let program = program(config, layout);
    check(&program);
    match run(&program, skb) {
        0 => false,
        kept => {
            assert_eq!(kept, 128, "the snap length");
            true
        }
    }
}

#[test]
fn every_packet_passes_the_filters_that_are_for_it() {
    for (name, packet, expected) in packets() {
        for tags in [&[][..], &[0x8100], &[0x88a8], &[0x9100, 0x8100]] {
            let frame = ethernet(tags, &packet);
            for (letter, config) in filters() {
                let expected = expected.contains(letter);
                let context = format!("{name}, filter {letter}, tags {tags:x?}");
                let skb = incoming(&frame);
                assert_eq!(decide(&config, Layout::Ethernet, skb), expected, "{context}");
                assert_eq!(decide(&config, Layout::Loopback, skb), expected, "{context}, loopback");
                assert_eq!(decide(&config, Layout::Any, skb), expected, "{context}, any");
                assert_eq!(decide(&config, Layout::AnyEthernet, skb), expected, "{context}, any");
            }
        }
    }
}

#[test]
fn packets_without_an_ethernet_header_pass_the_same_filters() {
    const ARPHRD_NONE: u32 = 65534;
    const ARPHRD_PPP: u32 = 512;
    for (name, packet, expected) in packets() {
        let unlike_ip = [&[0xff, 0x45, 0x60, 0x03][..], &packet].concat();
        for (bytes, network, hardware) in [(&packet, 0, ARPHRD_NONE), (&unlike_ip, 4, ARPHRD_PPP)] {
            let skb = Skb { bytes, network, packet_type: 0, hardware };
            for (letter, config) in filters() {
                let (expected, context) = (expected.contains(letter), format!("{name}, {letter}"));
                assert_eq!(decide(&config, Layout::Network, skb), expected, "{context}");
                assert_eq!(decide(&config, Layout::Any, skb), expected, "{context}, any");
                assert!(!decide(&config, Layout::AnyEthernet, skb), "{context}");
            }
        }
    }
}

#[test]
fn loopback_packets_pass_once_and_others_both_ways() {
    let config = LiveConfig::on(["lo"]);
    let [pair, ..] = pairs_v4();
    let frame = ethernet(&[], &ipv4(V4::default(), pair, 6, &tcp(1, 2, SYN, 0)));
    for (layout, hardware, expected) in [
        (Layout::Loopback, 772, [true, false]),
        (Layout::Any, 772, [true, false]),
        (Layout::AnyEthernet, 772, [true, false]),
        (Layout::Ethernet, 1, [true, true]),
        (Layout::Any, 1, [true, true]),
        (Layout::AnyEthernet, 1, [true, true]),
    ] {
        let skb = Skb { hardware, ..incoming(&frame) };
        let passes = [0, 4].map(|packet_type| decide(&config, layout, Skb { packet_type, ..skb }));
        assert_eq!(passes, expected, "{layout:?} on {hardware}");
    }
}

#[test]
fn other_ethernet_frames_pass_only_where_they_are_tunnels() {
    let [pair, ..] = pairs_v4();
    let packet = ipv4(V4::default(), pair, 6, &tcp(1, 80, SYN, 0));
    for (ethertype, expected) in
        [(0x0806, ""), (0x88cc, ""), (0x8847, "T"), (0x8848, "T"), (0x8864, "T"), (0x8863, "")]
    {
        for tags in [&[][..], &[0x8100]] {
            let frame = with_ethertype(tags, ethertype, &packet);
            let passes: String = filters()
                .iter()
                .filter(|(_, config)| decide(config, Layout::Ethernet, incoming(&frame)))
                .map(|(letter, _)| *letter)
                .collect();
            assert_eq!(passes, expected, "{ethertype:#x} {tags:x?}");
        }
    }
    let frame = ethernet(&[0x8100, 0x8100, 0x8100], &packet);
    assert!(!decide(&LiveConfig::on(["lo"]), Layout::Ethernet, incoming(&frame)), "three tags");
}

#[test]
fn a_frame_that_breaks_off_before_its_protocol_is_known_is_left_out() {
    // Of a tagged frame: the last byte that has to be there is the next header of IPv6.
    let shortest = 18 + 7;
    for (_, packet, _) in packets() {
        let frame = ethernet(&[0x8100], &packet);
        for (_, config) in filters() {
            for layout in [Layout::Ethernet, Layout::Any] {
                let program = program(&config, layout);
                for len in 0..frame.len().min(150) {
                    let kept = run(&program, incoming(&frame[..len]));
                    assert!(kept == 0 || kept == 128 && len >= shortest, "{kept} of {len} bytes");
                }
            }
        }
    }
}

#[test]
fn a_prefix_of_nothing_is_every_address_of_its_family() {
    let [pair, ..] = pairs_v4();
    let four = ethernet(&[], &ipv4(V4::default(), pair, 6, &tcp(1, 2, SYN, 0)));
    let six = ethernet(&[], &ipv6(v6("::1", "::2"), &[], 6, &tcp(1, 2, SYN, 0)));
    for (host, expected) in
        [(subnet("1.2.3.4", 0), [true, false]), (subnet("1::", 0), [false, true])]
    {
        let config = LiveConfig { hosts: vec![host], ..LiveConfig::on(["lo"]) };
        let passes = [&four, &six].map(|frame| decide(&config, Layout::Ethernet, incoming(frame)));
        assert_eq!(passes, expected, "{host}");
    }
}

#[test]
fn a_range_of_ports_has_both_its_ends() {
    let [pair, ..] = pairs_v4();
    let ranges = [(8000, 8100), (0, 9), (60000, 65535), (0, 65535)];
    for (first, last) in ranges {
        let ports = Ports::new(first, last).unwrap();
        let config = LiveConfig { ports: vec![Ports::from(443), ports], ..LiveConfig::on(["lo"]) };
        for port in [0, 1, 9, 10, 443, 7999, 8000, 8100, 8101, 59999, 60000, 65535] {
            let expected = port == 443 || ports.contains(port);
            for segment in [tcp(port, 20000, SYN, 0), tcp(20000, port, SYN, 0)] {
                let frame = ethernet(&[], &ipv4(V4::default(), pair, 6, &segment));
                let passes = decide(&config, Layout::Ethernet, incoming(&frame));
                assert_eq!(passes, expected || ports.contains(20000), "{port} in {ports}");
            }
        }
    }
}

#[test]
fn pnet_gets_short_segments_whole_and_long_ones_only_where_they_open_or_close() {
    let config = LiveConfig { backend: Backend::Pnet, ..LiveConfig::on(["lo"]) };
    let program = program(&config, Layout::Ethernet);
    let [pair, ..] = pairs_v4();
    for (flags, data, kept) in [
        (ACK, 1460, 262_144),
        (ACK, 2048 - 54, 262_144),
        (ACK, 2048 - 53, 0),
        (ACK, 60000, 0),
        (ACK | SYN, 60000, 262_144),
        (ACK | 0x01, 60000, 262_144),
        (0x04, 60000, 262_144),
    ] {
        for packet in [
            ipv4(V4::default(), pair, 6, &tcp(1, 2, flags, data)),
            ipv6(v6("::1", "::2"), &[], 6, &tcp(1, 2, flags, data.saturating_sub(20))),
        ] {
            let frame = ethernet(&[], &packet);
            assert_eq!(run(&program, incoming(&frame)), kept, "{flags:#x} {data}");
        }
    }
}

#[test]
fn the_usual_filters_are_far_from_the_kernels_limit() {
    let config = LiveConfig {
        ports: (1..=64).map(Ports::from).collect(),
        hosts: (0..16).map(|host| subnet(&format!("2001:db8::{host}"), 128)).collect(),
        tunnels: true,
        ..LiveConfig::on(["any"])
    };
    let length = program(&config, Layout::Any).instructions().len();
    assert!(length < MAX_INSTRUCTIONS, "{length} instructions");
}

#[test]
fn a_program_reads_as_tcpdump_writes_it() {
    assert_eq!(Program::reject_all().to_string(), "(000) ret      #0\n");
    let text = program(&LiveConfig::on(["lo"]), Layout::Loopback).to_string();
    let head: Vec<_> = text.lines().take(4).collect();
    assert_eq!(
        head,
        [
            "(000) ld       [-4092]",
            "(001) jeq      #0x4             jt 2\tjf 3",
            "(002) ret      #0",
            "(003) ldh      [12]",
        ]
    );
    assert!(!text.contains("unknown"), "{text}");
}

#[test]
fn the_expression_says_what_the_filter_does() {
    let config = LiveConfig {
        ports: vec![Ports::from(80), Ports::new(8000, 8100).unwrap()],
        hosts: vec![subnet("10.1.2.3", 8), subnet("2001:db8::1", 128)],
        ..LiveConfig::on(["lo"])
    };
    assert_eq!(
        tcpdump_expression(&config),
        "(tcp and (net 10.0.0.0/8 or host 2001:db8::1) and (port 80 or portrange 8000-8100)) or \
         (icmp and (icmp[0] = 3 or icmp[0] = 4 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12) \
         and icmp[17] = 6 \
         and ((icmp[20:4] & 0xff000000 = 0x0a000000) or (icmp[24:4] & 0xff000000 = 0x0a000000)) \
         and (icmp[28:2] = 80 or icmp[30:2] = 80 \
         or (icmp[28:2] >= 8000 and icmp[28:2] <= 8100) \
         or (icmp[30:2] >= 8000 and icmp[30:2] <= 8100))) or \
         (icmp6 and ip6[40] >= 1 and ip6[40] <= 4 and ip6[54] = 6 \
         and ((ip6[56:4] = 0x20010db8 and ip6[60:4] = 0x00000000 \
         and ip6[64:4] = 0x00000000 and ip6[68:4] = 0x00000001) or \
         (ip6[72:4] = 0x20010db8 and ip6[76:4] = 0x00000000 \
         and ip6[80:4] = 0x00000000 and ip6[84:4] = 0x00000001)) \
         and (ip6[88:2] = 80 or ip6[90:2] = 80 \
         or (ip6[88:2] >= 8000 and ip6[88:2] <= 8100) \
         or (ip6[90:2] >= 8000 and ip6[90:2] <= 8100)))"
    );
}
