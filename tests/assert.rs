//! `synscope assert`.

use std::fs;

use quick_junit::{NonSuccessKind, Report, TestCaseStatus, XmlString};
use serde_json::{Value, json};

use crate::docs::root;
use crate::scripts::{ANOTHER, THREE_FATES};
use crate::util::{Dir, Run};

/// A directory with `c.pcap`, which has three attempts: established, refused, unanswered.
fn three_fates() -> Dir {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir
}

/// Checks expectations about `c.pcap`.
fn check(dir: &Dir, expectations: &[&str]) -> Run {
    let expect = expectations.iter().flat_map(|text| ["--expect", text]);
    dir.synscope(["assert", "c.pcap"].into_iter().chain(expect)).run()
}

#[test]
fn the_exit_code_tells_whether_all_expectations_are_met() {
    let dir = three_fates();
    check(&dir, &["refused == 1", "established >= 33.3%", "p99(server_rtt) <= 250us"])
        .code(0)
        .says("")
        .shows(
            "✓ refused == 1              1\n\
             ✓ established >= 33.3%      33.334% (1 of 3)\n\
             ✓ p99(server_rtt) <= 250us  250 µs\n\
             3 of 3 expectations met\n",
        );
    check(&dir, &["refused == 1", "server 192.0.2.2:80: established == 0", "failed == 0"])
        .code(1)
        .says("")
        .shows(
            "✓ refused == 1                           1\n\
             ✗ server 192.0.2.2:80: established == 0  1\n    \
                 attempt 1  192.0.2.1:40001 → 192.0.2.2:80  established\n\
             ✗ failed == 0                            2\n    \
                 attempt 2  192.0.2.1:40002 → 192.0.2.2:81  refused\n    \
                 attempt 3  [2001:db8::1]:40003 → [2001:db8::2]:443  unanswered\n\
             1 of 3 expectations met\n",
        );
}

#[test]
fn several_files_are_one_capture_and_standard_input_is_one() {
    let dir = three_fates();
    let file = fs::read(dir.capture("d.pcap", ANOTHER)).expect("it was just written");
    let args = ["assert", "c.pcap", "d.pcap", "-q", "--expect", "attempts == 4"];
    dir.synscope(args).run().code(0).shows("✓ attempts == 4  4\n");
    dir.synscope(args.iter().chain(&["-o", "told.txt"])).run().code(0).says("").shows("");
    let told = fs::read_to_string(dir.path("told.txt")).expect("it was written");
    assert_eq!(told, "✓ attempts == 4  4\n");
    let args = ["assert", "-", "--expect", "max(server_rtt) == 300ms", "-q", "--ascii"];
    dir.synscope(args).stdin(file).run().code(0).shows("ok     max(server_rtt) == 300ms  300 ms\n");
}

#[test]
fn without_an_attempt_nothing_is_met_unless_that_is_allowed() {
    let dir = Dir::new();
    dir.write("c.pcap", testkit::pcap(&[], testkit::Pcap::default()));
    let run = check(&dir, &["refused == 0", "p50(server_rtt) < 1s"]).code(1).says("");
    run.shows(
        "✗ refused == 0          no attempt in the capture\n\
         ✗ p50(server_rtt) < 1s  no attempt in the capture\n\
         0 of 2 expectations met\n",
    );
    let allowed = ["assert", "c.pcap", "--allow-empty", "--expect"];
    dir.synscope(allowed.iter().chain(&["refused == 0"])).run().code(0);
    dir.synscope(allowed.iter().chain(&["attempts > 0"])).run().code(1);
    dir.capture("c.pcap", THREE_FATES);
    let run = check(&dir, &["port 1: refused == 0"]).code(1);
    run.shows("✗ port 1: refused == 0  no attempt in scope\n0 of 1 expectation met\n");
    dir.synscope(allowed.iter().chain(&["port 1: refused == 0"])).run().code(0);
    // The attempts are there, and lack what is asked for.
    let run = dir.synscope(allowed.iter().chain(&["port 81: p50(server_rtt) < 1s"])).run().code(1);
    assert!(run.stdout().contains("no attempt has a server RTT"), "{run:?}");
}

#[test]
fn what_can_t_be_read_goes_before_what_is_not_met() {
    let dir = three_fates();
    let damaged = fs::read(dir.path("c.pcap")).expect("it is there");
    dir.write("damaged.pcap", &damaged[..damaged.len() - 1]);
    for expectation in ["attempts > 0", "attempts == 0"] {
        let run = dir.synscope(["assert", "damaged.pcap", "--expect", expectation]).run().code(3);
        assert!(run.stderr().contains("breaks off at byte"), "{run:?}");
        assert!(run.stdout().contains(expectation), "{run:?}");
        let run = dir.synscope(["assert", "c.pcap", "no.pcap", "--expect", expectation]).run();
        let run = run.code(2);
        assert!(run.stderr().starts_with("synscope: no.pcap: "), "{run:?}");
        assert!(run.stdout().contains(expectation), "{run:?}");
    }
    dir.synscope(["assert", "no.pcap", "--expect", "attempts == 0"]).run().code(2).shows("");
}

#[test]
fn a_wrong_expectation_is_shown_with_its_place() {
    let dir = three_fates();
    check(&dir, &["refused = 0", "attempts == 3", "中 \u{1b}[31m== 1"]).code(2).shows("").says(
        "synscope: --expect: this is no expectation\n  \
           refused = 0\n          \
                   ^\n  \
           expected `==`, `!=`, `<`, `<=`, `>` or `>=`: is it `==`?\n\
         synscope: --expect: this is no expectation\n  \
           中 \\x1b[31m== 1\n  \
           ^\n  \
           expected a metric: `attempts`, `failed`, `retried`, `established`, \
           `established_client_only`, `refused`, `reset`, `unreachable`, `unanswered`, \
           `unacknowledged`, `in_progress`, `syn_retransmissions`, `syn_ack_retransmissions`, a \
           pattern (`synscope patterns` lists them) or a statistic such as `p99(server_rtt)`\n",
    );
    let long = "x".repeat(5_000);
    let run = check(&dir, &[&long]).code(2);
    let lines: Vec<_> = run.stderr().lines().map(str::len).collect();
    assert_eq!(lines, [42, 1_002, 1_003, 57], "{run:?}");
    dir.synscope(["assert", "c.pcap"]).run().code(2).shows("").says(
        "synscope: there is nothing to check: add --expect or --expect-file with an expectation\n",
    );
}

#[test]
fn ports_are_named_as_in_selections() {
    let dir = three_fates();
    check(&dir, &["port http,81-442: attempts == 2", "port https: unanswered == 1"]).code(0).shows(
        "✓ port 80,81-442: attempts == 2  2\n\
         ✓ port 443: unanswered == 1      1\n\
         2 of 2 expectations met\n",
    );
    check(&dir, &["port 80,no-such: attempts == 2"]).code(2).shows("").says(
        "synscope: --expect: this is no expectation\n  \
           port 80,no-such: attempts == 2\n          \
                   ^\n  \
           expected a port from 0 to 65535, a range (8000-8100) or the name of a TCP service (https), \
           or several of them with commas between them (80,443)\n",
    );
}

#[test]
fn expectations_are_read_from_files() {
    let dir = three_fates();
    dir.write(
        "rules.txt",
        "\u{feff}# of the gateway\r\n\r\n  refused == 1 # known\r\nattempts==3\n",
    );
    let run = dir.synscope(["assert", "c.pcap", "--expect-file", "rules.txt", "-q"]).run().code(0);
    run.says("").shows("✓ refused == 1   1\n✓ attempts == 3  3\n");
    dir.write("wrong.txt", "refused == 1\n  port x: refused == 1\n\nretried == 1 %\n");
    let run = dir.synscope(["assert", "c.pcap", "--expect-file", "wrong.txt"]).run().code(2);
    run.shows("").says(
        "synscope: wrong.txt, line 2: this is no expectation\n    \
             port x: refused == 1\n         \
                  ^\n  \
           expected a port from 0 to 65535, a range (8000-8100) or the name of a TCP service (https), \
           or several of them with commas between them (80,443)\n\
         synscope: wrong.txt, line 4: this is no expectation\n  \
           retried == 1 %\n               \
                        ^\n  \
           expected the end: one expectation holds one comparison\n",
    );
    let piped = ["assert", "c.pcap", "--expect-file", "-", "-q"];
    dir.synscope(piped).stdin("refused == 1").run().code(0).says("").shows("✓ refused == 1  1\n");
    let run = dir.synscope(piped).stdin("\nrefused").run().code(2).shows("");
    assert!(run.stderr().starts_with("synscope: standard input, line 2: "), "{run:?}");
    for twice in ["assert - --expect-file -", "assert c.pcap --expect-file - --expect-file -"] {
        dir.synscope(twice.split(' ')).run().code(2).shows("").says(
            "synscope: -: standard input can be read once only: as a capture or as expectations\n",
        );
    }
    dir.write("empty.txt", "# nothing\n");
    let run = dir.synscope(["assert", "c.pcap", "--expect-file", "empty.txt"]).run().code(2);
    assert!(run.stderr().contains("there is nothing to check"), "{run:?}");
    dir.write("long.txt", vec![b'#'; (1 << 20) + 1]);
    let run = dir.synscope(["assert", "c.pcap", "--expect-file", "long.txt"]).run().code(2);
    run.says("synscope: long.txt: a file of expectations has at most 1048576 bytes\n");
    let run = dir.synscope(["assert", "c.pcap", "--expect-file", "absent.txt"]).run().code(2);
    assert!(run.stderr().starts_with("synscope: absent.txt: "), "{run:?}");
}

#[test]
fn the_document_tells_the_same() {
    let dir = three_fates();
    let args = ["assert", "c.pcap", "-f", "json", "--expect", "failed < 10%", "--expect"];
    let run = dir.synscope(args.iter().chain(&["port 80: refused == 0"])).run().code(1).says("");
    let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    let schema = fs::read_to_string(root().join("docs/synscope.schema.json")).expect("a schema");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    assert!(jsonschema::is_valid(&schema, &document), "{run:?}");
    assert_eq!(
        document,
        json!({"type": "assertions", "schema": 1, "met": false, "expectations": [
            {
                "expression": "failed < 10%", "scope": null, "metric": "failed", "op": "<",
                "unit": "share", "wanted": 10_000, "found": 66_667, "absent": null,
                "attempts": 3, "met": false, "offenders": [2, 3],
            },
            {
                "expression": "port 80: refused == 0", "scope": "port 80", "metric": "refused",
                "op": "==", "unit": "attempts", "wanted": 0, "found": 0, "absent": null,
                "attempts": 1, "met": true, "offenders": [],
            },
        ], "unread": [], "damaged": []})
    );
    let run = dir.synscope(args.iter().chain(&["refused == 0", "--github"])).run().code(2);
    run.says("synscope: --github prints lines between those for people: it needs --format text\n");
}

#[test]
fn a_report_for_ci_has_a_case_for_each_expectation() {
    let dir = three_fates();
    let former = dir.write("report.xml", "former");
    let args =
        ["assert", "c.pcap", "--junit", "report.xml", "--expect", "refused == 1", "--expect"];
    dir.synscope(args.iter().chain(&["port 80: max(server_rtt) < 1us"])).run().code(1);
    let xml = fs::read_to_string(&former).expect("it was written");
    let report = Report::deserialize_from_str(&xml).expect("it is a report");
    assert_eq!((report.tests, report.failures, report.errors), (2, 1, 0), "{xml}");
    let cases = &report.test_suites[0].test_cases;
    let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["refused == 1", "port 80: max(server_rtt) < 1us"]);
    assert!(matches!(cases[0].status, TestCaseStatus::Success { .. }), "{xml}");
    let TestCaseStatus::NonSuccess { message, description, .. } = &cases[1].status else {
        panic!("{xml}")
    };
    assert_eq!(message.as_ref().map(XmlString::as_str), Some("found 250 µs"));
    let worst = "attempt 1  192.0.2.1:40001 → 192.0.2.2:80  established  250 µs";
    assert_eq!(description.as_ref().map(XmlString::as_str), Some(worst));
}

/// The errors of a report, with what is wrong and how it is told.
fn errors(xml: &str) -> Vec<(String, String, String)> {
    let report = Report::deserialize_from_str(xml).expect("it is a report");
    let cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    let errors: Vec<_> = cases
        .filter_map(|case| match &case.status {
            TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, message, ty, .. } => {
                let [ty, message] = [ty, message].map(|text| text.as_ref().expect("it is told"));
                Some([&case.name, ty, message].map(|text| text.as_str().to_owned()).into())
            }
            _ => None,
        })
        .collect();
    assert_eq!(report.errors, errors.len(), "{xml}");
    errors
}

/// Whoever reads the report alone must not take it for good news.
#[test]
fn what_is_wrong_with_inputs_is_told_wherever_expectations_are() {
    let dir = three_fates();
    let whole = fs::read(dir.path("c.pcap")).expect("it is there");
    dir.write("cut.pcap", &whole[..whole.len() - 1]);
    let args = ["assert", "c.pcap", "cut.pcap", "no.pcap", "--expect", "attempts > 0"];
    let run = dir.synscope(args.iter().chain(&["--junit", "j.xml", "--github"])).run().code(2);
    let lines: Vec<_> = run.stderr().lines().collect();
    let [no, cut] = lines[..] else { panic!("{run:?}") };
    let [no, cut] = [no, cut].map(|line| line.strip_prefix("synscope: ").expect("a message"));
    assert!(no.ends_with("; check the name") && cut.contains("cut.pcap: breaks off at byte"));
    let xml = fs::read_to_string(dir.path("j.xml")).expect("it was written");
    let told = |name: &str, kind: &str, message: &str| {
        (name.to_owned(), kind.to_owned(), message.to_owned())
    };
    assert_eq!(
        errors(&xml),
        [told("no.pcap", "unread", no), told("cut.pcap", "damaged", cut)],
        "{xml}"
    );
    let github: Vec<_> = run.stdout().lines().filter(|line| line.starts_with("::")).collect();
    let commands = [
        format!("::error title=unread%3A no.pcap::{no}"),
        format!("::error title=damaged%3A cut.pcap::{cut}"),
    ];
    assert_eq!(github, commands);
    let run = dir.synscope(args.iter().chain(&["-f", "json"])).run().code(2);
    let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    assert_eq!(document["met"], true);
    let unread = document["unread"][0]["reason"].as_str().expect("a reason");
    assert_eq!(format!("no.pcap: {unread}"), no);
    let damaged = &document["damaged"][0];
    assert_eq!([&damaged["source"], &damaged["frames"]], [&json!("cut.pcap"), &json!(6)]);
    let args = ["assert", "cut.pcap", "--junit", "j.xml", "--expect", "attempts > 0"];
    dir.synscope(args).run().code(3);
    let xml = fs::read_to_string(dir.path("j.xml")).expect("it was written");
    assert_eq!(errors(&xml), [told("cut.pcap", "damaged", cut)], "{xml}");
}

#[test]
fn where_nothing_can_be_read_the_report_of_an_earlier_run_does_not_stay() {
    let dir = three_fates();
    dir.write("text.pcap", "no capture");
    fs::create_dir(dir.path("empty")).expect("it is new");
    dir.write("empty/text.txt", "no capture");
    for (input, name) in [("text.pcap", "text.pcap"), ("no.pcap", "no.pcap"), ("empty", "empty")] {
        for (path, former) in [("j.xml", "former"), ("o.json", "former")] {
            dir.write(path, former);
        }
        let args = ["assert", input, "--allow-empty", "--expect", "attempts == 0"];
        let more = ["--junit", "j.xml", "-f", "json", "-o", "o.json"];
        dir.synscope(args.iter().chain(&more)).run().code(2).shows("");
        let xml = fs::read_to_string(dir.path("j.xml")).expect("it was written");
        let errors = errors(&xml);
        let names: Vec<_> = errors.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, [name], "{xml}");
        let text = fs::read_to_string(dir.path("o.json")).expect("it was written");
        let document: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(document["met"], false, "{text}");
        assert_eq!(document["expectations"], json!([]), "{text}");
        assert_eq!(document["unread"][0]["source"], name, "{text}");
    }
}

#[test]
fn a_report_never_takes_the_place_of_an_input() {
    let dir = three_fates();
    let capture = fs::read(dir.path("c.pcap")).expect("it is there");
    dir.write("rules.txt", "refused == 1");
    for input in ["c.pcap", "./rules.txt"] {
        let args = ["assert", "c.pcap", "--expect-file", "rules.txt", "--junit", input];
        let run = dir.synscope(args).run().code(2).shows("");
        let message = format!("synscope: {input}: is an input file; give --junit another name\n");
        run.says(&message);
    }
    assert_eq!(fs::read(dir.path("c.pcap")).expect("it is there"), capture);
    assert_eq!(fs::read(dir.path("rules.txt")).expect("it is there"), b"refused == 1");
    let args = ["assert", "c.pcap", "--expect", "refused == 1", "--junit", "no/report.xml"];
    let run = dir.synscope(args).run().code(2);
    assert!(run.stderr().contains("no/report.xml: can't write the JUnit report"), "{run:?}");
    assert_eq!(run.stdout(), "", "it is found out before anything is read");
}

#[test]
fn github_is_told_what_is_not_met() {
    let dir = three_fates();
    let args = ["assert", "c.pcap", "-q", "--github", "--expect", "refused == 1", "--expect"];
    let run = dir.synscope(args.iter().chain(&["port 80: established < 50%"])).run().code(1);
    run.shows(
        "✓ refused == 1                1\n\
         ✗ port 80: established < 50%  100% (1 of 1)\n    \
             attempt 1  192.0.2.1:40001 → 192.0.2.2:80  established\n\
         ::error title=not met%3A port 80%3A established < 50%25::found 100%25 (1 of 1)%0Aattempt 1  \
         192.0.2.1:40001 → 192.0.2.2:80  established\n",
    );
}

/// Nobody reads what is told.
#[cfg(unix)]
#[test]
fn a_closed_pipe_does_not_make_an_expectation_met() {
    let dir = three_fates();
    for (expectation, code) in [("refused == 1", 0), ("refused == 0", 1)] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let args = ["assert", "c.pcap", "--junit", "report.xml", "--expect", expectation];
        let status = dir.synscope(args).into_command().stdout(writer).status().expect("it runs");
        assert_eq!(status.code(), Some(code), "{expectation}");
        assert!(dir.path("report.xml").is_file());
    }
}

/// A pattern needs records, and all else is checked without them where none is asked for.
#[test]
fn with_a_pattern_among_them_expectations_come_to_the_same() {
    let dir = Dir::new();
    let outcomes =
        ["attempts", "failed", "retried", "syn_retransmissions", "syn_ack_retransmissions"];
    let counts = outcomes.into_iter().chain(handshake::Outcome::NAMES);
    let counts = counts.map(|name| format!("{name} < 0"));
    let durations = ["server_rtt", "client_rtt", "waited", "failed_after"];
    let durations = durations.map(|name| format!("mean({name}) > 1h"));
    let expect: Vec<_> =
        counts.chain(durations).flat_map(|text| ["--expect".to_owned(), text]).collect();
    let mut count = 0;
    for entry in fs::read_dir(root().join("captures")).expect("they are there") {
        let path = entry.expect("it can be listed").path();
        if path.extension().is_none_or(|extension| extension != "pcapng") {
            continue;
        }
        let path = path.to_str().expect("UTF-8");
        let check = |more: &[&str]| {
            let args = ["assert", "-f", "json", path].into_iter();
            let args = args.chain(expect.iter().map(String::as_str)).chain(more.iter().copied());
            let run = dir.synscope(args).run();
            let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
            document["expectations"].as_array().expect("a list")[..17].to_vec()
        };
        assert_eq!(check(&[]), check(&["--expect", "three_way >= 0"]), "{path}");
        count += 1;
    }
    assert!(count > 50, "only {count} captures are found");
}

#[test]
fn the_bundled_captures_are_as_expected() {
    let dir = Dir::new();
    for (file, expectations) in [
        ("refused", &["refused == 100%", "closed_port == 1", "max(failed_after) < 1ms"][..]),
        ("late", &["late_establish == 1", "retried > 0", "max(waited) >= 1s"]),
        ("ipv6", &["host ::/0: attempts >= 1", "established == 100%"]),
        ("overflow", &["syn_ack_retransmissions > 0"]),
        ("syn-scan", &["established == 0", "syn_scan > 0"]),
        ("many", &["established >= 10", "p50(server_rtt) < 1s", "mean(client_rtt) < 1s"]),
    ] {
        let path = root().join(format!("captures/{file}.pcapng"));
        let path = path.to_str().expect("UTF-8");
        let expect = expectations.iter().flat_map(|text| ["--expect", text]);
        dir.synscope(["assert", path].into_iter().chain(expect)).run().code(0).says("");
    }
}
