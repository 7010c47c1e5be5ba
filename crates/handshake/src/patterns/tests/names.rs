use std::collections::HashSet;

use super::{PatternName, Story, recognise};

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
fn every_pattern_says_what_it_was_told_from_and_what_to_check_in_one_line() {
    for pattern in PatternName::ALL {
        for text in [pattern.told_from(), pattern.check_next()] {
            assert!(text.len() > 10, "{}", pattern.name());
            assert!(!text.contains(['\n', '\t']) && !text.contains("  "), "{text:?}");
        }
    }
}

#[test]
fn the_specification_has_one_row_for_each_pattern() {
    let specification = include_str!("../../../../../docs/handshake.md");
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
fn a_record_without_segments_shows_nothing() {
    assert_eq!(recognise(&Story::v4(0, 0).record()), vec![]);
}
