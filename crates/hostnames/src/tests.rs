//! Tests of what is read, and of which name counts.

use std::net::IpAddr;
use std::sync::Arc;

use super::*;

mod answer;
mod hosts_file;
mod table;

const V4: &str = "192.0.2.7";
const V6: &str = "2001:db8::7";

fn addr(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// These addresses with these names.
fn named(pairs: &[(&str, &str)]) -> Vec<(IpAddr, Arc<str>)> {
    pairs.iter().map(|&(of, name)| (addr(of), name.into())).collect()
}
