//! The statistics of servers.

use answers::Group;
use maud::{Markup, html};

use super::words;
use crate::Answers;
use crate::line::Line;
use crate::stats::{Grid, grid};
use crate::style::Style;

/// The column whose cells are small pictures made of signs.
fn is_picture(at: usize, columns: usize) -> bool {
    at + 2 == columns
}

/// The columns whose cells are words: the name of the server, and the last two.
fn is_words(at: usize, columns: usize) -> bool {
    at == 0 || at + 2 >= columns
}

/// The table of servers. What is empty everywhere is left out.
pub(super) fn servers(answers: &Answers, all: &Group, style: Style) -> Markup {
    let Grid { above, titles, rows } = grid(answers, all, style);
    let columns = titles.len();
    let shown: Vec<_> =
        (0..columns).filter(|&at| rows.iter().any(|row| row[at].width() > 0)).collect();
    let kind = |at| if is_words(at, columns) { "words" } else { "number" };
    let cell = |at: usize, line: &Line| {
        html! {
            td class=(kind(at)) {
                @if is_picture(at, columns) {
                    span .spark aria-hidden="true" { (words(line)) }
                } @else {
                    (words(line))
                }
            }
        }
    };
    html! {
        section aria-labelledby="servers" {
            h2 id="servers" { "Servers" }
            div .wide tabindex="0" role="region" aria-label="Table of the servers" {
                table .servers {
                    thead {
                        tr {
                            @for run in shown.chunk_by(|one, next| above[*one] == above[*next]) {
                                @if above[run[0]].is_empty() {
                                    @for &at in run {
                                        th scope="col" rowspan="2" class=(kind(at)) { (titles[at]) }
                                    }
                                } @else {
                                    th scope="colgroup" colspan=(run.len()) { (above[run[0]]) }
                                }
                            }
                        }
                        tr {
                            @for &at in shown.iter().filter(|at| !above[**at].is_empty()) {
                                th scope="col" class=(kind(at)) { (titles[at]) }
                            }
                        }
                    }
                    tbody {
                        @for row in &rows {
                            tr {
                                @for &at in &shown {
                                    @if at == 0 {
                                        th scope="row" class="words" { (words(&row[at])) }
                                    } @else {
                                        (cell(at, &row[at]))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
