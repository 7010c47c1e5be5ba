use super::frames::{cat, ethernet, ipv4, ipv6, syn};
use super::*;

fn v4() -> Vec<u8> {
    ipv4(6, &syn())
}

fn v6() -> Vec<u8> {
    ipv6(6, &syn())
}

#[test]
fn ethernet_names_what_it_carries() {
    let syn = syn();
    let tcp = Content::Tcp(syn_v4(&syn));
    check(LinkType::ETHERNET, &ethernet(0x0800, &v4()), &[], tcp);
    check(LinkType::ETHERNET, &ethernet(0x86dd, &v6()), &[], Content::Tcp(syn_v6(&syn)));
    check(LinkType::ETHERNET, &ethernet(0x0806, &[0; 28]), &[], ether_type(0x0806));
    check(LinkType::ETHERNET, &[0; 13], &[], truncated("ethernet", 0, 14, 13));
}

#[test]
fn vlan_tags_stack() {
    let (syn, packet) = (syn(), v4());
    let layers = [0x8100, 0x88a8, 0x9100, 0x9200].map(|tag: u16| {
        let frame = ethernet(tag, &cat(&[&[0xe0, 100, 0x81, 0, 0x1f, 0xff, 8, 0], &packet]));
        let layers = [Layer::Vlan(100), Layer::Vlan(4095)];
        check(LinkType::ETHERNET, &frame, &layers, Content::Tcp(syn_v4(&syn)));
        layers
    });
    assert_eq!(layers[0].map(|layer| layer.to_string()), ["vlan 100", "vlan 4095"]);
    let cut = ethernet(0x8100, &[0, 1, 8]);
    check(LinkType::ETHERNET, &cut, &[], truncated("vlan", 14, 4, 3));
}

#[test]
fn raw_ip_begins_at_once() {
    for link in [12, 14, 101, 228, 229] {
        carries_ip(link, &[], &[]);
    }
    check(LinkType::RAW, &[], &[], truncated("ip", 0, 1, 0));
    let bad = stopped("ip", 0, Reason::Malformed("the version is neither 4 nor 6"));
    check(LinkType::RAW, &[0x50; 40], &[], bad);
}

#[test]
fn bsd_loopback_families_come_in_both_byte_orders() {
    for link in [0, 108] {
        for family in [2_u32, 10, 24, 26, 28, 30] {
            carries_ip(link, &family.to_le_bytes(), &[]);
            carries_ip(link, &family.to_be_bytes(), &[]);
        }
        check(LinkType(link), &[7, 0, 0, 0, 0x45], &[], Content::Other(Other::Family(7)));
        check(LinkType(link), &[2, 0, 0], &[], truncated("loopback", 0, 4, 3));
    }
}

#[test]
fn linux_cooked_names_an_ether_type() {
    let (syn, packet) = (syn(), v4());
    let v1 = [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0];
    let tcp = Content::Tcp(syn_v4(&syn));
    check(LinkType::LINUX_SLL, &cat(&[&v1, &[8, 0], &packet]), &[], tcp);
    let tagged = cat(&[&v1, &[0x81, 0, 0, 5, 8, 0], &packet]);
    check(LinkType::LINUX_SLL, &tagged, &[Layer::Vlan(5)], tcp);
    check(LinkType::LINUX_SLL, &v1, &[], truncated("linux cooked v1", 0, 16, 14));

    let v2 = [0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0];
    check(LinkType::LINUX_SLL2, &cat(&[&[8, 0], &v2, &packet]), &[], tcp);
    check(LinkType::LINUX_SLL2, &v2, &[], truncated("linux cooked v2", 0, 20, 18));
}

#[test]
fn linux_cooked_hardware_without_ether_types() {
    let header = |hardware: u16, protocol: u16| {
        let v1 = [&[0, 0], &hardware.to_be_bytes()[..], &[0; 10], &protocol.to_be_bytes()].concat();
        let v2 = [&protocol.to_be_bytes()[..], &[0; 6], &hardware.to_be_bytes(), &[0; 10]].concat();
        [(113, v1), (276, v2)]
    };
    let wifi = [&[8, 0][..], &[0; 22], &LLC_IPV4].concat();
    let prism = cat(&[&[0, 0, 0, 0x44, 8, 0, 0, 0], &wifi]);
    let radiotap = cat(&[&[0, 0, 8, 0, 0, 0, 0, 0], &wifi]);
    for (hardware, frame) in [(801, wifi), (802, prism), (803, radiotap)] {
        for (link, header) in header(hardware, 0x19) {
            carries_ipv4(link, &cat(&[&header, &frame]), &[]);
        }
    }
    for (link, header) in header(1, 4) {
        carries_ipv4(link, &cat(&[&header, &LLC_IPV4]), &[]);
    }
    // Nor is a small number a length.
    for (hardware, protocol, met) in [
        (824, 0x0800, named("netlink")),
        (1, 1, ether_type(1)),
        (280, 0x0c, ether_type(0x0c)),
        (1, 1500, ether_type(1500)),
        (1, 1501, ether_type(1501)),
    ] {
        for (link, header) in header(hardware, protocol) {
            check(LinkType(link), &cat(&[&header, &v4()]), &[], met);
        }
    }
}

/// LLC and SNAP before an IPv4 packet.
const LLC_IPV4: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

#[test]
fn length_frames_hold_llc() {
    let frame = |llc: &[u8], packet: &[u8]| {
        let length = (llc.len() + packet.len()) as u16;
        ethernet(length, &cat(&[llc, packet, &[0; 20]]))
    };
    let syn = syn();
    let tcp = Content::Tcp(syn_v4(&syn));
    let all: [&[u8]; 5] = [
        &LLC_IPV4,
        &[0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0],
        &[6, 6, 3],
        &[0xfe, 0xfe, 3, 0xcc],
        &[0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 8, 0],
    ];
    for llc in all {
        check(LinkType::ETHERNET, &frame(llc, &v4()), &[], tcp);
    }
    let v6 = Content::Tcp(syn_v6(&syn));
    check(LinkType::ETHERNET, &frame(&[0xfe, 0xfe, 3, 0x8e], &self::v6()), &[], v6);
    let others: [(&[u8], _); 5] = [
        (&[0x42, 0x42, 3], Other::Llc(0x42)),
        (&[0xff, 0xff, 0], Other::Llc(0xff)),
        (&[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0], Other::Snap(0x0c, 0x2000)),
        (&[0xfe, 0xfe, 3, 0x81], Other::Nlpid(0x81)),
        (&[0xaa, 0xaa, 3, 0, 0, 0, 0, 46], Other::Snap(0, 46)),
    ];
    for (llc, other) in others {
        let frame = frame(llc, &[0; 40]);
        check(LinkType::ETHERNET, &frame, &[], Content::Other(other));
    }
    let short = named("llc without header");
    check(LinkType::ETHERNET, &ethernet(2, &[0; 46]), &[], short);
    let least = Content::Other(Other::Llc(0x42));
    check(LinkType::ETHERNET, &ethernet(3, &[0x42, 0x42, 3, 0]), &[], least);
    check(LinkType::ETHERNET, &ethernet(0, &[0; 46]), &[], ether_type(0));
    let long = ethernet(1501, &cat(&[&LLC_IPV4, &v4()]));
    check(LinkType::ETHERNET, &long, &[], ether_type(1501));
    carries_ipv4(1, &ethernet(1500, &LLC_IPV4), &[]);
    check_cut(LinkType::ETHERNET, 60, &frame(&[6, 6], &[])[..16], &[], short);
    let cut = &frame(&LLC_IPV4, &v4())[..16];
    check_cut(LinkType::ETHERNET, 80, cut, &[], truncated("llc", 14, 3, 2));
}

#[test]
fn tags_that_name_no_network_are_passed() {
    let addresses = [0; 12];
    carries_ipv4(1, &ethernet(0x8909, &[1, 1, 0, 1, 0, 5, 8, 0]), &[]);
    carries_ipv4(1, &ethernet(0x8926, &[0, 1, 0, 2, 8, 0]), &[]);
    carries_ipv4(1, &ethernet(0x892f, &[0, 50, 0, 2, 8, 0]), &[]);
    carries_ipv4(281, &cat(&[&addresses, &[1, 2, 3, 4, 8, 0]]), &[]);
    carries_ipv4(284, &cat(&[&addresses, &[1, 2, 3, 4, 8, 0]]), &[]);
    carries_ipv4(285, &cat(&[&addresses, &[0xda, 0xda, 0, 0, 1, 2, 3, 4, 8, 0]]), &[]);
    carries_ipv4(282, &cat(&[&[1, 2, 3, 4], &ethernet(0x0800, &[])]), &[]);
}

#[test]
fn macsec_that_only_signs_hides_nothing() {
    carries_ipv4(1, &ethernet(0x88e5, &[0x00, 0, 0, 0, 0, 1, 8, 0]), &[]);
    let with_channel = cat(&[&[0x20, 0, 0, 0, 0, 1], &[9; 8], &[8, 0]]);
    carries_ipv4(1, &ethernet(0x88e5, &with_channel), &[]);
    let encrypted = ethernet(0x88e5, &cat(&[&[0x0c, 0, 0, 0, 0, 1], &v4()]));
    check(LinkType::ETHERNET, &encrypted, &[], ether_type(0x88e5));
    let cut = ethernet(0x88e5, &[0x20, 0, 0, 0, 0, 1, 8]);
    check(LinkType::ETHERNET, &cut, &[], truncated("macsec", 14, 16, 7));
    let version = Reason::Malformed("version or short length");
    let frame = ethernet(0x88e5, &[0x80, 0, 0, 0, 0, 1, 8, 0]);
    check(LinkType::ETHERNET, &frame, &[], stopped("macsec", 14, version));
}

#[test]
fn ppp_and_its_framings() {
    for (link, header) in [(9, &[][..]), (9, &[0xff, 3]), (50, &[0xff, 3]), (166, &[0, 3])] {
        carries_ipv4(link, &cat(&[header, &[0, 0x21]]), &[]);
        carries_ipv4(link, &cat(&[header, &[0x21]]), &[]);
    }
    carries_ipv4(204, &[1, 0xff, 3, 0, 0x21], &[]);
    carries_ipv4(50, &[0x0f, 0, 8, 0], &[]);
    carries_ipv4(9, &[0x02, 0x81, 0, 0, 0x51, 64], &[Layer::Mpls(5)]);
    carries_ipv4(9, &[0x02, 0x83, 0, 0, 0x51, 64], &[Layer::Mpls(5)]);
    let syn = syn();
    let v6 = cat(&[&[0xff, 3, 0, 0x57], &v6()]);
    check(LinkType(9), &v6, &[], Content::Tcp(syn_v6(&syn)));
    check(LinkType(9), &cat(&[&[0x57], &self::v6()]), &[], Content::Tcp(syn_v6(&syn)));
    check(LinkType(9), &[0xff, 3, 0xc0, 0x21, 1], &[], Content::Other(Other::Ppp(0xc021)));
    check(LinkType(9), &[0xff, 3, 0], &[], truncated("ppp", 3, 1, 0));
    for protocol in [0x2d, 0x2f, 0x3d, 0x53, 0xfb, 0xfd] {
        let unsupported = stopped("ppp", 2, Reason::Unsupported(u32::from(protocol)));
        check(LinkType(9), &[0xff, 3, 0, protocol], &[], unsupported);
    }
}

#[test]
fn wide_area_links() {
    for address in [0x0f, 0x8f] {
        carries_ipv4(104, &[address, 0, 8, 0], &[]);
        carries_ipv4(205, &[0, address, 0, 8, 0], &[]);
        check(LinkType(104), &[address, 0, 0x80, 0x35, 0], &[], ether_type(0x8035));
        check(LinkType(104), &[address, 0, 0, 46, 0], &[], ether_type(46));
    }
    let two_bytes = [0x18, 0x41];
    carries_ipv4(107, &cat(&[&two_bytes, &[3, 0xcc]]), &[]);
    carries_ipv4(107, &cat(&[&two_bytes, &[3, 0, 0x80, 0, 0, 0, 8, 0]]), &[]);
    carries_ipv4(107, &cat(&[&two_bytes, &[3, 0xcf, 0, 0x21]]), &[]);
    carries_ipv4(107, &cat(&[&[0x18, 0x40, 0x40, 1], &[8, 0]]), &[]);
    carries_ipv4(206, &cat(&[&[0], &two_bytes, &[8, 0]]), &[]);
    check(LinkType(107), &[0x18, 0x40, 0], &[], truncated("frame relay", 0, 4, 3));
    let endless = stopped("frame relay", 0, Reason::Malformed("the address does not end"));
    check(LinkType(107), &[0; 4], &[], endless);
    check(LinkType(107), &[0; 8], &[], endless);
    carries_ipv4(100, &LLC_IPV4, &[]);
    carries_ipv4(219, &[0, 0, 0x51, 64], &[Layer::Mpls(5)]);
}

#[test]
fn other_local_networks() {
    let llc = |header: &[u8]| cat(&[header, &LLC_IPV4]);
    carries_ipv4(6, &llc(&[0x10, 0x40, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1]), &[]);
    let routed = [0x10, 0x40, 0, 0, 0, 0, 0, 2, 0x80, 0, 0, 0, 0, 1, 0xc4, 0, 1, 2];
    carries_ipv4(6, &llc(&routed), &[]);
    let own = [0x10, 0x00, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1];
    check(LinkType(6), &own, &[], named("token ring without llc"));
    carries_ipv4(10, &llc(&[0x50, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1]), &[]);
    let own = [0x41, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1];
    check(LinkType(10), &own, &[], named("fddi without llc"));
    carries_ipv4(122, &llc(&[0; 16]), &[]);
    carries_ipv4(138, &cat(&[&[0; 16], &[8, 0]]), &[]);
    carries_ipv4(242, &cat(&[&[0; 40], &[8, 0, 0, 0]]), &[]);
    check(LinkType(242), &[0; 43], &[], truncated("ip over infiniband", 0, 44, 43));
    let inner = ethernet(0x0800, &[]);
    carries_ipv4(240, &cat(&[&[0; 4], &inner]), &[]);
    carries_ipv4(241, &cat(&[&[0; 4], &[0x55; 8], &inner]), &[]);
    carries_ipv4(274, &cat(&[&[0x55; 8], &inner]), &[]);
}

#[test]
fn what_operating_systems_put_first() {
    carries_ip(109, &cat(&[&2_u32.to_le_bytes(), &[0; 8]]), &[]);
    carries_ip(109, &cat(&[&24_u32.to_be_bytes(), &[0; 8]]), &[]);
    carries_ip(117, &cat(&[&[61, 2], &[0; 62]]), &[]);
    carries_ip(226, &cat(&[&[1, 26], &[0; 22]]), &[]);
    carries_ip(226, &cat(&[&[1, 2], &[0; 22]]), &[]);
    check(LinkType(226), &cat(&[&[1, 1], &[0; 22]]), &[], Content::Other(Other::Family(1)));
    let pktap = |record: u32| {
        cat(&[&20_u32.to_le_bytes(), &record.to_le_bytes(), &1_u32.to_le_bytes(), &[0; 8]])
    };
    carries_ipv4(258, &cat(&[&pktap(1), &ethernet(0x0800, &[])]), &[]);
    check(LinkType(258), &pktap(0), &[], named("pktap without packet"));
    check(LinkType(258), &pktap(1)[..19], &[], truncated("pktap", 0, 20, 19));
}

#[test]
fn netfilter_logs_hold_the_packet_in_a_field() {
    let (syn, packet) = (syn(), v4());
    let length = packet.len() as u16 + 4;
    let log = |u16_bytes: fn(u16) -> [u8; 2]| {
        let field = |kind, value: &[u8]| {
            let head = [u16_bytes(value.len() as u16 + 4), u16_bytes(kind)].concat();
            cat(&[&head, value, &[0; 3][..value.len().next_multiple_of(4) - value.len()]])
        };
        cat(&[&[2, 0, 0, 5], &field(1, &[0; 4]), &field(10, b"x"), &field(9, &packet)])
    };
    for frame in [log(u16::to_le_bytes), log(u16::to_be_bytes)] {
        check(LinkType(239), &frame, &[], Content::Tcp(syn_v4(&syn)));
        check(LinkType(239), &frame[..20], &[], named("netfilter log without packet"));
        assert_eq!(frame.len(), 20 + usize::from(length));
    }
    let short = Reason::Malformed("a field is shorter than its header");
    check(LinkType(239), &[2, 0, 0, 5, 3, 0, 9, 0], &[], stopped("nflog", 4, short));
    let other = Content::Other(Other::Family(7));
    check(LinkType(239), &[7, 0, 0, 5, 5, 0, 9, 0, 1], &[], other);
}

#[test]
fn ppi_gives_the_link_type() {
    carries_ipv4(
        192,
        &cat(&[&[0, 0, 12, 0], &1_u32.to_le_bytes(), &[0; 4], &ethernet(0x0800, &[])]),
        &[],
    );
    let nested = [0, 0, 8, 0, 192, 0, 0, 0].repeat(60);
    check(LinkType(192), &nested, &[], stopped("frame", 41 * 8, Reason::TooDeep));
    let unsupported = [0, 0, 8, 0, 147, 0, 0, 0];
    check(LinkType(192), &unsupported, &[], Content::Other(Other::Link(LinkType(147))));
}

#[test]
fn other_link_types_are_reported_as_unsupported() {
    check(LinkType(147), &v4(), &[], Content::Other(Other::Link(LinkType(147))));
}

#[test]
fn link_types_are_named() {
    let named = [
        (0, "BSD loopback"),
        (1, "Ethernet"),
        (6, "token ring"),
        (9, "PPP"),
        (10, "FDDI"),
        (12, "raw IP"),
        (14, "raw IP"),
        (101, "raw IP"),
        (50, "PPP in HDLC framing"),
        (51, "PPPoE"),
        (100, "ATM RFC 2684"),
        (104, "Cisco HDLC"),
        (105, "IEEE 802.11"),
        (107, "frame relay"),
        (108, "OpenBSD loopback"),
        (109, "OpenBSD enc"),
        (113, "Linux cooked v1"),
        (117, "BSD pflog"),
        (119, "IEEE 802.11 with Prism header"),
        (122, "IP over Fibre Channel"),
        (127, "IEEE 802.11 with radiotap header"),
        (138, "IP over IEEE 1394"),
        (163, "IEEE 802.11 with AVS header"),
        (166, "PPP with direction"),
        (204, "PPP with direction"),
        (192, "PPI"),
        (205, "Cisco HDLC with direction"),
        (206, "frame relay with direction"),
        (219, "MPLS"),
        (226, "Solaris ipnet"),
        (228, "raw IPv4"),
        (229, "raw IPv6"),
        (239, "Linux netfilter log"),
        (240, "netANALYZER"),
        (241, "netANALYZER transparent"),
        (242, "IP over InfiniBand"),
        (258, "Apple PKTAP"),
        (274, "Ethernet mPacket"),
        (276, "Linux cooked v2"),
        (281, "Ethernet with Broadcom switch tag"),
        (282, "Ethernet after Broadcom switch tag"),
        (284, "Ethernet with Marvell switch tag"),
        (285, "Ethernet with Marvell EDSA tag"),
    ];
    for (number, name) in named {
        assert_eq!(LinkType(number).to_string(), format!("{name} (link type {number})"));
    }
    // Those that have a name, and no others, are decoded.
    for number in (0..600).chain([u32::MAX]) {
        let mut decoder = Decoder::new();
        let met = decoder.decode(&Frame::of_bytes(LinkType(number), 0, &[])).content;
        let is_decoded = met != Content::Other(Other::Link(LinkType(number)));
        assert_eq!(is_decoded, named.iter().any(|row| row.0 == number), "{number}");
        let text = LinkType(number).to_string();
        assert_eq!(text == format!("link type {number}"), !is_decoded);
    }
}
