//! Ports from one to another.

use std::fmt;
use std::str::FromStr;

/// The ports from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    /// The ports from `first` to `last`; `None` where `last` comes before.
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The least of them.
    pub fn first(&self) -> u16 {
        self.first
    }

    /// The greatest of them.
    pub fn last(&self) -> u16 {
        self.last
    }

    /// Whether `port` is one of them.
    pub fn contains(&self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

impl From<u16> for Ports {
    /// The port alone.
    fn from(port: u16) -> Self {
        Self { first: port, last: port }
    }
}

impl FromStr for Ports {
    type Err = PortsError;

    /// `443`, `8000-8100`.
    fn from_str(text: &str) -> Result<Self, PortsError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let ports = first.parse().ok().zip(last.parse().ok());
        ports.and_then(|(first, last)| Self::new(first, last)).ok_or(PortsError)
    }
}

/// The text is no port and no range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a port from 0 to 65535, or a range of them, the least first (8000-8100)")]
pub struct PortsError;

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}-{last}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_displayed_as_they_are_typed() {
        for text in ["0", "443", "8000-8100", "0-65535"] {
            assert_eq!(text.parse::<Ports>().unwrap().to_string(), text);
        }
        assert_eq!("80-80".parse::<Ports>(), Ok(Ports::from(80)));
    }

    #[test]
    fn both_ends_of_a_range_belong_to_it() {
        let ports: Ports = "8000-8100".parse().unwrap();
        let found = [7999, 8000, 8050, 8100, 8101].map(|port| ports.contains(port));
        assert_eq!(found, [false, true, true, true, false]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "-", "80-", "-80", "90-80", "80-90-100", "65536", "0-65536", "80,443"] {
            assert_eq!(text.parse::<Ports>(), Err(PortsError), "{text}");
        }
    }
}
