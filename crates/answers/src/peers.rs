//! Which peers are different, by hashes.

use std::hash::{BuildHasher as _, Hasher};
use std::net::IpAddr;

use foldhash::fast::RandomState;
use parser::Endpoint;

use crate::by::Key;

/// Different addresses that are told apart.
const MOST_PEERS: usize = 32;

/// Different addresses, as many as are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peers {
    hashes: Vec<u64>,
    more: bool,
}

/// Hashes peers, and what groups have in common, in a way that nobody outside knows. The hashes are
/// taken for what they are of: no two of so few have the same 64 bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeerHasher(RandomState);

/// Hashes what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 << 8 | u64::from(*byte));
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Peers {
    /// How many there are, and whether there are more than are told apart.
    pub fn count(&self) -> (usize, bool) {
        (self.hashes.len(), self.more)
    }

    pub(crate) fn add(&mut self, hash: u64) {
        if !self.more && !self.hashes.contains(&hash) {
            self.more = self.hashes.len() == MOST_PEERS;
            if !self.more {
                self.hashes.push(hash);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        other.hashes.iter().for_each(|&hash| self.add(hash));
        self.more |= other.more;
    }

    /// The only one, where there is only one.
    pub(crate) fn only(&self) -> Option<u64> {
        match self.hashes.as_slice() {
            &[only] => Some(only),
            _ => None,
        }
    }
}

impl PeerHasher {
    pub(crate) fn key(&self, key: &Key) -> u64 {
        match key {
            Key::Endpoint(server) => self.endpoint(*server),
            Key::Addr(addr) => self.addr(*addr),
            other => self.0.hash_one(other),
        }
    }

    pub(crate) fn endpoint(&self, end: Endpoint) -> u64 {
        self.0.hash_one((bits(end.addr), end.port))
    }

    pub(crate) fn addr(&self, addr: IpAddr) -> u64 {
        self.0.hash_one(bits(addr))
    }
}

/// An address as one number. An IPv4 address and the IPv6 address that it is mapped to are different.
const fn bits(addr: IpAddr) -> (bool, u128) {
    match addr {
        IpAddr::V4(addr) => (false, addr.to_bits() as u128),
        IpAddr::V6(addr) => (true, addr.to_bits()),
    }
}
