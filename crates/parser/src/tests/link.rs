use super::frames::{cat, ethernet, ipv4, ipv6, syn};
use super::*;

fn v4() -> Vec<u8> {
    ipv4(6, &syn())
}

fn v6() -> Vec<u8> {
    ipv6(6, &syn())
}

/// Asserts that `header`, before an IP packet of either version, gives the SYN in it.
#[track_caller]
fn carries_ip(link: u32, header: &[u8], layers: &[Layer]) {
    let syn = syn();
    check(LinkType(link), &cat(&[header, &v4()]), layers, Content::Tcp(syn_v4(&syn)));
    check(LinkType(link), &cat(&[header, &v6()]), layers, Content::Tcp(syn_v6(&syn)));
}

#[test]
fn ethernet_names_what_it_carries() {
    let syn = syn();
    let tcp = Content::Tcp(syn_v4(&syn));
    check(LinkType::ETHERNET, &ethernet(0x0800, &v4()), &[], tcp);
    check(LinkType::ETHERNET, &ethernet(0x86dd, &v6()), &[], Content::Tcp(syn_v6(&syn)));
    check(LinkType::ETHERNET, &ethernet(0x0806, &[0; 28]), &[], NOT_IP);
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
        for family in [2_u32, 10, 24, 28, 30] {
            carries_ip(link, &family.to_le_bytes(), &[]);
            carries_ip(link, &family.to_be_bytes(), &[]);
        }
        check(LinkType(link), &[7, 0, 0, 0, 0x45], &[], NOT_IP);
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
fn other_link_types_are_said_to_be_unsupported() {
    check(LinkType(147), &v4(), &[], stopped("link", 0, Reason::Unsupported(147)));
}

#[test]
fn link_types_are_named() {
    assert_eq!(LinkType::ETHERNET.to_string(), "Ethernet (link type 1)");
    assert_eq!(LinkType::LINUX_SLL2.to_string(), "Linux cooked v2 (link type 276)");
    assert_eq!(LinkType(147).to_string(), "link type 147");
}
