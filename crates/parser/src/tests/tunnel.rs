use super::frames::{C4, C6, S4, S6, cat, ethernet, ipv4, ipv6, syn, udp};
use super::*;

/// The outer header of [`frames::ipv4`] as a layer.
fn outer_v4() -> Layer {
    Layer::OuterIp { source: Ipv4Addr::from(C4).into(), destination: Ipv4Addr::from(S4).into() }
}

/// The outer header of [`frames::ipv6`] as a layer.
fn outer_v6() -> Layer {
    Layer::OuterIp { source: Ipv6Addr::from(C6).into(), destination: Ipv6Addr::from(S6).into() }
}

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

/// Asserts that `payload` as UDP to `port` is UDP and nothing else.
#[track_caller]
fn no_tunnel(port: u16, payload: &[u8]) {
    let packet = ipv4(17, &udp(50_000, port, payload));
    check(LinkType::RAW, &packet, &[], Content::Other(Other::Protocol(17)));
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
    check(LinkType::RAW, &packet, &layers, Content::Tcp(syn_v4(&syn)));
}

#[test]
fn vxlan() {
    let (syn, frame) = (syn(), inner_ethernet());
    let tcp = Content::Tcp(syn_v4(&syn));
    for port in [4789, 8472] {
        let payload = cat(&[&[8, 0, 0, 0, 1, 2, 3, 0], &frame]);
        tunnels_udp(port, &payload, &[Layer::Vxlan(0x01_0203)], tcp);
        let policy = cat(&[&[0x88, 0x48, 1, 2, 0, 0, 42, 0], &frame]);
        tunnels_udp(port, &policy, &[Layer::Vxlan(42)], tcp);
        for header in [[0; 8], [8, 0, 0, 0, 0, 0, 42, 1], [8, 0, 1, 0, 0, 0, 42, 0], [0xff; 8]] {
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
    // The innermost guess is the wrong one.
    let inner = ipv4(17, &udp(50_000, 4789, &cat(&[&vxlan, &[0; 13]])));
    let outer = ipv4(17, &udp(50_000, 4789, &cat(&[&vxlan, &ethernet(0x0800, &inner)])));
    let layers = [outer_v4(), Layer::Vxlan(42)];
    check(LinkType::RAW, &outer, &layers, Content::Other(Other::Protocol(17)));
}

#[test]
fn a_capture_that_cuts_a_tunnel_is_told() {
    let payload = cat(&[&[8, 0, 0, 0, 0, 0, 42, 0], &inner_ethernet()]);
    let packet = ipv4(17, &udp(50_000, 4789, &payload));
    let layers = [outer_v4(), Layer::Vxlan(42)];
    let cut = truncated("tcp", 70, 20, 10);
    check_cut(LinkType::RAW, packet.len(), &packet[..80], &layers, cut);
}
