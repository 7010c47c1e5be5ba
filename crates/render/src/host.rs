//! Hosts, by name and address.

use std::net::IpAddr;

use answers::Key;
use hostnames::{HostName, HostNames};
use parser::Endpoint;

/// `www.example.org (192.0.2.7)`, or the address alone.
fn addr(addr: IpAddr, name: Option<&HostName>) -> String {
    match name {
        Some(HostName { name, .. }) => format!("{name} ({addr})"),
        None => addr.to_string(),
    }
}

/// `www.example.org (192.0.2.7):443`, or the address and the port alone.
pub(crate) fn end(end: Endpoint, name: Option<&HostName>) -> String {
    match name {
        Some(_) => format!("{}:{}", addr(end.addr, name), end.port),
        None => end.to_string(),
    }
}

/// An end point in at most `width` columns, as far as that can be. Where its name and its address do not fit
/// together, it is `www.example.org:443`, if all of the name fits, and else what [`within`] leaves.
pub(crate) fn end_within(
    endpoint: Endpoint,
    name: Option<&HostName>,
    width: usize,
    mark: &str,
) -> String {
    let whole = end(endpoint, name);
    if whole.len() <= width {
        return whole;
    }
    // Whoever answers chooses the name: without a letter, it may be taken for an address.
    let alone = name
        .filter(|name| name.name.contains(|c: char| c.is_ascii_alphabetic()))
        .map(|HostName { name, .. }| format!("{name}:{}", endpoint.port))
        .filter(|alone| alone.len() <= width);
    alone.unwrap_or_else(|| within(&whole, width, mark))
}

/// A host in at most `width` columns, as far as that can be: its name gives way, as addresses tell hosts
/// apart. `mark` stands for the end of a name.
pub(crate) fn within(host: &str, width: usize, mark: &str) -> String {
    /// Fewer letters of a name are not worth their room.
    const LEAST: usize = 4;
    let Some((name, address)) = host.split_once(" (").filter(|_| host.len() > width) else {
        return host.to_owned();
    };
    // Names are ASCII.
    let room = width.saturating_sub(address.len() + " (…".chars().count());
    match name.get(..room).filter(|_| room >= LEAST) {
        Some(begin) => format!("{begin}{mark} ({address}"),
        None => without_name(address),
    }
}

/// What stands behind a name, `192.0.2.7):443`, as it stands where there is no name.
fn without_name(address: &str) -> String {
    match address.split_once("):") {
        Some((addr, port)) if addr.contains(':') => format!("[{addr}]:{port}"),
        _ => address.replacen(')', "", 1),
    }
}

/// The host whose address a group of attempts has in common, by its last name.
pub(crate) fn of_group(key: &Key, host_names: &HostNames) -> Option<String> {
    let name = group_name(key, host_names);
    match key {
        Key::Endpoint(endpoint) => Some(end(*endpoint, name)),
        Key::Addr(addr) => Some(self::addr(*addr, name)),
        _ => None,
    }
}

/// The last name of that host.
pub(crate) fn group_name<'a>(key: &Key, host_names: &'a HostNames) -> Option<&'a HostName> {
    match key {
        Key::Endpoint(Endpoint { addr, .. }) | Key::Addr(addr) => host_names.last(*addr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use hostnames::{HostName, NameSource};
    use parser::Endpoint;

    use super::{end, end_within, within};

    #[test]
    fn names_give_way_to_addresses() {
        let host = "www.example.org (192.0.2.7):443";
        let in_columns = |width| within(host, width, "…");
        assert_eq!(in_columns(31), host);
        assert_eq!(in_columns(30), "www.example.o… (192.0.2.7):443");
        assert_eq!(in_columns(21), "www.… (192.0.2.7):443");
        assert_eq!([in_columns(20), in_columns(3)], ["192.0.2.7:443"; 2]);
        assert_eq!(within("www.example.org (2001:db8::7)", 18, "~"), "2001:db8::7");
        assert_eq!(within("192.0.2.7:443", 3, "…"), "192.0.2.7:443");
    }

    #[test]
    fn an_end_point_without_room_has_its_whole_name_or_its_address() {
        let name = |name: &str| HostName { name: name.into(), source: NameSource::Dns };
        let endpoint = Endpoint::new(IpAddr::from([10, 1, 0, 1]), 443);
        let www = name("www.example.org");
        let in_columns = |width| end_within(endpoint, Some(&www), width, "…");
        assert_eq!(in_columns(30), "www.example.org (10.1.0.1):443");
        assert_eq!([in_columns(29), in_columns(19)], ["www.example.org:443"; 2]);
        assert_eq!([in_columns(18), in_columns(3)], ["10.1.0.1:443"; 2]);
        let cut = end_within(endpoint, Some(&name("www.a-long.example.org")), 25, "…");
        assert_eq!(cut, "www.a-lon… (10.1.0.1):443");
        for like_an_address in ["192.0.2.7", "3221225991"] {
            let shown = end_within(endpoint, Some(&name(like_an_address)), 18, "…");
            assert_eq!(shown, "10.1.0.1:443");
        }
        assert_eq!(end_within(endpoint, None, 3, "…"), "10.1.0.1:443");
    }

    #[test]
    fn an_end_point_whose_name_is_left_out_looks_as_without_a_name() {
        let name = HostName { name: "www.example.org".into(), source: NameSource::Dns };
        for addr in [IpAddr::from([192, 0, 2, 7]), IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 5])]
        {
            let endpoint = Endpoint::new(addr, 443);
            assert_eq!(within(&end(endpoint, Some(&name)), 20, "…"), endpoint.to_string());
        }
    }
}
