//! Addresses that begin alike.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The addresses that share the first `prefix` bits of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subnet {
    addr: IpAddr,
    prefix: u8,
}

impl Subnet {
    /// The subnet of `addr`, `prefix` bits long; `None` where an address has fewer bits than that.
    pub fn new(addr: IpAddr, prefix: u8) -> Option<Self> {
        (prefix <= bits_of(addr)).then_some(Self { addr, prefix })
    }

    /// An address of the subnet; the bits after the prefix mean nothing.
    pub fn addr(&self) -> IpAddr {
        self.addr
    }

    /// How many bits the addresses share.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether `addr` belongs to it. An IPv4 subnet holds no IPv6 address, nor the reverse.
    pub fn contains(&self, addr: IpAddr) -> bool {
        let difference = match (self.addr, addr) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => u128::from(ours.to_bits() ^ theirs.to_bits()),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => ours.to_bits() ^ theirs.to_bits(),
            _ => return false,
        };
        // The bits after the prefix; there may be as many as a shift can't take.
        let free = bits_of(self.addr) - self.prefix;
        difference.checked_shr(u32::from(free)).is_none_or(|shared| shared == 0)
    }

    /// Whether it is a single address.
    pub fn is_host(&self) -> bool {
        self.prefix == bits_of(self.addr)
    }
}

/// How many bits the address has.
fn bits_of(addr: IpAddr) -> u8 {
    if addr.is_ipv4() { 32 } else { 128 }
}

impl From<IpAddr> for Subnet {
    /// The address alone.
    fn from(addr: IpAddr) -> Self {
        Self { addr, prefix: bits_of(addr) }
    }
}

impl FromStr for Subnet {
    type Err = SubnetError;

    /// `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`. An IPv6 address may stand in brackets, and has to
    /// where it [seems to end in a port](seeming_port).
    fn from_str(text: &str) -> Result<Self, SubnetError> {
        if let Some(addr) = in_brackets(text) {
            return Ok(Self::from(IpAddr::V6(addr)));
        }
        if seeming_port(text).is_some() {
            let addr = text.parse().map_err(|_| SubnetError::Port)?;
            return Err(SubnetError::Brackets { addr });
        }
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => (addr, Some(prefix)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| match text.parse::<SocketAddr>() {
            Ok(_) => SubnetError::Port,
            Err(_) => SubnetError::Address,
        })?;
        let Some(prefix) = prefix else { return Ok(Self::from(addr)) };
        let longest = bits_of(addr);
        let subnet = prefix.parse().ok().and_then(|prefix| Self::new(addr, prefix));
        subnet.ok_or(SubnetError::Prefix { longest })
    }
}

/// An IPv6 address without brackets and what may be its port: `::1:8080` is an address, too, and looks like
/// both. Nobody means a port of one digit.
pub fn seeming_port(text: &str) -> Option<(&str, &str)> {
    let (addr, port) = text.rsplit_once(':')?;
    let is_number = port.len() > 1 && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && addr.parse::<Ipv6Addr>().is_ok()).then_some((addr, port))
}

/// The address in `[2001:db8::1]`.
fn in_brackets(text: &str) -> Option<Ipv6Addr> {
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Why a text is no subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubnetError {
    /// It does not begin with an address.
    #[error(
        "expected an address (192.0.2.1, 2001:db8::1) or a network (10.0.0.0/8); \
         names are not resolved"
    )]
    Address,
    /// A port follows the address.
    #[error("expected an address without a port: a port is a condition of its own")]
    Port,
    /// An IPv6 address without brackets that may also be one with a port.
    #[error(
        "expected brackets around an IPv6 address that seems to end in a port: [{addr}]; a port is a \
         condition of its own"
    )]
    Brackets {
        /// All of it, as an address.
        addr: Ipv6Addr,
    },
    /// What follows the slash is not a length that such an address has.
    #[error("expected a prefix length from 0 to {longest} after the slash")]
    Prefix {
        /// How many bits such an address has.
        longest: u8,
    },
}

impl fmt::Display for Subnet {
    /// `10.0.0.0/8`; an address alone stands without its length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_host() {
            write!(f, "{}", self.addr)
        } else {
            write!(f, "{}/{}", self.addr, self.prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(subnet: &str, addr: &str) -> bool {
        subnet.parse::<Subnet>().unwrap().contains(addr.parse().unwrap())
    }

    #[test]
    fn a_subnet_holds_what_begins_like_it() {
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
    fn it_is_displayed_as_it_is_typed() {
        for text in ["192.0.2.1", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::1"] {
            assert_eq!(text.parse::<Subnet>().unwrap().to_string(), text);
        }
        assert_eq!("10.0.0.1/32".parse::<Subnet>().unwrap().to_string(), "10.0.0.1");
    }

    #[test]
    fn what_is_no_subnet_is_refused_with_a_reason() {
        let why = |text: &str| text.parse::<Subnet>().unwrap_err();
        assert_eq!(why("example.org"), SubnetError::Address);
        assert_eq!([why("192.0.2.1:80"), why("[2001:db8::1]:80")], [SubnetError::Port; 2]);
        assert_eq!(why("1:2:3:4:5:6:7:8:443"), SubnetError::Port);
        assert_eq!([why("[10.0.0.1]"), why("[::1"), why("[::1]/128")], [SubnetError::Address; 3]);
        assert_eq!(why("10.0.0.0/33"), SubnetError::Prefix { longest: 32 });
        assert_eq!(why("::/129"), SubnetError::Prefix { longest: 128 });
        assert_eq!(why("::/"), SubnetError::Prefix { longest: 128 });
        assert_eq!(why("::/-1"), SubnetError::Prefix { longest: 128 });
    }

    /// `2001:db8::1:443` is an address, but whoever writes it may mean a port.
    #[test]
    fn an_address_that_seems_to_end_in_a_port_stands_in_brackets() {
        for text in ["2001:db8::1:443", "::1:8080", "::ffff:0:80"] {
            let addr = text.parse().unwrap();
            assert_eq!(text.parse::<Subnet>(), Err(SubnetError::Brackets { addr }), "{text}");
            let alone = Subnet::from(IpAddr::V6(addr));
            assert_eq!(format!("[{text}]").parse(), Ok(alone));
            assert_eq!(format!("{text}/128").parse(), Ok(alone));
        }
        let no_port = ["2001:db8::1", "::1", "::1:8", "1:2:3:4:5:6:7:80", "::1:80a", "::192.0.2.1"];
        for text in no_port {
            assert_eq!(text.parse(), Ok(Subnet::from(text.parse::<IpAddr>().unwrap())), "{text}");
        }
    }
}
