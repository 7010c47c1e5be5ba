//! The kernel's counters of handshakes that this host refused or dropped.

use capture::live::health::{Counters, Listener, listeners};
use parser::Ports;

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
    pub(crate) fn now() -> Self {
        Self(Counters::read().ok())
    }

    /// Reports on standard error which counters have grown since, and which of the listeners on `ports`
    /// (all, where there are none) has a full accept queue.
    pub(crate) fn report_changes(&self, ports: &[Ports]) {
        let (Some(before), Some(now)) = (&self.0, Self::now().0) else { return };
        let changes: Vec<_> =
            now.since(before).filter_map(|(name, by)| sentence(name, by)).collect();
        for change in &changes {
            status::report(change);
        }
        if !changes.is_empty() {
            let listeners = listeners(ports).unwrap_or_default();
            listeners.iter().filter_map(full_queue).for_each(|it| status::report(&it));
        }
    }
}

/// `the accept queue of 127.0.0.1:80 is full: it holds 6 of 6 connections`.
fn full_queue(listener: &Listener) -> Option<String> {
    let Listener { local, queue, backlog } = listener;
    // The kernel admits one connection more than the backlog.
    let limit = backlog.as_ref()?.saturating_add(1);
    (*queue >= limit).then(|| {
        format!("the accept queue of {local} is full: it holds {queue} of {limit} connections")
    })
}

fn sentence(name: &str, by: u64) -> Option<String> {
    let (_, meaning) = MEANINGS.iter().find(|(known, _)| *known == name)?;
    Some(format!("this host's kernel counted {by} {name} during the capture: {meaning}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_counters_of_listeners_are_reported() {
        assert_eq!(
            sentence("ListenOverflows", 3).as_deref(),
            Some(
                "this host's kernel counted 3 ListenOverflows during the capture: an accept queue \
                 was full"
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

    #[test]
    fn a_full_accept_queue_is_reported() {
        let local = parser::Endpoint { addr: std::net::Ipv4Addr::LOCALHOST.into(), port: 80 };
        let report = |queue, backlog| full_queue(&Listener { local, queue, backlog });
        assert_eq!(
            report(6, Some(5)).as_deref(),
            Some("the accept queue of 127.0.0.1:80 is full: it holds 6 of 6 connections")
        );
        assert_eq!([report(5, Some(5)), report(0, Some(0)), report(9, None)], [None, None, None]);
    }
}
