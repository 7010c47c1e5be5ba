//! The text around the pictures.

use std::io::{self, Write};

use anyhow::Context as _;
use lab::{Association, HalfAssociation, PortClass, Report, Scenario, ephemeral_ports};
use render::{Language, Part, Style, wrapped};

use crate::status::Status;

/// More associations are counted only.
const MOST_ASSOCIATIONS: usize = 4;

/// Lists the scenarios: name, how long it takes, title.
pub(super) fn list(language: Language) -> anyhow::Result<Status> {
    let mut out = io::stdout().lock();
    for scenario in Scenario::all() {
        let tenths = scenario.duration.as_millis().div_ceil(100);
        let (seconds, tenth) = (tenths / 10, tenths % 10);
        let (name, title) = (scenario.name, language.say(scenario.title));
        writeln!(out, "{name:<14}{seconds:>3}.{tenth} s  {title}").context("standard output")?;
    }
    Ok(Status::Fine)
}

pub(super) fn print_story(
    out: &mut impl Write,
    scenario: &Scenario,
    style: Style,
) -> io::Result<()> {
    write_wrapped(out, style.language.say(scenario.title), "", style)?;
    writeln!(out)?;
    write_wrapped(out, style.language.say(scenario.story), "", style)?;
    writeln!(out)?;
    out.flush()
}

/// Prints the remarks about the picture.
pub(super) fn print_notice(
    out: &mut impl Write,
    scenario: &Scenario,
    style: Style,
) -> io::Result<()> {
    writeln!(out, "\n{}", style.language.say("Notice:"))?;
    let mut notice = scenario.notice.iter().map(|notice| style.language.say(notice));
    notice.try_for_each(|notice| write_wrapped(out, notice, "  * ", style))
}

/// Prints that the attempts ended as expected. Without any there is no handshake.
pub(super) fn print_verdict(
    out: &mut impl Write,
    attempts: Option<&str>,
    style: Style,
) -> io::Result<()> {
    writeln!(out)?;
    write_wrapped(out, &verdict(attempts, style.language), "", style)?;
    out.flush()
}

/// That the attempts ended as expected.
pub(super) fn verdict(attempts: Option<&str>, language: Language) -> String {
    match attempts {
        Some(attempts) => language.say_with("as expected: {attempts}", &[("attempts", &attempts)]),
        None => language.say("as expected: no handshake").to_owned(),
    }
}

/// Prints the four numbers of each connection.
pub(super) fn print_associations(
    out: &mut impl Write,
    report: &Report,
    style: Style,
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
    let language = style.language;
    let what = "An association is a protocol and two ends; each program holds one half of it:";
    writeln!(out)?;
    write_wrapped(out, language.say(what), "", style)?;
    for association in known.iter().take(MOST_ASSOCIATIONS) {
        writeln!(out, "  {association}")?;
        let [client, server] = association.halves();
        for (role, half) in [(language.say("client"), client), (language.say("server"), server)] {
            let port = port(&half, language);
            let parts: [Part<'_>; 3] = [("role", &role), ("half", &half), ("port", &port)];
            let words = language.say_with("{role}: {half}, {port}", &parts);
            write_wrapped(out, &words, "      ", style)?;
        }
    }
    match known.len().saturating_sub(MOST_ASSOCIATIONS) {
        0 => Ok(()),
        more => writeln!(out, "  {}", language.say_with("and {more} more", &[("more", &more)])),
    }
}

/// `port 8080 is registered (1024 to 49151)`.
fn port(half: &HalfAssociation, language: Language) -> String {
    let port = half.end.port;
    let Some(ephemeral) = ephemeral_ports() else {
        return language.say_with("port {port}", &[("port", &port)]);
    };
    let class = PortClass::of(port, &ephemeral);
    let (said, first, last) = match class {
        PortClass::WellKnown => ("{first} to {last}", 0, 1023),
        PortClass::Registered => ("{first} to {last}", 1024, 49151),
        PortClass::Dynamic => ("{first} to {last}", 49152, 65535),
        PortClass::Ephemeral => {
            ("the kernel picks from {first} to {last}", *ephemeral.start(), *ephemeral.end())
        }
    };
    let range = language.say_with(said, &[("first", &first), ("last", &last)]);
    let class = language.say(class.name());
    let parts: [Part<'_>; 3] = [("port", &port), ("class", &class), ("range", &range)];
    language.say_with("port {port} is {class} ({range})", &parts)
}

/// Writes words in lines that fit; the first begins with `mark`, and the others are indented as far.
fn write_wrapped(out: &mut impl Write, text: &str, mark: &str, style: Style) -> io::Result<()> {
    let indent = " ".repeat(mark.len());
    for (index, line) in wrapped(text, style.columns() - mark.len()).iter().enumerate() {
        writeln!(out, "{}{}", if index == 0 { mark } else { &indent }, line.text())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_behind_its_mark() {
        let style = Style { width: Some(60), ..Style::PLAIN };
        let written = |text: &str| {
            let mut out = Vec::new();
            write_wrapped(&mut out, text, "  * ", style).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written("a bc"), "  * a bc\n");
        let (long, last) = ("a".repeat(54), "中中");
        assert_eq!(written(&format!("{long} b c")), format!("  * {long} b\n    c\n"));
        assert_eq!(written(&format!("{long}{last}")), format!("  * {long}中\n    中\n"));
    }
}
