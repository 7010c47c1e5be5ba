//! Paper to draw on, from top to bottom.

use maud::{Markup, PreEscaped, html};

use crate::line::Line;
use crate::style::{Ink, Tone};

/// A drawn attempt.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) markup: Markup,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// The height of a line of text.
pub(crate) const LINE: i32 = 19;
/// What stays free around a picture.
pub(crate) const MARGIN: i32 = 24;

/// Where a text stands, seen from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// What was drawn so far.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// What lies below everything else.
    ground: Vec<Markup>,
    parts: Vec<Markup>,
}

/// The letters of a picture are equally wide, so that it is known how much room a text takes: about 0.6
/// of their size in all common fonts.
pub(crate) fn width_of(columns: usize) -> i32 {
    let columns = i32::try_from(columns).unwrap_or(i32::MAX / 100);
    (columns * 79 + 9) / 10
}

/// How texts and lines look, whatever their colour.
pub(crate) const fn css() -> &'static str {
    "text{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}\
     .bold{font-weight:700}.line{stroke-width:1.5}.arrow{stroke-width:2}.thin{stroke-width:1}"
}

/// The class of what is set in an ink.
pub(crate) const fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Plain => "plain",
        Ink::Strong => "strong",
        Ink::Faint => "faint",
        Ink::Syn => "syn",
        Ink::SynAck => "syn-ack",
        Ink::Ack => "ack",
        Ink::Good => "good",
        Ink::Bad => "bad",
        Ink::Doubtful => "doubtful",
        Ink::Call => "call",
    }
}

impl Sheet {
    /// Writes a line of text; its letters stand on `y`.
    pub(crate) fn text(&mut self, (x, y): (i32, i32), anchor: Anchor, line: &Line) {
        if line.width() == 0 {
            return;
        }
        let anchor = match anchor {
            Anchor::Start => None,
            Anchor::Middle => Some("middle"),
            Anchor::End => Some("end"),
        };
        self.parts.push(html! {
            text x=(x) y=(y) text-anchor=[anchor] {
                @for (Tone { ink, is_bold }, words) in runs(line) {
                    tspan .(class(ink)) .bold[is_bold] { (words) }
                }
             }
        });
    }

    /// Draws a line through points; `class` says how it looks, `dash` where it is broken.
    pub(crate) fn stroke(&mut self, points: &[(i32, i32)], class: &str, dash: Option<&str>) {
        self.parts.push(polyline(points, class, dash));
    }

    /// Draws a line below everything else.
    pub(crate) fn ground(&mut self, points: &[(i32, i32)], class: &str, dash: Option<&str>) {
        self.ground.push(polyline(points, class, dash));
    }

    /// Fills the area between points.
    pub(crate) fn fill(&mut self, points: &[(i32, i32)], ink: Ink) {
        self.parts.push(html! { polygon class=(class(ink)) points=(list(points)) {} });
    }

    /// The picture.
    pub(crate) fn finish(self, width: i32, height: i32) -> Drawing {
        let parts = self.ground.into_iter().chain(self.parts).map(Markup::into_string);
        Drawing { markup: PreEscaped(parts.collect()), width, height }
    }
}

/// Pieces of a line that look alike are one; a space looks like what stands before it.
pub(crate) fn runs(line: &Line) -> Vec<(Tone, String)> {
    let mut runs: Vec<(Tone, String)> = Vec::new();
    for (tone, text) in line.pieces() {
        match runs.last_mut() {
            Some((last, words)) if *last == tone || text.trim().is_empty() => words.push_str(text),
            _ => runs.push((tone, text.to_owned())),
        }
    }
    runs
}

fn polyline(points: &[(i32, i32)], class: &str, dash: Option<&str>) -> Markup {
    html! { polyline class=(class) points=(list(points)) stroke-dasharray=[dash] {} }
}

fn list(points: &[(i32, i32)]) -> String {
    let points: Vec<_> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    points.join(" ")
}
