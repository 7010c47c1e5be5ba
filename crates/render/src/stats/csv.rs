//! `stats --format csv`: a row for each group.

use std::io;

use answers::{Durations, Group, Quantile, Stats};
use handshake::{Feature, Outcome};

use super::key_text;
use crate::csv::push_text;
use crate::text::escape;
use crate::{Answers, Record, Summary, View, host};

/// The statistics as comma-separated values (RFC 4180).
#[derive(Debug)]
pub struct StatsCsv<W> {
    out: W,
}

impl<W: io::Write> StatsCsv<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: io::Write> View for StatsCsv<W> {
    fn handshake(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Some(Answers { stats, names, host_names, .. }) = summary.answers.as_deref() else {
            return Ok(());
        };
        let mut text = titles(stats).join(",") + "\r\n";
        let ranking = stats.ranking();
        let listed = ranking
            .first
            .iter()
            .map(|(key, group)| (key_text(key, names), *group, host::group_name(key, host_names)));
        let rest = ranking.rest.iter().map(|rest| ("others".to_owned(), &*rest.group, None));
        for (key, group, name) in listed.chain(rest) {
            push_text(&mut text, &escape(&key));
            for cell in numbers(group, stats) {
                text.push(',');
                text += &cell;
            }
            text.push(',');
            push_text(&mut text, &escape(name.map_or("", |host| &host.name)));
            text += "\r\n";
        }
        self.out.write_all(text.as_bytes())
    }
}

const DURATIONS: [&str; 6] = ["measured", "mean_ns", "p50_ns", "p90_ns", "p99_ns", "max_ns"];

fn titles(stats: &Stats) -> Vec<String> {
    let mut titles = vec![stats.question().by.name().to_owned(), "attempts".to_owned()];
    titles.push("failed".to_owned());
    titles.extend(Outcome::NAMES.map(str::to_owned));
    let counts = [
        "syns",
        "syn_retransmissions",
        "syn_acks",
        "syn_ack_retransmissions",
        "waited_ns",
        "waited_unknown",
    ];
    titles.extend(counts.map(str::to_owned));
    for rtt in ["server_rtt", "client_rtt"] {
        titles.extend(DURATIONS.map(|what| format!("{rtt}_{what}")));
    }
    for feature in Feature::NAMES {
        titles.extend([format!("{feature}_offered"), format!("{feature}_accepted")]);
    }
    titles.push("name".to_owned());
    titles
}

fn numbers(group: &Group, stats: &Stats) -> Vec<String> {
    let mut cells = vec![group.attempts, group.failed()];
    cells.extend(group.outcomes);
    cells.extend([group.syns, group.syn_retransmissions, group.syn_acks]);
    cells.extend([group.syn_ack_retransmissions, group.waited_ns, group.waited_unknown]);
    let mut cells: Vec<_> = cells.into_iter().map(|number| number.to_string()).collect();
    for durations in [&group.server_rtt, &group.client_rtt] {
        cells.extend(durations_of(durations, stats));
    }
    for (offered, accepted) in group.offered.iter().zip(group.accepted) {
        cells.extend([offered.to_string(), accepted.to_string()]);
    }
    cells
}

fn durations_of(durations: &Durations, stats: &Stats) -> [String; 6] {
    let number = |number: Option<u64>| number.map_or(String::new(), |number| number.to_string());
    let at = |quantile| number(durations.quantile(quantile, stats.coarse()));
    [
        durations.count().to_string(),
        number(durations.mean()),
        at(Quantile::P50),
        at(Quantile::P90),
        at(Quantile::P99),
        number(durations.max()),
    ]
}
