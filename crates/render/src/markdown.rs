//! Attempts for a ticket: a paragraph, a table of the segments, the ladder, what to check next.

use std::io;

use crate::ladder::{self, Closing, Remark, Rung};
use crate::line::Line;
use crate::style::Style;
use crate::text::escape;
use crate::{Exchange, Record, Summary, Timeline, View};

/// `--format markdown`: a section for each attempt.
#[derive(Debug)]
pub struct Markdown<W> {
    out: W,
    style: Style,
}

impl<W: io::Write> Markdown<W> {
    /// Writes to `out`.
    pub const fn new(out: W, style: Style) -> Self {
        Self { out, style: Style { color: false, ..style } }
    }

    fn paragraph(&mut self, record: &Record<'_>, closing: &Closing) -> io::Result<()> {
        let opening = ladder::opening(record, self.style);
        let ends = escaped(opening.ends.text());
        writeln!(self.out, "## Attempt {}: {ends}\n", opening.name)?;
        let facts: Vec<_> = opening.facts.iter().map(|fact| escaped(fact.text())).collect();
        writeln!(self.out, "{} **{}**\n", closing.mark, escaped(&closing.outcome))?;
        let mut said: Vec<_> = (!facts.is_empty()).then(|| facts.join(" ")).into_iter().collect();
        said.extend(closing.remarks.iter().map(|remark| escaped(&remark.text)));
        writeln!(self.out, "{}.\n", said.join(". "))?;
        let clocks = closing.clocks.iter().map(|(name, value)| {
            format!("{name} {}", value.as_deref().unwrap_or(self.style.pick("–", "-")))
        });
        writeln!(self.out, "{}\n", escaped(&clocks.collect::<Vec<_>>().join(" · ")))
    }

    fn table(&mut self, record: &Record<'_>) -> io::Result<()> {
        writeln!(self.out, "| frame | time | from | segment | remarks |")?;
        writeln!(self.out, "|--:|--:|---|---|---|")?;
        for rung in ladder::of(&Record { calls: &[], ..*record }, self.style) {
            let step = match rung {
                Rung::Segment(step) => step,
                Rung::Data(said) => {
                    writeln!(self.out, "| | | | | {} |", escaped(&said))?;
                    continue;
                }
                Rung::Enters(..) | Rung::Returns(..) | Rung::Calls(..) => continue,
            };
            let frame = step.frame.as_deref().unwrap_or_default().trim_start_matches("frame ");
            let from = step.arrow.from.name();
            let words = |lines: &[Line]| {
                lines.iter().map(|line| line.text().trim_end()).collect::<Vec<_>>().join(" ")
            };
            let mut remarks = vec![words(&step.options)];
            remarks.extend(step.remarks.iter().map(|(_, remark)| remark.clone()));
            remarks.retain(|remark| !remark.is_empty());
            writeln!(
                self.out,
                "| {frame} | {} | {from} | {} | {} |",
                escaped(step.time.text()),
                escaped(&words(&step.label)),
                escaped(&remarks.join("; "))
            )?;
        }
        writeln!(self.out)
    }

    /// What a timeline draws, between fences.
    fn ladder(
        &mut self,
        draw: impl FnOnce(&mut Timeline<&mut Vec<u8>>) -> io::Result<()>,
    ) -> io::Result<()> {
        let style = Style { width: Some(100), explain: false, ..self.style };
        let mut picture = Vec::new();
        draw(&mut Timeline::new(&mut picture, style).without_footer())?;
        let picture = String::from_utf8_lossy(&picture);
        let fence = "`".repeat(longest_run(&picture, '`').max(2) + 1);
        writeln!(self.out, "{fence}text\n{}\n{fence}\n", picture.trim_end())
    }

    fn patterns(&mut self, closing: &Closing) -> io::Result<()> {
        for pattern in &closing.patterns {
            write!(self.out, "- **{}** ({})", escaped(pattern.name), pattern.frames)?;
            for Remark { title, text, .. } in &pattern.remarks {
                match *title {
                    "" => write!(self.out, ": {}", escaped(text))?,
                    title => write!(self.out, "\n  - *{title}*: {}", escaped(text))?,
                }
            }
            writeln!(self.out)?;
        }
        for Remark { title, text, .. } in &closing.elsewhere {
            writeln!(self.out, "- {}: {}", escaped(title), code(text))?;
        }
        writeln!(self.out)
    }
}

impl<W: io::Write> View for Markdown<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        let closing = ladder::closing(record, self.style);
        self.paragraph(record, &closing)?;
        self.table(record)?;
        self.ladder(|timeline| timeline.handshake(record))?;
        self.patterns(&closing)
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        let opening = ladder::exchange_opening(exchange, self.style);
        writeln!(self.out, "## {}: {}\n", opening.name, escaped(opening.ends.text()))?;
        self.ladder(|timeline| timeline.exchange(exchange))
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

/// Text that means nothing to a terminal nor to Markdown: a backslash before each sign of ASCII that might.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in escape(text).chars() {
        if matches!(
            sign,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$'
        ) {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}

/// Text in a fixed-width font, as it is.
fn code(text: &str) -> String {
    let text = escape(text);
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    format!("{fence} {text} {fence}")
}

/// How many of `sign` stand side by side, at most.
fn longest_run(text: &str, sign: char) -> usize {
    text.split(|other| other != sign).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
