use super::*;
use crate::table::MOST;

const CLIENT: &str = "10.0.0.1";
const OTHER: &str = "10.0.0.2";

/// An answer to `asker` about one address.
fn answer(asker: &str, of: &str, name: &str) -> DnsAnswer {
    DnsAnswer { asker: addr(asker), addrs: named(&[(of, name)]) }
}

/// The server's name in the attempt with this id.
fn name(names: &HostNames, id: u64, server: &str) -> Option<String> {
    names.of_attempt(id, addr(CLIENT), addr(server)).server.map(|host| host.name.to_string())
}

#[test]
fn the_last_answer_before_the_attempt_began_names_it() {
    for server in [V4, V6] {
        let mut names = HostNames::default();
        names.learn(answer(CLIENT, server, "one"), 1);
        names.learn(answer(CLIENT, server, "two"), 3);
        names.learn(answer(CLIENT, server, "three"), 3);
        let found: Vec<_> = (1..=4).map(|id| name(&names, id, server)).collect();
        let expected = [None, Some("one"), Some("one"), Some("three")];
        assert_eq!(found, expected.map(|name| name.map(str::to_owned)));
        assert_eq!(names.last(addr(server)).map(|host| &*host.name), Some("three"));
    }
}

#[test]
fn an_answer_to_the_client_goes_before_later_ones_to_others() {
    let mut names = HostNames::default();
    names.learn(answer(CLIENT, V4, "mine"), 0);
    names.learn(answer(OTHER, V4, "theirs"), 0);
    names.learn(answer(OTHER, CLIENT, "me"), 0);
    let found = names.of_attempt(1, addr(CLIENT), addr(V4));
    let dns = |name: &str| HostName { name: name.into(), source: NameSource::Dns };
    assert_eq!(found, EndNames { client: Some(&dns("me")), server: Some(&dns("mine")) });
    let found = names.of_attempt(1, addr("10.0.0.3"), addr(V4));
    assert_eq!(found, EndNames { client: None, server: Some(&dns("theirs")) });
}

#[test]
fn an_answer_goes_before_the_hosts_file() {
    let mut names = HostNames::default();
    names.read_hosts(&b"192.0.2.7 file\n10.0.0.1 client\n"[..]).expect("memory can be read");
    names.learn(answer(OTHER, V4, "dns"), 1);
    let host = |name: &str, source| HostName { name: name.into(), source };
    let client = host("client", NameSource::Hosts);
    for (id, server) in [(1, host("file", NameSource::Hosts)), (2, host("dns", NameSource::Dns))] {
        let found = names.of_attempt(id, addr(CLIENT), addr(V4));
        assert_eq!(found, EndNames { client: Some(&client), server: Some(&server) });
    }
}

#[test]
fn beyond_the_bound_the_oldest_answer_is_forgotten() {
    let mut names = HostNames::default();
    let of = |number: u32| std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).to_string();
    for number in 0..=MOST as u32 {
        names.learn(answer(CLIENT, &of(number), "name"), 0);
    }
    assert_eq!(name(&names, 1, &of(0)), None);
    assert_eq!(name(&names, 1, &of(1)), Some("name".to_owned()));
    assert_eq!(name(&names, 1, &of(MOST as u32)), Some("name".to_owned()));
    // The same once more is nothing new.
    for _ in 0..MOST {
        names.learn(answer(CLIENT, &of(1), "name"), 9);
    }
    assert_eq!(name(&names, 1, &of(2)), Some("name".to_owned()));
}
