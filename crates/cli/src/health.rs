//! What this host's kernel counted of handshakes that it could not serve.

use std::collections::HashMap;
use std::fs;

use crate::status::complain;

/// The counters of `/proc/net/netstat` that grow where handshakes fail at a listener, and what each
/// means (Linux, `net/ipv4/proc.c`).
const COUNTERS: [(&str, &str); 6] = [
    ("ListenOverflows", "an accept queue was full"),
    ("ListenDrops", "a listener dropped a SYN or an ACK, for whatever reason"),
    ("TCPReqQFullDrop", "a SYN queue was full and the SYN was dropped"),
    ("TCPReqQFullDoCookies", "a SYN queue was full and a cookie was sent"),
    ("SyncookiesFailed", "an ACK did not carry a valid cookie"),
    ("TCPAbortOnOverflow", "a full accept queue was answered with RST"),
];

/// The counters at one time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Health(HashMap<String, u64>);

impl Health {
    /// The counters by now; empty where the kernel does not show them.
    pub(crate) fn now() -> Self {
        Self::parse(&fs::read_to_string("/proc/net/netstat").unwrap_or_default())
    }

    /// Pairs of lines: names, then values.
    fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let pairs = lines
            .chunks_exact(2)
            .flat_map(|pair| pair[0].split_whitespace().zip(pair[1].split_whitespace()));
        Self(
            pairs
                .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
                .collect(),
        )
    }

    /// Says on standard error which counters have grown until `later`.
    pub(crate) fn tell_changes(&self, later: &Self) {
        for change in self.changes(later) {
            complain(&change);
        }
    }

    fn changes(&self, later: &Self) -> Vec<String> {
        let grown = |name: &str| later.0.get(name)?.checked_sub(*self.0.get(name)?);
        COUNTERS
            .iter()
            .filter_map(|(name, meaning)| Some((name, meaning, grown(name).filter(|by| *by > 0)?)))
            .map(|(name, meaning, by)| {
                format!("this host's kernel counted {by} {name} meanwhile: {meaning}")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_grown_is_told() {
        let before = "TcpExt: ListenOverflows ListenDrops Other\nTcpExt: 5 7 1\n\
                      IpExt: InOctets\nIpExt: 9\n";
        let later = before.replace("5 7 1", "8 7 4");
        let (before, later) = (Health::parse(before), Health::parse(&later));
        assert_eq!(
            before.changes(&later),
            ["this host's kernel counted 3 ListenOverflows meanwhile: an accept queue was full"]
        );
        assert_eq!(before.changes(&before), [""; 0]);
        assert_eq!(Health::default().changes(&later), [""; 0]);
        assert_eq!(later.changes(&before), [""; 0]);
    }
}
