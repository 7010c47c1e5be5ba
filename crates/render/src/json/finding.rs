//! The JSON form of findings.

use answers::{Finding, Trouble, What};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Summary;
use crate::finding::told;
use crate::style::Style;

/// Something that is to be known about the capture.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Finding")]
pub(crate) struct FindingJson {
    /// What it is: `syns_repeated`, `silent`, `refuses` ...
    kind: &'static str,
    /// The server or client that has most of it.
    host: Option<String>,
    /// The attempts that it is about.
    attempts: u64,
    /// Further servers or clients with the same trouble.
    others: usize,
    /// The ids of a few attempts that show it.
    evidence: Vec<u64>,
    /// A sentence for people.
    text: String,
    /// What to do next; null if there is nothing to do.
    next: Option<String>,
}

impl FindingJson {
    /// All findings, the worst first.
    pub(super) fn all(summary: &Summary) -> Vec<Self> {
        summary.findings().iter().map(Self::from).collect()
    }
}

impl From<&Finding> for FindingJson {
    fn from(finding: &Finding) -> Self {
        let words = told(finding, Style::PLAIN);
        let (kind, host) = kind_and_host(&finding.what);
        Self {
            kind,
            host,
            attempts: finding.attempts,
            others: finding.others,
            evidence: finding.evidence.clone(),
            text: words.sentence,
            next: (!words.next.is_empty()).then_some(words.next),
        }
    }
}

fn kind_and_host(what: &What) -> (&'static str, Option<String>) {
    match what {
        What::OneDirection(_) => ("one_direction", None),
        What::SynOnly => ("syn_only", None),
        What::Scan { client, .. } => ("scan", Some(client.to_string())),
        What::AtServer(server, trouble) => (kind_of_trouble(trouble), Some(server.to_string())),
        What::RstIgnored => ("rst_ignored", None),
        What::Copies => ("copies", None),
        What::Evicted => ("evicted", None),
        What::Untold => ("untold", None),
        What::Clean { .. } => ("clean", None),
    }
}

fn kind_of_trouble(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Flood { .. } => "flood",
        Trouble::SynsRepeated(_) => "syns_repeated",
        Trouble::Silent { .. } => "silent",
        Trouble::Refuses { .. } => "refuses",
        Trouble::Unreachable => "unreachable",
        Trouble::NotAccepted => "not_accepted",
        Trouble::SynAcksRepeated { .. } => "syn_acks_repeated",
        Trouble::Reset => "reset",
        Trouble::Slower { .. } => "slower",
    }
}
