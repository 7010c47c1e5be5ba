//! `--names`: hosts by the names that DNS answers and a hosts file give them.

use std::net::SocketAddr;

use serde_json::{Value, json};
use testkit::{Dns, Pcap, Script, TestFrame, datagram, pcap};

use crate::util::{Dir, Run};

/// What asks for names, with a hosts file of the test's own.
const NAMES: [&str; 3] = ["--names", "--hosts", "hosts"];
const HOSTILE: &[u8] = b"\x1b[2J\xe2\x80\xae=x.\n";

/// An attempt at one server after a second, and one after three.
fn connections() -> Vec<TestFrame> {
    let script = "
        host C4 10.0.0.1:40001
        host S4 192.0.2.7:443
        host C6 [2001:db8::1]:40002
        host S6 [2001:db8::7]:443
        isn J=1000
        =1       C4 > S4 S  J:J(0)
        +100us   S4 > C4 R. 0:0(0) ack J+1
        =3       C6 > S6 S  J:J(0)
        +100us   S6 > C6 R. 0:0(0) ack J+1";
    Script::parse(script).expect("the script is right").into_frames()
}

/// An answer that a client was sent so many milliseconds after the first connection.
fn answer(client: &str, dns: Dns, after_ms: i64) -> TestFrame {
    let client: SocketAddr = client.parse().expect("an end point");
    let resolver = if client.is_ipv4() { "192.0.2.53:53" } else { "[2001:db8::53]:53" };
    let begin = connections()[0].timestamp_ns;
    let resolver = resolver.parse().expect("an end point");
    datagram(resolver, client, dns.finish(), begin + after_ms * 1_000_000)
}

/// A capture of the two connections, with these answers among them.
fn capture(dir: &Dir, answers: Vec<TestFrame>) {
    let mut frames = [connections(), answers].concat();
    frames.sort_by_key(|frame| frame.timestamp_ns);
    dir.write("c.pcap", pcap(&frames, Pcap::default()));
    dir.write("hosts", "10.0.0.1 laptop # here\n192.0.2.7 old.example.org\n");
}

/// An answer about each of the servers, in time, through an alias.
fn in_time() -> Vec<TestFrame> {
    let dns = |name: &str, addr: &str| {
        let addr = addr.parse().expect("an address");
        Dns::of(name).alias(name, "edge.cdn.net").addr("edge.cdn.net", addr)
    };
    vec![
        answer("10.0.0.1:5000", dns("www.example.org", "192.0.2.7"), -500),
        answer("[2001:db8::1]:5000", dns("six.example.org", "2001:db8::7"), -400),
    ]
}

fn replay(dir: &Dir, command: &str, format: &str, names: &[&str]) -> Run {
    let args = [&[command, "c.pcap", "-q", "-f", format], names].concat();
    dir.synscope(args).run().code(0).says("")
}

/// The ends of all attempts.
fn ends(dir: &Dir, format: &str) -> Vec<Value> {
    let run = replay(dir, "replay", format, &NAMES);
    let lines = match format {
        "jsonl" => run.json_lines(),
        _ => {
            let mut document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
            document["handshakes"].as_array_mut().map(std::mem::take).expect("a list")
        }
    };
    let attempts = lines.iter().filter(|line| line["type"] == "handshake");
    attempts.map(|attempt| json!([attempt["client"], attempt["server"]])).collect()
}

#[test]
fn the_name_that_was_asked_for_stands_beside_the_address() {
    let dir = Dir::new();
    capture(&dir, in_time());
    let expected = [
        json!([
            {"addr": "10.0.0.1", "port": 40001, "name": "laptop", "name_source": "hosts"},
            {"addr": "192.0.2.7", "port": 443, "name": "www.example.org", "name_source": "dns"},
        ]),
        json!([
            {"addr": "2001:db8::1", "port": 40002},
            {"addr": "2001:db8::7", "port": 443, "name": "six.example.org", "name_source": "dns"},
        ]),
    ];
    assert_eq!(ends(&dir, "jsonl"), expected);
    assert_eq!(ends(&dir, "json"), expected);

    let timeline = replay(&dir, "replay", "timeline", &NAMES);
    timeline.shows_all(&[
        " 1 ─ laptop (10.0.0.1):40001 → www.example.org (192.0.2.7):443 ─",
        " 2 ─ [2001:db8::1]:40002 → six.example.org (2001:db8::7):443 ─",
    ]);
    let table = replay(&dir, "replay", "table", &NAMES);
    table.shows_all(&["laptop (10.0.0.1):40001 www.example.org (192.0.2.7):443 refused"]);
    // A table in another order holds its lines back until all are known.
    let sorted = [&NAMES[..], &["--sort", "worst"]].concat();
    replay(&dir, "replay", "table", &sorted)
        .shows_all(&["www.example.org (192.0.2.7):443 refused"]);
    let csv = replay(&dir, "replay", "csv", &NAMES);
    csv.shows_all(&[
        "frames,client_name,server_name\r\n",
        ",3 4,laptop,www.example.org\r\n",
        ",,six.example.org\r\n",
    ]);
    let stats = replay(&dir, "stats", "table", &NAMES);
    stats.shows_all(&["\nsix.example.org (2001:db8::7):443 ", "www.example.org (192.0.2.7):443 "]);
    let clients = [&NAMES[..], &["--by", "client"]].concat();
    replay(&dir, "stats", "table", &clients).shows_all(&["\nlaptop (10.0.0.1) "]);
    // What a metric is called does not change with a name.
    let metrics =
        [replay(&dir, "stats", "openmetrics", &NAMES), replay(&dir, "stats", "openmetrics", &[])];
    assert_eq!(metrics[0].stdout(), metrics[1].stdout());
}

#[test]
fn no_name_is_shown_that_was_not_asked_for() {
    let dir = Dir::new();
    capture(&dir, in_time());
    for format in crate::util::formats() {
        let run = replay(&dir, "replay", &format, &[]);
        assert!(!run.stdout().contains("example"), "{run:?}");
    }
    // A live capture sees no DNS answers.
    let live = dir.synscope(["live", "--names"]).run().code(2);
    assert!(live.stderr().contains("unexpected argument '--names'"), "{live:?}");
    let without = dir.synscope(["replay", "c.pcap", "--hosts", "hosts"]).run().code(2);
    assert!(without.stderr().contains("--names"), "{without:?}");
    let missing = ["replay", "c.pcap", "--names", "--hosts", "absent"];
    let missing = dir.synscope(missing).run().code(2);
    missing.says(
        "synscope: absent: the hosts file can't be read: No such file or directory (os error 2)\n",
    );
}

#[test]
fn an_answer_after_the_attempt_began_names_only_later_ones() {
    let dir = Dir::new();
    let dns = |name: &str, addr: &str| Dns::of(name).addr(name, addr.parse().expect("an address"));
    capture(
        &dir,
        vec![
            // Between the SYN and the RST.
            answer("10.0.0.1:5000", dns("late.example.org", "192.0.2.7"), 0),
            answer("[2001:db8::1]:5000", dns("early.example.org", "2001:db8::7"), 1),
        ],
    );
    let servers: Vec<_> = ends(&dir, "jsonl").iter().map(|ends| ends[1]["name"].clone()).collect();
    assert_eq!(servers, ["old.example.org", "early.example.org"]);
    // For a server as a whole the last name counts.
    replay(&dir, "stats", "csv", &NAMES).shows_all(&[",late.example.org\r\n"]);
}

#[test]
fn a_hostile_name_is_spelled_out_everywhere() {
    let dir = Dir::new();
    let of = |addr: &str| Dns::of(HOSTILE).addr(HOSTILE, addr.parse().expect("an address"));
    capture(&dir, vec![answer("10.0.0.1:5000", of("192.0.2.7"), -500)]);
    let spelled = r"\027\0912j\226\128\174\061x.\010";
    for format in ["timeline", "table", "csv"] {
        replay(&dir, "replay", format, &NAMES).shows_all(&[spelled]);
    }
    for format in ["table", "csv"] {
        replay(&dir, "stats", format, &NAMES).shows_all(&[spelled]);
    }
    assert_eq!(ends(&dir, "jsonl")[0][1]["name"], spelled);
    for command in ["replay", "stats"] {
        let args = format!("{command} --names --hosts hosts --color never c.pcap");
        let shown = dir.at_a_terminal(&args).run();
        let obeyed = shown.stdout().chars().any(|c| c.is_control() && c != '\r' && c != '\n');
        assert!(!obeyed && shown.stdout().contains(r"\027\0912j"), "{shown:?}");
    }
}
