//! What is left to the program while it reads captures.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::follow::Following;
use crate::scripts::{ANOTHER, THREE_FATES};
use crate::util::{Dir, text};

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

/// Where an input can't be left to the program, it is not refused as if somebody else owned it.
#[test]
fn a_want_of_descriptors_is_called_by_its_name() {
    let dir = Dir::new();
    for name in ["a.pcap", "b.pcap", "c.pcap"] {
        dir.capture(name, THREE_FATES);
    }
    for (most, args) in [
        (4, "replay -f table a.pcap b.pcap"),
        (4, "assert a.pcap b.pcap --expect attempts==6"),
        (5, "replay -f table a.pcap b.pcap c.pcap"),
        (5, "replay -f table a.pcap -o out"),
    ] {
        let program = env!("CARGO_BIN_EXE_synscope");
        let line = format!("exec 3>&- 4>&- 5>&- 6>&-; ulimit -n {most}; exec {program} {args}");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &line]).current_dir(dir.path(".")).stdin(Stdio::null());
        let said = text(&shell.output().expect("there is a shell").stderr);
        let cause = "Too many open files (os error 24); allow more with `ulimit -n 4096`\n";
        assert!(said.ends_with(cause) && said.lines().count() == 1, "{most} {args}: {said}");
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
fn what_is_followed_may_come_from_anywhere() {
    let dir = Dir::new();
    for name in ["cap", "elsewhere"] {
        fs::create_dir(dir.path(name)).expect("a directory");
    }
    dir.capture("elsewhere/1.pcap", THREE_FATES);
    dir.capture("elsewhere/2.pcap", ANOTHER);
    let link = |name: &str| {
        symlink(format!("../elsewhere/{name}"), dir.path("cap").join(name)).expect("a link");
    };
    link("1.pcap");
    let mut following = Following::start(&dir, &["-f", "jsonl", "cap"]);
    assert_eq!(following.record(), json!(["cap/1.pcap", "established", 80]));
    link("2.pcap");
    assert_eq!(following.record(), json!(["cap/2.pcap", "established", 22]));
    following.end(0);
}

#[test]
fn a_file_that_is_followed_may_be_replaced() {
    let dir = Dir::new();
    for name in ["1", "2", "links"] {
        fs::create_dir(dir.path(name)).expect("a directory");
    }
    dir.capture("1/c.pcap", THREE_FATES);
    dir.capture("2/c.pcap", ANOTHER);
    symlink("../1/c.pcap", dir.path("links/latest")).expect("a link");
    let mut following = Following::start(&dir, &["-f", "jsonl", "links/latest"]);
    assert_eq!(following.record(), json!(["links/latest", "established", 80]));
    symlink("../2/c.pcap", dir.path("links/new")).expect("a link");
    fs::rename(dir.path("links/new"), dir.path("links/latest")).expect("a new link in its place");
    while following.record() != json!(["links/latest", "established", 22]) {}
    following.end(0);
}

#[test]
fn a_time_zone_may_be_a_file_anywhere() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let zone = dir.path("zone");
    // The shortest file of a zone: version 1, one type, which is 3 h ahead and called X.
    let mut file = b"TZif".to_vec();
    file.extend([0; 16]);
    for count in [0_u32, 0, 0, 0, 1, 2] {
        file.extend(count.to_be_bytes());
    }
    file.extend(10_800_i32.to_be_bytes());
    file.extend([0, 0, b'X', 0]);
    fs::write(&zone, file).expect("a new file");
    let mut command =
        dir.synscope(["replay", "-q", "-f", "table", "--time", "local", "c.pcap"]).into_command();
    let output = command.env("TZ", &zone).output().expect("the program starts");
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert!(shown.contains(" 01:13:20.010000 "), "{shown}{said}");
}
