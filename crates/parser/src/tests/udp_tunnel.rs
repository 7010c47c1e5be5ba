use super::frames::{cat, ethernet, ipv4, ipv4_fragment, ipv6, syn, udp};
use super::*;

/// The SYN as an IPv4 packet in an Ethernet frame.
fn inner_ethernet() -> Vec<u8> {
    ethernet(0x0800, &ipv4(6, &syn()))
}

/// Asserts that `payload` as UDP, from or to `port`, is a tunnel of these layers to the SYN.
#[track_caller]
fn tunnels_udp(port: u16, payload: &[u8], layers: &[Layer], expected: Content<'_>) {
    for datagram in [udp(port, 50_000, payload), udp(50_000, port, payload)] {
        let v4 = [&[outer_v4()], layers].concat();
        check(LinkType::RAW, &ipv4(17, &datagram), &v4, expected);
        let v6 = [&[outer_v6()], layers].concat();
        check(LinkType::RAW, &ipv6(17, &datagram), &v6, expected);
    }
    no_tunnel(1000, payload);
}

/// Asserts that `payload` as UDP to `port` is UDP and nothing else, and can be read as such.
#[track_caller]
fn no_tunnel(port: u16, payload: &[u8]) {
    let packet = ipv4(17, &udp(50_000, port, payload));
    check(LinkType::RAW, &packet, &[], Content::Other(Other::Ip(17)));
    let v4 = |addr, port| Endpoint::new(Ipv4Addr::from(addr), port);
    let expected = Datagram { source: v4(C4, 50_000), destination: v4(S4, port), payload };
    assert_eq!(datagram(&packet), Some(expected));
}

/// The datagram in an IP packet.
fn datagram(packet: &[u8]) -> Option<Datagram<'_>> {
    let frame = Frame::of_bytes(LinkType::RAW, packet.len() as u32, packet);
    Decoder::new().datagram(&frame)
}

#[test]
fn datagrams() {
    let data = [1, 2, 3, 4, 5];
    let bytes = udp(53, 50_000, &data);
    let v6 = |addr, port| Endpoint::new(Ipv6Addr::from(addr), port);
    let expected = Datagram { source: v6(C6, 53), destination: v6(S6, 50_000), payload: &data };
    let packet = ipv6(17, &bytes);
    assert_eq!(datagram(&packet), Some(expected));
    // In a tunnel, and behind a VLAN tag.
    let frame = ethernet(0x8100, &cat(&[&[0, 5, 0x86, 0xdd], &packet]));
    let tunnel = ipv4(17, &udp(50_000, 4789, &cat(&[&[8, 0, 0, 0, 0, 0, 42, 0], &frame])));
    assert_eq!(datagram(&tunnel), Some(expected));
    // Padding is no data, and what the capture cut off is missing.
    assert_eq!(datagram(&cat(&[&packet, &[9; 9]])), Some(expected));
    for end in 0..packet.len() {
        let payload = packet[..end].get(48..);
        let cut = payload.map(|payload| Datagram { payload, ..expected });
        assert_eq!(datagram(&packet[..end]), cut, "{end}");
    }
    // A segment, and a fragment that is not the first.
    assert_eq!(datagram(&ipv4(6, &syn())), None);
    assert_eq!(datagram(&ipv4_fragment(17, 1, &bytes)), None);
}

#[test]
fn vxlan() {
    let (syn, frame) = (syn(), inner_ethernet());
    let tcp = Content::Tcp(syn_v4(&syn));
    for port in [4789, 8472] {
        let payload = cat(&[&[8, 0, 0, 0, 1, 2, 3, 0], &frame]);
        tunnels_udp(port, &payload, &[Layer::Vxlan(0x01_0203)], tcp);
        // Group policy, and whatever else the reserved bits may come to be used for.
        for header in [
            [0x88, 0x48, 1, 2, 0, 0, 42, 0],
            [8, 0, 0, 0, 0, 0, 42, 1],
            [8, 0, 1, 0, 0, 0, 42, 0],
            [0xff, 0xff, 0xff, 0xff, 0, 0, 42, 0xff],
        ] {
            tunnels_udp(port, &cat(&[&header, &frame]), &[Layer::Vxlan(42)], tcp);
            // There may be anything in the frame, unless these bits are used.
            no_tunnel(port, &cat(&[&header, &ethernet(0x88cc, &[0; 46])]));
        }
        let lldp = cat(&[&[8, 0, 0, 0, 0, 0, 42, 0], &ethernet(0x88cc, &[0; 46])]);
        tunnels_udp(port, &lldp, &[Layer::Vxlan(42)], ether_type(0x88cc));
        for header in [[0; 8], [0xf7, 0, 0, 0, 0, 0, 42, 0]] {
            no_tunnel(port, &cat(&[&header, &frame]));
        }
        no_tunnel(port, &payload[..7]);
    }
}

#[test]
fn a_wrong_guess_leaves_plain_udp() {
    let vxlan = [8, 0, 0, 0, 0, 0, 42, 0];
    no_tunnel(4789, &vxlan);
    no_tunnel(4789, &cat(&[&vxlan, &ethernet(0x0800, &[0x50; 40])]));
    no_tunnel(4789, &cat(&[&vxlan, &ethernet(0x0800, &ipv4(6, &[0; 20]))]));
    // Nor does it matter that the capture cut the frame, where that is not what is wrong.
    let bad = ipv4(17, &udp(50_000, 4789, &cat(&[&vxlan, &ethernet(0x0800, &[0x50; 40])])));
    let other = Content::Other(Other::Ip(17));
    check_cut(LinkType::RAW, bad.len() + 10, &bad, &[], other);
    // The innermost guess is the wrong one.
    let inner = ipv4(17, &udp(50_000, 4789, &cat(&[&vxlan, &[0; 13]])));
    let outer = ipv4(17, &udp(50_000, 4789, &cat(&[&vxlan, &ethernet(0x0800, &inner)])));
    let layers = [outer_v4(), Layer::Vxlan(42)];
    check(LinkType::RAW, &outer, &layers, Content::Other(Other::Ip(17)));
}

#[test]
fn a_capture_that_cuts_a_tunnel_is_reported() {
    let payload = cat(&[&[8, 0, 0, 0, 0, 0, 42, 0], &inner_ethernet()]);
    let packet = ipv4(17, &udp(50_000, 4789, &payload));
    let layers = [outer_v4(), Layer::Vxlan(42)];
    let cut = truncated("tcp", 70, 20, 10);
    check_cut(LinkType::RAW, packet.len(), &packet[..80], &layers, cut);
}

#[test]
fn vxlan_gpe() {
    let syn = syn();
    let header = |flags, next| [flags, 0, 0, next, 0, 0, 42, 0];
    let layers = [Layer::Vxlan(42)];
    let tcp = Content::Tcp(syn_v4(&syn));
    tunnels_udp(4790, &cat(&[&header(0x0c, 1), &ipv4(6, &syn)]), &layers, tcp);
    let v6 = cat(&[&header(0x0c, 2), &ipv6(6, &syn)]);
    tunnels_udp(4790, &v6, &layers, Content::Tcp(syn_v6(&syn)));
    tunnels_udp(4790, &cat(&[&header(0x0c, 3), &inner_ethernet()]), &layers, tcp);
    let label = [0, 0, 0x51, 64];
    let mpls = cat(&[&header(0x0c, 5), &label, &ipv4(6, &syn)]);
    tunnels_udp(4790, &mpls, &[Layer::Vxlan(42), Layer::Mpls(5)], tcp);
    for header in [header(0x08, 1), header(0x0c, 4), header(0x3c, 1), [0; 8]] {
        no_tunnel(4790, &cat(&[&header, &ipv4(6, &syn)]));
    }
}

#[test]
fn geneve() {
    let syn = syn();
    let header = |first, flags, protocol: u16, last| {
        let [p0, p1] = protocol.to_be_bytes();
        [first, flags, p0, p1, 0, 0, 42, last]
    };
    let (layers, tcp) = ([Layer::Geneve(42)], Content::Tcp(syn_v4(&syn)));
    let (v4, frame) = (ipv4(6, &syn), inner_ethernet());
    tunnels_udp(6081, &cat(&[&header(0, 0, 0x6558, 0), &frame]), &layers, tcp);
    tunnels_udp(6081, &cat(&[&header(0, 0xc0, 0x0800, 0), &v4]), &layers, tcp);
    tunnels_udp(6081, &cat(&[&header(2, 0x40, 0x6558, 0), &[9; 8], &frame]), &layers, tcp);
    let others = [
        header(0x40, 0, 0x6558, 0),
        header(0, 0x01, 0x6558, 0),
        header(0, 0, 0x6559, 0),
        header(0, 0, 0x6558, 1),
        header(0x3f, 0, 0x6558, 0),
    ];
    for header in others {
        no_tunnel(6081, &cat(&[&header, &frame]));
    }
}

#[test]
fn gtp_u() {
    let syn = syn();
    let (layers, tcp) = ([Layer::GtpU(0x0102_0304)], Content::Tcp(syn_v4(&syn)));
    let pdu = |flags: u8, kind: u8, optional: &[u8], packet: &[u8]| {
        let length = ((optional.len() + packet.len()) as u16).to_be_bytes();
        cat(&[&[flags, kind], &length, &[1, 2, 3, 4], optional, packet])
    };
    let v4 = ipv4(6, &syn);
    tunnels_udp(2152, &pdu(0x30, 255, &[], &v4), &layers, tcp);
    let v6 = pdu(0x30, 255, &[], &ipv6(6, &syn));
    tunnels_udp(2152, &v6, &layers, Content::Tcp(syn_v6(&syn)));
    // Sequence number only: the byte where an extension would be named means nothing.
    tunnels_udp(2152, &pdu(0x32, 255, &[0, 1, 0, 0x85], &v4), &layers, tcp);
    // Whatever their content, the last byte of each names the next.
    let extensions = [0, 1, 0, 0x85, 1, 0, 9, 0x40, 2, 9, 9, 9, 9, 9, 9, 0];
    tunnels_udp(2152, &pdu(0x36, 255, &extensions, &v4), &layers, tcp);
    no_tunnel(2152, &pdu(0x30, 1, &[], &v4));
    no_tunnel(2152, &pdu(0x50, 255, &[], &v4));
    no_tunnel(2152, &pdu(0x20, 255, &[], &v4));
    no_tunnel(2152, &pdu(0x38, 255, &[], &v4));
    no_tunnel(2152, &pdu(0x30, 255, &[], &[0; 20]));
    no_tunnel(2152, &pdu(0x34, 255, &[0, 1, 0, 0x85, 0, 0, 0, 0], &v4));
    // The first fragment of a longer datagram.
    let whole = udp(50_000, 2152, &pdu(0x30, 255, &[], &cat(&[&v4, &[0; 8]])));
    let first = ipv4_fragment(17, 0x2000, &whole[..whole.len() - 8]);
    check(LinkType::RAW, &first, &[&[outer_v4()], &layers[..]].concat(), tcp);
    // A header that the capture cut may be one; with a total length below its own it is none.
    let mut options = cat(&[&v4, &[1, 1, 1, 0]]);
    options[0] = 0x46;
    for (total, layers, content) in [
        (24, &[outer_v4(), layers[0]][..], truncated("ipv4", 36, 24, 23)),
        (23, &[], Content::Other(Other::Ip(17))),
    ] {
        options[3] = total;
        let packet = ipv4(17, &udp(50_000, 2152, &pdu(0x30, 255, &[], &options)));
        check_cut(LinkType::RAW, packet.len(), &packet[..36 + 23], layers, content);
    }
    let mut long = pdu(0x30, 255, &[], &v4);
    long[3] += 1;
    no_tunnel(2152, &long);
}

#[test]
fn teredo() {
    let syn = syn();
    let (v6, tcp) = (ipv6(6, &syn), Content::Tcp(syn_v6(&syn)));
    let authentication = cat(&[&[0, 1, 2, 3], &[9; 2 + 3 + 9]]);
    let origin = [0, 0, 9, 9, 9, 9, 9, 9];
    tunnels_udp(3544, &v6, &[Layer::Teredo], tcp);
    tunnels_udp(3544, &cat(&[&origin, &v6]), &[Layer::Teredo], tcp);
    tunnels_udp(3544, &cat(&[&authentication, &v6]), &[Layer::Teredo], tcp);
    tunnels_udp(3544, &cat(&[&authentication, &origin, &v6]), &[Layer::Teredo], tcp);
    no_tunnel(3544, &ipv4(6, &syn));
    no_tunnel(3544, &v6[..v6.len() - 1]);
    no_tunnel(3544, &authentication);
}

#[test]
fn gre_in_udp() {
    let syn = syn();
    let (v4, v6) = (ipv4(6, &syn), ipv6(6, &syn));
    let tcp = Content::Tcp(syn_v4(&syn));
    let (none, key) = ([Layer::Gre { key: None }], [Layer::Gre { key: Some(7) }]);
    tunnels_udp(4754, &cat(&[&[0, 0, 8, 0], &v4]), &none, tcp);
    tunnels_udp(4754, &cat(&[&[0, 0, 0x86, 0xdd], &v6]), &none, Content::Tcp(syn_v6(&syn)));
    let all = [0xb0, 0, 0x65, 0x58, 9, 9, 9, 9, 0, 0, 0, 7, 9, 9, 9, 9];
    tunnels_udp(4754, &cat(&[&all, &inner_ethernet()]), &key, tcp);
    let wifi = cat(&[&[0, 0, 0x82, 0, 8, 1], &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &v4]);
    tunnels_udp(4754, &wifi, &none, tcp);
    tunnels_udp(4754, &[0, 0, 0x77, 0x77], &none, Content::Other(Other::Gre(0x7777)));
    for header in [[0x40, 0, 8, 0], [8, 0, 8, 0], [0, 8, 8, 0], [0, 1, 8, 0]] {
        no_tunnel(4754, &cat(&[&header, &v4]));
    }
    // What can't be decoded in it was no GRE.
    no_tunnel(4754, &[0, 0, 8, 0, 0x50]);
    no_tunnel(4754, &[0]);
    no_tunnel(4754, &[0xb0, 0, 8, 0]);
}
