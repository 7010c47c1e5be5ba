//! `stats --format openmetrics`: `OpenMetrics` 1.0 text, for a Prometheus that reads files or a push.

use std::fmt::Write as _;
use std::io;

use answers::{Durations, Group};
use handshake::Outcome;

use super::key_text;
use crate::{Answers, Record, Summary, View};

/// Upper bounds of the buckets, in nanoseconds and in seconds: those that the OpenTelemetry
/// conventions give for durations of network operations, and finer ones for fast networks.
const BUCKETS: [(u64, &str); 18] = [
    (50_000, "0.00005"),
    (100_000, "0.0001"),
    (250_000, "0.00025"),
    (500_000, "0.0005"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (75_000_000, "0.075"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1.0"),
    (2_500_000_000, "2.5"),
    (5_000_000_000, "5.0"),
    (10_000_000_000, "10.0"),
];

/// The statistics as `OpenMetrics` text.
#[derive(Debug)]
pub struct OpenMetrics<W> {
    out: W,
}

impl<W: io::Write> OpenMetrics<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: io::Write> View for OpenMetrics<W> {
    fn handshake(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Some(Answers { stats, names, .. }) = summary.answers.as_deref() else { return Ok(()) };
        let ranking = stats.ranking();
        let listed = ranking.first.iter().map(|(key, group)| (key_text(key, names), *group));
        let rest = ranking.rest.iter().map(|rest| ("others".to_owned(), &*rest.group));
        let by = stats.question().by.name();
        let label = |value: &str| format!("{by}=\"{}\"", escaped(value));
        let groups: Vec<_> =
            listed.chain(rest).map(|(name, group)| (label(&name), group)).collect();
        let mut text = String::new();
        counters(&mut text, &groups);
        histograms(&mut text, &groups, stats.coarse());
        text += "# EOF\n";
        self.out.write_all(text.as_bytes())
    }
}

/// A number of a group.
type Count = fn(&Group) -> u64;
/// Durations of a group.
type Measured = fn(&Group) -> &Durations;
/// A group, and the label that names it.
type Labelled<'a> = (String, &'a Group);

fn counters(text: &mut String, groups: &[Labelled<'_>]) {
    family(text, "synscope_attempts", "counter", "", "Connection attempts by outcome.");
    for (label, group) in groups {
        for (outcome, number) in Outcome::ALL.iter().zip(group.outcomes) {
            let outcome = outcome.name();
            let _ =
                writeln!(text, "synscope_attempts_total{{{label},outcome=\"{outcome}\"}} {number}");
        }
    }
    let counters: [(&str, &str, Count); 4] = [
        ("synscope_syns", "SYNs of clients.", |group| group.syns),
        ("synscope_syn_retransmissions", "SYNs beyond the first of an attempt.", |group| {
            group.syn_retransmissions
        }),
        ("synscope_syn_acks", "SYN-ACKs of servers.", |group| group.syn_acks),
        ("synscope_syn_ack_retransmissions", "SYN-ACKs beyond the first of an attempt.", |group| {
            group.syn_ack_retransmissions
        }),
    ];
    for (name, help, number) in counters {
        family(text, name, "counter", "", help);
        for (label, group) in groups {
            let _ = writeln!(text, "{name}_total{{{label}}} {}", number(group));
        }
    }
    let name = "synscope_waited_seconds";
    family(text, name, "counter", "seconds", "Time lost by waiting for a repeat or a failure.");
    for (label, group) in groups {
        let waited = seconds(u128::from(group.waited_ns));
        let _ = writeln!(text, "{name}_total{{{label}}} {waited}");
    }
}

fn histograms(text: &mut String, groups: &[Labelled<'_>], coarse: u32) {
    let histograms: [(&str, &str, Measured); 2] = [
        ("synscope_server_rtt_seconds", "From the SYN to the SYN-ACK.", |group| &group.server_rtt),
        ("synscope_client_rtt_seconds", "From the SYN-ACK to its acknowledgment.", |group| {
            &group.client_rtt
        }),
    ];
    for (name, help, durations) in histograms {
        family(text, name, "histogram", "seconds", help);
        for (label, group) in groups {
            histogram(text, (name, label), durations(group), coarse);
        }
    }
}

fn family(text: &mut String, name: &str, kind: &str, unit: &str, help: &str) {
    let _ = writeln!(text, "# TYPE {name} {kind}");
    if !unit.is_empty() {
        let _ = writeln!(text, "# UNIT {name} {unit}");
    }
    let _ = writeln!(text, "# HELP {name} {help}");
}

/// The buckets are cumulative. A cell counts in the bucket that holds its end.
fn histogram(text: &mut String, (name, label): (&str, &str), durations: &Durations, coarse: u32) {
    let mut cells = durations.cells(coarse).peekable();
    let mut below = 0_u64;
    for (bound, words) in BUCKETS {
        while let Some((_, count)) = cells.next_if(|(range, _)| *range.end() <= bound) {
            below += u64::from(count);
        }
        let _ = writeln!(text, "{name}_bucket{{{label},le=\"{words}\"}} {below}");
    }
    let count = durations.count();
    let _ = writeln!(text, "{name}_bucket{{{label},le=\"+Inf\"}} {count}");
    let _ = writeln!(text, "{name}_count{{{label}}} {count}");
    let _ = writeln!(text, "{name}_sum{{{label}}} {}", seconds(durations.sum()));
}

/// Nanoseconds as seconds.
fn seconds(ns: u128) -> String {
    format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}

/// The text of a label: backslash, quote and line feed are escaped (`OpenMetrics` 1.0), and so is what
/// a terminal would obey.
fn escaped(value: &str) -> String {
    crate::text::escape(value).replace('\\', "\\\\").replace('"', "\\\"")
}
