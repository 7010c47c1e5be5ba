//! The recipes of docs/json.md do what is said above them.

use std::path::Path;
use std::process::{Command, Stdio};

use testkit::TimeLimit;

use crate::docs::{blocks, read, root};
use crate::util::text;

/// What the recipe under these words of the document prints for captures, and its exit code. `None`
/// where there is no jq; with CI=true that is a failure.
fn cooked(words: &str, captures: &[&str]) -> Option<(String, i32)> {
    let has_jq = Command::new("jq").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !has_jq {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "there is no jq to test recipes with"
        );
        eprintln!("NOT TESTED: there is no jq, which the recipes of docs/json.md need");
        return None;
    }
    let document = read("docs/json.md");
    let (_, below) = document.split_once(words).unwrap_or_else(|| panic!("no recipe: {words}"));
    let (_, recipe) = blocks(below, "sh")[0];
    let captures: Vec<_> = captures.iter().map(|name| format!("captures/{name}.pcapng")).collect();
    let recipe = recipe.replace("capture.pcapng", &captures.join(" "));

    let program = Path::new(env!("CARGO_BIN_EXE_synscope"));
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&folders);
    let folders = program.parent().map(Path::to_owned).into_iter().chain(folders);
    let path = std::env::join_paths(folders).expect("no folder has a colon in its name");
    let _limit = TimeLimit::start();
    let mut shell = Command::new("sh");
    shell.args(["-c", &recipe]).current_dir(root()).env("PATH", path).env("LC_ALL", "C.UTF-8");
    let output = shell.output().expect("there is a shell");
    assert_eq!(text(&output.stderr), "", "{recipe}");
    Some((text(&output.stdout), output.status.code().expect("no signal ends it")))
}

/// Checks what a recipe prints.
fn check(words: &str, captures: &[&str], expected: &str) {
    if let Some((printed, code)) = cooked(words, captures) {
        assert_eq!(printed, expected, "{words}");
        assert_eq!(code, 0, "{words}");
    }
}

#[test]
fn failures_are_listed() {
    let captures = ["three-way", "refused", "overflow", "timeout"];
    let expected = concat!(
        "refused\t127.0.0.1\t8080\tclosed_port\n",
        "established_client_only\t127.0.0.1\t8080\taccept_queue_overflow\n",
        "unanswered\t127.0.0.1\t8080\tsyn_timeout\n",
    );
    check("List the attempts that failed", &captures, expected);
}

#[test]
fn waits_are_summed_by_server() {
    check(
        "Sum the seconds that clients waited",
        &["three-way", "late", "lossy", "refused"],
        "127.0.0.1\t8080\t1.023076175\n",
    );
    check("Sum the seconds that clients waited", &["refused"], "");
}

#[test]
fn a_percentile_is_found_and_missed() {
    check("Compute the 99th percentile", &["many"], "10.5\n");
    check("Compute the 99th percentile", &["timeout"], "no round trip is known\n");
}

#[test]
fn segments_that_moved_nothing_are_listed() {
    check(
        "List every segment that did not move",
        &["late"],
        "1\tframe 2\tsent again 1.02 s after frame 1\n",
    );
}

#[test]
fn a_script_fails_where_an_attempt_did() {
    for (capture, expected) in [("three-way", 0), ("refused", 1), ("client-side-only", 0)] {
        let Some((_, code)) = cooked("Fail a script", &[capture]) else { return };
        assert_eq!(code, expected, "{capture}");
    }
}
