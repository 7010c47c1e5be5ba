//! The counters of `/proc/net/snmp` and `/proc/net/netstat` for failed handshakes.

use std::fs;
use std::io;

/// The counters that are read, by the kernel's names (net/ipv4/proc.c), with the group they are in.
const NAMES: [(&str, &str); 22] = [
    ("Tcp", "ActiveOpens"),
    ("Tcp", "PassiveOpens"),
    ("Tcp", "AttemptFails"),
    ("Tcp", "EstabResets"),
    ("Tcp", "RetransSegs"),
    ("Tcp", "InErrs"),
    ("Tcp", "InCsumErrors"),
    ("Tcp", "OutRsts"),
    ("TcpExt", "ListenOverflows"),
    ("TcpExt", "ListenDrops"),
    ("TcpExt", "TCPReqQFullDrop"),
    ("TcpExt", "TCPReqQFullDoCookies"),
    ("TcpExt", "SyncookiesSent"),
    ("TcpExt", "SyncookiesRecv"),
    ("TcpExt", "SyncookiesFailed"),
    ("TcpExt", "EmbryonicRsts"),
    ("TcpExt", "TCPTimeouts"),
    ("TcpExt", "TCPSynRetrans"),
    ("TcpExt", "TCPBacklogDrop"),
    ("TcpExt", "TCPDeferAcceptDrop"),
    ("TcpExt", "TCPFastOpenListenOverflow"),
    ("TcpExt", "TCPMD5NotFound"),
];

/// The kernel's counters of failed handshakes, since the network namespace was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters([Option<u64>; NAMES.len()]);

impl Counters {
    /// Reads them as they stand now.
    ///
    /// # Errors
    /// Where `/proc` can't be read.
    pub fn read() -> io::Result<Self> {
        let mut text = fs::read_to_string("/proc/net/snmp")?;
        text += &fs::read_to_string("/proc/net/netstat")?;
        Ok(Self::from_text(&text))
    }

    /// Each group is two lines: the names, then the values in the same order.
    fn from_text(text: &str) -> Self {
        let mut found = [None; NAMES.len()];
        let lines: Vec<_> = text.lines().filter_map(|line| line.split_once(':')).collect();
        for pair in lines.windows(2) {
            let [(group, names), (again, values)] = pair else { continue };
            if group != again {
                continue;
            }
            for (name, value) in names.split_whitespace().zip(values.split_whitespace()) {
                let place = NAMES.iter().position(|known| *known == (*group, name));
                if let Some(slot) = place.and_then(|at| found.get_mut(at)) {
                    // A line of values taken for names has numbers in it, which match no name.
                    *slot = value.parse().ok();
                }
            }
        }
        Self(found)
    }

    /// The counters by the kernel's names; `None` where this kernel has no such counter.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Option<u64>)> {
        NAMES.iter().zip(self.0).map(|((_, name), value)| (*name, value))
    }

    /// The counters that grew since `earlier`, and by how much.
    pub fn since(&self, earlier: &Self) -> impl Iterator<Item = (&'static str, u64)> {
        let before = earlier.0;
        self.iter().zip(before).filter_map(|((name, now), before)| {
            let grown = now?.saturating_sub(before?);
            (grown > 0).then_some((name, grown))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Ip: Forwarding InErrs\nIp: 1 77\n\
        Tcp: RtoAlgorithm MaxConn ActiveOpens InErrs OutRsts\nTcp: 1 -1 5 0 18446744073709551615\n\
        UdpLite: InErrs\nUdpLite: 9\n\
        TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 2 3\n";

    fn known(counters: &Counters) -> Vec<(&'static str, u64)> {
        counters.iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    #[test]
    fn counters_are_found_by_group_and_name() {
        assert_eq!(
            known(&Counters::from_text(TEXT)),
            [
                ("ActiveOpens", 5),
                ("InErrs", 0),
                ("OutRsts", u64::MAX),
                ("ListenOverflows", 2),
                ("ListenDrops", 3),
                ("SyncookiesSent", 1),
            ]
        );
        assert_eq!(known(&Counters::from_text("Tcp: InErrs\nno such thing\n")), []);
    }

    #[test]
    fn only_grown_counters_are_reported() {
        let before = Counters::from_text(TEXT);
        let after = TEXT.replace("TcpExt: 1 2 3", "TcpExt: 1 5 4").replace(" 5 0 ", " 4 0 ");
        let grown: Vec<_> = Counters::from_text(&after).since(&before).collect();
        assert_eq!(grown, [("ListenOverflows", 3), ("ListenDrops", 1)]);
        let nothing = Counters::from_text("");
        assert_eq!(before.since(&nothing).count(), 0, "growth from the unknown is unknown");
    }

    #[test]
    fn this_kernel_has_the_counters_of_full_accept_queues() {
        let counters = Counters::read().unwrap();
        let names: Vec<_> = known(&counters).into_iter().map(|(name, _)| name).collect();
        for name in ["AttemptFails", "OutRsts", "ListenOverflows", "ListenDrops"] {
            assert!(names.contains(&name), "{names:?}");
        }
    }
}
