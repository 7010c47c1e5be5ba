//! What documents show of commands.

use std::fs;
use std::path::PathBuf;

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a document in this language: what follows the language, and the text.
pub(crate) fn blocks<'a>(document: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let fence = format!("\n```{language}");
    let mut found = Vec::new();
    for part in document.split(&fence).skip(1) {
        let (info, rest) = part.split_once('\n').expect("a fence ends its line");
        let (text, _) = rest.split_once("\n```").expect("a block is closed");
        found.push((info.trim(), text));
    }
    found
}

/// What a document shows of a command: the command, and what it printed.
pub(crate) fn transcripts(document: &str) -> Vec<(&str, String)> {
    let mut shown: Vec<(&str, String)> = Vec::new();
    for line in blocks(document, "console").into_iter().flat_map(|(_, text)| text.lines()) {
        match (line.strip_prefix("$ "), shown.last_mut()) {
            (Some(command), _) => shown.push((command, String::new())),
            (None, Some((_, output))) => output.extend([line, "\n"]),
            (None, None) => panic!("what printed {line:?}?"),
        }
    }
    shown
}

/// The arguments of a command as a shell splits them: what is quoted is one.
pub(crate) fn arguments(words: &str) -> Vec<&str> {
    let parts = words.split('\'').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}

/// Compares what a document shows of a command with what it prints; what was left out is marked.
pub(crate) fn assert_shown(command: &str, shown: &str, printed: &str) {
    let mut rest = printed;
    for part in shown.split("[...]\n") {
        let at =
            rest.find(part).unwrap_or_else(|| panic!("{command}\n{part}--- is not in\n{rest}"));
        assert!(at == 0 || shown.contains("[...]"), "{command} prints more: {rest}");
        rest = &rest[at + part.len()..];
    }
    let is_all = rest.trim().is_empty() || shown.ends_with("[...]\n");
    assert!(is_all, "{command} prints more: {rest}");
}
