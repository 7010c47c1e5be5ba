//! The list of patterns, the specification and the records that show nothing.

use std::collections::HashSet;
use std::fs;

use handshake::PatternName;

use super::shows;

#[test]
fn every_name_is_unique_and_leads_back_to_its_pattern() {
    let names: HashSet<_> = PatternName::ALL.iter().map(|pattern| pattern.name()).collect();
    assert_eq!(names.len(), PatternName::ALL.len());
    for &pattern in PatternName::ALL {
        assert_eq!(PatternName::from_name(pattern.name()), Some(pattern));
    }
    assert_eq!(PatternName::from_name("syn_cookies"), None);
}

#[test]
fn the_specification_has_one_row_for_each_pattern() {
    let specification = include_str!("../../../../docs/handshake.md");
    let (_, section) = specification.split_once("\n## Patterns\n").expect("a section on patterns");
    let section = section.split("\n## ").next().expect("its text");
    let rows: Vec<_> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let names: Vec<_> = PatternName::ALL.iter().map(|pattern| pattern.name()).collect();
    assert_eq!(rows, names);
}

#[test]
fn every_pattern_has_a_script_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/patterns");
    let mut sources = String::new();
    for entry in fs::read_dir(folder).expect("it can be listed") {
        sources += &fs::read_to_string(entry.expect("it can be listed").path()).expect("a source");
    }
    let words: HashSet<_> = sources.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    for pattern in PatternName::ALL {
        assert!(words.contains(pattern.name()), "no test names {}", pattern.name());
    }
}

#[test]
fn the_readme_counts_the_patterns() {
    let readme = include_str!("../../../../README.md");
    let text = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, list) = text.split_once("name well-known situations: ").expect("a list of patterns");
    let (named, rest) = list.split_once(", and ").expect("the end of the list");
    let count =
        named.split(", ").count() + rest.split(' ').next().map_or(0, |n| n.parse().unwrap());
    assert_eq!(count, PatternName::ALL.len());
}

#[test]
fn an_attempt_of_which_too_little_was_captured_shows_nothing() {
    let short = |script: &str| super::finds_after(0, script, "");
    short("+0 C > S S J:J(0)");
    short("+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1");
    short("+0 S > C S. K:K(0) ack J+1");
    shows("+0 C > S S J:J(0)\n+1ms S > C P. K+1:K+9(8) ack J+1\n+1 C > S S J:J(0)", &[&[]]);
}
