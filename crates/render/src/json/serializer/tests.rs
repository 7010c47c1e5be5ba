use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use serde::Serialize;

use super::write as write_json;
use crate::text::is_unsafe;

/// What `serde_json` writes, with an escape for each character that a terminal could obey.
fn expected(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("it has a JSON form");
    let mut safe = String::new();
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

fn written(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write_json(&mut out, value).expect("it has a JSON form");
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[test]
fn values_are_written_as_serde_json_writes_them() {
    #[derive(Serialize)]
    struct Values<'a> {
        integers: (i8, i16, i32, i64, u8, u16, u32, u64),
        bounds: [i64; 3],
        booleans: (bool, bool),
        none: Option<u8>,
        some: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        missing: Option<u8>,
        empty: Vec<u8>,
        nested: Vec<Vec<String>>,
        addresses: [IpAddr; 2],
        map: BTreeMap<&'a str, u64>,
        empty_map: BTreeMap<&'a str, u64>,
    }
    let values = Values {
        integers: (-1, -2, -3, -4, 5, 6, 7, 8),
        bounds: [i64::MIN, 0, i64::MAX],
        booleans: (true, false),
        none: None,
        some: Some("text"),
        missing: None,
        empty: Vec::new(),
        nested: vec![vec![], vec!["a".to_owned(), "b".to_owned()]],
        addresses: [[192, 0, 2, 1].into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()],
        map: [("one", 1), ("t\"wo", 2)].into(),
        empty_map: BTreeMap::new(),
    };
    assert_eq!(written(&values), expected(&values));
}

#[test]
fn every_character_is_written_as_serde_json_writes_it_or_escaped() {
    for c in '\0'..=char::MAX {
        let text = format!("a{c}b");
        assert_eq!(written(&text), expected(&text), "U+{:04X}", u32::from(c));
    }
    // Eight bytes are looked at at once.
    for c in '\0'..='\u{ff}' {
        for at in 0..8 {
            let text = format!("{:.at$}{c}{:.2$}", "beforec", "behindc", 8 - at);
            assert_eq!(written(&text), expected(&text), "U+{:04X}", u32::from(c));
        }
    }
}

#[test]
fn a_kind_of_value_without_a_form_is_an_error() {
    for error in [write_json(&mut Vec::new(), &1.5_f64), write_json(&mut Vec::new(), &())] {
        assert!(error.is_err_and(|error| error.to_string().contains("has no form")));
    }
}
