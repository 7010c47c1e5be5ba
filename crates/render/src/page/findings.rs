//! What comes first on a page: the totals, the findings, and what else is to be known.

use std::collections::HashSet;

use answers::Finding;
use maud::{Markup, html};

use super::words;
use crate::finding::{Told, told};
use crate::style::{Ink, Style};
use crate::svg::class;
use crate::text::{escape, moment};
use crate::{Answers, Summary};

/// The name of the capture.
pub(super) fn title(summary: &Summary) -> String {
    let names = summary.answers.as_ref().map(|answers| answers.names.sources());
    let mut names = names.into_iter().flatten();
    let name = names.next().map_or("", |name| name.rsplit('/').next().unwrap_or(name));
    let name = escape(name);
    match names.count() {
        0 => name.into_owned(),
        1 => format!("{name} and 1 more file"),
        more => format!("{name} and {more} more files"),
    }
}

/// How much there is, and of which time.
pub(super) fn header(summary: &Summary, style: Style) -> Markup {
    let [found, read] = summary.headline(style);
    let (first, last) = (summary.traffic.first, summary.traffic.last);
    let moment = |time| moment(time, &style.zone());
    html! {
        header {
            p .faint { "TCP handshakes in" }
            h1 { (title(summary)) }
            p { (words(&found)) }
            p .faint {
                (read.text())
                @if let Some((first, last)) = first.zip(last) {
                    ", from " (moment(first)) " to " (moment(last))
                }
            }
        }
    }
}

/// The findings, each with its evidence and the next step. They are of all attempts; the `listed` ones
/// can be opened.
pub(super) fn findings(
    summary: &Summary,
    answers: &Answers,
    listed: &HashSet<u64>,
    style: Style,
) -> Markup {
    let findings = summary.findings();
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            @if findings.is_empty() { p { "There is nothing to say of no attempts." } }
            ol .findings { @for finding in &findings { (item(finding, answers, listed, style)) } }
        }
    }
}

fn item(finding: &Finding, answers: &Answers, listed: &HashSet<u64>, style: Style) -> Markup {
    let Told { sentence, next } = told(finding, &answers.host_names, style);
    html! {
        li .(class(Ink::from(&finding.what))) {
            p .sentence { (marked(&escape(&sentence))) }
            @if !finding.evidence.is_empty() {
                p .evidence {
                    @if finding.evidence.len() == 1 { "attempt" } @else { "attempts" }
                    @for id in &finding.evidence {
                        " "
                        @if listed.contains(id) {
                            a href=(format!("#attempt-{id}")) { (id) }
                        } @else {
                            span .faint title="not in this page" { (id) }
                        }
                    }
                }
            }
            @if !next.is_empty() { p .next { (marked(&escape(&next))) } }
        }
    }
}

/// A text with what stands between backticks as code.
fn marked(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// What else is to be known.
pub(super) fn remarks(summary: &Summary) -> Markup {
    let remarks = summary.remarks();
    html! {
        @if !remarks.is_empty() {
            section aria-labelledby="remarks" {
                h2 id="remarks" { "Remarks" }
                ul { @for (ink, text) in &remarks { li class=(class(*ink)) { (escape(text)) } } }
            }
        }
    }
}
