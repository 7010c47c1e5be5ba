use super::*;
use crate::Tally;

#[test]
fn what_is_no_tcp_is_named_by_what_announced_it() {
    let named = [
        (Other::Ip(1), "icmp"),
        (Other::Ip(2), "igmp"),
        (Other::Ip(17), "udp"),
        (Other::Ip(33), "dccp"),
        (Other::Ip(47), "gre"),
        (Other::Ip(50), "esp"),
        (Other::Ip(58), "icmpv6"),
        (Other::Ip(59), "ipv6 without payload"),
        (Other::Ip(88), "eigrp"),
        (Other::Ip(89), "ospf"),
        (Other::Ip(103), "pim"),
        (Other::Ip(112), "vrrp"),
        (Other::Ip(115), "l2tp"),
        (Other::Ip(132), "sctp"),
        (Other::Ip(255), "ip protocol 255"),
        (Other::EtherType(0x0806), "arp"),
        (Other::EtherType(0x8035), "rarp"),
        (Other::EtherType(0x8137), "ipx"),
        (Other::EtherType(0x8809), "slow protocols"),
        (Other::EtherType(0x8863), "pppoe discovery"),
        (Other::EtherType(0x888e), "eapol"),
        (Other::EtherType(0x88cc), "lldp"),
        (Other::EtherType(0x88e5), "encrypted macsec"),
        (Other::EtherType(0x88f7), "ptp"),
        (Other::EtherType(0x9000), "loopback test"),
        (Other::EtherType(0x000c), "ethertype 0x000c"),
        (Other::Gre(0x8200), "gre type 0x8200"),
        (Other::Ppp(0xc021), "ppp 0xc021"),
        (Other::Llc(0x42), "spanning tree"),
        (Other::Llc(0xfe), "llc 0xfe"),
        (Other::Snap(0x00_000c, 0x2000), "snap 0x00000c 0x2000"),
        (Other::Nlpid(0x81), "nlpid 0x81"),
        (Other::Family(7), "address family 7"),
        (Other::Link(LinkType(147)), "link type 147 not supported"),
        (Other::LaterFragment, "later fragment"),
        (Other::HeaderFragment, "fragment of a tcp header"),
        (Other::Named("netlink"), "netlink"),
    ];
    for (other, name) in named {
        assert_eq!(other.to_string(), name);
    }
}

#[test]
fn a_tally_counts_so_many_kinds_apart_and_the_rest_together() {
    let mut tally = Tally::default();
    for number in 0..=Tally::KINDS as u16 {
        tally.count(Other::EtherType(number));
    }
    let met: Vec<_> = (0..32).map(|number| (Other::EtherType(number), 1)).collect();
    assert_eq!((tally.kinds(), tally.rest()), (&met[..], 1));
    // What is met more often moves to the front, a place at a time.
    for _ in 0..3 {
        tally.count(Other::EtherType(31));
    }
    let front: Vec<_> = tally.kinds()[27..].to_vec();
    let expected = [(27, 1), (31, 4), (28, 1), (29, 1), (30, 1)]
        .map(|(number, count)| (Other::EtherType(number), count));
    assert_eq!(front, expected);
    tally.count(Other::Ip(17));
    assert_eq!(tally.rest(), 2);
    // The first stays in front until another was met more often.
    for (number, front) in [(0, [(0, 2), (1, 1)]), (1, [(0, 2), (1, 2)]), (1, [(1, 3), (0, 2)])] {
        tally.count(Other::EtherType(number));
        let front = front.map(|(number, count)| (Other::EtherType(number), count));
        assert_eq!(tally.kinds()[..2], front);
    }
}
