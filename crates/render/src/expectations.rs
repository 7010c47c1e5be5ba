//! What became of expectations, for people.

use std::io;

use answers::expect::{Checked, Claim, Found, Measure, Nanoseconds, Offender};
use parser::named;
use unicode_width::UnicodeWidthStr as _;

use crate::line::{Line, pack};
use crate::style::{Ink, Style};
use crate::text::{count, duration, escape, plural};

named! {
    /// What a figure counts.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Unit {
        /// Attempts.
        Attempts = "attempts",
        /// Hundred-thousandths of the attempts in scope.
        Share = "share",
        /// Segments.
        Segments = "segments",
        /// Nanoseconds.
        Nanoseconds = "ns",
    }
}

named! {
    /// Why there is no figure.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Absence {
        /// No attempt was in scope.
        NoAttempt = "no_attempt",
        /// None of them has the duration.
        Unmeasured = "unmeasured",
    }
}

/// What is told of an expectation, in words.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a>(pub &'a Checked<'a>);

/// Writes a line for each expectation, and below one that is not met the attempts that count most
/// against it.
///
/// # Errors
/// Where the writer fails.
pub fn write_expectations(
    checked: &[Checked<'_>],
    out: &mut dyn io::Write,
    style: Style,
) -> io::Result<()> {
    let widths = checked.iter().map(|checked| checked.expectation.to_string().len());
    let column = widths.filter(|width| *width <= style.columns() / 2).max().unwrap_or_default();
    for told in checked.iter().map(Told) {
        told.write(out, style, column)?;
    }
    Ok(())
}

/// Writes how many expectations are met.
///
/// # Errors
/// Where the writer fails.
pub fn write_expectations_total(
    checked: &[Checked<'_>],
    out: &mut dyn io::Write,
    style: Style,
) -> io::Result<()> {
    let met = checked.iter().filter(|checked| checked.is_met).count();
    let ink = if met == checked.len() { Ink::Good } else { Ink::Bad };
    let all = plural(checked.len() as u64, "expectation");
    Line::of(ink.bold(), &format!("{} of {all} met", count(met as u64))).write(out, style)
}

/// A text on one line, and below it a mark at one of its bytes.
pub fn caret(text: &str, at: usize) -> [String; 2] {
    let before = text.get(..at).unwrap_or(text);
    [escape(text).into_owned(), format!("{}^", " ".repeat(escape(before).width()))]
}

impl Told<'_> {
    /// The figure: `3`, `98.4% (123 of 125)`, `61.2 ms`, or why there is none.
    pub fn figure(self, unicode: bool) -> String {
        let Checked { expectation, found, .. } = self.0;
        match (*found, expectation.claim) {
            (Found::NoAttempt, _) if expectation.scope.is_everything() => {
                "no attempt in the capture".to_owned()
            }
            (Found::NoAttempt, _) => "no attempt in scope".to_owned(),
            (Found::Unmeasured(measure), _) => unmeasured(measure).to_owned(),
            (Found::Count(found), _) => count(found),
            (Found::Share { share, count: part, of }, _) => {
                format!("{share} ({} of {})", count(part), count(of))
            }
            // Three digits, unless they look like the value that is wanted.
            (Found::Duration(ns), Claim::Duration(_, _, wanted))
                if ns != wanted && rounded(ns, unicode) == rounded(wanted, unicode) =>
            {
                Nanoseconds(ns).to_string()
            }
            (Found::Duration(ns), _) => rounded(ns, unicode),
        }
    }

    /// The figure as a message of its own: `found 3`, or why there is none.
    pub fn message(self, unicode: bool) -> String {
        let figure = self.figure(unicode);
        match self.0.found {
            Found::NoAttempt | Found::Unmeasured(_) => figure,
            Found::Count(_) | Found::Share { .. } | Found::Duration(_) => format!("found {figure}"),
        }
    }

    /// The attempts that count most against it, the worst one first:
    /// `attempt 7  192.0.2.1:40001 → 192.0.2.2:80  refused`.
    pub fn offenders(self, unicode: bool) -> impl Iterator<Item = String> {
        self.0.offenders.iter().map(move |offender| {
            self.parts(offender, unicode).map(|(_, text)| text).collect::<Vec<_>>().join("  ")
        })
    }

    fn parts(self, offender: &Offender, unicode: bool) -> impl Iterator<Item = (Ink, String)> {
        let &Offender { id, client, server, outcome, value } = offender;
        let arrow = if unicode { "→" } else { ">" };
        let value = value.map(|value| match self.0.expectation.claim {
            Claim::Duration(..) => rounded(value, unicode),
            _ => plural(value, "retransmission"),
        });
        let told = [
            (Ink::Plain, format!("attempt {id}  {client} {arrow} {server}")),
            (outcome.into(), outcome.name().to_owned()),
        ];
        told.into_iter().chain(value.map(|value| (Ink::Strong, value)))
    }

    /// Writes it, with the figure behind this column where there is room.
    fn write(self, out: &mut dyn io::Write, style: Style, column: usize) -> io::Result<()> {
        let (ink, mark) = if self.0.is_met {
            (Ink::Good, style.pick("✓", "ok"))
        } else {
            (Ink::Bad, style.pick("✗", "FAILED"))
        };
        let indent = if style.unicode { 2 } else { 7 };
        let mut expression = Line::of(Ink::Plain, &self.0.expectation.to_string());
        expression.pad_to(column);
        let figure = Line::of(Ink::Strong, &self.figure(style.unicode));
        let mut line = Line::of(ink.bold(), mark);
        for part in pack(&[expression, figure], 2, style.columns() - indent) {
            line.pad_to(indent).append(&part).write(out, style)?;
            line.clear();
        }
        for offender in &self.0.offenders {
            let parts = self.parts(offender, style.unicode);
            let parts: Vec<_> = parts.map(|(ink, text)| Line::of(ink, &text)).collect();
            for part in pack(&parts, 2, style.columns() - indent - 2) {
                line.pad_to(indent + 2).append(&part).write(out, style)?;
                line.clear();
            }
        }
        Ok(())
    }
}

/// A duration in three digits.
fn rounded(ns: u64, unicode: bool) -> String {
    duration(i64::try_from(ns).unwrap_or(i64::MAX), unicode)
}

/// Why there is no duration.
const fn unmeasured(measure: Measure) -> &'static str {
    match measure {
        Measure::ServerRtt => "no attempt has a server RTT",
        Measure::ClientRtt => "no attempt has a client RTT",
        Measure::Waited => "no attempt has a measured wait",
        Measure::FailedAfter => "no attempt failed after a measured time",
    }
}

#[cfg(test)]
mod tests;
