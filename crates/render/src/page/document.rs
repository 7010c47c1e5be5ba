//! What stands around the attempts: the head of the page, its sections, its style and its script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::{Listed, findings, outcomes, over_time, row, servers};
use crate::Summary;
use crate::style::Style;
use crate::svg::{css, page_css};
use crate::text::plural;

const SCRIPT: &str = include_str!("script.js");

fn style_sheet() -> String {
    [css(), &page_css(), include_str!("style.css")].concat()
}

/// What the page may load and run: this style and this script, and nothing else.
fn policy(style_sheet: &str) -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (style, script) = (hash(style_sheet), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// Everything up to the data of the script, which stands below the list.
pub(super) fn begin(summary: &Summary, style: Style, listed: &Listed) -> Markup {
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        (head(&findings::title(summary)))
        (PreEscaped("<body>"))
        a .skip href="#attempts" { "Skip to the attempts" }
        (findings::header(summary, style))
        (PreEscaped("<main>"))
        @if let Some(answers) = summary.answers.as_deref() {
            (findings::findings(summary, answers, &listed.ids, style))
            @let all = answers.stats.all();
            @if all.attempts > 0 {
                (outcomes::outcomes(&all))
                (over_time::over_time(&answers.stats, &all, &summary.traffic, style))
                (servers::servers(answers, &all, style))
            }
        }
        (PreEscaped("<section aria-labelledby=\"attempts\">"))
        (attempts(listed.left_out))
    }
}

/// What follows the data of the script. `without` attempts of the list have no ladder.
pub(super) fn end(summary: &Summary, without: u64) -> Markup {
    html! {
        @if without > 0 {
            p .doubtful {
                "Without a ladder in the page: " (plural(without, "attempt")) " of the list. "
                code { "synscope replay --id N FILE" } " shows one."
            }
        }
        (PreEscaped("</section>"))
        (findings::remarks(summary))
        (PreEscaped("</main>"))
        footer .faint { p { "Made by synscope. The page is complete: it loads nothing." } }
        script { (PreEscaped(SCRIPT)) }
        (PreEscaped("</body></html>"))
    }
}

fn head(title: &str) -> Markup {
    let style_sheet = style_sheet();
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy(&style_sheet));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            title { (title) " – synscope" }
            style { (PreEscaped(style_sheet)) }
        }
    }
}

/// The list of attempts, which the script fills. It lacks `left_out` of them.
fn attempts(left_out: u64) -> Markup {
    html! {
        h2 id="attempts" tabindex="-1" { "Attempts" }
        p {
            "The worst come first: failed ones, then those with a segment that was sent again, then \
             what took longest. An attempt opens with its ladder."
        }
        @if left_out > 0 {
            p .doubtful {
                (plural(left_out, "more attempt")) " would make the page too large: "
                code { "synscope replay --format table FILE" } " lists all."
            }
        }
        noscript { p .doubtful { "A script fills this list, and your browser runs none here." } }
        div #list hidden {
            div .tools role="search" {
                label for="search" { "Search" }
                input #search type="search" autocomplete="off" spellcheck="false"
                    placeholder="10.0.0.5 refused";
                output #found for="search" {}
            }
            div .wide tabindex="0" role="region" aria-label="Table of the attempts" {
                table .attempts {
                    thead { tr { @for column in &row::COLUMNS {
                        th scope="col" class=(column.kind()) {
                            button type="button" data-sort=(column.sort) data-by=(column.by) {
                                (column.title)
                            }
                        }
                    } } }
                    tbody #rows {}
                }
            }
            nav .tools aria-label="Pages of the list" {
                button #previous type="button" { "Previous" }
                span #place {}
                button #next type="button" { "Next" }
            }
        }
        (without_ladder())
    }
}

/// What opens below an attempt whose ladder is not in the page.
fn without_ladder() -> Markup {
    html! {
        template #without-ladder {
            p {
                "The ladder of this attempt is not in the page: "
                code { "synscope replay --id " span .id {} " FILE" } " shows it."
            }
        }
    }
}
