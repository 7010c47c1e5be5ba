//! Amounts as a user types them.

#[cfg(unix)]
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use answers::By;
use answers::expect::{Nanoseconds, NoDuration};
use handshake::Uid;
use parser::Ports;

use crate::attempt_id::AttemptId;
use crate::memory::Memory;
use crate::services;

/// A duration: `200ms`, `1.5s`, `10us`, `2m`, `1h`. The unit must be given.
pub(crate) fn duration(text: &str) -> Result<Duration, NoDuration> {
    text.parse().map(|Nanoseconds(ns)| Duration::from_nanos(ns))
}

/// A factor for the speed: `0.001`, `2`.
#[cfg(unix)]
pub(crate) fn factor(text: &str) -> Result<f64, &'static str> {
    let factor = text.parse().ok().filter(|factor: &f64| *factor > 0.0 && factor.is_finite());
    factor.ok_or("expected a number above 0: 0.001, 1 or 10")
}

/// The number of an attempt, or its uid.
pub(crate) fn id(text: &str) -> Result<AttemptId, &'static str> {
    let expected = "expected the id of an attempt, from 1 on, or its uid (32 digits), or several of them \
                    with commas between them (1,5)";
    let number = || text.parse().ok().filter(|number| *number > 0).map(AttemptId::Number);
    Uid::read(text).map(AttemptId::Uid).or_else(number).ok_or(expected)
}

/// A file to write, beside the output.
pub(crate) fn file(path: PathBuf) -> Result<PathBuf, &'static str> {
    let is_stream = path == Path::new("-");
    if is_stream { Err("expected a file: standard output is for the records") } else { Ok(path) }
}

/// An amount of bytes: `100MB`, `512kB`, `2GB`, or a plain number.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let factor = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err("expected a number of bytes: 500kB, 100MB or 2GB".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "expected a whole number before the unit")?;
    number.checked_mul(factor).ok_or_else(|| "this is too much".to_owned())
}

/// The memory to use: a size of at least 16 MB.
pub(crate) fn memory(text: &str) -> Result<Memory, String> {
    let bytes = size(text)?;
    Memory::of(bytes).ok_or_else(|| "expected at least 16MB".to_owned())
}

/// Where metrics are told: a port of the loopback, or an address and a port.
#[cfg(unix)]
pub(crate) fn metrics_address(text: &str) -> Result<SocketAddr, &'static str> {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    text.parse().map(loopback).or_else(|_| text.parse()).map_err(|_| {
        "expected a port (9464), which stands for 127.0.0.1:9464, or an address of this host and a \
         port (10.0.0.7:9464, [::1]:9464); port 0 is any that is free"
    })
}

/// A port, a range of ports or the name of a service: `443`, `8000-8100`, `https`.
pub(crate) fn ports(text: &str) -> Result<Ports, String> {
    let expected = "expected a port from 0 to 65535, a range (8000-8100) or the name of a TCP service \
                    (https), or several of them with commas between them (80,443)";
    text.parse()
        .or_else(|_| services::port(text).map(Ports::from).ok_or_else(|| expected.to_owned()))
}

/// What the attempts of a group have in common: `server`, `subnet/24`.
pub(crate) fn group(text: &str) -> Result<By, String> {
    let (name, bits) = text.split_once('/').map_or((text, None), |(name, bits)| (name, Some(bits)));
    let by = match (name, bits) {
        ("server", None) => By::Server,
        ("host", None) => By::Host,
        ("client", None) => By::Client,
        ("port", None) => By::Port,
        ("vlan", None) => By::Vlan,
        ("interface", None) => By::Interface,
        ("outcome", None) => By::Outcome,
        ("minute", None) => By::Minute,
        ("subnet", Some(bits)) => match bits.parse() {
            Ok(bits @ 0..=128) => By::Subnet(bits),
            _ => return Err("expected the bits of a prefix, from 0 to 128: subnet/24".to_owned()),
        },
        _ => {
            let names = "server, host, client, subnet/N, port, vlan, interface, outcome or minute";
            return Err(format!("expected {names}"));
        }
    };
    Ok(by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        let ns = |text: &str| duration(text).map(|duration| duration.as_nanos());
        assert_eq!(ns("200ms"), Ok(200_000_000));
        assert_eq!(ns("1.5s"), Ok(1_500_000_000));
        assert_eq!(ns("0.1us"), Ok(100));
        assert_eq!([ns("50\u{b5}s"), ns("50\u{3bc}s")], [Ok(50_000), Ok(50_000)]);
        assert_eq!(ns("2.25m"), Ok(135_000_000_000));
        assert_eq!(ns("1h"), Ok(3_600_000_000_000));
        assert_eq!(ns("500ns"), Ok(500));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "5", "ms", "-1s", "+1s", "1 s", "1e3s", "1.2.3s", ".5s", "1.s", "1d", "1.5.s", "é"]
        {
            assert_eq!(duration(text), Err(NoDuration::Form), "{text}");
        }
        for text in ["0.5ns", "9999999h", "99999999999999999999s"] {
            assert_eq!(duration(text), Err(NoDuration::Amount), "{text}");
        }
    }

    #[test]
    fn ids_begin_at_one() {
        assert_eq!(id("1"), Ok(AttemptId::Number(1)));
        assert_eq!(id("18446744073709551615"), Ok(AttemptId::Number(u64::MAX)));
        for text in ["", "0", "-1", "1-2", "x", "1 ", "18446744073709551616"] {
            assert!(id(text).is_err_and(|why| why.contains("from 1 on")), "{text}");
        }
    }

    #[test]
    fn a_uid_has_32_digits() {
        let text = "00000000000000000000000000000A1f";
        let Ok(AttemptId::Uid(uid)) = id(text) else { panic!("{:?}", id(text)) };
        assert_eq!(uid.to_string(), text.to_lowercase());
        for text in
            [&text[1..], "0000000000000000000000000000000g", "+000000000000000000000000000000a"]
        {
            assert!(id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(size("100MB"), Ok(100_000_000));
        assert_eq!(size("5kB"), Ok(5_000));
        assert_eq!(size("2GB"), Ok(2_000_000_000));
        assert_eq!(size("77"), Ok(77));
        for text in ["", "MB", "1.5MB", "1MiB", "-1", "99999999999GB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn groups_have_names() {
        for by in [By::Server, By::Host, By::Client, By::Port, By::Vlan, By::Outcome, By::Minute] {
            assert_eq!(group(by.name()), Ok(by));
        }
        assert_eq!(group("interface"), Ok(By::Interface));
        assert_eq!([group("subnet/0"), group("subnet/64")], [0, 64].map(|it| Ok(By::Subnet(it))));
        for text in ["", "servers", "subnet", "subnet/", "subnet/129", "server/24", "subnet/-1"] {
            assert!(group(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ports_are_numbers_and_ranges_and_names() {
        for (text, first, last) in
            [("0", 0, 0), ("443", 443, 443), ("8000-8100", 8000, 8100), ("https", 443, 443)]
        {
            assert_eq!(ports(text).ok(), Ports::new(first, last), "{text}");
        }
        for text in ["", "no-such-service", "90-80", "80,443", "65536", "-1"] {
            assert!(ports(text).is_err_and(|why| why.contains("from 0 to 65535")), "{text}");
        }
    }
}
