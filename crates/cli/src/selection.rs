//! Which attempts are shown. All of them are counted.

use std::time::Duration;

use handshake::{Handshake, Outcome, Pattern, PatternName, Range};
use jiff::tz::TimeZone;
use parser::{Endpoint, Ports, Subnet, Timestamp};
use render::{Column, Style};

use crate::args::{SelectArgs, ShownArgs, SortKey};
use crate::attempt_id::AttemptId;
use crate::moment::Moment;

/// The conditions under which an attempt is shown. Conditions of one kind are alternatives; conditions of
/// different kinds must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// It is one of these.
    pub(crate) ids: Vec<AttemptId>,
    /// Either side is in one of these.
    pub(crate) hosts: Vec<Subnet>,
    /// The active opener is in one of these.
    pub(crate) clients: Vec<Subnet>,
    /// The passive opener is in one of these.
    pub(crate) servers: Vec<Subnet>,
    /// Either side has one of these ports.
    pub(crate) ports: Vec<Ports>,
    /// The passive opener has one of these ports.
    pub(crate) server_ports: Vec<Ports>,
    /// It ended in one of these.
    pub(crate) outcomes: Vec<Outcome>,
    /// Whether it must have failed.
    pub(crate) failed: bool,
    /// Whether a SYN or a SYN-ACK must have been sent again.
    pub(crate) retried: bool,
    /// One of these was recognised in it.
    pub(crate) patterns: Vec<PatternName>,
    /// Its handshake was completed, and took longer than this many nanoseconds.
    pub(crate) slower_than_ns: Option<i64>,
    /// The same for its round trips.
    pub(crate) server_rtt_over_ns: Option<i64>,
    pub(crate) client_rtt_over_ns: Option<i64>,
    /// It began then or later.
    pub(crate) from: Option<Moment>,
    /// It began before.
    pub(crate) to: Option<Moment>,
    /// How many of them are shown at most.
    pub(crate) limit: Option<u64>,
    /// Which of them come first.
    pub(crate) sort: SortKey,
}

impl TryFrom<&SelectArgs> for Selection {
    type Error = anyhow::Error;

    fn try_from(args: &SelectArgs) -> anyhow::Result<Self> {
        if let (Some(from), Some(to)) = (args.from, args.to) {
            anyhow::ensure!(
                from.may_be_before(to),
                "--from must be before --to: no attempt can begin between these (times without a date are \
                 of the day on which the capture began; give the date: 2026-11-23T00:10:00Z)"
            );
        }
        let nanoseconds =
            |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        Ok(Self {
            ids: args.id.clone(),
            hosts: args.host.clone(),
            clients: args.client.clone(),
            servers: args.server.clone(),
            ports: args.port.clone(),
            server_ports: args.server_port.clone(),
            outcomes: args.outcome.clone(),
            failed: args.failed,
            retried: args.retried,
            patterns: args.pattern.clone(),
            slower_than_ns: args.slower_than.map(nanoseconds),
            server_rtt_over_ns: args.server_rtt_over.map(nanoseconds),
            client_rtt_over_ns: args.client_rtt_over.map(nanoseconds),
            from: args.from,
            to: args.to,
            limit: None,
            sort: SortKey::Time,
        })
    }
}

impl TryFrom<&ShownArgs> for Selection {
    type Error = anyhow::Error;

    fn try_from(args: &ShownArgs) -> anyhow::Result<Self> {
        Ok(Self { limit: args.limit, ..Self::try_from(&args.select)? })
    }
}

impl Selection {
    /// So many attempts are held back to be sorted, if nothing else is said.
    const MOST_SORTED: u64 = 1_000;

    /// How many attempts are shown at most, of those in another order than that of time.
    pub(crate) fn most_sorted(&self) -> Option<u64> {
        (self.sort != SortKey::Time).then(|| self.limit.unwrap_or(Self::MOST_SORTED))
    }

    /// A style whose table keeps the columns that the conditions and the order are about.
    pub(crate) fn styled(&self, style: Style) -> Style {
        let by = |key: SortKey| self.sort == key;
        let asked_for = [
            (self.from.is_some() || self.to.is_some(), Column::Time),
            (self.client_rtt_over_ns.is_some() || by(SortKey::ClientRtt), Column::ClientRtt),
            (self.retried, Column::Repeats),
            (!self.patterns.is_empty(), Column::Patterns),
            (self.server_rtt_over_ns.is_some() || by(SortKey::ServerRtt), Column::ServerRtt),
            (
                self.slower_than_ns.is_some() || by(SortKey::Total) || by(SortKey::Worst),
                Column::Total,
            ),
        ];
        let wanted = asked_for.into_iter().filter_map(|(is, column)| is.then_some(column));
        Style { wanted: wanted.collect(), ..style }
    }

    /// Whether it takes everything.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Its conditions one by one, each with the option that sets it.
    pub(crate) fn conditions(&self) -> Vec<(&'static str, Self)> {
        let all = self.clone();
        let none = Self::default;
        let one_by_one = [
            ("--id", Self { ids: all.ids, ..none() }),
            ("--host", Self { hosts: all.hosts, ..none() }),
            ("--client", Self { clients: all.clients, ..none() }),
            ("--server", Self { servers: all.servers, ..none() }),
            ("--port", Self { ports: all.ports, ..none() }),
            ("--server-port", Self { server_ports: all.server_ports, ..none() }),
            ("--outcome", Self { outcomes: all.outcomes, ..none() }),
            ("--failed", Self { failed: all.failed, ..none() }),
            ("--retried", Self { retried: all.retried, ..none() }),
            ("--pattern", Self { patterns: all.patterns, ..none() }),
            ("--slower-than", Self { slower_than_ns: all.slower_than_ns, ..none() }),
            ("--server-rtt-over", Self { server_rtt_over_ns: all.server_rtt_over_ns, ..none() }),
            ("--client-rtt-over", Self { client_rtt_over_ns: all.client_rtt_over_ns, ..none() }),
            ("--from", Self { from: all.from, ..none() }),
            ("--to", Self { to: all.to, ..none() }),
        ];
        one_by_one.into_iter().filter(|(_, condition)| !condition.is_empty()).collect()
    }

    /// Takes its times for those of a capture that began at `capture_start`. Until then no attempt with
    /// a time is within them.
    pub(crate) fn settle(&mut self, capture_start: Timestamp, zone: &TimeZone) {
        for moment in [&mut self.from, &mut self.to].into_iter().flatten() {
            *moment = moment.settled(capture_start, zone);
        }
    }

    /// Whether an attempt is shown, apart from its patterns.
    pub(crate) fn takes(&self, handshake: &Handshake) -> bool {
        let timing = &handshake.timing;
        let was_retried =
            handshake.syn_retransmissions > 0 || handshake.syn_ack_retransmissions > 0;
        self.takes_ends(handshake.client, handshake.server)
            && (self.ids.is_empty() || self.ids.iter().any(|id| id.is_of(handshake)))
            && (self.outcomes.is_empty() || self.outcomes.contains(&handshake.outcome))
            && (!self.failed || handshake.outcome.is_failure())
            && (!self.retried || was_retried)
            && is_over(self.slower_than_ns, timing.total_ns, timing.total_range_ns)
            && is_over(self.server_rtt_over_ns, timing.server_rtt_ns, timing.server_rtt_range_ns)
            && is_over(self.client_rtt_over_ns, timing.client_rtt_ns, timing.client_rtt_range_ns)
            && self.takes_start(timing.start)
    }

    /// Whether an attempt is of these hosts and of this time, whatever became of it.
    pub(crate) fn takes_place(&self, handshake: &Handshake) -> bool {
        self.takes_ends(handshake.client, handshake.server)
            && self.takes_start(handshake.timing.start)
    }

    /// Whether attempts are selected by what became of them, too.
    pub(crate) fn judges(&self) -> bool {
        let Self { hosts, clients, servers, ports, server_ports, from, to, .. } = self.clone();
        let places =
            Self { hosts, clients, servers, ports, server_ports, from, to, ..Self::default() };
        *self != places
    }

    /// Whether an attempt that began then may be shown.
    fn takes_start(&self, start: Option<Timestamp>) -> bool {
        let meets = |moment: Option<Moment>, condition: fn(Timestamp, Timestamp) -> bool| {
            moment.is_none_or(|moment| {
                start.zip(moment.at()).is_some_and(|(start, at)| condition(start, at))
            })
        };
        meets(self.from, |start, from| start >= from) && meets(self.to, |start, to| start < to)
    }

    /// Whether an attempt between these two may be shown, whatever its outcome is.
    pub(crate) fn takes_ends(&self, client: Endpoint, server: Endpoint) -> bool {
        let within = |nets: &[Subnet], addr| nets.iter().any(|net| net.contains(addr));
        let among = |ports: &[Ports], port| ports.iter().any(|ports| ports.contains(port));
        (self.hosts.is_empty()
            || within(&self.hosts, client.addr)
            || within(&self.hosts, server.addr))
            && (self.clients.is_empty() || within(&self.clients, client.addr))
            && (self.servers.is_empty() || within(&self.servers, server.addr))
            && (self.ports.is_empty()
                || among(&self.ports, client.port)
                || among(&self.ports, server.port))
            && (self.server_ports.is_empty() || among(&self.server_ports, server.port))
    }

    /// Whether an attempt in which these patterns were recognised is to be shown.
    pub(crate) fn takes_patterns(&self, patterns: &[Pattern]) -> bool {
        self.patterns.is_empty() || patterns.iter().any(|found| self.patterns.contains(&found.name))
    }
}

/// Whether a time is above `limit`, if there is one. Of a time that is not known, the least that it can
/// be counts.
fn is_over(limit: Option<i64>, ns: Option<i64>, range: Option<Range>) -> bool {
    let least = ns.or(range.map(|range| range.min));
    limit.is_none_or(|limit| least.is_some_and(|least| least > limit))
}
