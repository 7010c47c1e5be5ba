//! Ladders as a Mermaid sequence diagram, which many documents draw by themselves.

use std::fmt::Write as _;
use std::io;

use handshake::{Sender, Side};

use crate::ladder::{self, Arrow, Fate, Opening, Rung, Step};
use crate::line::Line;
use crate::style::Style;
use crate::{Exchange, Record, Summary, View};

/// As many attempts are drawn; a diagram of more helps nobody.
const MOST: u64 = 20;
/// Columns of a line of text in a diagram.
const COLUMNS: usize = 60;

/// `--format mermaid`: one diagram, the attempts below each other.
#[derive(Debug)]
pub struct Mermaid<W> {
    out: W,
    style: Style,
    /// The heads of the lifelines, in the order in which they were met.
    ends: Vec<String>,
    body: String,
    drawn: u64,
    left_out: u64,
}

impl<W: io::Write> Mermaid<W> {
    /// Writes to `out` when all attempts are there.
    pub const fn new(out: W, style: Style) -> Self {
        let style = Style { unicode: true, color: false, width: None, ..style };
        Self { out, style, ends: Vec::new(), body: String::new(), drawn: 0, left_out: 0 }
    }

    /// The name of a lifeline in the diagram.
    fn lifeline(&mut self, head: String) -> String {
        let at = self.ends.iter().position(|known| *known == head).unwrap_or_else(|| {
            self.ends.push(head);
            self.ends.len() - 1
        });
        format!("L{}", at + 1)
    }

    fn line(&mut self, line: &str) {
        self.body.push_str("    ");
        self.body.push_str(line);
        self.body.push('\n');
    }

    fn draw(&mut self, record: &Record<'_>) {
        let opening = ladder::opening(record, self.style);
        let ends = self.lifelines(&opening);
        let facts: Vec<_> = opening.facts.iter().map(Line::text).collect();
        self.note(&ends, &[format!("attempt {}: {}", opening.name, facts.join(" "))]);
        self.rungs(ladder::of(record, self.style), &ends);
        let closing = ladder::closing(record, self.style);
        let mut said = vec![format!("{} {}", closing.mark, closing.outcome)];
        said.extend(closing.patterns.iter().map(|pattern| format!("◆ {}", pattern.name)));
        self.note(&ends, &said);
    }

    fn lifelines(&mut self, opening: &Opening) -> [String; 2] {
        [Side::Client, Side::Server].map(|side| {
            let role = self.style.language.say(side.name());
            self.lifeline(format!("{role} {}", opening.heads[side as usize]))
        })
    }

    /// What is said across both lifelines.
    fn note(&mut self, [client, server]: &[String; 2], texts: &[String]) {
        self.line(&format!("Note over {client},{server}: {}", lines(texts)));
    }

    fn rungs(&mut self, rungs: Vec<Rung<'_>>, ends: &[String; 2]) {
        for rung in rungs {
            match rung {
                Rung::Segment(step) => self.step(&step, ends),
                Rung::Enters(call, time) => self.call(call.side, ends, &time, &call.call),
                Rung::Returns(call, time) => {
                    let words = format!("{} returns {}", call.name(), call.result);
                    self.call(call.side, ends, &time, &words);
                }
                Rung::Calls(call, time) => {
                    let words = format!("{} = {}", call.call, call.result);
                    self.call(call.side, ends, &time, &words);
                }
                Rung::Data(said) => self.note(ends, &[said]),
            }
        }
    }

    fn call(&mut self, side: Side, ends: &[String; 2], time: &Line, words: &str) {
        let place = match side {
            Side::Client => format!("left of {}", ends[0]),
            Side::Server => format!("right of {}", ends[1]),
        };
        self.line(&format!("Note {place}: {}", lines(&[time.text().to_owned(), words.to_owned()])));
    }

    fn step(&mut self, step: &Step, ends: &[String; 2]) {
        let label: Vec<_> = step.label.iter().map(Line::text).collect();
        let frame = step.frame.as_deref().unwrap_or_default();
        let mut said = vec![format!("{frame}  {}", step.time.text()), label.join("  ")];
        let options: Vec<_> = step.options.iter().map(Line::text).collect();
        said.push(options.join(" "));
        said.extend(step.remarks.iter().map(|(_, remark)| remark.clone()));
        said.retain(|words| !words.trim().is_empty());
        let to = &ends[step.arrow.to as usize];
        let from = match step.arrow.from {
            Sender::Client => ends[0].clone(),
            Sender::Server => ends[1].clone(),
            Sender::Network => self.lifeline("router".to_owned()),
        };
        self.line(&format!("{from}{}{to}: {}", head(step.arrow), lines(&said)));
        for (side, state) in [Side::Client, Side::Server].into_iter().zip(step.moves) {
            if let Some(state) = state {
                self.call(side, ends, &Line::default(), state.name());
            }
        }
    }
}

impl<W: io::Write> View for Mermaid<W> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if self.drawn < MOST {
            self.drawn += 1;
            self.draw(record);
        } else {
            self.left_out += 1;
        }
        Ok(())
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        let opening = ladder::exchange_opening(exchange, self.style);
        let ends = self.lifelines(&opening);
        self.note(&ends, &[opening.name]);
        self.rungs(ladder::exchange(exchange, self.style), &ends);
        self.drawn += 1;
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        writeln!(self.out, "sequenceDiagram")?;
        for (index, head) in self.ends.iter().enumerate() {
            writeln!(self.out, "    participant L{} as {}", index + 1, escaped(head))?;
        }
        self.out.write_all(self.body.as_bytes())?;
        match (self.drawn, self.left_out) {
            (0, _) => {
                writeln!(self.out, "    participant L1 as client")?;
                writeln!(self.out, "    Note over L1: {}", summary.nothing_shown())
            }
            (_, 0) => Ok(()),
            (_, more) => writeln!(
                self.out,
                "    Note over L1: {more} more attempts are not drawn: choose with --id"
            ),
        }
    }
}

/// The line of an arrow. A dashed one with a cross did not arrive, one with an open head is a question.
const fn head(arrow: Arrow) -> &'static str {
    match arrow.fate {
        Fate::Whole => "->>",
        Fate::Lost => "--x",
        Fate::Unknown => "--)",
        Fate::Crossed => "-x",
        Fate::Copy => "-->>",
    }
}

/// Texts below each other, none much longer than a line.
fn lines(texts: &[String]) -> String {
    let texts = texts.iter().filter(|text| !text.is_empty());
    let lines = texts.flat_map(|text| crate::line::wrap(crate::style::Ink::Plain, text, COLUMNS));
    let lines: Vec<_> = lines.map(|line| escaped(line.text())).collect();
    lines.join("<br/>")
}

/// Text that means nothing to Mermaid: signs that might are written as their numbers.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ':' | ',' | '(' | ')' | '=' | '/' => {
                escaped.push(sign);
            }
            '-' | '_' | '+' | '?' | '!' | '\'' => escaped.push(sign),
            '\0'..='\x7f' => {
                let _ = write!(escaped, "#{};", u32::from(sign));
            }
            _ => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
