//! The text around the pictures.

use std::io::{self, Write};

use anyhow::Context as _;
use lab::{Association, HalfAssociation, PortClass, Report, Scenario, ephemeral_ports};

use crate::status::Status;

/// More associations are counted only.
const MOST_ASSOCIATIONS: usize = 4;

/// Lists the scenarios: name, how long it takes, title.
pub(super) fn list() -> anyhow::Result<Status> {
    let mut out = io::stdout().lock();
    for scenario in Scenario::all() {
        let tenths = scenario.duration.as_millis().div_ceil(100);
        writeln!(
            out,
            "{:<14}{:>3}.{} s  {}",
            scenario.name,
            tenths / 10,
            tenths % 10,
            scenario.title
        )
        .context("standard output")?;
    }
    Ok(Status::Fine)
}

pub(super) fn print_story(
    out: &mut impl Write,
    scenario: &Scenario,
    width: usize,
) -> io::Result<()> {
    writeln!(out, "{}\n", scenario.title)?;
    write_wrapped(out, scenario.story, "", width)?;
    writeln!(out)?;
    out.flush()
}

/// Prints the remarks about the picture.
pub(super) fn print_notice(
    out: &mut impl Write,
    scenario: &Scenario,
    width: usize,
) -> io::Result<()> {
    writeln!(out, "\nNotice:")?;
    scenario.notice.iter().try_for_each(|notice| write_wrapped(out, notice, "  * ", width))
}

/// Prints that the attempts ended as expected.
pub(super) fn print_verdict(out: &mut impl Write, verdict: &str, width: usize) -> io::Result<()> {
    writeln!(out)?;
    write_wrapped(out, verdict, "", width)?;
    out.flush()
}

/// Prints the four numbers of each connection.
pub(super) fn print_associations(
    out: &mut impl Write,
    report: &Report,
    width: usize,
) -> io::Result<()> {
    let mut known: Vec<Association> = Vec::new();
    for association in report.connections.iter().filter_map(lab::Connection::association) {
        if !known.contains(&association) {
            known.push(association);
        }
    }
    if known.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nAn association is a protocol and two ends; each program holds one half of it:"
    )?;
    for association in known.iter().take(MOST_ASSOCIATIONS) {
        writeln!(out, "  {association}")?;
        let [client, server] = association.halves();
        for (role, half) in [("client", client), ("server", server)] {
            let words = format!("{role}: {half}, {}", port(&half));
            write_wrapped(out, &words, "      ", width)?;
        }
    }
    match known.len().saturating_sub(MOST_ASSOCIATIONS) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

/// `port 8080 is registered (1024 to 49151)`.
fn port(half: &HalfAssociation) -> String {
    let port = half.end.port;
    let Some(ephemeral) = ephemeral_ports() else { return format!("port {port}") };
    let class = PortClass::of(port, &ephemeral);
    let range = match class {
        PortClass::WellKnown => "0 to 1023".to_owned(),
        PortClass::Registered => "1024 to 49151".to_owned(),
        PortClass::Dynamic => "49152 to 65535".to_owned(),
        PortClass::Ephemeral => {
            format!("the kernel picks from {} to {}", ephemeral.start(), ephemeral.end())
        }
    };
    format!("port {port} is {} ({range})", class.name())
}

/// Writes words in lines of at most `width` columns; the first begins with `mark`, and the others are
/// indented as far.
fn write_wrapped(out: &mut impl Write, text: &str, mark: &str, width: usize) -> io::Result<()> {
    let mut line = mark.to_owned();
    for word in text.split_whitespace() {
        if line.len() + word.len() > width && line.len() > mark.len() {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(mark.len());
        }
        line += word;
        line.push(' ');
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_at_its_words() {
        let wrapped = |text, width| {
            let mut out = Vec::new();
            write_wrapped(&mut out, text, "  * ", width).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(wrapped("a bc def", 8), "  * a bc\n    def\n");
        assert_eq!(wrapped("a bc def", 80), "  * a bc def\n");
        assert_eq!(wrapped("incompressible", 5), "  * incompressible\n");
    }
}
