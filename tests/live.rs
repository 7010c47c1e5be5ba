//! `synscope live`, in a network of the test's own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use socket2::SockRef;

use crate::terminal::{AtTerminal, assert_as_before};
use crate::util::{Dir, signal, terminate, text};
use crate::{Test, without_net_raw};

pub(crate) const TESTS: &[(&str, Test)] = tests![
    a_handshake_is_shown_and_recorded,
    a_signal_ends_the_capture_and_nothing_is_lost,
    what_helps_is_said_where_the_kernel_drops_packets,
    a_full_accept_queue_is_reported,
    expectations_are_checked_when_the_capture_ends,
    a_closed_output_leaves_no_expectation_met,
    an_interface_that_is_not_there_is_answered_with_those_that_are,
    a_missing_privilege_is_explained,
    no_privilege_is_left,
    files_are_read_without_the_right_to_capture,
    the_bounding_set_stays_where_it_must,
    two_outputs_are_two_files,
    a_file_that_is_mounted_is_written_to,
    interfaces_are_listed,
    a_screen_saves_packets_out_of_the_recording,
];

/// A listener of the test's own, and a capture that sees its traffic only.
struct Watched {
    listener: TcpListener,
    child: Child,
}

impl Watched {
    /// Starts the capture, and returns once it has begun.
    fn new(dir: &Dir, args: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port().to_string();
        let all = ["live", "-v", "--port", &port, "--for", "30s"];
        let mut child = dir
            .synscope(all.iter().chain(args))
            .into_command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.as_mut().expect("it is piped"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("standard error can be read");
        assert!(
            line.starts_with("synscope: privileges are dropped: "),
            "the capture did not begin: {line}"
        );
        assert!(line.contains("CapEff 0000000000000000"), "{line}");
        assert!(line.contains("NoNewPrivs 1"), "{line}");
        Self { listener, child }
    }

    /// One connection, opened and closed.
    fn connect(&self) {
        let address = self.listener.local_addr().expect("it is bound");
        let client = TcpStream::connect(address).expect("somebody listens");
        drop(self.listener.accept().expect("somebody has connected"));
        drop(client);
    }

    fn terminate(&self) {
        terminate(&self.child);
    }

    /// What is printed on standard output by the end.
    #[track_caller]
    fn end(self) -> String {
        self.end_with_remarks().0
    }

    /// What is printed on standard output and standard error by the end.
    #[track_caller]
    fn end_with_remarks(self) -> (String, String) {
        self.end_with_code(0)
    }

    /// The same of a capture that ends with this exit code.
    #[track_caller]
    fn end_with_code(self, code: i32) -> (String, String) {
        let Output { status, stdout, stderr } =
            self.child.wait_with_output().expect("the program ends");
        let (stdout, stderr) = (text(&stdout), text(&stderr));
        assert_eq!(status.code(), Some(code), "--- stdout\n{stdout}--- stderr\n{stderr}");
        (stdout, stderr)
    }
}

fn a_handshake_is_shown_and_recorded() {
    let dir = Dir::new();
    let watched = Watched::new(&dir, &["--count", "1", "-w", "out.pcapng"]);
    watched.connect();
    let shown = watched.end();
    for part in ["SYN", "established in ", "three_way", "1 attempt in "] {
        assert!(shown.contains(part), "`{part}` is missing from {shown}");
    }
    let replayed = dir.synscope(["replay", "-f", "jsonl", "out.pcapng"]).run().code(0).says("");
    let attempt = &replayed.json_lines()[0];
    assert_eq!(attempt["outcome"], "established", "{replayed:?}");
    assert_eq!(attempt["interface"], "lo", "{replayed:?}");
}

fn expectations_are_checked_when_the_capture_ends() {
    let dir = Dir::new();
    // The report may be behind a link, in a directory that is not that of the link.
    fs::create_dir(dir.path("elsewhere")).expect("a directory");
    fs::create_dir(dir.path("links")).expect("a directory");
    symlink("../elsewhere/report.xml", dir.path("links/report.xml")).expect("a link");
    let met = ["--count", "1", "-f", "summary", "--expect", "established == 1", "--expect"];
    for (expectation, code) in [("max(server_rtt) < 1h", 0), ("attempts > 1", 1)] {
        let args = [&met[..], &[expectation, "--junit", "links/report.xml"]].concat();
        let watched = Watched::new(&dir, &args);
        watched.connect();
        let (shown, _) = watched.end_with_code(code);
        assert!(shown.contains("✓ established == 1 "), "{shown}");
        let total = format!("{} of 2 expectations met\n", 2 - code);
        assert!(shown.contains(expectation) && shown.ends_with(&total), "{shown}");
        let report = fs::read_to_string(dir.path("elsewhere/report.xml")).expect("it was written");
        assert!(report.contains("established == 1"), "{report}");
    }
    // Where the output is for programs, the expectations are not in it.
    let args =
        ["--count", "1", "-f", "jsonl", "--outcome", "refused", "--expect", "port 1: reset == 0"];
    let watched = Watched::new(&dir, &args);
    watched.connect();
    watched.terminate();
    let (shown, remarks) = watched.end_with_code(1);
    assert!(shown.lines().all(|line| line.starts_with('{')), "{shown}");
    let told = "✗ port 1: reset == 0  no attempt in scope\n0 of 1 expectation met\n";
    assert!(remarks.ends_with(told), "{remarks}");
    let run = dir.synscope(["live", "--expect", "reset = 0"]).run().code(2);
    assert!(run.stderr().starts_with("synscope: --expect: this is no expectation\n"), "{run:?}");
    let run = dir.synscope(["live", "--junit", "report.xml"]).run().code(2);
    assert!(run.stderr().starts_with("synscope: there is nothing to check: "), "{run:?}");
}

fn a_closed_output_leaves_no_expectation_met() {
    let dir = Dir::new();
    let mut watched = Watched::new(&dir, &["--expect", "attempts >= 0"]);
    drop(watched.child.stdout.take());
    watched.connect();
    let (_, remarks) = watched.end_with_code(2);
    assert!(remarks.contains("; no expectation was checked\n"), "{remarks}");
}

fn a_full_accept_queue_is_reported() {
    let dir = Dir::new();
    let watched = Watched::new(&dir, &[]);
    let address = watched.listener.local_addr().expect("it is bound");
    SockRef::from(&watched.listener).listen(0).expect("it listens already");
    let _first = TcpStream::connect(address).expect("the queue has one place");
    let second = TcpStream::connect_timeout(&address, Duration::from_millis(300));
    assert!(second.is_err(), "the kernel drops the SYN");
    watched.terminate();
    let (_, remarks) = watched.end_with_remarks();
    let queue =
        format!("synscope: the accept queue of {address} is full: it holds 1 of 1 connections\n");
    assert!(remarks.contains(" ListenOverflows during ") && remarks.contains(&queue), "{remarks}");
}

fn a_signal_ends_the_capture_and_nothing_is_lost() {
    let dir = Dir::new();
    let watched = Watched::new(&dir, &["-f", "jsonl"]);
    for _ in 0..20 {
        watched.connect();
    }
    watched.terminate();
    let shown = watched.end();
    let values: Result<Vec<serde_json::Value>, _> =
        shown.lines().map(serde_json::from_str).collect();
    let values = values.expect("every line is JSON");
    let (summary, attempts) = values.split_last().expect("there is output");
    assert_eq!(attempts.len(), 20, "{shown}");
    assert_eq!(summary["handshakes"]["established"], 20, "{shown}");
    assert_eq!(summary["kernel_dropped"], 0, "{shown}");
}

fn what_helps_is_said_where_the_kernel_drops_packets() {
    let dir = Dir::new();
    let watched = Watched::new(&dir, &["-f", "jsonl"]);
    // It sleeps while more comes than 8 MB hold. A client that resets leaves no port behind.
    signal(&watched.child, "STOP");
    let address = watched.listener.local_addr().expect("it is bound");
    for _ in 0..20_000 {
        let client = TcpStream::connect(address).expect("somebody listens");
        SockRef::from(&client).set_linger(Some(Duration::ZERO)).expect("it is a stream");
        drop(client);
        drop(watched.listener.accept());
    }
    signal(&watched.child, "CONT");
    watched.terminate();
    let (shown, remarks) = watched.end_with_remarks();
    let summary: serde_json::Value =
        serde_json::from_str(shown.lines().last().expect("the totals")).expect("JSON");
    assert!(summary["kernel_dropped"].as_u64().expect("a number") > 0, "{summary}");
    let told = "synscope: the kernel dropped packets, since more came than synscope could take: \
                select some with --port or --host, or let more of them wait: `--memory 1GB`\n";
    assert!(remarks.contains(told), "{remarks}");
}

fn an_interface_that_is_not_there_is_answered_with_those_that_are() {
    let run = Dir::new().synscope(["live", "-i", "absent0"]).run().code(2).shows("");
    assert!(run.stderr().contains("absent0") && run.stderr().contains("lo"), "{run:?}");
}

fn a_missing_privilege_is_explained() {
    without_net_raw();
    let run = Dir::new().synscope(["live"]).run().code(4).shows("");
    for part in [
        "synscope: capturing on lo is not permitted: CAP_NET_RAW is missing",
        "--cap-add=NET_RAW",
        "synscope replay FILE",
        "synscope demo",
    ] {
        assert!(run.stderr().contains(part), "`{part}` is missing from {run:?}");
    }
}

fn no_privilege_is_left() {
    let dir = Dir::new();
    let watched = Watched::new(&dir, &["--count", "1"]);
    let status = fs::read_to_string(format!("/proc/{}/status", watched.child.id()));
    let status = status.expect("it runs");
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert!(status.contains(&format!("{set}:\t0000000000000000\n")), "{status}");
    }
    assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
    watched.connect();
    watched.end();
}

fn files_are_read_without_the_right_to_capture() {
    const NET_RAW: u64 = 1 << 13;
    let of = |process: &str| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("CapPrm:\t"));
        u64::from_str_radix(line.expect("a line"), 16).expect("a number")
    };
    let dir = Dir::new();
    let mut command = dir.synscope(["replay", "-v", "-"]).into_command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().expect("it is piped")).read_line(&mut said).expect("text");
    assert!(said.contains("confined"), "it is before the first byte is read: {said}");
    assert_eq!(
        (of("self") & NET_RAW, of(&child.id().to_string())),
        (NET_RAW, of("self") & !NET_RAW)
    );
    child.kill().and_then(|()| child.wait()).expect("it ends");
}

fn the_bounding_set_stays_where_it_must() {
    use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
    remove_capability_from_bounding_set(CapabilitySet::SETPCAP).expect("root may");
    let dir = Dir::new();
    // Without the capability to change it, the others are dropped all the same.
    let watched = Watched::new(&dir, &["--count", "1"]);
    let status = fs::read_to_string(format!("/proc/{}/status", watched.child.id()));
    let status = status.expect("it runs");
    assert!(!status.contains("CapBnd:\t0000000000000000\n"), "{status}");
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        assert!(status.contains(&format!("{set}:\t0000000000000000\n")), "{status}");
    }
    watched.connect();
    watched.end();
}

fn two_outputs_are_two_files() {
    let dir = Dir::new();
    dir.write("kept", "former");
    fs::hard_link(dir.path("kept"), dir.path("second")).expect("a second name");
    fs::create_dir(dir.path("sub")).expect("a directory");
    let rotating = ["live", "--for", "1s", "-w", "ring.pcapng", "--rotate", "1MB"];
    let one = ["live", "--for", "1s", "-w", "new"];
    let second = ["live", "--for", "1s", "-w", "kept"];
    for (args, output, why) in [
        (&one[..], "new", "--write writes this file too"),
        (&one, "sub/../new", "--write writes this file too"),
        (&second, "second", "--write writes this file too"),
        (&rotating, "ring_00001.pcapng", "--write with --rotate may give a file this name"),
        (&rotating, "./ring_12345.pcapng", "--write with --rotate may give a file this name"),
    ] {
        let run = dir.synscope(args.iter().chain(&["-o", output])).run().code(2).shows("");
        run.says(&format!("synscope: {output}: {why}; give --output another name\n"));
    }
    assert_eq!(fs::read_to_string(dir.path("second")).expect("it is there"), "former");
    let count = fs::read_dir(dir.path(".")).expect("the directory is there").count();
    assert_eq!(count, 3, "nothing was created");
    dir.synscope(rotating.iter().chain(&["-o", "ring_1.pcapng"])).run().code(0);
}

fn a_file_that_is_mounted_is_written_to() {
    let dir = Dir::new();
    let script = "host C 192.0.2.1:1\nhost S 192.0.2.2:80\n+1us C > S S 1:1(0)\n";
    dir.capture("c.pcap", script);
    let shown = dir.synscope(["replay", "c.pcap"]).run().code(0);
    dir.write("mounted", "former");
    dir.write("out", "");
    let line = format!(
        "mount --bind mounted out && {} replay c.pcap -o out",
        env!("CARGO_BIN_EXE_synscope")
    );
    let status = Command::new("unshare")
        .args(["--mount", "sh", "-c", &line])
        .current_dir(dir.path("."))
        .env("LC_ALL", "C.UTF-8")
        .status();
    assert!(status.expect("unshare of util-linux").success());
    let written = fs::read_to_string(dir.path("mounted")).expect("it is there");
    assert_eq!(written, shown.stdout());
    assert_eq!(fs::read_dir(dir.path(".")).expect("the directory is there").count(), 3);
}

fn interfaces_are_listed() {
    Dir::new().synscope(["interfaces"]).run().code(0).says("").shows_all(&["lo ", "127.0.0.1"]);
}

fn a_screen_saves_packets_out_of_the_recording() {
    let dir = Dir::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let connect = || drop(TcpStream::connect(address).expect("somebody listens"));
    for (recording, said) in
        [("", "no packets: only --write keeps them"), ("-w all.pcapng", ".svg and .pcapng")]
    {
        let mut program = AtTerminal::start(&dir, &format!("live --tui --color never {recording}"));
        program.see("no attempt yet");
        connect();
        program.see("established");
        program.press("s");
        program.see(said);
        program.press("q");
        let (code, after) = program.end();
        assert_eq!(code, Some(0), "{after}");
        assert_as_before(&after);
        for ending in ["json", "svg"] {
            fs::remove_file(dir.path(&format!("attempt-1.{ending}"))).expect("it was saved");
        }
    }
    let again = dir.synscope(["replay", "-f", "jsonl", "attempt-1.pcapng"]).run().code(0);
    assert_eq!(again.json_lines()[0]["outcome"], "established", "{again:?}");
}
