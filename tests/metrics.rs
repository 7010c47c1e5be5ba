//! `synscope live --metrics`, in a network of the test's own: asked by plain HTTP.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Stdio};
use std::thread;
use std::time::Duration;

use socket2::SockRef;
use testkit::TimeLimit;

use crate::Test;
use crate::util::{Dir, terminate, text};

pub(crate) const TESTS: &[(&str, Test)] = tests![
    attempts_are_counted_as_they_end,
    whoever_waits_is_told_before_it_ends,
    nothing_but_records_is_printed,
    the_port_is_opened_without_a_privilege_and_on_the_loopback,
    only_the_metrics_are_answered,
    whoever_is_slow_holds_nobody_up,
    a_port_that_is_taken_ends_it_before_the_capture,
    a_capture_that_does_not_begin_leaves_former_files_as_they_were,
];

/// A capture that tells its metrics.
struct Asked {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: SocketAddr,
}

impl Asked {
    /// Starts it, and returns when it answers.
    fn new(dir: &Dir, args: &[&str]) -> Self {
        let program = dir.synscope(["live", "--metrics", "0"].iter().chain(args));
        let mut child = program
            .into_command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("standard error can be read");
        let address = line
            .strip_prefix("synscope: the metrics are at http://")
            .and_then(|rest| rest.strip_suffix("/metrics\n"))
            .unwrap_or_else(|| panic!("no address is said: {line}"));
        Self { child, stderr, address: address.parse().expect("an address and a port") }
    }

    /// What is answered to these bytes.
    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("somebody listens");
        stream.write_all(request.as_bytes()).expect("somebody reads");
        let mut answer = Vec::new();
        // What was refused may be reset.
        let _ = stream.read_to_end(&mut answer);
        text(&answer)
    }

    /// The metrics that are not 0, by the names and labels of their samples. Durations are left out.
    fn sums(&self) -> BTreeMap<String, u64> {
        let answer = self.ask("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let is_duration = |name: &str| name.contains("_bucket{") || name.contains("seconds_sum{");
        let samples = body.lines().filter(|line| !line.starts_with('#'));
        let samples = samples.map(|line| line.rsplit_once(' ').expect("a name and a number"));
        let samples = samples.filter(|(name, _)| !is_duration(name));
        let numbers = samples.map(|(name, number)| {
            let whole = number.split('.').next().and_then(|whole| whole.parse().ok());
            (name.to_owned(), whole.unwrap_or_else(|| panic!("no number: {name} {number}")))
        });
        let apart = ["synscope_frames_total", "synscope_build_info{version=\"0.1.0\"}"];
        numbers
            .filter(|(name, number): &(String, u64)| *number > 0 && !apart.contains(&name.as_str()))
            .collect()
    }

    /// Asks until it is this.
    #[track_caller]
    fn comes_to(&self, expected: &BTreeMap<String, u64>) {
        let _limit = TimeLimit::start();
        let mut before = BTreeMap::<String, u64>::new();
        loop {
            let sums = self.sums();
            for (name, number) in &before {
                let is_counter = !name.contains("waiting");
                assert!(!is_counter || sums.get(name) >= Some(number), "{name} in {sums:#?}");
            }
            if sums == *expected {
                return;
            }
            if sums != before {
                eprintln!("by now {sums:#?}");
            }
            before = sums;
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it prints by the end, on standard output and standard error.
    fn end(mut self) -> (String, String) {
        terminate(&self.child);
        let (mut stdout, mut said) = (String::new(), String::new());
        let pipe = self.child.stdout.as_mut().expect("it is piped");
        pipe.read_to_string(&mut stdout).expect("it is UTF-8");
        self.stderr.read_to_string(&mut said).expect("it is UTF-8");
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(0), "{said}");
        (stdout, said)
    }
}

/// A listener, and its port as an argument.
fn listener(address: &str) -> (TcpListener, SocketAddr, String) {
    let listener = TcpListener::bind(address).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    (listener, address, address.port().to_string())
}

/// Samples of one server: their names, what is between their labels and the end, their numbers.
fn samples(server: SocketAddr, numbers: &[(&str, &str, u64)]) -> BTreeMap<String, u64> {
    let labels = format!("server_address=\"{}\",server_port=\"{}\"", server.ip(), server.port());
    let sample =
        |(name, more, number): &(&str, &str, u64)| (format!("{name}{{{labels}{more}}}"), *number);
    numbers.iter().map(sample).chain([("synscope_up".to_owned(), 1)]).collect()
}

fn attempts_are_counted_as_they_end() {
    let dir = Dir::new();
    let (listener, open, port) = listener("127.0.0.1:0");
    let (closed_listener, closed, closed_port) = self::listener("[::1]:0");
    drop(closed_listener);
    let asked = Asked::new(&dir, &["--port", &port, "--port", &closed_port]);
    asked.comes_to(&BTreeMap::from([("synscope_up".to_owned(), 1)]));
    for _ in 0..5 {
        drop(TcpStream::connect(open).expect("somebody listens"));
        drop(listener.accept().expect("somebody has connected"));
    }
    for _ in 0..2 {
        TcpStream::connect(closed).expect_err("nobody listens");
    }
    let mut expected = samples(
        open,
        &[
            ("synscope_attempts_total", ",outcome=\"established\"", 5),
            ("synscope_syns_total", "", 5),
            ("synscope_syn_acks_total", "", 5),
            ("system_network_tcp_handshake_duration_seconds_count", "", 5),
            ("synscope_server_rtt_seconds_count", "", 5),
            ("synscope_client_rtt_seconds_count", "", 5),
        ],
    );
    let refused = ",outcome=\"refused\",error_type=\"refused\"";
    let refusals = [("synscope_attempts_total", refused, 2), ("synscope_syns_total", "", 2)];
    expected.extend(samples(closed, &refusals));
    asked.comes_to(&expected);
    let (stdout, said) = asked.end();
    assert_eq!(stdout, "", "nobody asked for more");
    assert!(said.starts_with("synscope: listening on lo, tcp port "), "{said}");
}

fn whoever_waits_is_told_before_it_ends() {
    let dir = Dir::new();
    let (listener, full, port) = listener("127.0.0.1:0");
    SockRef::from(&listener).listen(0).expect("it listens already");
    let asked = Asked::new(&dir, &["--port", &port]);
    let _first = TcpStream::connect(full).expect("the queue has one place");
    TcpStream::connect_timeout(&full, Duration::from_millis(1_200)).expect_err("it is full");
    let mut expected = samples(
        full,
        &[
            ("synscope_attempts_total", ",outcome=\"established\"", 1),
            ("synscope_syns_total", "", 1),
            ("synscope_syn_acks_total", "", 1),
            ("system_network_tcp_handshake_duration_seconds_count", "", 1),
            ("synscope_server_rtt_seconds_count", "", 1),
            ("synscope_client_rtt_seconds_count", "", 1),
        ],
    );
    expected.insert("synscope_waiting_attempts".to_owned(), 1);
    asked.comes_to(&expected);
    asked.end();
}

fn nothing_but_records_is_printed() {
    let dir = Dir::new();
    let (_listener, open, port) = listener("127.0.0.1:0");
    let asked = Asked::new(&dir, &["--port", &port, "--format", "jsonl", "--no-segments"]);
    drop(TcpStream::connect(open).expect("somebody listens"));
    let (stdout, _) = asked.end();
    let lines: Vec<serde_json::Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("every line is JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "{stdout}");
    assert_eq!(lines[1]["handshakes"]["established"], 1, "{stdout}");
}

fn the_port_is_opened_without_a_privilege_and_on_the_loopback() {
    let dir = Dir::new();
    let asked = Asked::new(&dir, &["--interface", "any"]);
    for thread in fs::read_dir(format!("/proc/{}/task", asked.child.id())).expect("it runs") {
        let status = thread.expect("a thread").path().join("status");
        let status = fs::read_to_string(status).expect("it runs");
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert!(status.contains(&format!("{set}:\t0000000000000000\n")), "{status}");
        }
        assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
    }
    let listening = |file| -> Vec<String> {
        let table = fs::read_to_string(file).expect("there is /proc/net");
        let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
        rows.filter(|row| row[3] == "0A").map(|row| row[1].to_owned()).collect()
    };
    let expected = format!("0100007F:{:04X}", asked.address.port());
    assert_eq!(listening("/proc/self/net/tcp"), [expected]);
    assert_eq!(listening("/proc/self/net/tcp6"), [""; 0]);
    asked.end();

    // The port of a privilege that is gone by then.
    let run = dir.synscope(["live", "--metrics", "80"]).run().code(2).shows("");
    run.says(
        "synscope: can't tell metrics at 127.0.0.1:80 (a port below 1024 needs a privilege, which is \
         dropped by then: give --metrics another one): Permission denied (os error 13)\n",
    );
}

fn only_the_metrics_are_answered() {
    let dir = Dir::new();
    let asked = Asked::new(&dir, &[]);
    let long = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n\r\n", "a".repeat(20_000));
    let many = format!("GET /metrics HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(200));
    for (request, status, ending) in [
        (
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "200 OK",
            "The metrics of synscope are at /metrics.\n",
        ),
        (
            "GET /etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
            "404 Not Found",
            "The metrics are at /metrics.\n",
        ),
        (
            "GET /metrics/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "404 Not Found",
            "The metrics are at /metrics.\n",
        ),
        (
            "POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
            "405 Method Not Allowed",
            "Only GET is answered.\n",
        ),
        (
            "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
            "405 Method Not Allowed",
            "Only GET is answered.\n",
        ),
        ("\u{1b}[31m\r\n\r\n", "400 Bad Request", "\r\n\r\n"),
        (&many, "431 Request Header Fields Too Large", "\r\n\r\n"),
        (&long, "431 Request Header Fields Too Large", "\r\n\r\n"),
    ] {
        let answer = asked.ask(request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{request:.80}: {answer}");
        assert!(answer.ends_with(ending), "{request:.80}: {answer}");
        // One request is one connection.
        assert!(answer.contains("\r\nconnection: close\r\n"), "{request:.80}: {answer}");
    }
    let accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    let answer = asked.ask(&format!("GET /metrics HTTP/1.1\r\nHost: a\r\n{accept}\r\n\r\n"));
    assert!(answer.contains("\r\ncontent-type: application/openmetrics-text; version=1.0.0;"));
    assert!(answer.ends_with("\n# EOF\n"), "{answer}");
    let answer = asked.ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.contains("\r\ncontent-type: text/plain; version=0.0.4;"), "{answer}");
    assert!(!answer.contains("EOF"), "{answer}");
    asked.end();
}

fn whoever_is_slow_holds_nobody_up() {
    let _limit = TimeLimit::start();
    let dir = Dir::new();
    let asked = Asked::new(&dir, &["--port", "1"]);
    let stall = || {
        let mut stream = TcpStream::connect(asked.address).expect("somebody listens");
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: a").expect("somebody reads");
        stream
    };
    // All places but one are taken, then more than there are.
    let mut stalled: Vec<_> = (0..7).map(|_| stall()).collect();
    asked.sums();
    stalled.extend((0..20).map(|_| stall()));
    asked.sums();
    for mut stream in stalled {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = text(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    asked.end();
}

fn a_port_that_is_taken_ends_it_before_the_capture() {
    let dir = Dir::new();
    let (_listener, address, port) = listener("127.0.0.1:0");
    let run = dir.synscope(["live", "--metrics", &port]).run().code(2).shows("");
    run.says(&format!(
        "synscope: can't tell metrics at {address} (another program is there: give --metrics another \
         port, or 0 for one that is free): Address already in use (os error 98)\n"
    ));
    let run = dir.synscope(["live", "--metrics", "192.0.2.1:0"]).run().code(2).shows("");
    assert!(run.stderr().contains("`synscope interfaces` lists those that there are"), "{run:?}");
    for wrong in ["metrics", ":9464", "127.0.0.1", "65536"] {
        let run = dir.synscope(["live", "--metrics", wrong]).run().code(2).shows("");
        assert!(run.stderr().contains("which stands for 127.0.0.1:9464"), "{run:?}");
    }
}

fn a_capture_that_does_not_begin_leaves_former_files_as_they_were() {
    let dir = Dir::new();
    dir.write("former.pcapng", "packets");
    dir.write("former.txt", "pictures");
    let (_listener, _, port) = listener("127.0.0.1:0");
    for refused in [
        &["--metrics", &port, "-w", "former.pcapng"][..],
        &["--metrics", "192.0.2.1:0", "-w", "former.pcapng"],
        &["--metrics", "80", "-w", "former.pcapng"],
        &["-i", "absent0", "-w", "former.pcapng"],
        &["-w", "absent/new.pcapng"],
        &["-w", "absent/new.pcapng", "--rotate", "1MB"],
        &["-w", "former.pcapng", "-o", "absent/new.txt"],
        &["-w", "former.pcapng", "-f", "parquet"],
        &["-w", "former.pcapng", "--expect", "nothing"],
    ] {
        let output = if refused.contains(&"-o") { &[][..] } else { &["-o", "former.txt"] };
        let run = dir.synscope(["live"].iter().chain(refused).chain(output)).run().code(2);
        for (name, former) in [("former.pcapng", "packets"), ("former.txt", "pictures")] {
            let found = text(&fs::read(dir.path(name)).expect("it is there"));
            assert_eq!(found, former, "{name} after {run:?}");
        }
    }
    // One that begins has them for itself.
    let both = ["live", "--for", "1s", "-f", "summary", "-w", "former.pcapng", "-o", "former.txt"];
    dir.synscope(both).run().code(0);
    let run = dir.synscope(["replay", "former.pcapng", "-f", "summary"]).run().code(0);
    let written = fs::read_to_string(dir.path("former.txt")).expect("it is there");
    assert_eq!(run.stdout(), written);
}
