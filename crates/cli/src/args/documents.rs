//! The commands that the documents and `--help` show can be typed, on the system that has them all.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;

use super::*;

/// The commands of `synscope` in a document: in its blocks, behind a prompt or a pipe, and in its text,
/// where two words only name a command.
fn commands(document: &str) -> impl Iterator<Item = &str> {
    let blocks = document.split("\n```").skip(1).step_by(2);
    let inline = document.split('`').skip(1).step_by(2);
    blocks
        .flat_map(examples)
        .chain(inline.filter(|text| is_command(text) && text.split(' ').count() > 2))
}

/// The commands of `synscope` among lines.
fn examples(lines: &str) -> impl Iterator<Item = &str> {
    let command = |line| str::trim_start_matches(line, ['$', ' ']);
    let parts = lines.lines().flat_map(|line| [Some(line), line.rsplit_once('|').map(|it| it.1)]);
    parts.flatten().map(command).filter(|text| is_command(text))
}

fn is_command(text: &str) -> bool {
    text.strip_prefix("synscope ").is_some_and(|rest| rest.starts_with(|c: char| c.is_lowercase()))
}

/// The words of a command as a shell splits them, up to where it ends.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => quoted = !quoted,
            '|' | '>' | '&' | ';' | '#' if !quoted => break,
            ' ' | '\n' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("there is one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_in_the_documents_can_be_typed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, least) in [
        ("README.md", 4),
        ("README.zh.md", 8),
        ("docs/manual.md", 30),
        ("docs/assert.md", 4),
        ("docs/json.md", 5),
        ("docs/compare.md", 2),
        ("docs/metrics.md", 1),
        ("docs/privileges.md", 2),
        ("captures/README.md", 3),
    ] {
        let text = fs::read_to_string(root.join(name)).expect(name);
        let mut count = 0;
        for command in commands(&text) {
            // NAME stands for any scenario.
            let result = Cli::try_parse_from(words(&command.replace(" NAME", " late")));
            assert!(result.is_ok(), "{name}: {command}: {result:?}");
            count += 1;
        }
        assert!(count >= least, "{name}: only {count} commands are found");
    }
}

#[test]
fn the_manual_names_every_option() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual.md");
    let manual = fs::read_to_string(path).expect("it is text");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let named: Vec<_> =
        manual.split("--").skip(1).filter_map(|rest| rest.split(|c| !is_name(c)).next()).collect();
    for command in Cli::command().get_subcommands() {
        for option in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let Some(name) = option.get_long() else { continue };
            assert!(named.contains(&name), "docs/manual.md: {} --{name}", command.get_name());
        }
    }
}

#[test]
fn the_examples_of_help_can_be_typed() {
    for text in [help::FIRST_STEPS, help::AFTER, help::REPLAY, help::ASSERT, help::LIVE, help::DEMO]
    {
        let mut count = 0;
        let indented: Vec<_> = text.lines().filter(|line| line.starts_with("  ")).collect();
        // An explanation may follow the command.
        for command in examples(&indented.join("\n")).filter_map(|line| line.split("   ").next()) {
            let result = Cli::try_parse_from(words(command));
            assert!(result.is_ok(), "{command}: {result:?}");
            count += 1;
        }
        assert!(count >= 3, "{text}");
    }
}
