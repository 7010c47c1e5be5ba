//! What became of all attempts, with bars.

use answers::Group;
use handshake::Outcome;
use maud::{Markup, html};

use crate::finding::percent;
use crate::style::Ink;
use crate::svg::class;
use crate::text::count;

/// The length of a bar that is full.
pub(super) const FULL: u64 = 1_000;

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
pub(super) fn of(part: u64, most: u64) -> u64 {
    match part {
        0 => 0,
        _ => (u128::from(part) * u128::from(FULL) / u128::from(most.max(1))).max(10) as u64,
    }
}
