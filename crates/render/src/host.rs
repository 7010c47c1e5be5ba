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
