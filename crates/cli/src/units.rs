//! Amounts as a user types them.

use std::time::Duration;

use answers::By;

use crate::memory::Memory;

/// A duration: `200ms`, `1.5s`, `10us`, `2m`, `1h`. The unit must be given.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let expected = "expected a number with a unit: 200ms, 1.5s, 10us, 500ns, 2m or 1h";
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(expected)?;
    let (number, unit) = text.split_at(unit);
    let unit_ns: u64 = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return Err(expected.to_owned()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return Err(expected.to_owned());
    }
    // Nine decimals of any unit are whole numbers here, so nothing is rounded before the end.
    let billionths: u64 = format!("{fraction:0<9}").parse().map_err(|_| expected)?;
    let whole: u64 = whole.parse().map_err(|_| "this is too long")?;
    let fraction_ns = u128::from(billionths) * u128::from(unit_ns) / 1_000_000_000;
    whole
        .checked_mul(unit_ns)
        .and_then(|whole_ns| whole_ns.checked_add(fraction_ns as u64))
        .map(Duration::from_nanos)
        .ok_or_else(|| "this is too long".to_owned())
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
            _ => return Err("expected the bits of a prefix: subnet/24".to_owned()),
        },
        _ => {
            let names = "server, host, client, subnet/N, port, vlan, interface, outcome or minute";
            return Err(format!("expected {names}"));
        }
    };
    Ok(by)
}

pub(crate) fn port(text: &str) -> Result<u16, &'static str> {
    text.parse().map_err(|_| "expected a number from 0 to 65535; for more ports, repeat --port")
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
        assert_eq!(ns("2.25m"), Ok(135_000_000_000));
        assert_eq!(ns("1h"), Ok(3_600_000_000_000));
        assert_eq!(ns("500ns"), Ok(500));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "5", "ms", "-1s", "1 s", "1e3s", "1.2.3s", ".5s", "1d", "99999999999999999999s"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(duration("9999999h").unwrap_err(), "this is too long");
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
    fn a_port_is_one_number() {
        assert_eq!([port("0"), port("443"), port("65535")], [Ok(0), Ok(443), Ok(65535)]);
        for text in ["", "http", "80-90", "80,443", "65536", "-1"] {
            assert!(port(text).is_err_and(|why| why.contains("from 0 to 65535")), "{text}");
        }
    }
}
