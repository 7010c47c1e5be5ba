use super::frames::{C4, C6, S4, S6, cat, ipv4, ipv4_fragment, ipv6, syn};
use super::*;
use crate::{IcmpError, IcmpFamily, Quoted};

/// An ICMP message that quotes `packet`.
fn message(kind: u8, code: u8, word: [u8; 4], packet: &[u8]) -> Vec<u8> {
    cat(&[&[kind, code, 0, 0], &word, packet])
}

/// The SYN as [`frames::ipv4`] and [`frames::ipv6`] send it, quoted as far as its flags.
fn quoted_v4() -> Quoted {
    Quoted {
        source: Endpoint::new(Ipv4Addr::from(C4), CLIENT_PORT),
        destination: Endpoint::new(Ipv4Addr::from(S4), SERVER_PORT),
        seq: SeqNumber(u32::MAX),
        flags: Some(Flags::SYN),
        ttl: 63,
        ip_id: Some(0x1234),
        tsval: None,
    }
}

fn quoted_v6() -> Quoted {
    Quoted {
        source: Endpoint::new(Ipv6Addr::from(C6), CLIENT_PORT),
        destination: Endpoint::new(Ipv6Addr::from(S6), SERVER_PORT),
        ip_id: None,
        ..quoted_v4()
    }
}

fn error_v4(kind: u8, code: u8) -> IcmpError {
    IcmpError {
        family: IcmpFamily::V4,
        kind,
        code,
        sender: Ipv4Addr::from(C4).into(),
        receiver: Ipv4Addr::from(S4).into(),
        ttl: 63,
        ip_id: Some(0x1234),
        mtu: None,
        quoted: quoted_v4(),
    }
}

fn error_v6(kind: u8, code: u8) -> IcmpError {
    IcmpError {
        family: IcmpFamily::V6,
        sender: Ipv6Addr::from(C6).into(),
        receiver: Ipv6Addr::from(S6).into(),
        ip_id: None,
        quoted: quoted_v6(),
        ..error_v4(kind, code)
    }
}

#[track_caller]
fn check_raw(packet: &[u8], content: Content<'_>) {
    check(LinkType::RAW, packet, &[], content);
}

#[test]
fn errors_of_every_kind() {
    let (v4, v6) = (ipv4(6, &syn()), ipv6(6, &syn()));
    for kind in [3, 4, 5, 11, 12] {
        let packet = ipv4(1, &message(kind, 1, [0; 4], &v4));
        check_raw(&packet, Content::Icmp(error_v4(kind, 1)));
    }
    for kind in [1, 3, 4] {
        let packet = ipv6(58, &message(kind, 1, [0; 4], &v6));
        check_raw(&packet, Content::Icmp(error_v6(kind, 1)));
    }
}

#[test]
fn a_quotation_has_its_time_stamp_if_it_is_long_enough() {
    let options = [1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0];
    let stamped = ipv4(6, &super::frames::tcp(u32::MAX, 0, 0x002, &options, &[]));
    for (cut, tsval) in [(0, Some(7)), (2, None), (12, None), (18, None)] {
        let packet = ipv4(1, &message(3, 1, [0; 4], &stamped[..stamped.len() - cut]));
        let quoted = Quoted { tsval, ..quoted_v4() };
        check_raw(&packet, Content::Icmp(IcmpError { quoted, ..error_v4(3, 1) }));
    }
}

#[test]
fn path_mtu_reports_carry_it() {
    let (v4, v6) = (ipv4(6, &syn()), ipv6(6, &syn()));
    let packet = |word| ipv4(1, &message(3, 4, word, &v4));
    let error = IcmpError { mtu: Some(1400), ..error_v4(3, 4) };
    check_raw(&packet([9, 9, 5, 0x78]), Content::Icmp(error));
    check_raw(&packet([0; 4]), Content::Icmp(error_v4(3, 4)));
    let error = IcmpError { mtu: Some(70_000), ..error_v6(2, 0) };
    check_raw(&ipv6(58, &message(2, 0, 70_000_u32.to_be_bytes(), &v6)), Content::Icmp(error));
}

#[test]
fn eight_bytes_of_tcp_are_enough() {
    let (v4, v6) = (ipv4(6, &syn()), ipv6(6, &syn()));
    for (length, flags) in [(8, None), (13, None), (14, Some(Flags::SYN))] {
        let quoted = Quoted { flags, ..quoted_v4() };
        let packet = ipv4(1, &message(3, 1, [0; 4], &v4[..20 + length]));
        check_raw(&packet, Content::Icmp(IcmpError { quoted, ..error_v4(3, 1) }));
        let quoted = Quoted { flags, ..quoted_v6() };
        let packet = ipv6(58, &message(1, 1, [0; 4], &v6[..40 + length]));
        check_raw(&packet, Content::Icmp(IcmpError { quoted, ..error_v6(1, 1) }));
    }
    let packet = ipv4(1, &message(3, 1, [0; 4], &v4[..27]));
    check_raw(&packet, truncated("quoted tcp", 48, 8, 7));
    check_raw(&packet[..47], truncated("ipv4", 28, 20, 19));
    check_raw(&packet[..27], truncated("icmp", 20, 8, 7));
}

#[test]
fn quoted_extension_headers_are_passed() {
    let inner = ipv6(0, &cat(&[&[60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0], &syn()]));
    check_raw(&ipv6(58, &message(1, 4, [0; 4], &inner)), Content::Icmp(error_v6(1, 4)));
    let first = ipv6(44, &cat(&[&[6, 0, 0, 1, 0, 0, 0, 0], &syn()]));
    check_raw(&ipv6(58, &message(1, 4, [0; 4], &first)), Content::Icmp(error_v6(1, 4)));
    // In IPv4 their numbers have no such meaning.
    let plain = ipv4(60, &cat(&[&[6, 0, 1, 4, 0, 0, 0, 0], &syn()]));
    check_raw(&ipv4(1, &message(3, 1, [0; 4], &plain)), Content::Other(Other::Ip(1)));
    // Only so many are followed.
    for (count, content) in
        [(38, Content::Icmp(error_v6(1, 4))), (39, Content::Other(Other::Ip(58)))]
    {
        let headers = [60, 0, 1, 4, 0, 0, 0, 0].repeat(count);
        let inner = ipv6(60, &cat(&[&headers, &[6, 0, 1, 4, 0, 0, 0, 0], &syn()]));
        check_raw(&ipv6(58, &message(1, 4, [0; 4], &inner)), content);
    }
}

#[test]
fn some_errors_say_that_the_segment_did_not_arrive() {
    let v4 = |kind, code| error_v4(kind, code).is_unreachable();
    let v6 = |kind, code| error_v6(kind, code).is_unreachable();
    // Not: fragmentation needed, source quench, redirect, packet too big.
    let refusals = [v4(3, 0), v4(3, 3), v4(3, 5), v4(11, 0), v4(11, 4), v4(12, 4)];
    assert_eq!(refusals, [true; 6]);
    assert_eq!([v4(3, 4), v4(4, 0), v4(5, 1)], [false; 3]);
    let refusals = [v6(1, 0), v6(1, 4), v6(3, 0), v6(3, 1), v6(4, 0)];
    assert_eq!(refusals, [true; 5]);
    assert!(!v6(2, 0));
}

#[test]
fn other_messages_are_ip_with_another_protocol() {
    let icmp = Content::Other(Other::Ip(1));
    let icmp_v6 = Content::Other(Other::Ip(58));
    let (v4, v6) = (ipv4(6, &syn()), ipv6(6, &syn()));
    for kind in [0, 1, 2, 8, 13] {
        check_raw(&ipv4(1, &message(kind, 0, [0; 4], &v4)), icmp);
    }
    for kind in [0, 5, 128, 135] {
        check_raw(&ipv6(58, &message(kind, 0, [0; 4], &v6)), icmp_v6);
    }
    check_raw(&ipv4(1, &message(3, 3, [0; 4], &ipv4(17, &[0; 8]))), icmp);
    check_raw(&ipv6(58, &message(1, 4, [0; 4], &ipv6(17, &[0; 8]))), icmp_v6);
    check_raw(&ipv4(1, &message(3, 3, [0; 4], &ipv4_fragment(6, 2, &syn()))), icmp);
    // Each IP version has its own.
    check_raw(&ipv4(58, &message(1, 0, [0; 4], &v6)), icmp_v6);
    check_raw(&ipv6(1, &message(3, 0, [0; 4], &v4)), icmp);
}

#[test]
fn errors_say_what_they_mean() {
    let (v4, v6) = (IcmpFamily::V4, IcmpFamily::V6);
    for (family, kind, code, meaning) in [
        (v4, 3, 0, "network unreachable"),
        (v4, 3, 1, "host unreachable"),
        (v4, 3, 2, "protocol unreachable"),
        (v4, 3, 3, "port unreachable"),
        (v4, 3, 4, "fragmentation needed"),
        (v4, 3, 5, "source route failed"),
        (v4, 3, 6, "destination network unknown"),
        (v4, 3, 7, "destination host unknown"),
        (v4, 3, 8, "source host isolated"),
        (v4, 3, 9, "network administratively prohibited"),
        (v4, 3, 10, "host administratively prohibited"),
        (v4, 3, 11, "network unreachable for this type of service"),
        (v4, 3, 12, "host unreachable for this type of service"),
        (v4, 3, 13, "communication administratively prohibited"),
        (v4, 3, 14, "host precedence violation"),
        (v4, 3, 15, "precedence cutoff in effect"),
        (v4, 3, 254, "destination unreachable"),
        (v4, 4, 254, "source quench"),
        (v4, 5, 254, "redirect"),
        (v4, 11, 0, "time to live exceeded"),
        (v4, 11, 1, "fragment reassembly time exceeded"),
        (v4, 11, 254, "time exceeded"),
        (v4, 12, 254, "parameter problem"),
        (v6, 1, 0, "no route to destination"),
        (v6, 1, 1, "communication administratively prohibited"),
        (v6, 1, 2, "beyond scope of source address"),
        (v6, 1, 3, "address unreachable"),
        (v6, 1, 4, "port unreachable"),
        (v6, 1, 5, "source address failed policy"),
        (v6, 1, 6, "reject route to destination"),
        (v6, 1, 254, "destination unreachable"),
        (v6, 2, 254, "packet too big"),
        (v6, 3, 0, "hop limit exceeded"),
        (v6, 3, 1, "fragment reassembly time exceeded"),
        (v6, 3, 254, "time exceeded"),
        (v6, 4, 254, "parameter problem"),
        (v4, 1, 1, "unknown error"),
        (v6, 5, 0, "unknown error"),
    ] {
        assert_eq!(family.meaning(kind, code), meaning, "{family:?} {kind}/{code}");
    }
}
