//! What opens below an attempt in the list: its ladder, and what is said below it.

use maud::{Markup, html};

use crate::Record;
use crate::ladder::{self, Closing, Recognised, Remark};
use crate::language::Language;
use crate::style::{Ink, Style};
use crate::svg::{Drawing, class, draw_ladder};

/// The ladder of an attempt, as markup that is no part of the document until the script opens it.
pub(super) fn ladder(record: &Record<'_>, style: Style) -> Markup {
    let id = record.handshake.id;
    let Drawing { markup, width, height } = draw_ladder(record, style);
    let closing = ladder::closing(record, Style { explain: true, ..style });
    html! {
        script type="text/plain" id=(format!("ladder-{id}")) {
            div .ladder tabindex="0" role="region" aria-label=(format!("Ladder of attempt {id}")) {
                svg xml:space="preserve" lang=[style.language.tag()] width=(width) height=(height)
                    viewBox=(format!("0 0 {width} {height}")) { (markup) }
            }
            (below(&closing, style.language))
        }
    }
}

/// What is said below a ladder.
fn below(closing: &Closing, language: Language) -> Markup {
    let lang = language.tag();
    html! {
        p lang=[lang] { strong class=(class(closing.ink)) { (closing.mark) " " (closing.outcome) } }
        ul .remarks lang=[lang] { @for remark in &closing.remarks { li class=(class(remark.ink)) { (remark.text) } } }
        dl .clocks lang=[lang] {
            @for (name, value) in &closing.clocks {
                div { dt { (name) } dd { (value.as_deref().unwrap_or("–")) } }
            }
        }
        @for Recognised { name, frames, remarks } in &closing.patterns {
            h3 { span .call aria-hidden="true" { "◆ " } (name) " " small .faint { (frames) } }
            @for remark in remarks { (titled(remark, false, lang)) }
        }
        @for remark in &closing.elsewhere { (titled(remark, true, lang)) }
    }
}

/// A text behind its title; where it is for another program, it can be copied.
fn titled(Remark { title, ink, text }: &Remark, is_copied: bool, lang: Option<&str>) -> Markup {
    // The note of a pattern, which has no title, is English always.
    let lang = lang.filter(|_| !title.is_empty());
    html! {
        p {
            @if !title.is_empty() { b class=(class(Ink::Call)) lang=[lang] { (title) } " " }
            @if is_copied {
                code { (text) } " " button type="button" .copy { "Copy" }
            } @else {
                span class=(class(*ink)) lang=[lang] { (text) }
            }
        }
    }
}
