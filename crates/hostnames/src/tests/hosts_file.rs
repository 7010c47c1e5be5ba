use super::*;

/// The names that a file gives to addresses.
#[track_caller]
fn assert_names(file: &[u8], expected: &[(&str, Option<&str>)]) {
    let mut names = HostNames::default();
    names.read_hosts(file).expect("memory can be read");
    for &(of, name) in expected {
        let name = name.map(|name| HostName { name: name.into(), source: NameSource::Hosts });
        assert_eq!(names.last(addr(of)), name.as_ref(), "{of}");
    }
}

#[test]
fn the_first_name_of_the_first_line_counts() {
    let file = b"# the machines here\n\
        192.0.2.7\tWWW.example.org. www web # the server\n\
        192.0.2.7 later\n\
        2001:db8::7   six\n\
        fe80::1%eth0 router\n\r\n\
        10.0.0.1 windows\r\n\
        192.0.2.9 last";
    let expected = [
        ("192.0.2.7", Some("www.example.org")),
        ("2001:db8::7", Some("six")),
        ("fe80::1", Some("router")),
        ("10.0.0.1", Some("windows")),
        ("192.0.2.9", Some("last")),
        ("192.0.2.8", None),
    ];
    assert_names(file, &expected);
}

#[test]
fn lines_that_are_something_else_say_nothing() {
    let file = b"192.0.2.1\n192.0.2.2 # nobody\n#192.0.2.3 three\n192.0.2 four\n\xff\xfe five\n\
        192.0.2.6 .\n192.0.2.7 a\xff\x1b.b\n";
    let of = |last: u8| format!("192.0.2.{last}");
    let nobody: Vec<_> = (1..=5).map(of).collect();
    let nobody: Vec<_> = nobody.iter().map(|of| (of.as_str(), None)).collect();
    assert_names(file, &nobody);
    assert_names(file, &[("192.0.2.7", Some("a\\255\\027.b"))]);
}

#[test]
fn a_file_names_so_many_addresses() {
    let lines = (0..20_000_u32).map(|number| {
        format!("{} n{number}\n", std::net::Ipv4Addr::from_bits(0x0a00_0000 + number))
    });
    let file: String = lines.collect();
    assert_names(file.as_bytes(), &[("10.0.63.255", Some("n16383")), ("10.0.64.0", None)]);
}
