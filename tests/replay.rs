//! `synscope replay`.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use serde_json::{Value, json};
use testkit::{Pcap, TimeLimit, pcap};

use crate::scripts::{AGAIN, ANOTHER, THREE_FATES};
use crate::util::{Dir, Run, formats};

#[test]
fn each_attempt_has_its_outcome() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let run = dir.synscope(["replay", "-f", "json", "c.pcap"]).run().code(0).says("");
    let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    let attempts = document["handshakes"].as_array().expect("it is a list");
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| {
            json!([
                attempt["id"],
                attempt["outcome"],
                attempt["client"]["port"],
                attempt["server"],
                attempt["timing"]["total_ns"]
            ])
        })
        .collect();
    let server = |addr: &str, port: u16| json!({"addr": addr, "port": port});
    assert_eq!(
        told,
        [
            json!([1, "established", 40001, server("192.0.2.2", 80), 300_000]),
            json!([2, "refused", 40002, server("192.0.2.2", 81), null]),
            json!([3, "unanswered", 40003, server("2001:db8::2", 443), null]),
        ],
        "{run:?}"
    );
    let totals = &document["summary"];
    assert_eq!((&totals["frames"], &totals["tcp_segments"]), (&json!(7), &json!(7)), "{run:?}");
}

#[test]
fn standard_input_and_output_files_work_alike() {
    let dir = Dir::new();
    let file = fs::read(dir.capture("c.pcap", THREE_FATES)).expect("it was just written");
    let piped = dir.synscope(["replay", "-f", "csv", "-"]).stdin(file).run().code(0);
    assert_eq!(piped.stdout().lines().count(), 4, "{piped:?}");
    dir.synscope(["replay", "-f", "csv", "-q", "-o", "out.csv", "c.pcap"])
        .run()
        .code(0)
        .says("")
        .shows("");
    let written = fs::read_to_string(dir.path("out.csv")).expect("it was written");
    assert_eq!(written, piped.stdout().replace("standard input", "c.pcap"));
}

#[test]
fn a_selection_shows_less_and_counts_everything() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.capture("d.pcap", ANOTHER);
    // The ids of the attempts: to ports 80, 22, 81 and 443.
    let cases: [(&[&str], &[u64]); 31] = [
        (&[], &[1, 2, 3, 4]),
        (&["--host", "192.0.2.0/24"], &[1, 3]),
        (&["--host", "2001:db8::1", "--host", "198.51.100.2"], &[2, 4]),
        (&["--client", "192.0.2.2"], &[]),
        (&["--server", "192.0.2.2"], &[1, 3]),
        (&["--port", "80", "--port", "40003"], &[1, 4]),
        (&["--outcome", "refused"], &[3]),
        (&["--outcome", "refused,unanswered"], &[3, 4]),
        (&["--host", "2001:db8::1,198.51.100.2"], &[2, 4]),
        (&["--pattern", "closed_port,three_way"], &[1, 2, 3]),
        (&["--outcome", "established", "--port", "22"], &[2]),
        (&["--pattern", "closed_port"], &[3]),
        (&["--pattern", "three_way", "--pattern", "closed_port"], &[1, 2, 3]),
        (&["--slower-than", "300us"], &[2]),
        (&["--slower-than", "299.999us"], &[1, 2]),
        (&["--id", "3"], &[3]),
        (&["--id", "1,2", "--id", "4"], &[1, 2, 4]),
        (&["--port", "80,22"], &[1, 2]),
        (&["--port", "80-81", "--port", "ssh"], &[1, 2, 3]),
        (&["--server-port", "http,40002,443"], &[1, 4]),
        (&["--failed"], &[3, 4]),
        (&["--retried"], &[]),
        (&["--server-rtt-over", "249.999us"], &[1, 2]),
        (&["--server-rtt-over", "250us"], &[2]),
        (&["--client-rtt-over", "50us"], &[2]),
        (&["--from", "+5ms"], &[2, 3, 4]),
        (&["--to", "+5ms"], &[1]),
        (&["--from", "+5ms", "--to", "+20ms"], &[2, 3]),
        (&["--limit", "0"], &[]),
        (&["--limit", "2"], &[1, 2]),
        (&["--failed", "--limit", "1"], &[3]),
    ];
    for (selection, expected) in cases {
        let args = ["replay", "-f", "json", "c.pcap", "d.pcap"];
        let run = dir.synscope(args.iter().chain(selection)).run().code(0);
        let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
        let shown = document["handshakes"].as_array().expect("it is a list");
        let shown: Vec<_> = shown.iter().filter_map(|attempt| attempt["id"].as_u64()).collect();
        assert_eq!(shown, expected, "{run:?}");
        let totals = &document["summary"];
        let told = (!selection.is_empty()).then_some(expected.len());
        assert_eq!(totals["shown"], json!(told), "{run:?}");
        assert_eq!(totals["handshakes"]["established"], 2, "{run:?}");
        assert_eq!(totals["patterns"]["three_way"], 2, "{run:?}");
        assert_eq!(totals["frames"], 11, "{run:?}");
    }
}

#[test]
fn a_document_of_records_has_the_findings_of_the_statistics() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    for selection in [&[][..], &["--id", "1"], &["--server", "192.0.2.2"], &["--port", "1"]] {
        let only = |run: &Run| -> Value { serde_json::from_str(run.stdout()).expect("JSON") };
        let in_json = |args: &[&str]| {
            let args = args.iter().chain(&["c.pcap"]).chain(selection);
            dir.synscope(args).run().code(0)
        };
        let statistics = only(&in_json(&["stats", "-f", "json"]));
        let document = only(&in_json(&["replay", "-f", "json"]));
        let findings = &statistics["findings"];
        let kinds: Vec<_> =
            findings.as_array().expect("a list").iter().map(|it| &it["kind"]).collect();
        let expected = match selection {
            [] | ["--id", _] => json!(["refuses", "cut_off"]),
            ["--server", _] => json!(["refuses"]),
            _ => json!([]),
        };
        assert_eq!(json!(kinds), expected, "{selection:?}");
        assert_eq!(document["summary"]["findings"], *findings, "{selection:?}");
        assert_eq!(statistics["summary"].get("findings"), None);
    }
}

/// An empty object would say that patterns were looked for, and none was found.
#[test]
fn statistics_without_records_know_no_patterns() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let patterns = |args: &[&str]| {
        let run = dir.synscope(args.iter().chain(&["-f", "json", "c.pcap"])).run().code(0);
        let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
        document["summary"].get("patterns").expect("it is there").clone()
    };
    assert_eq!(patterns(&["stats"]), Value::Null);
    assert_eq!(patterns(&["stats", "--server", "192.0.2.2"])["three_way"], 1);
    assert_eq!(patterns(&["replay"])["three_way"], 1);
    let dir = Dir::new();
    dir.write("c.pcap", testkit::pcap(&[], testkit::Pcap::default()));
    let run = dir.synscope(["replay", "-f", "json", "c.pcap"]).run().code(0);
    let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    assert_eq!(document["summary"]["patterns"], json!({}));
}

/// The ids of the attempts that are shown with these options.
fn ids(dir: &Dir, options: &[&str]) -> Vec<u64> {
    let args = ["replay", "-q", "-f", "jsonl", "c.pcap"];
    let run = dir.synscope(args.iter().chain(options)).run().code(0);
    run.json_lines().iter().filter_map(|line| line["id"].as_u64()).collect()
}

#[test]
fn attempts_are_found_by_what_was_sent_again() {
    let dir = Dir::new();
    dir.capture("c.pcap", AGAIN);
    assert_eq!(ids(&dir, &["--retried"]), [1]);
    assert_eq!(ids(&dir, &["--retried", "--failed"]), [0_u64; 0]);
}

#[test]
fn a_time_of_day_is_one_of_the_first_day_in_the_zone_of_the_times() {
    let dir = Dir::new();
    dir.capture("c.pcap", AGAIN);
    assert_eq!(ids(&dir, &["--from", "07:01"]), [2]);
    assert_eq!(ids(&dir, &["--to", "07:01"]), [1]);
    assert_eq!(ids(&dir, &["--from", "07:00:01", "--to", "2026-11-22T07:01:01Z"]), [2]);
    assert_eq!(ids(&dir, &["--from", "2026-11-22T08:01:00.500000001+01:00"]), [0_u64; 0]);
    let local = ["replay", "-q", "-f", "jsonl", "--time", "local", "--from", "12:31", "c.pcap"];
    let run = dir.synscope(local).env("TZ", "<+0530>-5:30").run().code(0);
    assert_eq!(run.attempts(), 1, "{run:?}");
}

#[test]
fn records_can_leave_their_segments_out() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let segments = r#""segments":["#;
    for format in ["json", "jsonl"] {
        let args = ["replay", "-f", format, "c.pcap", "--no-segments"];
        dir.synscope(&args[..4]).run().code(0).shows_all(&[segments]);
        let lean = dir.synscope(args).run().code(0);
        assert!(lean.stdout().contains(r#""outcome""#) && !lean.stdout().contains(segments));
    }
    let refusal = "synscope: --no-segments leaves segments out of JSON records: \
                   it needs --format json or jsonl\n";
    for format in formats().iter().filter(|format| !format.starts_with("json")) {
        let args = ["replay", "-f", format, "--no-segments", "c.pcap"];
        dir.synscope(args).run().code(2).shows("").says(refusal);
    }
}

#[test]
fn the_output_follows_the_schema() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let schema = dir.synscope(["schema"]).run().code(0);
    let schema: Value = serde_json::from_str(schema.stdout()).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a JSON Schema");
    let document = dir.synscope(["replay", "-f", "json", "c.pcap"]).run().code(0);
    let document: Value = serde_json::from_str(document.stdout()).expect("it is JSON");
    let lines = dir.synscope(["replay", "-f", "jsonl", "c.pcap"]).run().code(0).json_lines();
    for value in lines.iter().chain([&document]) {
        validator.validate(value).unwrap_or_else(|error| panic!("{error} in {value}"));
    }
}

#[test]
fn an_input_is_never_overwritten() {
    let dir = Dir::new();
    let path = dir.capture("c.pcap", THREE_FATES);
    let before = fs::read(&path).expect("it was just written");
    for args in [["c.pcap", "./c.pcap"], [".", "c.pcap"]] {
        let [input, output] = args;
        dir.synscope(["replay", input, "-o", output])
            .run()
            .code(2)
            .shows("")
            .says(&format!("synscope: {output}: is an input file; give --output another name\n"));
    }
    assert_eq!(fs::read(&path).expect("it is still there"), before);
}

#[test]
fn an_output_that_can_t_be_created_is_reported() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.synscope(["replay", "c.pcap", "-o", "no/such/file"]).run().code(2).says(
        "synscope: no/such/file: can't create the output file: No such file or directory (os error 2)\n",
    );
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_is_full_is_reported() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    for format in &formats() {
        let quiet = (format == "csv").then_some("-q");
        let args = ["replay", "-f", format, "c.pcap", "-o", "/dev/full"];
        dir.synscope(args.into_iter().chain(quiet))
            .run()
            .code(2)
            .says("synscope: the output can't be written: No space left on device (os error 28)\n");
    }
}

#[test]
fn quiet_leaves_out_the_totals() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    for format in ["timeline", "table"] {
        let all = dir.synscope(["replay", "-f", format, "c.pcap"]).run().code(0);
        let quiet = dir.synscope(["replay", "-f", format, "-q", "c.pcap"]).run().code(0);
        assert!(all.stdout().starts_with(quiet.stdout()), "{all:?}{quiet:?}");
        assert!(all.stdout().contains("3 attempts in"), "{all:?}");
        assert!(!quiet.stdout().contains("3 attempts in"), "{quiet:?}");
    }
    let args = ["replay", "-f", "csv", "-q", "--port", "9", "c.pcap"];
    let nothing = dir.synscope(args).run().code(0).says("");
    assert_eq!(nothing.stdout().lines().count(), 1, "the names of the columns: {nothing:?}");
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let dir = Dir::new();
    // More than a pipe and the buffers in between can hold.
    let mut lines = vec!["host S 192.0.2.2:80".to_owned()];
    for client in 1..250 {
        lines.push(format!("host C{client} 192.0.2.1:{client}"));
        lines.extend((0..16).map(|isn| format!("+1us C{client} > S S {isn}:{isn}(0)")));
    }
    let _limit = TimeLimit::start();
    dir.capture("c.pcap", &lines.join("\n"));
    for format in formats().iter().filter(|format| *format != "summary") {
        let mut command = dir.synscope(["replay", "-f", format, "c.pcap"]).into_command();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut [0; 100]).expect("there is output");
        drop(stdout);
        let output = child.wait_with_output().expect("the program ends");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*messages), (Some(0), ""), "{format}");
    }
}

#[test]
fn colours_are_for_those_who_want_them() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let colored = |args: &[&str], variables: &[(&str, &str)]| {
        let args = ["replay", "c.pcap"].iter().chain(args);
        let program = dir.synscope(args);
        let program =
            variables.iter().fold(program, |program, (name, value)| program.env(name, value));
        program.run().code(0).says("").stdout().contains('\x1b')
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("NO_COLOR", "1")]));
}

#[test]
fn ascii_is_drawn_on_request_and_where_the_locale_knows_no_more() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    for format in ["timeline", "table", "summary"] {
        let args = ["replay", "-f", format, "c.pcap"];
        let usual = dir.synscope(args).run().code(0);
        assert!(!usual.stdout().is_ascii(), "{usual:?}");
        let asked = dir.synscope(args.iter().chain(&["--ascii"])).run().code(0);
        assert!(asked.stdout().is_ascii(), "{asked:?}");
        dir.synscope(args).env("LC_ALL", "C").run().code(0).shows(asked.stdout());
    }
}

#[test]
fn what_memory_was_too_small_for_is_said_with_every_format() {
    let dir = Dir::new();
    let frames: Vec<_> = testkit::spoofed_syns(40_000).collect();
    dir.write("flood.pcap", pcap(&frames, Pcap::default()));
    // Without records more attempts have room.
    let frames: Vec<_> = testkit::spoofed_syns(160_000).collect();
    dir.write("greater.pcap", pcap(&frames, Pcap::default()));
    let expect = ["assert", "--memory", "16MB", "--expect", "refused == 0", "greater.pcap"];
    let said = dir.synscope(expect).run().code(0);
    assert!(said.stderr().contains("closed early for want of memory"), "{said:?}");
    for format in ["csv", "table"] {
        let args = ["replay", "-q", "-f", format, "--memory", "16MB", "-o", "out", "flood.pcap"];
        let run = dir.synscope(args).run().code(0);
        let said = run.stderr();
        assert!(said.contains(" attempts closed early for want of memory: "), "{said}");
        assert!(said.contains("use more memory: `--memory 1GB`"), "{said}");
        let enough = args.map(|word| if word == "16MB" { "64MB" } else { word });
        let said = dir.synscope(enough).run().code(0);
        assert!(!said.stderr().contains("memory"), "{said:?}");
    }
}
