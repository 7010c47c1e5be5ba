//! A network, as `--host` takes it.

use std::net::IpAddr;
use std::str::FromStr;

use capture::live::Subnet;

/// An address, or all addresses that begin like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Net {
    addr: IpAddr,
    prefix: u8,
}

impl Net {
    /// As the kernel filter of a live capture takes it.
    pub(crate) fn subnet(self) -> Subnet {
        // The parser has checked the length.
        Subnet::new(self.addr, self.prefix).unwrap_or_else(|| Subnet::from(self.addr))
    }

    /// Whether `addr` belongs to it. An IPv4 network holds no IPv6 addresses, and the reverse.
    pub(crate) fn contains(self, addr: IpAddr) -> bool {
        let (ours, theirs, width) = match (self.addr, addr) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits().into(), theirs.to_bits().into(), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits(), theirs.to_bits(), 128),
            _ => return false,
        };
        let difference: u128 = ours ^ theirs;
        difference.checked_shr(width - u32::from(self.prefix)).is_none_or(|bits| bits == 0)
    }
}

impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => (addr, Some(prefix)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| {
            "expected an address (192.0.2.1, 2001:db8::1) or a network (10.0.0.0/8); \
             names are not resolved"
        })?;
        let width = if addr.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(prefix) => {
                prefix.parse().ok().filter(|prefix| *prefix <= width).ok_or_else(|| {
                    format!("expected a prefix length from 0 to {width} after the slash")
                })?
            }
        };
        Ok(Self { addr, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(net: &str, addr: &str) -> bool {
        net.parse::<Net>().unwrap().contains(addr.parse().unwrap())
    }

    #[test]
    fn a_network_holds_what_begins_like_it() {
        assert!(contains("192.0.2.1", "192.0.2.1"));
        assert!(!contains("192.0.2.1", "192.0.2.0"));
        assert!(contains("10.1.2.3/8", "10.255.0.0"));
        assert!(!contains("10.0.0.0/8", "11.0.0.0"));
        assert!(contains("0.0.0.0/0", "255.255.255.255"));
        assert!(contains("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!contains("2001:db8::/32", "2001:db9::"));
        assert!(contains("::/0", "ffff::"));
        assert!(!contains("::/0", "10.0.0.1"));
        assert!(!contains("0.0.0.0/0", "::1"));
    }

    #[test]
    fn what_is_no_network_is_refused_with_a_reason() {
        let why = |text: &str| text.parse::<Net>().unwrap_err();
        assert!(why("example.org").contains("names are not resolved"));
        assert!(why("10.0.0.0/33").contains("from 0 to 32"));
        assert!(why("::/129").contains("from 0 to 128"));
        assert!(why("::/").contains("from 0 to 128"));
    }
}
