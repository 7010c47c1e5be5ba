//! What is in the captures, and so what a program should find in them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A capture of many connections.
#[derive(Clone)]
pub(crate) struct Traffic {
    pub(crate) name: &'static str,
    /// What it is, for readers.
    pub(crate) about: &'static str,
    pub(crate) connections: u32,
    /// Nanoseconds from the beginning of a connection to that of the next one.
    pub(crate) apart: u64,
    /// Nanoseconds from the handshake to the first segment after it.
    pub(crate) idle: u64,
    /// Segments with data in a connection.
    pub(crate) data: RangeInclusive<u32>,
    /// Bytes of a frame that the capture keeps.
    pub(crate) cut: u32,
    pub(crate) servers: u32,
    pub(crate) fate: fn(u32) -> Fate,
}

/// What becomes of a connection attempt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// Handshake, data both ways, FIN both ways.
    Established,
    /// The SYN is answered with a RST.
    Refused,
    /// The SYN is sent again after 1 s and 3 s, and never answered.
    Unanswered,
    /// The SYN is answered, and nothing more comes.
    Embryonic,
    /// One SYN with a false address, which is never answered.
    Spoofed,
}

const MICROSECOND: u64 = 1_000;
const SECOND: u64 = 1_000_000_000;
const HEADERS: u32 = 96;

pub(crate) const CONNECTIONS: Traffic = Traffic {
    name: "connections",
    about: "Connections with data both ways, frames cut at 96 bytes",
    connections: 500_000,
    apart: 40 * MICROSECOND,
    idle: 0,
    data: 4..=11,
    cut: HEADERS,
    servers: 200,
    fate: usual,
};

pub(crate) const ALL: [Traffic; 5] = [
    CONNECTIONS,
    Traffic {
        name: "payload",
        about: "As above, whole frames of up to 1,514 bytes",
        connections: 150_000,
        cut: 65_535,
        ..CONNECTIONS
    },
    Traffic {
        name: "long",
        about: "Few connections with many packets, frames cut at 96 bytes",
        connections: 20_000,
        apart: 1_000 * MICROSECOND,
        data: 200..=358,
        fate: |_| Fate::Established,
        ..CONNECTIONS
    },
    Traffic {
        name: "busy",
        about: "Short connections that are idle for 2 s, so that 200,000 are open at the same time",
        connections: 1_000_000,
        apart: 10 * MICROSECOND,
        idle: 2 * SECOND,
        data: 0..=1,
        fate: |number| if number % 100 < 2 { Fate::Unanswered } else { Fate::Established },
        ..CONNECTIONS
    },
    // 5,000,000 of these are spoofed, and 150,000 are not.
    Traffic {
        name: "flood",
        about: "SYNs from spoofed addresses, 100,000 a second; 3 of 103 connections are honest",
        connections: 5_150_000,
        apart: 10 * MICROSECOND,
        data: 1..=4,
        servers: 1,
        fate: |number| if number % 103 < 3 { Fate::Established } else { Fate::Spoofed },
        ..CONNECTIONS
    },
];

fn usual(number: u32) -> Fate {
    match number % 100 {
        0..3 => Fate::Refused,
        3..5 => Fate::Unanswered,
        5 => Fate::Embryonic,
        _ => Fate::Established,
    }
}

impl Fate {
    /// What synscope calls it.
    fn outcome(self) -> &'static str {
        match self {
            Self::Established => "established",
            Self::Refused => "refused",
            Self::Unanswered | Self::Spoofed => "unanswered",
            Self::Embryonic => "unacknowledged",
        }
    }
}

impl Traffic {
    /// The same in another size.
    pub(crate) fn sized(&self, connections: u32) -> Self {
        Self { connections, ..self.clone() }
    }

    /// The true number of attempts with each outcome.
    pub(crate) fn outcomes(&self) -> BTreeMap<String, u64> {
        let mut outcomes = BTreeMap::new();
        for number in 0..self.connections {
            *outcomes.entry((self.fate)(number).outcome()).or_default() += 1;
        }
        outcomes.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
    }
}

/// Spreads numbers: a bijection whose result looks like chance (the end of the hash `MurmurHash3`).
pub(crate) fn mix(number: u32) -> u32 {
    let number = (number ^ number >> 16).wrapping_mul(0x85eb_ca6b);
    let number = (number ^ number >> 13).wrapping_mul(0xc2b2_ae35);
    number ^ number >> 16
}
