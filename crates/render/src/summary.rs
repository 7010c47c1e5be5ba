//! The totals that end every view.

use std::collections::BTreeMap;
use std::io;

use answers::{Captured, Finding, Stats, findings};
use handshake::{Counters, Outcome, Side, Traffic, Undecoded};
use hostnames::HostNames;
use parser::Names;
use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::{Told, told};
use crate::line::{Line, wrap};
use crate::style::{Ink, Style};
use crate::text::{bytes, count, plural, span};

/// Findings that people are told.
const MOST_FINDINGS: usize = 7;
/// Columns of the longest bar: more would shout.
const LONGEST_BAR: usize = 40;

/// The totals over everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Files or live captures read.
    pub files: u64,
    /// What the frames were.
    pub traffic: Traffic,
    /// What the tracker counted: segments, and attempts by outcome.
    pub counters: Counters,
    /// How many attempts were shown, where a selection left some out; `None` where all were.
    pub shown: Option<u64>,
    /// Attempts by the name of a pattern; only the patterns that occurred. `None` where none were looked for,
    /// because no records were made.
    pub patterns: Option<BTreeMap<&'static str, u64>>,
    /// Packets that the kernel dropped; `None` where nothing counts them (files).
    pub kernel_dropped: Option<u64>,
    /// The place and the reason of each damage in the input.
    pub damaged: Vec<Damaged>,
    /// The statistics of the selected attempts, where they are wanted.
    pub answers: Option<Box<Answers>>,
}

/// Statistics, and the names that are in them.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The statistics of the selected attempts.
    pub stats: Stats,
    /// Those that findings are about, where attempts were selected by what became of them.
    pub whole: Option<Stats>,
    /// The names of files and interfaces.
    pub names: Names,
    /// The names of hosts.
    pub host_names: HostNames,
}

impl From<Stats> for Answers {
    /// Statistics of attempts whose files, interfaces and hosts have no names yet.
    fn from(stats: Stats) -> Self {
        Self { stats, whole: None, names: Names::default(), host_names: HostNames::default() }
    }
}

/// Input that broke off: the part before it has been shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Damaged {
    /// The file, by name.
    pub source: String,
    /// Byte offset of the broken record in the (decompressed) file.
    pub offset: u64,
    /// Frames delivered before it.
    pub frames: u64,
    /// The error, in one clause.
    pub reason: String,
}

/// Input that could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Unread {
    /// The file, by name.
    pub source: String,
    /// The error, and the next step if the error names none.
    pub reason: String,
}

/// What is wrong with the inputs of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Those that could not be read at all.
    pub unread: Vec<Unread>,
    /// Those that broke off.
    pub damaged: Vec<Damaged>,
}

impl Summary {
    /// Attempts of all outcomes.
    pub fn handshakes(&self) -> u64 {
        self.counters.outcomes.iter().sum()
    }

    /// The only side whose segments were captured, if it is certain that the other one sent some.
    pub fn one_direction(&self) -> Option<Side> {
        let established = Outcome::ALL
            .iter()
            .zip(self.counters.outcomes)
            .any(|(outcome, n)| n > 0 && *outcome == Outcome::Established);
        match (self.counters.client_heard, self.counters.server_heard) {
            (1.., 0) if established => Some(Side::Client),
            (0, 1..) if established => Some(Side::Server),
            _ => None,
        }
    }

    /// Whether the capture holds SYNs and SYN-ACKs and not one segment without SYN.
    pub fn syn_only(&self) -> bool {
        let others =
            self.counters.beyond_syn + self.counters.outside_handshake + self.counters.odd_segments;
        self.counters.client_heard > 0 && self.counters.server_heard > 0 && others == 0
    }

    /// What stands in place of pictures where there is none.
    pub(crate) fn nothing_shown(&self) -> String {
        match self.handshakes() {
            0 => "no connection attempts".to_owned(),
            all => format!("no attempt is selected: the capture holds {}", plural(all, "attempt")),
        }
    }

    /// What is wrong, the worst first.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let captured = Captured {
            one_direction: self.one_direction(),
            syn_only: self.syn_only(),
            evicted: self.counters.evicted_open(),
        };
        self.answers.as_ref().map_or(Vec::new(), |answers| {
            findings(answers.whole.as_ref().unwrap_or(&answers.stats), captured)
        })
    }

    /// Frames without a TCP segment, by what they hold: `udp`.
    pub(crate) fn without_tcp(&self) -> Vec<(String, u64)> {
        let tally = &self.traffic.without_tcp;
        let kinds = tally.kinds().iter().map(|(kind, count)| (kind.to_string(), *count));
        let named =
            [("other kinds", tally.rest()), ("icmp error about tcp", self.traffic.icmp_errors)];
        let named = named.map(|(name, count)| (name.to_owned(), count));
        kinds.chain(named).filter(|(_, count)| *count > 0).collect()
    }
}

impl Summary {
    /// Writes the totals for people to read.
    ///
    /// # Errors
    /// Where the writer fails.
    pub fn write(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        self.write_headline(out, style)?;
        self.write_outcomes(out, style)?;
        self.write_findings(out, style)?;
        self.write_remarks(out, style)
    }

    /// Writes what comes before a table of groups: all but the outcomes, or the findings alone.
    pub(crate) fn write_head(
        &self,
        out: &mut dyn io::Write,
        style: Style,
        remarks: bool,
    ) -> io::Result<()> {
        if !remarks {
            return self.write_findings(out, style);
        }
        self.write_headline(out, style)?;
        self.write_findings(out, style)?;
        self.write_remarks(out, style)
    }

    fn write_headline(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        self.headline(style).iter().try_for_each(|line| line.write(out, style))
    }

    /// Writes the findings, each with its evidence and the next step.
    fn write_findings(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        let Some(answers) = &self.answers else { return Ok(()) };
        let findings = self.findings();
        for finding in findings.iter().take(MOST_FINDINGS) {
            let ink = Ink::from(&finding.what);
            let Told { sentence, next } = told(finding, &answers.host_names, style);
            let ids: Vec<_> = finding.evidence.iter().map(u64::to_string).collect();
            let ids = match ids.len() {
                0 => String::new(),
                1 => format!(" [attempt\u{a0}{}]", ids[0]),
                _ => format!(" [attempts\u{a0}{}]", ids.join(",\u{a0}")),
            };
            write_item(out, style, ink, Ink::Plain, &format!("{sentence}{ids}"))?;
            for text in wrap(Ink::Faint, &next, style.columns() - 4) {
                Line::of(Ink::Plain, "    ").append(&text).write(out, style)?;
            }
        }
        match findings.len().saturating_sub(MOST_FINDINGS) {
            0 => Ok(()),
            more => {
                let text = format!(
                    "{}: `synscope stats --format json` has all",
                    plural(more as u64, "more finding")
                );
                write_item(out, style, Ink::Faint, Ink::Faint, &text)
            }
        }
    }
    fn write_remarks(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        let remarks = self.remarks();
        remarks.iter().try_for_each(|(ink, text)| write_item(out, style, *ink, *ink, text))
    }

    /// `4 attempts in 12 TCP segments`, and below it what they were found in.
    pub(crate) fn headline(&self, style: Style) -> [Line; 2] {
        let mut found = Line::of(Ink::Strong, &plural(self.handshakes(), "attempt"));
        found.push(
            Ink::Plain,
            &format!(" in {}", plural(self.counters.tcp_segments, "TCP segment")),
        );
        let Traffic { frames, bytes: size, first, last, .. } = self.traffic;
        let mut read = format!("{} in {}", bytes(size), plural(frames, "frame"));
        if self.files > 1 {
            read = format!("{read} of {}", plural(self.files, "file"));
        }
        if let Some((first, last)) = first.zip(last) {
            read = format!("{read}, {}", span(last.nanos_since(first), style.unicode));
        }
        [found, Line::of(Ink::Faint, &read)]
    }

    /// A bar for each outcome that occurred.
    fn write_outcomes(&self, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
        let most = self.counters.outcomes.iter().copied().max().unwrap_or_default().max(1);
        let digits = count(most).len();
        for (outcome, &n) in Outcome::ALL.iter().zip(&self.counters.outcomes) {
            if n == 0 {
                continue;
            }
            let ink = Ink::from(*outcome);
            let mut line = Line::of(Ink::Plain, "  ");
            line.push(ink, outcome.name())
                .right_align(27 + digits, &Line::of(Ink::Strong, &count(n)));
            let room = (style.columns() - line.width() - 2).min(LONGEST_BAR);
            // Of the most frequent outcome's bar, in columns: at least one, and at most `room`.
            let bar = (u128::from(n) * room as u128 / u128::from(most)).max(1) as usize;
            line.push(Ink::Plain, "  ").push(ink, &style.pick("█", "#").repeat(bar));
            line.write(out, style)?;
        }
        Ok(())
    }

    /// What part of the traffic the capture lacks, or why there is no attempt in it.
    fn partial_view(&self) -> Option<&'static str> {
        match self.one_direction() {
            Some(Side::Client) => {
                Some("the capture has one direction only: no segment of a server")
            }
            Some(Side::Server) => {
                Some("the capture has one direction only: no segment of a client")
            }
            None if self.syn_only() => Some(
                "no segment without SYN was captured: if a filter left them out, `unacknowledged` \
                 may be wrong",
            ),
            None if self.handshakes() == 0 && self.counters.tcp_segments > 0 => {
                Some("no attempt begins in the capture: neither a SYN nor a SYN-ACK was captured")
            }
            None => None,
        }
    }

    /// Attempts that were closed for want of room, by what was known of them.
    fn evicted(&self) -> Option<String> {
        let evicted =
            Outcome::ALL.iter().zip(self.counters.evicted).filter(|(_, count)| *count > 0);
        let all: u64 = self.counters.evicted.iter().sum();
        let names = counted(evicted.map(|(outcome, count)| (outcome.name(), count)));
        let attempts = plural(all, "attempt");
        (all > 0).then(|| format!("{attempts} closed early for want of memory (--memory): {names}"))
    }

    /// What else is to be known, worst first.
    pub(crate) fn remarks(&self) -> Vec<(Ink, String)> {
        let mut remarks = Vec::new();
        if let Some(shown) = self.shown {
            let all = plural(self.handshakes(), "attempt");
            remarks.push((Ink::Strong, format!("{} of {all} shown, as selected", count(shown))));
        }
        for damaged in &self.damaged {
            let Damaged { source, offset, frames, reason } = damaged;
            let frames = plural(*frames, "frame");
            remarks.push((
                Ink::Bad,
                format!("{source} breaks off at byte {offset} after {frames}: {reason}"),
            ));
        }
        if let Some(dropped) = self.kernel_dropped.filter(|&dropped| dropped > 0) {
            let dropped = plural(dropped, "packet");
            remarks.push((
                Ink::Bad,
                format!("the kernel dropped {dropped}: a missing segment may have been sent"),
            ));
        }
        if let Some(evicted) = self.evicted() {
            remarks.push((Ink::Bad, evicted));
        }
        for Undecoded { layer, reason, count } in &self.traffic.undecoded {
            let frames = plural(*count, "frame");
            remarks.push((Ink::Doubtful, format!("{frames} not decoded: {layer}, {reason}")));
        }
        let partial =
            self.partial_view().filter(|_| self.answers.is_none() || self.handshakes() == 0);
        remarks.extend(partial.map(|view| (Ink::Doubtful, view.to_owned())));
        if self.counters.odd_segments > 0 {
            let odd = plural(self.counters.odd_segments, "odd segment");
            remarks.push((
                Ink::Doubtful,
                format!("{odd} (SYN+FIN, SYN+RST, no flags or all of them)"),
            ));
        }
        let without_tcp = self.without_tcp();
        if !without_tcp.is_empty() {
            let frames = plural(without_tcp.iter().map(|(_, n)| n).sum(), "frame");
            let names = counted(without_tcp.iter().map(|(name, n)| (name.as_str(), *n)));
            remarks.push((Ink::Faint, format!("{frames} without TCP: {names}")));
        }
        if self.counters.outside_handshake > 0 {
            let outside = plural(self.counters.outside_handshake, "segment");
            remarks.push((Ink::Faint, format!("{outside} outside any attempt")));
        }
        if let Some(patterns) = self.patterns.as_ref().filter(|patterns| !patterns.is_empty()) {
            let patterns = counted(patterns.iter().map(|(&name, &n)| (name, n)));
            remarks.push((Ink::Faint, format!("patterns: {patterns}")));
        }
        remarks
    }
}

/// One item of a list, behind its mark.
fn write_item(
    out: &mut dyn io::Write,
    style: Style,
    mark: Ink,
    ink: Ink,
    text: &str,
) -> io::Result<()> {
    for (index, text) in wrap(ink, text, style.columns() - 4).iter().enumerate() {
        let sign = if index == 0 { style.pick("· ", "- ") } else { "  " };
        Line::of(Ink::Plain, "  ").push(mark, sign).append(text).write(out, style)?;
    }
    Ok(())
}

/// `udp 3, arp 1`.
fn counted<'a>(names: impl Iterator<Item = (&'a str, u64)>) -> String {
    names.map(|(name, n)| format!("{name} {}", count(n))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
