//! Metrics in a text: `stats --format openmetrics` (`OpenMetrics` 1.0) and `stats --format prometheus`
//! (the older text, which the textfile collector reads), and what a live capture tells whoever asks.

use std::io;

use answers::{BUCKETS, By, Histogram, Key, ServerSums, Sums};
use handshake::Outcome;
use parser::Names;

use super::key_text;
use crate::{Answers, Record, Summary, View};

/// The statistics as metrics in a text.
#[derive(Debug)]
pub struct Metrics<W> {
    out: W,
    dialect: Dialect,
}

/// The text in which metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `OpenMetrics` 1.0: a counter is named without `_total`, units are told, and the end is marked.
    OpenMetrics,
    /// The text format 0.0.4 of Prometheus.
    Prometheus,
}

/// How a capture stands that goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The sums of its attempts.
    pub servers: ServerSums,
    /// Open attempts that nothing has decided yet. They are in no sum.
    pub waiting: u64,
    /// Frames that were captured.
    pub frames: u64,
    /// Frames that could not be decoded to the end.
    pub undecoded: u64,
    /// Packets that the kernel dropped, where anything counts them.
    pub dropped: Option<u64>,
    /// Attempts that were closed for want of memory, and had come to nothing by then.
    pub evicted: u64,
}

impl<W: io::Write> Metrics<W> {
    /// Writes to `out`.
    pub fn new(out: W, dialect: Dialect) -> Self {
        Self { out, dialect }
    }
}

impl<W: io::Write> View for Metrics<W> {
    fn handshake(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Some(Answers { stats, names, .. }) = summary.answers.as_deref() else { return Ok(()) };
        let ranking = stats.ranking();
        let by = stats.question().by;
        let listed =
            ranking.first.iter().map(|(key, group)| (labels(key, by, names), Sums::of(group)));
        let rest = ranking.rest.iter().map(|rest| (other(by), Sums::of(&rest.group)));
        let groups: Vec<_> = listed.chain(rest).collect();
        let mut text = Text::new(self.dialect);
        let groups: Vec<_> = groups.iter().map(|(label, sums)| (label.clone(), sums)).collect();
        text.groups(&groups, by);
        self.out.write_all(text.end().as_bytes())
    }
}

/// The metrics of a capture that goes on. It `is_up` if it told just now how it stands.
pub fn live_metrics(standing: &Standing, is_up: bool, dialect: Dialect) -> String {
    let Standing { servers, waiting, frames, undecoded, dropped, evicted } = standing;
    let mut text = Text::new(dialect);
    let by = By::Server;
    let label = |server| labels(&Key::Endpoint(server), by, &Names::default());
    let listed = servers.servers().map(|(server, sums)| (label(server), sums));
    let groups: Vec<_> = listed.chain([(other(by), servers.other())]).collect();
    text.groups(&groups, by);
    for (name, help, number) in [
        ("synscope_frames", "Frames that were captured.", Some(*frames)),
        ("synscope_undecoded_frames", "Frames not decoded to the end.", Some(*undecoded)),
        ("synscope_dropped_packets", "Packets that the kernel dropped: lost to it.", *dropped),
        ("synscope_evicted_attempts", "Open attempts closed for want of memory.", Some(*evicted)),
    ] {
        if let Some(number) = number {
            text.family(name, "counter", "", help);
            text.line(&format!("{name}_total {number}"));
        }
    }
    for (name, help, number) in [
        ("synscope_waiting_attempts", "Open attempts that wait for an answer.", *waiting),
        ("synscope_up", "Whether the capture goes on and answers.", u64::from(is_up)),
    ] {
        text.family(name, "gauge", "", help);
        text.line(&format!("{name} {number}"));
    }
    text.build_info();
    text.end()
}

/// The labels of a group, by the names of the `OpenTelemetry` conventions where they have one.
fn labels(key: &Key, by: By, names: &Names) -> String {
    match key {
        Key::Endpoint(server) => {
            format!("server_address=\"{}\",server_port=\"{}\"", server.addr, server.port)
        }
        Key::Outcome(outcome) => outcome_labels(*outcome),
        _ => format!("{}=\"{}\"", label_name(by), escaped(&key_text(key, names))),
    }
}

/// An outcome, and what class of error it is if it is one.
fn outcome_labels(outcome: Outcome) -> String {
    let name = outcome.name();
    let error =
        if outcome.is_failure() { format!(",error_type=\"{name}\"") } else { String::new() };
    format!("outcome=\"{name}\"{error}")
}

/// The label of all groups that are not told apart.
fn other(by: By) -> String {
    format!("{}=\"other\"", label_name(by))
}

const fn label_name(by: By) -> &'static str {
    match by {
        By::Server | By::Host => "server_address",
        By::Client => "client_address",
        By::Port => "server_port",
        By::Interface => "network_interface_name",
        By::Subnet(_) | By::Vlan | By::Outcome | By::Minute => by.name(),
    }
}

/// A number of a group.
type Count = fn(&Sums) -> u64;
/// Durations of a group.
type Measured = fn(&Sums) -> Option<&Histogram>;
/// The sums of a group, and the labels that name it.
type Labelled<'a> = (String, &'a Sums);

/// The metrics that are written so far.
struct Text {
    written: String,
    dialect: Dialect,
}

impl Text {
    const fn new(dialect: Dialect) -> Self {
        Self { written: String::new(), dialect }
    }

    fn line(&mut self, line: &str) {
        self.written += line;
        self.written.push('\n');
    }

    /// What tells what a metric is, before its numbers.
    fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        let is_counter = kind == "counter" && self.dialect == Dialect::Prometheus;
        let end = if is_counter { "_total" } else { "" };
        self.line(&format!("# TYPE {name}{end} {kind}"));
        if !unit.is_empty() && self.dialect == Dialect::OpenMetrics {
            self.line(&format!("# UNIT {name} {unit}"));
        }
        self.line(&format!("# HELP {name}{end} {help}"));
    }

    /// All that is told of groups.
    fn groups(&mut self, groups: &[Labelled<'_>], by: By) {
        self.attempts(groups, by);
        self.counters(groups);
        self.histograms(groups);
    }

    /// Attempts by outcome. Where that is what groups have in common, their label tells it already.
    fn attempts(&mut self, groups: &[Labelled<'_>], by: By) {
        let name = "synscope_attempts";
        self.family(name, "counter", "", "Connection attempts by outcome.");
        for (label, sums) in groups {
            if by == By::Outcome {
                let attempts: u64 = sums.outcomes.iter().sum();
                self.line(&format!("{name}_total{{{label}}} {attempts}"));
                continue;
            }
            for (outcome, number) in Outcome::ALL.iter().zip(sums.outcomes) {
                let outcome = outcome_labels(*outcome);
                self.line(&format!("{name}_total{{{label},{outcome}}} {number}"));
            }
        }
    }

    fn counters(&mut self, groups: &[Labelled<'_>]) {
        let counters: [(&str, &str, Count); 4] = [
            ("synscope_syns", "SYNs of clients.", |sums| sums.syns),
            ("synscope_syn_retransmissions", "SYNs beyond the first of an attempt.", |sums| {
                sums.syn_retransmissions
            }),
            ("synscope_syn_acks", "SYN-ACKs of servers.", |sums| sums.syn_acks),
            (
                "synscope_syn_ack_retransmissions",
                "SYN-ACKs beyond the first of an attempt.",
                |sums| sums.syn_ack_retransmissions,
            ),
        ];
        for (name, help, number) in counters {
            self.family(name, "counter", "", help);
            for (label, sums) in groups {
                self.line(&format!("{name}_total{{{label}}} {}", number(sums)));
            }
        }
        let name = "synscope_waited_seconds";
        self.family(name, "counter", "seconds", "Time lost by waiting for a repeat or a failure.");
        for (label, sums) in groups {
            let waited = seconds(u128::from(sums.waited_ns));
            self.line(&format!("{name}_total{{{label}}} {waited}"));
        }
    }

    /// A metric that nothing measured is left out.
    fn histograms(&mut self, groups: &[Labelled<'_>]) {
        let histograms: [(&str, &str, Measured); 3] = [
            (
                "system_network_tcp_handshake_duration_seconds",
                "From the first SYN to the ACK of an established connection.",
                |sums| sums.handshake.as_ref(),
            ),
            ("synscope_server_rtt_seconds", "From the SYN to the SYN-ACK.", |sums| {
                Some(&sums.server_rtt)
            }),
            ("synscope_client_rtt_seconds", "From the SYN-ACK to its acknowledgment.", |sums| {
                Some(&sums.client_rtt)
            }),
        ];
        for (name, help, measured) in histograms {
            let measured: Vec<_> =
                groups.iter().filter_map(|(label, sums)| Some((label, measured(sums)?))).collect();
            if !measured.is_empty() {
                self.family(name, "histogram", "seconds", help);
            }
            for (label, histogram) in measured {
                self.histogram((name, label), histogram);
            }
        }
    }

    fn histogram(&mut self, (name, label): (&str, &str), histogram: &Histogram) {
        for (bound, below) in BUCKETS.into_iter().zip(histogram.cumulative()) {
            let bound = short_seconds(bound);
            self.line(&format!("{name}_bucket{{{label},le=\"{bound}\"}} {below}"));
        }
        let count = histogram.count();
        self.line(&format!("{name}_bucket{{{label},le=\"+Inf\"}} {count}"));
        self.line(&format!("{name}_count{{{label}}} {count}"));
        self.line(&format!("{name}_sum{{{label}}} {}", seconds(histogram.sum())));
    }

    /// The older text knows no kind for it.
    fn build_info(&mut self) {
        let help = "The version of the program.";
        match self.dialect {
            Dialect::OpenMetrics => self.family("synscope_build", "info", "", help),
            Dialect::Prometheus => self.family("synscope_build_info", "gauge", "", help),
        }
        let version = env!("CARGO_PKG_VERSION");
        self.line(&format!("synscope_build_info{{version=\"{version}\"}} 1"));
    }

    fn end(mut self) -> String {
        if self.dialect == Dialect::OpenMetrics {
            self.line("# EOF");
        }
        self.written
    }
}

/// Nanoseconds as seconds.
fn seconds(ns: u128) -> String {
    format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}

/// The same without zeros at the end: `0.00005`, `1.0`.
fn short_seconds(ns: u64) -> String {
    let text = seconds(u128::from(ns));
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

/// The text of a label: backslash, quote and line feed are escaped (`OpenMetrics` 1.0), and so is what
/// a terminal would obey.
fn escaped(value: &str) -> String {
    crate::text::escape(value).replace('\\', "\\\\").replace('"', "\\\"")
}
