//! What is left to the program while it reads captures.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::follow::Following;
use crate::scripts::{ANOTHER, THREE_FATES};
use crate::util::Dir;

/// Whether the kernel has Landlock, by which the program closes what it does not need. Without it there is
/// nothing to test, which is said, and where `CI` is set it is a failure.
fn is_confined(said: &str) -> bool {
    let is_confined = said.contains("synscope: confined by Landlock V");
    if !is_confined {
        assert!(said.contains("synscope: not confined: "), "{said}");
        assert!(std::env::var_os("CI").is_none(), "{said}");
        println!("NOT TESTED: {said}");
    }
    is_confined
}

#[test]
fn what_is_left_is_said() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let args =
        ["replay", "-v", "-f", "summary", "c.pcap", "-o", "out", "--extract", "sub/e.pcapng"];
    fs::create_dir(dir.path("sub")).expect("a directory");
    let run = dir.synscope(args).run().code(0);
    if is_confined(run.stderr()) {
        let directory = dir.path(".").canonicalize().expect("it is there");
        let directory = directory.display();
        let left = format!(": reads c.pcap; writes {directory}, {directory}/sub\n");
        assert!(run.stderr().contains(&left), "{run:?}");
    }
}

#[test]
fn links_in_a_directory_are_read_wherever_they_lead() {
    let dir = Dir::new();
    for name in ["in", "in/below", "elsewhere"] {
        fs::create_dir(dir.path(name)).expect("a directory");
    }
    dir.capture("elsewhere/c.pcap", THREE_FATES);
    dir.capture("elsewhere/d.pcap", ANOTHER);
    symlink("../elsewhere/c.pcap", dir.path("in/c.pcap")).expect("a link");
    symlink("../../elsewhere/d.pcap", dir.path("in/below/d.pcap")).expect("a link");
    for (args, attempts) in [(["in", "-q"], 3), (["-rq", "in"], 4)] {
        let run = dir.synscope(["replay", "-f", "jsonl"].iter().chain(&args)).run().code(0);
        // The last line has the totals.
        assert_eq!(run.stdout().lines().count(), attempts + 1, "{run:?}");
        run.says("");
    }
    let extracting = ["replay", "-qf", "summary", "-r", "in", "--extract", "all.pcapng"];
    dir.synscope(extracting).run().code(0).says("");
}

#[test]
fn a_link_that_comes_later_leads_to_no_other_directory() {
    let dir = Dir::new();
    for name in ["cap", "elsewhere"] {
        fs::create_dir(dir.path(name)).expect("a directory");
    }
    dir.capture("cap/1.pcap", THREE_FATES);
    dir.capture("elsewhere/3.pcap", ANOTHER);
    let mut following = Following::start(&dir, &["-f", "jsonl", "-v", "cap"]);
    assert_eq!(following.record(), json!(["cap/1.pcap", "established", 80]));
    symlink("../elsewhere/3.pcap", dir.path("cap/2.pcap")).expect("a link");
    dir.capture("cap/3.pcap", ANOTHER);
    let next = following.record();
    let said = following.end(2).1;
    if is_confined(&said) {
        assert_eq!(next, json!(["cap/3.pcap", "established", 22]), "{said}");
        assert!(said.contains("synscope: cap/2.pcap: Permission denied"), "{said}");
    }
}

#[test]
fn a_file_that_is_followed_may_be_replaced() {
    let dir = Dir::new();
    fs::create_dir(dir.path("real")).expect("a directory");
    dir.capture("real/1.pcap", THREE_FATES);
    symlink("real/1.pcap", dir.path("latest")).expect("a link");
    let mut following = Following::start(&dir, &["-f", "jsonl", "latest"]);
    assert_eq!(following.record(), json!(["latest", "established", 80]));
    dir.capture("real/2.pcap", ANOTHER);
    symlink("real/2.pcap", dir.path("new")).expect("a link");
    fs::rename(dir.path("new"), dir.path("latest")).expect("a new link in its place");
    while following.record() != json!(["latest", "established", 22]) {}
    following.end(0);
}
