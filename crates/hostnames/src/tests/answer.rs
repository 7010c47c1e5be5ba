use parser::{Datagram, Endpoint};
use testkit::Dns;

use super::*;

const ASKER: &str = "10.0.0.9";

/// What is read of a message from this port.
fn read(port: u16, payload: &[u8]) -> Option<Vec<(IpAddr, Arc<str>)>> {
    let source = Endpoint::new(addr("192.0.2.53"), port);
    let destination = Endpoint::new(addr(ASKER), 40_000);
    let answer = DnsAnswer::read(&Datagram { source, destination, payload })?;
    assert_eq!(answer.asker, addr(ASKER));
    Some(answer.addrs)
}

#[track_caller]
fn assert_read(dns: Dns, expected: &[(&str, &str)]) {
    let expected = (!expected.is_empty()).then(|| named(expected));
    assert_eq!(read(53, &dns.finish()), expected);
}

#[test]
fn an_answer_names_its_addresses_of_both_families() {
    let of = || Dns::of("www.example.org");
    assert_read(of().addr("www.example.org", addr(V4)), &[(V4, "www.example.org")]);
    assert_read(of().addr("www.example.org", addr(V6)), &[(V6, "www.example.org")]);
    let both = of().addr("www.example.org", addr(V6)).addr("www.example.org", addr(V4));
    assert_read(both, &[(V6, "www.example.org"), (V4, "www.example.org")]);
    assert_read(of(), &[]);
}

#[test]
fn the_name_that_was_asked_for_counts_in_lower_case() {
    let dns = Dns::of("wWw.Example.org")
        .alias("www.example.org", "edge.cdn.net")
        .alias("edge.cdn.net", "host7.cdn.net")
        .addr("host7.cdn.net", addr(V4))
        .addr("host7.cdn.net", addr(V6))
        // What was not asked for.
        .addr("other.cdn.net", addr("192.0.2.8"));
    assert_read(dns, &[(V4, "www.example.org"), (V6, "www.example.org")]);
}

#[test]
fn a_chain_counts_in_any_order_and_a_ring_does_not() {
    let turned = Dns::of("a.example")
        .addr("c.example", addr(V4))
        .alias("b.example", "c.example")
        .alias("a.example", "b.example");
    assert_read(turned, &[(V4, "a.example")]);
    let ring = Dns::of("a.example")
        .alias("a.example", "b.example")
        .alias("b.example", "a.example")
        .addr("b.example", addr(V4));
    assert_read(ring, &[]);
}

#[test]
fn questions_failures_and_other_ports_name_nothing() {
    let good = Dns::of("a.example").addr("a.example", addr(V4)).finish();
    assert!(read(53, &good).is_some());
    assert_eq!(read(54, &good), None);
    let mut question = good.clone();
    question[2] &= 0x7f;
    assert_eq!(read(53, &question), None);
    for rcode in 1..16 {
        let failed = Dns::new(rcode).question("a.example").addr("a.example", addr(V4));
        assert_read(failed, &[]);
    }
    let two = Dns::of("a.example").question("b.example").addr("a.example", addr(V4));
    assert_read(two, &[]);
    assert_read(Dns::new(0).addr("a.example", addr(V4)), &[]);
}

#[test]
fn multicast_answers_name_their_own_records() {
    let dns = || Dns::new(0).addr("a.local", addr(V4)).addr("b.local", addr(V6));
    let expected = Some(named(&[(V4, "a.local"), (V6, "b.local")]));
    assert_eq!(read(5353, &dns().finish()), expected);
    // The bit that says that older records are replaced is not part of the class.
    let mut replaces = dns().finish();
    let class = 12 + "a.local".len() + 2 + 2;
    assert_eq!(replaces[class..class + 2], [0, 1]);
    replaces[class] |= 0x80;
    assert_eq!(read(5353, &replaces), expected);
    // In class CH an address is something else.
    replaces[class + 1] = 3;
    assert_eq!(read(5353, &replaces), Some(named(&[(V6, "b.local")])));
}

#[test]
fn hostile_names_are_spelled_out_and_long_ones_are_none() {
    let name = b"\x1b[2J\xff. \\-_a";
    let spelled = "\\027\\0912j\\255.\\032\\092-_a";
    assert_read(Dns::of(name).addr(name, addr(V4)), &[(V4, spelled)]);
    let longest = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
    assert_eq!(longest.len(), 253);
    assert_read(Dns::of(&longest).addr(&longest, addr(V4)), &[(V4, &longest)]);
    // Each byte has four characters.
    let most = "\n".repeat(63);
    assert_read(Dns::of(&most).addr(&most, addr(V4)), &[(V4, &"\\010".repeat(63))]);
    let beyond = format!("{most}.x");
    assert_read(Dns::of(&beyond).addr(&beyond, addr(V4)), &[]);
}

#[test]
fn what_comes_before_the_end_counts_wherever_that_is() {
    let dns = Dns::of("a.example").alias("a.example", "b.example");
    let dns = dns.addr("b.example", addr(V4));
    let v4_end = dns.clone().finish().len();
    let whole = dns.addr("b.example", addr(V6)).finish();
    for end in 0..=whole.len() {
        let expected = match end {
            _ if end == whole.len() => Some(named(&[(V4, "a.example"), (V6, "a.example")])),
            _ if end >= v4_end => Some(named(&[(V4, "a.example")])),
            _ => None,
        };
        assert_eq!(read(53, &whole[..end]), expected, "{end}");
    }
}

#[test]
fn pointers_that_turn_in_a_ring_end() {
    let whole = Dns::of("a.example").addr("a.example", addr(V4)).finish();
    let pointer = 12 + "a.example".len() + 2 + 4;
    assert_eq!(whole[pointer..pointer + 2], [0xc0, 12]);
    for target in 0..whole.len() {
        let mut bent = whole.clone();
        bent[pointer + 1] = target as u8;
        // Ahead, or to itself, it leads nowhere.
        let found = read(53, &bent);
        assert!(target < pointer || found.is_none(), "{target}: {found:?}");
    }
    // Two names that point at each other.
    let mut ring = whole.clone();
    ring[12..14].copy_from_slice(&[0xc0, pointer as u8]);
    ring[pointer..pointer + 2].copy_from_slice(&[0xc0, 12]);
    assert_eq!(read(53, &ring), None);
}

#[test]
fn an_answer_with_too_many_records_is_not_read() {
    let with = |records: u8| {
        let dns = Dns::of("a.example");
        let addrs = (0..records).map(|number| IpAddr::from([192, 0, 2, number]));
        read(53, &addrs.fold(dns, |dns, addr| dns.addr("a.example", addr)).finish())
    };
    assert_eq!(with(64).map(|addrs| addrs.len()), Some(64));
    assert_eq!(with(65), None);
}
