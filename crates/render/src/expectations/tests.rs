use answers::expect::Check;
use handshake::{Facts, Handshake};
use parser::Endpoint;

use super::*;
use crate::fixture::{self, golden};
use crate::{Damaged, Faults, Unread, json_schema};

const STYLE: Style = Style { unicode: true, ..Style::PLAIN };

/// Every kind of record, each with an id of its own.
fn all() -> Vec<Handshake> {
    let mut all: Vec<_> = fixture::all().into_iter().map(|(_, one)| one).collect();
    for (id, handshake) in (1..).zip(&mut all) {
        handshake.id = id;
    }
    all
}

/// Checks of expectations against these records.
fn checks(expectations: &[&str], handshakes: &[Handshake]) -> Vec<Check> {
    let parse = |text: &&str| Check::new(text.parse().expect(text));
    let mut checks: Vec<_> = expectations.iter().map(parse).collect();
    for handshake in handshakes {
        let patterns = handshake::recognise(handshake).iter().map(|one| one.name).collect();
        let facts = Facts::of(handshake, patterns);
        for check in &mut checks {
            check.add(&facts);
        }
    }
    checks
}

fn results(checks: &[Check]) -> Vec<Checked<'_>> {
    checks.iter().map(|check| check.result(false)).collect()
}

fn drawn(checked: &[Checked<'_>], style: Style) -> String {
    let mut out = Vec::new();
    write_expectations(checked, &mut out, style).expect("memory takes it");
    write_expectations_total(checked, &mut out, style).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

fn document(checked: &[Checked<'_>]) -> serde_json::Value {
    let mut out = Vec::new();
    crate::write_expectations_json(checked, &faults(), &mut out).expect("memory takes it");
    serde_json::from_slice(&out).expect("JSON")
}

/// An input of each kind that is not as it should be.
fn faults() -> Faults {
    let unread = Unread { source: "no.pcap".to_owned(), reason: "it is not there".to_owned() };
    let damaged = Damaged {
        source: "cut.pcap".to_owned(),
        offset: 960,
        frames: 8,
        reason: "the file ends within a block".to_owned(),
    };
    Faults { unread: vec![unread], damaged: vec![damaged] }
}

/// What is told of one expectation about these records.
fn figure(expectation: &str, handshakes: &[Handshake]) -> String {
    let checks = checks(&[expectation], handshakes);
    Told(&checks[0].result(false)).figure(true)
}

/// One of each kind: counts, shares, segments, durations, and those without a figure.
const EXPECTATIONS: [&str; 9] = [
    "attempts > 10",
    "refused == 0",
    "established >= 99%",
    "syn_retransmissions == 0",
    "p99(server_rtt) < 50us",
    "max(failed_after) <= 1h",
    "port 1: reset == 0",
    "host ::/0 and server 2001:db8:1234:5678:9abc:def0:1234:5678: established_client_only == 0",
    "host 2001:db8::/32 and port 40001: p99.9(client_rtt) < 1ns",
];

#[test]
fn expectations_are_drawn_as_they_were_looked_at() {
    let checks = checks(&EXPECTATIONS, &all());
    let checked = results(&checks);
    golden("expectations.txt", &drawn(&checked, STYLE));
    golden("expectations.60.txt", &drawn(&checked, Style { width: Some(60), ..Style::PLAIN }));
    golden("expectations.ansi", &drawn(&checked, Style { color: true, ..STYLE }));
}

#[test]
fn a_figure_is_told_in_words() {
    let all = all();
    assert_eq!(figure("attempts == 1", &[]), "no attempt in the capture");
    assert_eq!(figure("port 1: attempts == 1", &all), "no attempt in scope");
    let refused = [fixture::record("refused")];
    for (measure, why) in [
        ("server_rtt", "no attempt has a server RTT"),
        ("client_rtt", "no attempt has a client RTT"),
    ] {
        assert_eq!(figure(&format!("p50({measure}) < 1s"), &refused), why);
    }
    let mut unknown = [fixture::record("established")];
    unknown[0].timing.retry_wait_ns = None;
    unknown[0].timing.syn_ack_wait_ns = None;
    let why = "no attempt has a measured wait";
    assert_eq!(figure("max(waited) < 1s", &unknown), why);
    let why = "no attempt failed after a measured time";
    assert_eq!(figure("max(failed_after) < 1s", &unknown), why);
    assert_eq!(figure("max(failed_after) < 1s", &refused), "18 µs");
    // The rounded figure would look like the value that is wanted.
    let mut slow = fixture::record("established");
    slow.timing.server_rtt_ns = Some(50_012_345);
    assert_eq!(figure("max(server_rtt) <= 50ms", &[slow.clone()]), "50.012345ms");
    assert_eq!(figure("max(server_rtt) <= 40ms", &[slow]), "50 ms");
}

#[test]
fn the_worst_are_told_with_their_ends() {
    let mut late = fixture::record("late");
    late.client = Endpoint::new([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 1);
    let checks = checks(&["syn_retransmissions == 0", "max(server_rtt) < 1ns"], &[late]);
    let [sum, longest] = [checks[0].result(false), checks[1].result(false)];
    let told = |checked, unicode| Told(checked).offenders(unicode).collect::<Vec<_>>();
    assert_eq!(
        told(&sum, true),
        ["attempt 1  [2001:db8::1]:1 → 127.0.0.1:8080  established  1 retransmission"]
    );
    assert_eq!(
        told(&longest, false),
        ["attempt 1  [2001:db8::1]:1 > 127.0.0.1:8080  established  29 us"]
    );
}

#[test]
fn a_caret_stands_below_the_byte_that_is_meant() {
    assert_eq!(caret("refused = 0", 8), ["refused = 0", "        ^"]);
    assert_eq!(caret("中é == 1", "中é ".len()), ["中é == 1", "    ^"]);
    assert_eq!(caret("a\x1b\u{202e}b", 5), ["a\\x1b\\u{202e}b", "             ^"]);
    assert_eq!(caret("", 0), ["", "^"]);
    assert_eq!(caret("end", 3), ["end", "   ^"]);
}

#[test]
fn the_document_follows_the_schema_and_has_every_figure() {
    let validator = jsonschema::draft202012::new(&json_schema()).expect("the schema is one");
    let checks = checks(&EXPECTATIONS, &all());
    let document = document(&results(&checks));
    let errors: Vec<_> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{document:#}");
    let one = |at: usize| &document["expectations"][at];
    assert_eq!((&document["type"], &document["met"]), (&"assertions".into(), &false.into()));
    let figure = |at: usize| {
        let one = one(at);
        serde_json::json!([one["unit"], one["wanted"], one["found"], one["absent"], one["met"]])
    };
    let count = all().len();
    assert_eq!(figure(0), serde_json::json!(["attempts", 10, count, null, true]));
    assert_eq!(figure(2)[0], "share");
    assert_eq!(figure(2)[1], 99_000);
    assert_eq!(figure(3)[0], "segments");
    assert_eq!(
        figure(5),
        serde_json::json!(["ns", 3_600_000_000_000_u64, one(5)["found"], null, true])
    );
    assert_eq!(figure(6), serde_json::json!(["attempts", 0, null, "no_attempt", false]));
    assert_eq!(one(6)["scope"], "port 1");
    assert_eq!(one(6)["expression"], EXPECTATIONS[6]);
    assert_eq!(one(1)["offenders"], serde_json::json!([8, 9]));
    assert_eq!(
        serde_json::json!([document["unread"], document["damaged"]]),
        serde_json::json!([
            [{"source": "no.pcap", "reason": "it is not there"}],
            [{
                "source": "cut.pcap", "offset": 960, "frames": 8,
                "reason": "the file ends within a block",
            }],
        ])
    );
}

#[test]
fn a_document_of_nothing_is_not_met() {
    let document = document(&[]);
    assert_eq!(document["met"], false);
    assert_eq!(document["expectations"], serde_json::json!([]));
}
