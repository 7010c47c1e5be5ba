//! The calls that every scenario must make, and how they end.

use std::fmt::Write;

use lab::{Actor, Report, Side, TcpInfo};

/// The calls of a run, program by program, with what the kernel chooses left out: file descriptors
/// and ephemeral ports.
pub(crate) fn of(report: &Report) -> String {
    let mut actors: Vec<Actor> = Vec::new();
    for call in &report.calls {
        if !actors.contains(&call.actor) {
            actors.push(call.actor);
        }
    }
    actors.sort_by_key(|actor| (actor.side != Side::Server, actor.number));
    let mut text = String::new();
    for actor in actors {
        writeln!(text, "{actor}").expect("writing to a string");
        for call in report.calls.iter().filter(|call| call.actor == actor) {
            let line = settled(&call.text, call.returned.as_ref().map_or("...", |r| &r.result));
            writeln!(text, "  {line}").expect("writing to a string");
        }
    }
    for connection in &report.connections {
        let name = connection.association().map_or("unknown".into(), |known| known.to_string());
        let accepted = if connection.accepted { "accepted" } else { "not accepted" };
        let kernel = connection.kernel.map_or("no TCP_INFO".to_owned(), |info| kernel(&info));
        let errno =
            connection.errno.map_or("no error".to_owned(), |errno| format!("errno {errno}"));
        writeln!(text, "{}: {accepted}, {errno}, {kernel}", without_ports(&name))
            .expect("a string");
    }
    text
}

fn kernel(info: &TcpInfo) -> String {
    let options =
        [("timestamps", info.timestamps), ("SACK", info.sack), ("data in SYN", info.syn_data)];
    let mut text = format!("{}, {} sent again", info.state, info.retransmissions);
    for (name, _) in options.iter().filter(|(_, agreed)| *agreed) {
        write!(text, ", {name}").expect("a string");
    }
    text
}

fn settled(call: &str, result: &str) -> String {
    let result = match (call.split('(').next(), result.split_once(" from ")) {
        (Some("accept"), Some((_, peer))) => format!("FD from {}", without_ports(peer)),
        (Some("socket"), _) if !result.starts_with('-') => "FD".to_owned(),
        _ => result.to_owned(),
    };
    format!("{call} = {result}")
}

/// Replaces ports that the kernel chose by `PORT`; those that the lab chose stay.
fn without_ports(text: &str) -> String {
    let chosen = |port: &str| matches!(port, "8080" | "8081" | "8082" | "8083" | "43210");
    let mut result = String::new();
    for (index, part) in text.split(':').enumerate() {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (port, rest) = part.split_at(digits);
        let port = if digits >= 4 && index > 0 && !chosen(port) { "PORT" } else { port };
        write!(result, "{}{port}{rest}", if index > 0 { ":" } else { "" }).expect("a string");
    }
    result
}

/// What `text`, a file of sections, has for the scenario.
pub(crate) fn section<'a>(scenario: &str, text: &'a str) -> Result<&'a str, String> {
    let sections = text.split("\n# ").skip(1);
    let mut named = sections.filter_map(|section| section.split_once('\n'));
    let found = named.find(|(name, _)| *name == scenario);
    Ok(found.ok_or(format!("there is no section `# {scenario}`"))?.1)
}
