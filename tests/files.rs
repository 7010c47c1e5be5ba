//! What a run does to files that are there already: none is lost.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use testkit::TimeLimit;

use crate::scripts::THREE_FATES;
use crate::util::{Dir, Run, text};

/// Runs a command line of a shell in which `synscope` is the program.
fn in_a_shell(dir: &Dir, line: &str) -> (Option<i32>, String) {
    let _limit = TimeLimit::start();
    let output = Command::new("/bin/sh")
        .args(["-c", &line.replace("synscope", env!("CARGO_BIN_EXE_synscope"))])
        .current_dir(dir.path("."))
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    (output.status.code(), text(&output.stderr))
}

fn names_in(dir: &Dir) -> Vec<String> {
    let entries = fs::read_dir(dir.path(".")).expect("the directory is there");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("UTF-8");
    let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
    names.sort();
    names
}

#[track_caller]
fn replace(dir: &Dir, output: &str) -> Run {
    dir.synscope(["replay", "-f", "jsonl", "c.pcap", "-o", output]).run()
}

#[test]
fn an_input_is_never_overwritten_whatever_it_is_called() {
    let dir = Dir::new();
    let path = dir.capture("c.pcap", THREE_FATES);
    let before = fs::read(&path).expect("it was just written");
    fs::hard_link(&path, dir.path("second")).expect("a second name");
    symlink("c.pcap", dir.path("link")).expect("a link");
    fs::create_dir(dir.path("in")).expect("a directory");
    symlink("../c.pcap", dir.path("in/member")).expect("a link");
    let member = dir.path("in/member");
    for (line, output) in [
        ("replay c.pcap -o second", "second"),
        ("replay c.pcap -o link", "link"),
        ("replay link -o ./c.pcap", "./c.pcap"),
        ("replay in -o c.pcap", "c.pcap"),
        ("replay in -o second", "second"),
        ("replay . -o in/../link", "in/../link"),
        ("replay - -o c.pcap < c.pcap", "c.pcap"),
        ("replay - -o second < c.pcap", "second"),
    ] {
        let (code, said) = in_a_shell(&dir, &format!("synscope {line}"));
        let message = format!("synscope: {output}: is an input file; give --output another name\n");
        assert!(code == Some(2) && said.ends_with(&message), "{line}: {code:?} {said}");
        assert_eq!(fs::read(&path).expect("it is still there"), before, "{line}");
    }
    for (line, why) in [
        ("replay c.pcap >> second", "is an input file"),
        ("live -w new > new", "--write writes this file too"),
    ] {
        let (code, said) = in_a_shell(&dir, &format!("synscope {line}"));
        let message = format!("standard output: {why}; redirect it to another file\n");
        assert!(code == Some(2) && said.ends_with(&message), "{line}: {code:?} {said}");
    }
    assert_eq!(fs::read(&path).expect("it is still there"), before);
    assert!(member.is_symlink());
    replace(&dir, "other").code(0);
}

/// What is read beside a capture is an input, too.
#[test]
fn what_is_read_beside_a_capture_is_never_overwritten() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.write("hosts", "192.0.2.1 client.example\n");
    dir.write("expected", "attempts == 3\n");
    fs::hard_link(dir.path("hosts"), dir.path("second")).expect("a second name");
    let named = "replay c.pcap --names --hosts hosts";
    for (line, output) in [
        (format!("{named} -o hosts"), "hosts"),
        (format!("{named} -o second"), "second"),
        (format!("{named} -f jsonl --extract second"), "second"),
        ("report c.pcap --names --hosts hosts -o ./hosts".to_owned(), "./hosts"),
        ("stats c.pcap --names --hosts /dev/stdin -o hosts < hosts".to_owned(), "hosts"),
        ("assert c.pcap --expect-file - -o expected < expected".to_owned(), "expected"),
        ("assert c.pcap --expect-file - --junit expected < expected".to_owned(), "expected"),
        ("live --expect-file - -w expected < expected".to_owned(), "expected"),
    ] {
        let (code, said) = in_a_shell(&dir, &format!("synscope {line}"));
        let message = format!("synscope: {output}: is an input file; give ");
        assert!(code == Some(2) && said.starts_with(&message), "{line}: {code:?} {said}");
    }
    let read = |name| fs::read_to_string(dir.path(name)).expect("it is still there");
    assert_eq!(read("hosts"), "192.0.2.1 client.example\n");
    assert_eq!(read("expected"), "attempts == 3\n");
}

/// A pipe keeps the run waiting, and meanwhile somebody gives an input another name.
#[test]
fn an_input_is_not_overwritten_under_a_name_that_it_got_meanwhile() {
    let dir = Dir::new();
    let path = dir.capture("c.pcap", THREE_FATES);
    let before = fs::read(&path).expect("it was just written");
    for (link, options) in [
        ("ln c.pcap out", "replay -f jsonl pipe c.pcap -o out"),
        ("ln -s c.pcap out", "replay -f jsonl pipe c.pcap -o out"),
        ("ln c.pcap out", "report pipe c.pcap -o out"),
        ("ln c.pcap out", "assert pipe c.pcap --expect 'attempts > 0' --junit out"),
    ] {
        let line = format!(
            "rm -f out pipe; mkfifo pipe; synscope {options} & \
             sleep 0.3; {link}; timeout 5 sh -c 'cat c.pcap > pipe'; wait $!"
        );
        let (code, said) = in_a_shell(&dir, &line);
        let message = "synscope: out: is an input file by now; give another name\n";
        let is_refused = code == Some(2) && said.ends_with(message);
        // On a slow machine the link may have been there before the run looked.
        let was_seen = code == Some(2) && said.contains("out: is an input file; give ");
        assert!(is_refused || was_seen, "{line}: {code:?} {said}");
        assert_eq!(fs::read(&path).expect("it is still there"), before, "{line}");
    }
}

#[test]
fn an_output_file_is_replaced_when_it_is_complete() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let shown = dir.synscope(["replay", "-f", "jsonl", "c.pcap"]).run().code(0);
    let out = dir.write("out", "former");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o604)).expect("it is ours");
    fs::hard_link(&out, dir.path("former")).expect("a second name");
    symlink("out", dir.path("link")).expect("a link");
    replace(&dir, "link").code(0);
    assert!(dir.path("link").is_symlink());
    assert_eq!(fs::read_to_string(&out).expect("it is there"), shown.stdout());
    assert_eq!(fs::metadata(&out).expect("it is there").mode() & 0o7777, 0o604);
    // It was never emptied: what was under that name is unchanged under its other one.
    assert_eq!(fs::read_to_string(dir.path("former")).expect("it is there"), "former");
    replace(&dir, "new").code(0);
    assert_eq!(fs::read_to_string(dir.path("new")).expect("it is there"), shown.stdout());
    symlink("behind", dir.path("dangling")).expect("a link");
    replace(&dir, "dangling").code(0);
    assert_eq!(fs::read_to_string(dir.path("behind")).expect("it is there"), shown.stdout());
    let names = ["behind", "c.pcap", "dangling", "former", "link", "new", "out"];
    assert_eq!(names_in(&dir), names);
}

#[test]
fn a_run_that_fails_leaves_the_former_output_and_nothing_else() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.write("out", "former");
    // No file may become longer than one block of 512 bytes.
    let line = "ulimit -f 1; trap '' XFSZ; synscope replay -f json c.pcap -o out";
    let (code, said) = in_a_shell(&dir, line);
    assert!(code == Some(2) && said.contains("File too large"), "{code:?} {said}");
    assert_eq!(fs::read_to_string(dir.path("out")).expect("it is there"), "former");
    assert_eq!(names_in(&dir), ["c.pcap", "out"]);
}

/// A capture so long that the program is still busy with it when it is killed.
fn long_capture(dir: &Dir) {
    let mut lines = vec!["host S 192.0.2.2:80".to_owned()];
    for client in 1..250 {
        lines.push(format!("host C{client} 192.0.2.1:{client}"));
        lines.extend((0..50).map(|isn| format!("+1us C{client} > S S {isn}:{isn}(0)")));
    }
    dir.capture("long.pcap", &lines.join("\n"));
}

#[test]
fn a_run_that_is_killed_leaves_the_former_output_and_nothing_else() {
    let dir = Dir::new();
    long_capture(&dir);
    dir.write("out", "former");
    let _limit = TimeLimit::start();
    for signal in [Signal::INT, Signal::KILL] {
        let mut child = dir
            .synscope(["replay", "long.pcap", "--explain", "-o", "out"])
            .into_command()
            .spawn()
            .expect("the program starts");
        // Output has begun, and most of it is still to come.
        while written_by(child.id()) < 1 << 16 {
            assert!(child.try_wait().expect("it runs").is_none(), "it ended before the signal");
        }
        // Without a shell, whose start takes as long as the rest on a busy machine.
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        assert!(!child.wait().expect("it ends").success());
        assert_eq!(fs::read_to_string(dir.path("out")).expect("it is there"), "former");
        assert_eq!(names_in(&dir), ["long.pcap", "out"]);
    }
}

/// How many bytes a process has written.
fn written_by(pid: u32) -> u64 {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).expect("it runs");
    let count = io.lines().find_map(|line| line.strip_prefix("wchar: ")).expect("a count");
    count.parse().expect("a number")
}

#[test]
fn an_output_file_that_may_not_be_written_to_is_not_replaced() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let out = dir.write("out", "former");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o400)).expect("it is ours");
    let may_write = File::options().write(true).open(&out).is_ok();
    let code = if may_write { 0 } else { 2 };
    let run = replace(&dir, "out").code(code);
    let is_former = fs::read_to_string(&out).expect("it is there") == "former";
    assert_eq!(is_former, !may_write, "{run:?}");
}

#[test]
fn nothing_is_written_where_others_may_have_prepared_something() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let open = dir.path("open");
    fs::create_dir(&open).expect("a directory");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o1777)).expect("it is ours");
    dir.write("victim", "former");
    symlink("../victim", open.join("link")).expect("a link");
    let run = replace(&dir, "open/link").code(2);
    let message = "synscope: open/link: can't create the output file: it is a link, in a directory \
                   that everybody may write to: remove it, or choose another directory\n";
    assert_eq!(run.stderr(), message);
    assert_eq!(fs::read_to_string(dir.path("victim")).expect("it is there"), "former");
    replace(&dir, "open/new").code(0);
    assert!(open.join("new").is_file());
}

#[test]
fn what_is_no_regular_file_is_written_to_as_it_is() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let shown = dir.synscope(["replay", "-f", "jsonl", "c.pcap"]).run().code(0);
    replace(&dir, "/dev/stdout").code(0).shows(shown.stdout());
    replace(&dir, "/dev/null").code(0);
    assert!(!Path::new("/dev/null").is_file());
    let line = "mkfifo pipe; cat pipe > read & synscope replay -f jsonl c.pcap -o pipe; wait";
    assert_eq!(in_a_shell(&dir, line).0, Some(0));
    assert_eq!(fs::read_to_string(dir.path("read")).expect("it is there"), shown.stdout());
}

/// Nobody else holds it: what is written to it comes back, and it never ends.
#[test]
fn a_pipe_is_not_both_read_and_written_to() {
    let dir = Dir::new();
    let bytes = fs::read(dir.capture("c.pcap", THREE_FATES)).expect("it was just written");
    assert_eq!(in_a_shell(&dir, "mkfifo pipe").0, Some(0));
    for line in [
        "synscope replay pipe -o pipe",
        "synscope replay c.pcap pipe -o ./pipe",
        "synscope replay --follow pipe -o pipe",
        "synscope replay pipe -f parquet -o pipe",
        "synscope assert pipe --expect 'attempts > 0' --junit pipe",
        "synscope replay - -o pipe <> pipe",
    ] {
        let (code, said) = in_a_shell(&dir, line);
        let is_refused = said.contains("pipe: is an input file; give ");
        assert!(code == Some(2) && is_refused, "{line}: {code:?} {said}");
    }
    // Two pipes are two.
    let line =
        "mkfifo out; cat c.pcap > pipe & cat out > read & synscope replay -qf jsonl pipe -o out";
    assert_eq!(in_a_shell(&dir, &format!("{line}; wait")), (Some(0), String::new()));
    assert!(fs::metadata(dir.path("read")).expect("it was read").len() > 0);
    assert_eq!(fs::read(dir.path("c.pcap")).expect("it is there"), bytes);
}

#[test]
fn what_comes_out_of_a_pipe_can_be_followed() {
    let dir = Dir::new();
    let capture = fs::read(dir.capture("c.pcap", THREE_FATES)).expect("it was just written");
    let _limit = TimeLimit::start();
    let mut child = dir
        .synscope(["replay", "-f", "jsonl", "-", "-o", "out"])
        .into_command()
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(&capture).expect("it reads");
    let written = || fs::read_to_string(dir.path("out")).unwrap_or_default();
    while !written().contains('\n') {
        assert!(child.try_wait().expect("it runs").is_none(), "the pipe is still open");
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_time_zone_is_read_from_nothing_that_may_not_end() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    assert_eq!(in_a_shell(&dir, "mkfifo pipe").0, Some(0));
    dir.write("empty", "");
    File::create(dir.path("huge")).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
    let local =
        |tz: &str| dir.synscope(["replay", "--time", "local", "c.pcap"]).env("TZ", tz).run();
    for tz in ["/dev/zero", ":/dev/zero", "pipe", "./pipe", "empty", "./huge", "/proc/kmsg"] {
        let message = "is no file of a time zone; set TZ to a name such as Europe/Berlin, or use \
                       --time utc";
        local(tz).code(2).says(&format!("synscope: TZ={tz}: {message}\n"));
    }
    dir.write("UTC", "");
    for tz in ["", "UTC", "CET-1CEST", "absent", "/usr/share/zoneinfo/UTC"] {
        local(tz).code(0);
    }
    // Nothing else needs a time zone.
    dir.synscope(["replay", "c.pcap"]).env("TZ", "/dev/zero").run().code(0);
}
