use hostnames::{EndNames, HostName, NameSource};
use serde_json::{Value, json};

use crate::{Json, JsonLines, Record, Records, Summary, View, fixture, json_schema};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/synscope.schema.json");

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let generated = format!("{:#}\n", json_schema());
    if std::env::var_os("SYNSCOPE_WRITE_SCHEMA").is_some() {
        std::fs::write(PATH, &generated).expect("docs/ can be written");
    }
    let how = "SYNSCOPE_WRITE_SCHEMA=1 cargo test -p synscope-render schema   writes it anew";
    let published = std::fs::read_to_string(PATH).unwrap_or_else(|error| panic!("{error}; {how}"));
    assert!(published == generated, "docs/synscope.schema.json is not what the types say: {how}");
}

/// Every kind of record as lines of `jsonl`, the totals last.
fn lines() -> Vec<Value> {
    let mut out = Vec::new();
    feed(&mut JsonLines::new(&mut out, Records::default()));
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn feed(view: &mut dyn View) {
    let names = fixture::names();
    for (_, handshake) in fixture::all() {
        let patterns = handshake::recognise(&handshake);
        let server = HostName { name: "www.example.org".into(), source: NameSource::Dns };
        let record = Record {
            handshake: &handshake,
            patterns: &patterns,
            calls: &[],
            names: &names,
            end_names: EndNames { client: None, server: Some(&server) },
            capture_start: None,
        };
        view.handshake(&record).expect("memory takes it");
    }
    view.finish(&Summary::default()).expect("memory takes it");
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&json_schema()).expect("the schema is one")
}

#[test]
fn real_output_is_valid() {
    let validator = validator();
    for line in lines() {
        let errors: Vec<_> = validator.iter_errors(&line).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{line:#}");
    }
    let mut out = Vec::new();
    feed(&mut Json::new(&mut out, Records::default()));
    let document: Value = serde_json::from_slice(&out).expect("JSON");
    assert!(validator.is_valid(&document));
}

/// Adds a field to every object of `value`, one after the other, and gives each result to `check`.
fn with_extra_field(root: &Value, pointer: &str, check: &mut dyn FnMut(&str, &Value)) {
    let at = root.pointer(pointer).expect("a place in it");
    match at {
        Value::Object(fields) => {
            let mut changed = root.clone();
            changed.pointer_mut(pointer).expect("it was there")["unknown_field"] = json!(1);
            check(pointer, &changed);
            for name in fields.keys() {
                with_extra_field(root, &format!("{pointer}/{name}"), check);
            }
        }
        Value::Array(items) => {
            for index in 0..items.len() {
                with_extra_field(root, &format!("{pointer}/{index}"), check);
            }
        }
        _ => {}
    }
}

#[test]
fn unknown_fields_are_denied_at_every_depth() {
    let validator = validator();
    let mut checked = 0;
    for line in lines() {
        with_extra_field(&line, "", &mut |pointer, changed| {
            // The one map whose keys are data: pattern names.
            if pointer != "/patterns" {
                assert!(!validator.is_valid(changed), "{pointer} takes an unknown field");
                checked += 1;
            }
        });
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn wrong_values_are_denied() {
    let validator = validator();
    let line = lines().swap_remove(0);
    assert!(validator.is_valid(&line));
    for (pointer, wrong) in [
        ("/type", json!("summary")),
        ("/schema", json!(2)),
        ("/outcome", json!("fine")),
        ("/ended_by", json!(null)),
        ("/client_isn", json!(-1)),
        ("/client_isn", json!("1")),
        ("/server/port", json!(65_536)),
        ("/timing/total_ns", json!(0.5)),
        ("/timing/server_rtt_range_ns", json!([1])),
        ("/segments/0/flags", json!("SYN")),
        ("/segments/0/client_state", json!("SYN_SENT")),
    ] {
        let mut changed = line.clone();
        *changed.pointer_mut(pointer).expect("a field") = wrong.clone();
        assert!(!validator.is_valid(&changed), "{pointer}: {wrong} is taken");
    }
    let mut missing = line;
    missing.as_object_mut().expect("an object").remove("outcome");
    assert!(!validator.is_valid(&missing), "outcome may be missing");
}
