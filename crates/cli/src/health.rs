//! The kernel's counters of handshakes that this host refused or dropped.

use capture::live::health::Counters;

use crate::status;

/// The counters that grow where a listener turns handshakes away, and what each means (Linux,
/// net/ipv4/proc.c).
const MEANINGS: [(&str, &str); 5] = [
    ("ListenOverflows", "an accept queue was full"),
    ("ListenDrops", "a listener dropped a SYN or an ACK, for any reason"),
    ("TCPReqQFullDrop", "a SYN queue was full and the SYN was dropped"),
    ("TCPReqQFullDoCookies", "a SYN queue was full and a cookie was sent"),
    ("SyncookiesFailed", "an ACK carried no valid cookie"),
];

/// The counters at the beginning of a capture; `None` where the kernel does not show them.
#[derive(Debug)]
pub(crate) struct Health(Option<Counters>);

impl Health {
    /// The counters by now.
    pub(crate) fn now() -> Self {
        Self(Counters::read().ok())
    }

    /// Says on standard error which of them have grown since.
    pub(crate) fn report_changes(&self) {
        let (Some(before), Some(now)) = (&self.0, Self::now().0) else { return };
        now.since(before)
            .filter_map(|(name, by)| sentence(name, by))
            .for_each(|it| status::report(&it));
    }
}

fn sentence(name: &str, by: u64) -> Option<String> {
    let (_, meaning) = MEANINGS.iter().find(|(known, _)| *known == name)?;
    Some(format!("during the capture this host's kernel counted {by} {name}: {meaning}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_listener_turns_away_is_told() {
        assert_eq!(
            sentence("ListenOverflows", 3).as_deref(),
            Some(
                "during the capture this host's kernel counted 3 ListenOverflows: an accept queue was full"
            )
        );
        assert_eq!(sentence("PassiveOpens", 3), None);
    }

    #[test]
    fn the_kernel_s_names_are_known() {
        let counters = Counters::read().expect("/proc/net is there");
        for (name, _) in MEANINGS {
            assert!(counters.iter().any(|(known, _)| known == name), "{name}");
        }
    }
}
