//! `stats --format json`.

use std::collections::BTreeMap;
use std::io;

use answers::{Durations, Group, Quantile, Rest};
use handshake::Feature;
use hostnames::HostName;
use parser::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{FindingJson, OutcomesJson, SCHEMA, SummaryJson, schema};
use crate::stats::key_text;
use crate::text::Rfc3339;
use crate::{Answers, Record, Summary, View, host};

/// The statistics as one JSON document.
#[derive(Debug)]
pub struct StatsJson<W> {
    out: W,
}

impl<W: io::Write> StatsJson<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: io::Write> View for StatsJson<W> {
    fn handshake(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Some(answers) = summary.answers.as_deref() else { return Ok(()) };
        serde_json::to_writer(&mut self.out, &StatisticsJson::new(summary, answers))?;
        self.out.write_all(b"\n")
    }
}

/// The statistics of a capture.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Statistics")]
pub(super) struct StatisticsJson<'a> {
    /// Always `statistics`.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::statistics_type")]
    kind: &'static str,
    /// The schema version.
    #[schemars(schema_with = "schema::version")]
    schema: u32,
    /// The property that the attempts of a group have in common.
    by: &'static str,
    /// What is wrong, the worst first.
    findings: Vec<FindingJson>,
    /// The groups, in the order that was asked for.
    groups: Vec<GroupJson>,
    /// The attempts of all groups that are not listed; null if there are none.
    others: Option<OthersJson>,
    /// All attempts.
    all: GroupJson,
    /// The parts of time in `over_time`; null without time stamps.
    time: Option<TimeJson>,
    /// The relative width of the cells of the histograms: 2 to the power of this, divided by 1024.
    coarse: u32,
    /// The totals.
    summary: SummaryJson<'a>,
}

/// The attempts that have something in common.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Group")]
struct GroupJson {
    /// What they have in common: `10.0.0.5:443`; null for all attempts.
    key: Option<String>,
    /// The name of the host that they have in common; missing if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    name: Option<String>,
    /// Their number.
    attempts: u64,
    /// The number of those that failed.
    failed: u64,
    /// Their numbers by outcome.
    outcomes: OutcomesJson,
    /// SYNs of clients.
    syns: u64,
    /// SYNs beyond the first of each attempt.
    syn_retransmissions: u64,
    /// SYN-ACKs of servers.
    syn_acks: u64,
    /// SYN-ACKs beyond the first of each attempt.
    syn_ack_retransmissions: u64,
    /// The time that the attempts lost until a segment was sent again or until they failed.
    waited_ns: u64,
    /// The number of attempts that failed or were retried, of which that time is not known.
    waited_unknown: u64,
    /// From the SYN to the SYN-ACK.
    server_rtt: DurationsJson,
    /// From the SYN-ACK to its acknowledgment.
    client_rtt: DurationsJson,
    /// Options that SYNs offered and SYN-ACKs accepted; only those that were offered.
    options: BTreeMap<&'static str, OptionJson>,
    /// The number of different clients, as far as they were counted.
    clients: usize,
    /// Whether there are more clients.
    more_clients: bool,
    /// The number of attempts that began in each part of time.
    attempts_over_time: Vec<u32>,
    /// The number of those that failed.
    failed_over_time: Vec<u32>,
}

/// The attempts of groups that are not listed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Others")]
struct OthersJson {
    /// The number of these groups.
    groups: usize,
    /// Whether there are more: too many to count.
    more: bool,
    /// What their attempts came to.
    group: GroupJson,
}

/// Durations in nanoseconds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Durations")]
struct DurationsJson {
    /// How many were measured.
    measured: u64,
    /// The mean.
    mean_ns: Option<u64>,
    /// The median.
    p50_ns: Option<u64>,
    /// The 90th percentile.
    p90_ns: Option<u64>,
    /// The 99th percentile.
    p99_ns: Option<u64>,
    /// The longest.
    max_ns: Option<u64>,
    /// The least and the greatest duration that falls into a cell, and how many fell into it; only
    /// cells that count something. The histograms of several captures can be added.
    histogram: Vec<(u64, u64, u32)>,
}

/// An option.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "OptionUse")]
struct OptionJson {
    /// Attempts whose SYN offered it, where the SYN-ACK was captured too.
    offered: u64,
    /// Of these, those whose SYN-ACK accepted it.
    accepted: u64,
}

/// The parts that time is divided into.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Time")]
struct TimeJson {
    /// When the first part begins (RFC 3339, UTC).
    #[schemars(schema_with = "schema::optional_date")]
    begin: Option<String>,
    /// How long each part is.
    width_ns: i64,
}

impl<'a> StatisticsJson<'a> {
    fn new(summary: &'a Summary, answers: &'a Answers) -> Self {
        let Answers { stats, names, host_names, .. } = answers;
        let ranking = stats.ranking();
        let coarse = stats.coarse();
        let scale = stats.scale();
        Self {
            kind: "statistics",
            schema: SCHEMA,
            by: stats.question().by.name(),
            findings: FindingJson::all(summary),
            groups: ranking
                .first
                .iter()
                .map(|(key, group)| GroupJson {
                    key: Some(key_text(key, names)),
                    name: host::group_name(key, host_names).map(name_of),
                    ..GroupJson::new(group, coarse)
                })
                .collect(),
            others: ranking.rest.map(|Rest { groups, more, group }| OthersJson {
                groups,
                more,
                group: GroupJson::new(&group, coarse),
            }),
            all: GroupJson::new(&stats.all(), coarse),
            time: scale.width_ns().map(|width_ns| TimeJson {
                begin: scale.begin_of(0).map(|begin| date(Timestamp::from_nanos(begin))),
                width_ns,
            }),
            coarse,
            summary: SummaryJson::alone(summary),
        }
    }
}

fn name_of(host: &HostName) -> String {
    host.name.to_string()
}

fn date(time: Timestamp) -> String {
    Rfc3339(time).to_string()
}

impl GroupJson {
    /// The form of a group without a key.
    fn new(group: &Group, coarse: u32) -> Self {
        let (clients, more_clients) = group.clients.count();
        let counts = group.offered.into_iter().zip(group.accepted);
        let options = Feature::NAMES.into_iter().zip(counts);
        let options = options
            .filter(|(_, (offered, _))| *offered > 0)
            .map(|(name, (offered, accepted))| (name, OptionJson { offered, accepted }));
        let slots = group.over_time.slots();
        Self {
            key: None,
            name: None,
            attempts: group.attempts,
            failed: group.failed(),
            outcomes: OutcomesJson::of(group.outcomes),
            syns: group.syns,
            syn_retransmissions: group.syn_retransmissions,
            syn_acks: group.syn_acks,
            syn_ack_retransmissions: group.syn_ack_retransmissions,
            waited_ns: group.waited_ns,
            waited_unknown: group.waited_unknown,
            server_rtt: DurationsJson::new(&group.server_rtt, coarse),
            client_rtt: DurationsJson::new(&group.client_rtt, coarse),
            options: options.collect(),
            clients,
            more_clients,
            attempts_over_time: slots.iter().map(|slot| slot.attempts).collect(),
            failed_over_time: slots.iter().map(|slot| slot.failed).collect(),
        }
    }
}

impl DurationsJson {
    fn new(durations: &Durations, coarse: u32) -> Self {
        let at = |quantile| durations.quantile(quantile, coarse);
        Self {
            measured: durations.count(),
            mean_ns: durations.mean(),
            p50_ns: at(Quantile::P50),
            p90_ns: at(Quantile::P90),
            p99_ns: at(Quantile::P99),
            max_ns: durations.max(),
            histogram: durations
                .cells(coarse)
                .map(|(range, count)| (*range.start(), *range.end(), count))
                .collect(),
        }
    }
}
