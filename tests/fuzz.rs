//! The fuzz targets, in every run of the tests: on their seeds, and on changes of these.

use std::collections::BTreeSet;
use std::fs;

use crate::docs::root;

#[path = "fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "libFuzzer calls them in a crate, which exports them")]
mod targets;

macro_rules! targets {
    ($($name:ident $changes:literal,)*) => {
        $(#[test]
        fn $name() {
            testkit::fuzz(stringify!($name), $changes, targets::$name::check);
        })*

        const HERE: &[&str] = &[$(stringify!($name)),*];
    };
}

// Each with as many changes of its seeds as take a second or two.
targets! {
    compression 200,
    decode 20_000,
    dns 2_000,
    expectations 20_000,
    glance 50_000,
    options 20_000,
    pcap 2_000,
    pcapng 2_000,
    scripts 2_000,
    tracker 1_000,
    views 600,
}

/// Its body needs the crate of the program, so its test is there.
const ELSEWHERE: &[&str] = &["selection"];

#[test]
fn every_target_has_its_test_and_its_seeds() {
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(root().join(folder)).expect("it is there");
        let stem = |path: std::path::PathBuf| path.file_stem()?.to_str().map(str::to_owned);
        entries.filter_map(|entry| stem(entry.expect("it can be listed").path())).collect()
    };
    let tested: BTreeSet<_> = HERE.iter().chain(ELSEWHERE).map(|&name| name.to_owned()).collect();
    assert_eq!(names("tests/fuzz/fuzz_targets"), tested);
    assert_eq!(names("tests/fuzz/seeds"), tested);
}
