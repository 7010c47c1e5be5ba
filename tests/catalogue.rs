//! `synscope patterns`.

use serde_json::Value;

use crate::util::Dir;

fn catalogue() -> Vec<Value> {
    let run = Dir::new().synscope(["patterns", "-f", "json"]).run().code(0).says("");
    serde_json::from_str(run.stdout()).expect("it is a list")
}

#[test]
fn the_example_of_each_pattern_shows_it() {
    let all = catalogue();
    assert_eq!(all.len(), handshake::PatternName::ALL.len());
    for pattern in &all {
        let name = pattern["name"].as_str().expect("it has a name");
        let run = Dir::new().synscope(["patterns", name]).run().code(0).says("");
        assert!(run.stdout().starts_with(&format!("{name}\n  ")), "{run:?}");
        assert_eq!(run.stdout().matches(&format!(" ◆ {name}  frame")).count(), 1, "{run:?}");
    }
}

#[test]
fn every_fact_of_a_pattern_is_there() {
    for pattern in catalogue() {
        let facts = pattern.as_object().expect("it is an object");
        let names: Vec<_> = facts.keys().map(String::as_str).collect();
        let expected = ["check_next", "differs_from", "example", "name", "source", "summary"];
        assert_eq!(names, expected);
        let is_text = |fact: &Value| fact.as_str().is_some_and(|text| !text.is_empty());
        assert!(facts.values().all(is_text), "{pattern}");
        let one = ["patterns", pattern["name"].as_str().expect("it has a name"), "-f", "json"];
        let run = Dir::new().synscope(one).run().code(0).says("");
        assert_eq!(serde_json::from_str::<Value>(run.stdout()).expect("it is JSON"), pattern);
    }
}

#[test]
fn the_list_has_a_line_for_each_pattern() {
    let run = Dir::new().synscope(["patterns"]).run().code(0).says("");
    let names: Vec<_> =
        run.stdout().lines().filter_map(|line| line.split_whitespace().next()).collect();
    let all: Vec<_> = handshake::PatternName::ALL.iter().map(|pattern| pattern.name()).collect();
    assert_eq!(names, all);
}
