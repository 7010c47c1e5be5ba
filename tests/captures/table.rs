//! The tables of captures/README.md. Their first column links to a capture, and their last one tells
//! each attempt in it, in the order of first segments: `refused: closed_port`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{all, read_text, told};

/// The last cell of each row by the capture that the row is about.
fn rows() -> BTreeMap<String, String> {
    let text = read_text("README.md");
    let cells = text.lines().filter_map(|line| line.strip_prefix("| [")?.strip_suffix(" |"));
    let rows: Vec<_> = cells
        .filter_map(|row| {
            let (_, link) = row.split_once("](")?;
            Some((link.split_once(')')?.0.to_owned(), row.rsplit_once(" | ")?.1.to_owned()))
        })
        .collect();
    let count = rows.len();
    let rows: BTreeMap<_, _> = rows.into_iter().collect();
    assert_eq!(rows.len(), count, "a capture has two rows");
    rows
}

/// An attempt in the words of the table.
fn verdict(attempt: &Value) -> String {
    let patterns = attempt["patterns"].as_array().expect("it is a list");
    let names: Vec<_> =
        patterns.iter().map(|one| one["name"].as_str().expect("it has a name")).collect();
    let outcome = attempt["outcome"].as_str().expect("there is one");
    if names.is_empty() {
        format!("`{outcome}`")
    } else {
        format!("`{outcome}`: {}", names.join(", "))
    }
}

/// The last cell of a row: equal attempts in a row are counted.
fn cell(attempts: &[Value]) -> String {
    let verdicts: Vec<_> = attempts.iter().map(verdict).collect();
    let runs = verdicts.chunk_by(|one, next| one == next).map(|run| match run.len() {
        1 => run[0].clone(),
        count => format!("{count} × {}", run[0]),
    });
    runs.collect::<Vec<_>>().join("<br>")
}

#[test]
fn every_capture_has_a_row_and_every_row_is_true() {
    let found: BTreeMap<_, _> = all()
        .into_iter()
        .map(|name| {
            let cell = cell(&told(&name).0);
            (name, cell)
        })
        .collect();
    let rows = rows();
    for (name, cell) in &found {
        assert_eq!(rows.get(name), Some(cell), "the row of {name} in captures/README.md");
    }
    assert!(rows.keys().eq(found.keys()), "a row without a capture: {rows:#?}");
}
