use super::frames::{cat, ethernet, ipv4, ipv6, syn};
use super::*;

/// Asserts that `payload` of an IP packet with `protocol` is layers and then `content`.
#[track_caller]
fn tunnels(protocol: u8, payload: &[u8], layers: &[Layer], content: Content<'_>) {
    let v4 = [&[outer_v4()], layers].concat();
    check(LinkType::RAW, &ipv4(protocol, payload), &v4, content);
    let v6 = [&[outer_v6()], layers].concat();
    check(LinkType::RAW, &ipv6(protocol, payload), &v6, content);
}

#[test]
fn ip_in_ip() {
    let syn = syn();
    let (v4, v6) = (ipv4(6, &syn), ipv6(6, &syn));
    let (in_v4, in_v6) = ([outer_v4(), Layer::IpInIp], [outer_v6(), Layer::IpInIp]);
    check(LinkType::RAW, &ipv4(4, &v4), &in_v4, Content::Tcp(syn_v4(&syn)));
    check(LinkType::RAW, &ipv4(41, &v6), &in_v4, Content::Tcp(syn_v6(&syn)));
    check(LinkType::RAW, &ipv6(4, &v4), &in_v6, Content::Tcp(syn_v4(&syn)));
    check(LinkType::RAW, &ipv6(41, &v6), &in_v6, Content::Tcp(syn_v6(&syn)));
    let bad = Reason::Malformed("the version is neither 4 nor 6");
    check(LinkType::RAW, &ipv4(4, &[0; 20]), &in_v4, stopped("ip", 20, bad));
}

#[test]
fn the_outer_addresses_come_before_what_lies_between() {
    let syn = syn();
    let header = cat(&[&[4, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1]]);
    let packet = ipv4(51, &cat(&[&header, &ipv4(6, &syn)]));
    let layers = [outer_v4(), Layer::Ah(7), Layer::IpInIp];
    let tcp = Content::Tcp(syn_v4(&syn));
    check(LinkType::RAW, &packet, &layers, tcp);
    // And after what lies around them.
    let tagged = ethernet(0x8100, &cat(&[&[0, 5, 8, 0], &packet]));
    check(LinkType::ETHERNET, &tagged, &[&[Layer::Vlan(5)], &layers[..]].concat(), tcp);
    let twice = ipv6(4, &packet);
    check(LinkType::RAW, &twice, &[&[outer_v6(), Layer::IpInIp], &layers[..]].concat(), tcp);
}

#[test]
fn mpls_labels_stack() {
    let labels = [0, 0, 0x20, 64, 0xff, 0xff, 0xf1, 64];
    let layers = [Layer::Mpls(2), Layer::Mpls(0xf_ffff)];
    for ether_type in [0x8847, 0x8848] {
        carries_ip(1, &ethernet(ether_type, &labels), &layers);
    }
    let syn = syn();
    let in_ip = cat(&[&labels, &ipv4(6, &syn)]);
    tunnels(137, &in_ip, &layers, Content::Tcp(syn_v4(&syn)));
    let cut = ethernet(0x8847, &labels[..7]);
    check(LinkType::ETHERNET, &cut, &layers[..1], truncated("mpls", 18, 4, 3));
    let nothing = ethernet(0x8847, &labels);
    check(LinkType::ETHERNET, &nothing, &layers, truncated("mpls", 22, 1, 0));
}

#[test]
fn mpls_pseudowires_carry_ethernet() {
    let label = [0, 0, 0x21, 64];
    let layers = [Layer::Mpls(2)];
    let control_word = [0, 0, 0, 9];
    // The first address may begin with any bits, those of IP among them.
    for first in [0x00, 0x02, 0x18, 0x45, 0x60, 0xfe] {
        let mut frame = ethernet(0x0800, &[]);
        frame[0] = first;
        carries_ipv4(1, &ethernet(0x8847, &cat(&[&label, &frame])), &layers);
        carries_ipv4(1, &ethernet(0x8847, &cat(&[&label, &control_word, &frame])), &layers);
        let syn = syn();
        let mut v6 = ethernet(0x86dd, &ipv6(6, &syn));
        v6[0] = first;
        let v6 = ethernet(0x8847, &cat(&[&label, &v6]));
        check(LinkType::ETHERNET, &v6, &layers, Content::Tcp(syn_v6(&syn)));
        for tag in [0x8100, 0x88a8] {
            let mut tagged = ethernet(tag, &[0, 5, 8, 0]);
            tagged[0] = first;
            let layers = [layers[0], Layer::Vlan(5)];
            carries_ipv4(1, &ethernet(0x8847, &cat(&[&label, &tagged])), &layers);
        }
        let mut arp = ethernet(0x0806, &[0, 1, 8, 0]);
        arp[0] = first;
        let arp = ethernet(0x8847, &cat(&[&label, &arp]));
        check(LinkType::ETHERNET, &arp, &layers, ether_type(0x0806));
    }
    let associated_channel = ethernet(0x8847, &cat(&[&label, &[0x10, 0, 0, 0x21], &[0; 20]]));
    check(LinkType::ETHERNET, &associated_channel, &layers, named("mpls associated channel"));
}

#[test]
fn pppoe_sessions() {
    let (syn, layers) = (syn(), [Layer::Pppoe(0x1234)]);
    let session = |version, code, length: u16| {
        let length = length.to_be_bytes();
        let header = [version, code, 0x12, 0x34, length[0], length[1], 0, 0x21];
        cat(&[&header, &ipv4(6, &syn), &[0; 4]])
    };
    let good = session(0x11, 0, 54);
    let tcp = Content::Tcp(syn_v4(&syn));
    check(LinkType::ETHERNET, &ethernet(0x8864, &good), &layers, tcp);
    check(LinkType(51), &good, &layers, tcp);
    check(LinkType(51), &session(0x11, 0xa7, 54), &[], ether_type(0x8863));
    let version = Reason::Malformed("version or type is not 1");
    check(LinkType(51), &session(0x21, 0, 54), &[], stopped("pppoe", 0, version));
    check(LinkType::ETHERNET, &ethernet(0x8863, &good), &[], ether_type(0x8863));
}

#[test]
fn ethernet_in_ethernet() {
    let inner = ethernet(0x0800, &[]);
    let pbb = ethernet(0x88e7, &cat(&[&[0xf0, 1, 2, 3], &inner]));
    carries_ipv4(1, &pbb, &[Layer::Pbb(0x01_0203)]);
    let fabric = ethernet(0x8903, &cat(&[&[0, 0x60], &inner]));
    carries_ipv4(1, &fabric, &[Layer::FabricPath]);
    check(LinkType::ETHERNET, &ethernet(0x88e7, &[0; 3]), &[], truncated("pbb", 14, 4, 3));
}

#[test]
fn gre_with_every_optional_field() {
    let syn = syn();
    let (v4, v6) = (ipv4(6, &syn), ipv6(6, &syn));
    let tcp = Content::Tcp(syn_v4(&syn));
    let key = Layer::Gre { key: Some(0x0102_0304) };
    let none = Layer::Gre { key: None };
    tunnels(47, &cat(&[&[0, 0, 8, 0], &v4]), &[none], tcp);
    tunnels(47, &cat(&[&[0, 0, 0x86, 0xdd], &v6]), &[none], Content::Tcp(syn_v6(&syn)));
    tunnels(47, &cat(&[&[0x80, 0, 8, 0], &[9; 4], &v4]), &[none], tcp);
    tunnels(47, &cat(&[&[0x20, 0, 8, 0, 1, 2, 3, 4], &v4]), &[key], tcp);
    tunnels(47, &cat(&[&[0x10, 0, 8, 0], &[9; 4], &v4]), &[none], tcp);
    let all = [0xb0, 0, 8, 0, 9, 9, 9, 9, 1, 2, 3, 4, 9, 9, 9, 9];
    tunnels(47, &cat(&[&all, &v4]), &[key], tcp);
    let routes = [0, 2, 0, 4, 9, 9, 9, 9, 0, 2, 4, 8, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0];
    tunnels(47, &cat(&[&[0x40, 0, 8, 0], &[9; 4], &routes, &v4]), &[none], tcp);
    let frame = ethernet(0x8100, &cat(&[&[0, 5, 8, 0], &v4]));
    // Transparent Ethernet, which with a key is NVGRE.
    tunnels(47, &cat(&[&[0, 0, 0x65, 0x58], &frame]), &[none, Layer::Vlan(5)], tcp);
    tunnels(47, &cat(&[&[0, 0, 0x88, 0x47, 0, 0, 0x51, 9], &v4]), &[none, Layer::Mpls(5)], tcp);
    tunnels(47, &cat(&[&[0, 0, 0x88, 0x0b, 0xff, 3, 0, 0x21], &v4]), &[none], tcp);
    tunnels(47, &cat(&[&[0, 0, 0x88, 0x3e], &v4]), &[none], tcp);
    tunnels(47, &cat(&[&[0, 0, 0x88, 0x3e, 0, 1, 2, 3], &v4]), &[none], tcp);
    tunnels(47, &[0, 0, 0, 0], &[none], Content::Other(Other::Gre(0)));
    tunnels(47, &[0, 0, 0x08, 0x06], &[none], Content::Other(Other::Gre(0x0806)));
    tunnels(47, &[0, 0, 5, 0xdc, 6, 6, 3], &[none], Content::Other(Other::Gre(0x05dc)));
}

#[test]
fn gre_of_access_points_carries_wifi() {
    let syn = syn();
    let llc = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let wifi = cat(&[&[0x88, 0x01], &[0; 24], &llc, &ipv4(6, &syn)]);
    let gre = |protocol: u16| cat(&[&[0, 0], &protocol.to_be_bytes(), &wifi]);
    let layers = [Layer::Gre { key: None }];
    for protocol in [0x8200, 0x8210, 0x82f0, 0x8300, 0x8370, 0x9000] {
        tunnels(47, &gre(protocol), &layers, Content::Tcp(syn_v4(&syn)));
    }
    for protocol in [0x81f0, 0x8201, 0x837f, 0x8380, 0x9010] {
        tunnels(47, &gre(protocol), &layers, Content::Other(Other::Gre(protocol)));
    }
}

#[test]
fn gre_that_cannot_be() {
    let bad = |offset, needed, got| truncated("gre", offset, needed, got);
    check(LinkType::RAW, &ipv4(47, &[0x20, 0, 8, 0, 1]), &[], bad(24, 4, 1));
    check(LinkType::RAW, &ipv4(47, &[0, 0, 8]), &[], bad(20, 4, 3));
    let version = stopped("gre", 20, Reason::Unsupported(2));
    check(LinkType::RAW, &ipv4(47, &[0, 2, 8, 0]), &[], version);
    let route = [0x40, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, 9, 1];
    check(LinkType::RAW, &ipv4(47, &route), &[], bad(32, 9, 1));
}

#[test]
fn pptp() {
    let syn = syn();
    let ppp = cat(&[&[0xff, 3, 0, 0x21], &ipv4(6, &syn)]);
    let length = (ppp.len() as u16).to_be_bytes();
    let layers = [Layer::Gre { key: Some(7) }];
    let header = |flags, more, fields: &[u8]| {
        cat(&[&[flags, more, 0x88, 0x0b], &length, &[0, 7], fields, &ppp, &[0; 3]])
    };
    let tcp = Content::Tcp(syn_v4(&syn));
    tunnels(47, &header(0x20, 0x01, &[]), &layers, tcp);
    tunnels(47, &header(0x30, 0x01, &[0; 4]), &layers, tcp);
    tunnels(47, &header(0x30, 0x81, &[0; 8]), &layers, tcp);
    let acknowledgment = [0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 7, 0, 0, 0, 1];
    let other = Content::Other(Other::Ip(47));
    check(LinkType::RAW, &ipv4(47, &acknowledgment), &[], other);
}

#[test]
fn erspan() {
    let syn = syn();
    let (packet, tcp) = (ipv4(6, &syn), Content::Tcp(syn_v4(&syn)));
    let frame = ethernet(0x0800, &packet);
    let layers = |session| [Layer::Gre { key: None }, Layer::Erspan { session }];
    tunnels(47, &cat(&[&[0, 0, 0x88, 0xbe], &frame]), &layers(None), tcp);
    let gre_2 = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1];
    let two = cat(&[&gre_2, &[0x10, 5, 0xfd, 0x23, 0, 0, 0, 0], &frame]);
    tunnels(47, &two, &layers(Some(0x123)), tcp);
    let gre_3 = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1];
    let three = |kind: u8, optional: u8, rest: &[u8]| {
        let header = [0x20, 5, 0xfd, 0x23, 0, 0, 0, 0, 0, 0, kind << 2, optional];
        cat(&[&gre_3, &header, rest])
    };
    tunnels(47, &three(0, 0, &frame), &layers(Some(0x123)), tcp);
    tunnels(47, &three(0, 1, &cat(&[&[9; 8], &frame])), &layers(Some(0x123)), tcp);
    tunnels(47, &three(2, 0, &packet), &layers(Some(0x123)), tcp);
    let unsupported =
        |layer_offset, number| stopped("erspan", layer_offset, Reason::Unsupported(number));
    let outer = [&[outer_v4()][..], &layers(Some(0x123))].concat();
    check(LinkType::RAW, &ipv4(47, &three(7, 0, &frame)), &outer, unsupported(28, 7));
    let version = cat(&[&gre_2, &[0x20, 5, 0, 1, 0, 0, 0, 0], &frame]);
    check(LinkType::RAW, &ipv4(47, &version), &outer[..2], unsupported(28, 2));
    let version = cat(&[&gre_3, &[0x10, 5, 0, 1], &[0; 8], &frame]);
    check(LinkType::RAW, &ipv4(47, &version), &outer[..2], unsupported(28, 1));
}
