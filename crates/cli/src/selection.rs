//! Which attempts are shown. All of them are counted.

use std::time::Duration;

use handshake::{Handshake, Outcome, Pattern, PatternName};
use parser::{Endpoint, Subnet};

use crate::args::SelectArgs;

/// The conditions under which an attempt is shown. Conditions of one kind are alternatives; conditions of
/// different kinds must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Either side is in one of these.
    pub(crate) hosts: Vec<Subnet>,
    /// The active opener is in one of these.
    pub(crate) clients: Vec<Subnet>,
    /// The passive opener is in one of these.
    pub(crate) servers: Vec<Subnet>,
    /// Either side has one of these ports.
    pub(crate) ports: Vec<u16>,
    /// It ended in one of these.
    pub(crate) outcomes: Vec<Outcome>,
    /// One of these was recognised in it.
    pub(crate) patterns: Vec<PatternName>,
    /// Its handshake was completed, and took longer than this many nanoseconds.
    pub(crate) slower_than_ns: Option<i64>,
}

impl From<&SelectArgs> for Selection {
    fn from(args: &SelectArgs) -> Self {
        let nanoseconds =
            |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        let SelectArgs { host, client, server, port, outcome, pattern, slower_than } = args;
        Self {
            hosts: host.clone(),
            clients: client.clone(),
            servers: server.clone(),
            ports: port.clone(),
            outcomes: outcome.clone(),
            patterns: pattern.clone(),
            slower_than_ns: slower_than.map(nanoseconds),
        }
    }
}

impl Selection {
    /// Whether it takes everything.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an attempt is shown, apart from its patterns.
    pub(crate) fn takes(&self, handshake: &Handshake) -> bool {
        let slow = |than| handshake.timing.total_ns.is_some_and(|total| total > than);
        self.takes_ends(handshake.client, handshake.server)
            && (self.outcomes.is_empty() || self.outcomes.contains(&handshake.outcome))
            && self.slower_than_ns.is_none_or(slow)
    }

    /// Whether an attempt between these two may be shown, whatever its outcome is.
    pub(crate) fn takes_ends(&self, client: Endpoint, server: Endpoint) -> bool {
        let within = |nets: &[Subnet], addr| nets.iter().any(|net| net.contains(addr));
        (self.hosts.is_empty()
            || within(&self.hosts, client.addr)
            || within(&self.hosts, server.addr))
            && (self.clients.is_empty() || within(&self.clients, client.addr))
            && (self.servers.is_empty() || within(&self.servers, server.addr))
            && (self.ports.is_empty()
                || self.ports.contains(&client.port)
                || self.ports.contains(&server.port))
    }

    /// Whether an attempt in which these patterns were recognised is to be shown.
    pub(crate) fn takes_patterns(&self, patterns: &[Pattern]) -> bool {
        self.patterns.is_empty() || patterns.iter().any(|found| self.patterns.contains(&found.name))
    }
}
