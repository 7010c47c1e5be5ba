//! Pictures of all attempts: what became of them, and when.

use answers::{Group, Slot, Stats};
use handshake::Outcome;
use maud::{Markup, html};
use parser::Timestamp;

use crate::finding::{nanoseconds, percent};
use crate::style::{Ink, Style};
use crate::svg::class;
use crate::text::{count, moment};

/// The width of a bar that is full, and the height of one over time.
const FULL: u64 = 1_000;
/// The width of a slot of time.
const SLOT: u64 = 10;

/// The outcomes, each with its number, its share and a bar.
pub(super) fn outcomes(all: &Group) -> Markup {
    let most = all.outcomes.iter().copied().max().unwrap_or_default();
    let counted = Outcome::ALL.into_iter().zip(all.outcomes).filter(|(_, n)| *n > 0);
    html! {
        section aria-labelledby="outcomes" {
            h2 id="outcomes" { "Outcomes" }
            table .bars {
                thead {
                    tr {
                        th scope="col" .words { "outcome" }
                        th scope="col" { "attempts" }
                        th scope="col" { "share" }
                        td {}
                    }
                }
                tbody {
                    @for (outcome, n) in counted {
                        @let ink = class(Ink::from(outcome));
                        tr {
                            th scope="row" .words { span class=(ink) { (outcome.name()) } }
                            td .number { (count(n)) }
                            td .number { (percent(n, all.attempts)) }
                            td .bar aria-hidden="true" {
                                svg viewBox=(format!("0 0 {FULL} 10")) preserveAspectRatio="none" {
                                    rect class=(ink) width=(of(n, most)) height="10" {}
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The part of a full bar: where something is, it shows.
fn of(part: u64, most: u64) -> u64 {
    match part {
        0 => 0,
        _ => (u128::from(part) * u128::from(FULL) / u128::from(most.max(1))).max(10) as u64,
    }
}

/// One number over time.
struct Series<'a> {
    title: &'static str,
    ink: Ink,
    value: fn(&Slot) -> Option<u64>,
    text: &'a dyn Fn(u64) -> String,
}

/// Server RTTs, attempts and failures over the time of the capture, where it has one.
pub(super) fn over_time(stats: &Stats, all: &Group, style: Style) -> Markup {
    let slots = all.over_time.slots();
    let scale = stats.scale();
    let begin = |at| scale.begin_of(at).map(|ns| moment(Timestamp::from_nanos(ns), &style.zone()));
    let (Some(first), Some(last)) = (begin(0), begin(slots.len())) else { return html! {} };
    if slots.len() < 2 {
        return html! {};
    }
    let duration = |ns| nanoseconds(ns, style);
    let series = [
        Series {
            title: "server RTT, mean",
            ink: Ink::SynAck,
            value: Slot::mean_server_rtt_ns,
            text: &duration,
        },
        Series {
            title: "attempts",
            ink: Ink::Syn,
            value: |slot| Some(slot.attempts.into()),
            text: &count,
        },
        Series {
            title: "failed attempts",
            ink: Ink::Bad,
            value: |slot| Some(slot.failed.into()),
            text: &count,
        },
    ];
    html! {
        section aria-labelledby="over-time" {
            h2 id="over-time" { "Over time" }
            div .charts { @for series in &series { (chart(series, slots, (&first, &last), &begin)) } }
        }
    }
}

fn chart(
    series: &Series<'_>,
    slots: &[Slot],
    (first, last): (&str, &str),
    begin: &dyn Fn(usize) -> Option<String>,
) -> Markup {
    let values: Vec<_> = slots.iter().map(series.value).collect();
    let most = values.iter().flatten().copied().max().unwrap_or_default();
    let highest = values.iter().position(|value| *value == Some(most)).unwrap_or_default();
    let label = match most {
        0 => format!("{}: none", series.title),
        _ => {
            let at = begin(highest).unwrap_or_default();
            format!("{}: at most {}, at {at}", series.title, (series.text)(most))
        }
    };
    let width = SLOT * slots.len() as u64;
    html! {
        figure {
            figcaption { (label) }
            svg .over-time role="img" aria-label=(label) viewBox=(format!("0 0 {width} {FULL}"))
                preserveAspectRatio="none" {
                @for (at, value) in values.iter().enumerate() {
                    @let height = of(value.unwrap_or_default(), most);
                    @if height > 0 {
                        rect class=(class(series.ink)) x=(SLOT * at as u64 + 1) y=(FULL - height)
                            width=(SLOT - 2) height=(height) {}
                    }
                }
            }
            div .axis aria-hidden="true" { span { (first) } span { (last) } }
        }
    }
}
