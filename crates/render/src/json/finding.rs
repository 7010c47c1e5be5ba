//! The JSON form of findings.

use answers::{Finding, Trouble, What};
use hostnames::HostName;
use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::{host_of, told};
use crate::stats::key_text;
use crate::style::Style;
use crate::{Answers, Summary, host};

/// Something that is to be known about the capture.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Finding")]
pub(crate) struct FindingJson {
    /// What it is: `syns_repeated`, `silent`, `refuses` ...
    kind: &'static str,
    /// The server or client that has most of it.
    host: Option<String>,
    /// The name of that host; missing if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    name: Option<String>,
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
        let Some(answers) = &summary.answers else { return Vec::new() };
        summary.findings().iter().map(|finding| Self::new(finding, answers)).collect()
    }

    fn new(finding: &Finding, Answers { names, host_names, .. }: &Answers) -> Self {
        let words = told(finding, host_names, Style::PLAIN);
        let host = host_of(&finding.what);
        let name = host.and_then(|key| host::group_name(&key, host_names));
        Self {
            kind: kind(&finding.what),
            host: host.map(|key| key_text(&key, names)),
            name: name.map(|HostName { name, .. }| name.to_string()),
            attempts: finding.attempts,
            others: finding.others,
            evidence: finding.evidence.clone(),
            text: words.sentence,
            next: (!words.next.is_empty()).then_some(words.next),
        }
    }
}

fn kind(what: &What) -> &'static str {
    match what {
        What::OneDirection(_) => "one_direction",
        What::SynOnly => "syn_only",
        What::Scan { .. } => "scan",
        What::AtServer(_, trouble) => kind_of_trouble(trouble),
        What::RstIgnored => "rst_ignored",
        What::Copies => "copies",
        What::Evicted => "evicted",
        What::Untold => "untold",
        What::Partial => "partial",
        What::CutOff => "cut_off",
        What::Clean { .. } => "clean",
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
        Trouble::Reset { .. } => "reset",
        Trouble::Slower { .. } => "slower",
    }
}
