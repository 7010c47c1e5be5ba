//! The crates use each other as docs/architecture.md says, and in no other way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What tests alone may use.
const TESTKIT: &str = "testkit";

/// How the sources name a crate of ours.
fn in_code(package: &str) -> &str {
    package.strip_prefix("synscope-").unwrap_or(package)
}

#[test]
fn the_crates_use_each_other_as_drawn() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text =
        fs::read_to_string(root.join("docs/architecture.md")).expect("the document is there");
    let drawn: BTreeSet<String> = text
        .split_once("```arrows\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .map(|(arrows, _)| arrows.lines().map(str::to_owned).collect())
        .expect("the document has a block of arrows");

    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo describes the workspace");
    let members: BTreeSet<&str> =
        metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let mut found = BTreeSet::new();
    for package in &metadata.packages {
        let whose = in_code(&package.name);
        let ours = package.dependencies.iter().filter(|one| members.contains(one.name.as_str()));
        for dependency in ours {
            let used = in_code(&dependency.name);
            assert_ne!(whose, TESTKIT, "it is a witness of its own");
            let in_tests = dependency.kind == DependencyKind::Development;
            if used == TESTKIT {
                assert!(in_tests, "{whose}");
            } else {
                let mark = if in_tests { " (tests)" } else { "" };
                found.insert(format!("{whose} -> {used}{mark}"));
            }
        }
    }
    assert_eq!(found, drawn);
}
