//! `synscope replay`.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use serde_json::{Value, json};
use testkit::{Endian, Interface, Pcap, Pcapng, Script, TimeLimit, pcap};

use crate::scripts::{ANOTHER, REFUSED, THREE_FATES};
use crate::util::{Dir, Run, beside_sandbox, formats};

/// How many attempts `--format jsonl` tells of.
fn attempts(run: &Run) -> usize {
    run.json_lines().iter().filter(|line| line["type"] == "handshake").count()
}

fn summary(run: &Run) -> Value {
    let last = run.json_lines().pop().expect("there is a last line");
    assert_eq!(last["type"], "summary", "{run:?}");
    last
}

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
fn several_files_are_one_capture() {
    let dir = Dir::new();
    dir.capture("b.pcap", THREE_FATES);
    dir.capture("a.pcap", ANOTHER);
    let run = dir.synscope(["replay", "-f", "json", "b.pcap", "a.pcap"]).run().code(0).says("");
    let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    let attempts = document["handshakes"].as_array().expect("it is a list");
    let told: Vec<_> =
        attempts.iter().map(|one| json!([one["source"], one["server"]["port"]])).collect();
    let expected = [("b.pcap", 80), ("a.pcap", 22), ("b.pcap", 81), ("b.pcap", 443)];
    assert_eq!(told, expected.map(|(source, port)| json!([source, port])), "{run:?}");
    assert_eq!(document["summary"]["files"], 2, "{run:?}");
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

/// Two attempts: the first sends its SYN again, the second is at a minute past seven.
const AGAIN: &str = "
    client 192.0.2.1:40001 server 192.0.2.2:80
    host C2 192.0.2.1:40002
    isn J=1000 K=7
    start 1795330800.5
    +0       C > S  S   J:J(0)
    +1s      C > S  S   J:J(0)
    +1ms     S > C  S.  K:K(0) ack J+1
    +1ms     C > S  .   J+1:J+1(0) ack K+1
    =60s     C2 > S S   5:5(0)
    +1ms     S > C2 R.  0:0(0) ack 6
";

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
    assert_eq!(attempts(&run), 1, "{run:?}");
}

#[test]
fn the_times_of_a_table_count_from_the_first_frame_whatever_is_shown() {
    let dir = Dir::new();
    dir.capture("c.pcap", AGAIN);
    let run = dir.synscope(["replay", "-q", "-f", "table", "--id", "2", "c.pcap"]).run().code(0);
    let line = run.stdout().lines().nth(1).expect("a line");
    assert_eq!(line.split_whitespace().nth(1), Some("60.000000"), "{run:?}");
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
fn what_can_t_be_read_is_named_and_the_rest_is_shown() {
    let dir = Dir::new();
    dir.capture("good.pcap", THREE_FATES);
    dir.write("empty.pcap", "");
    let args = ["replay", "-f", "jsonl", "absent.pcap", "empty.pcap", "good.pcap"];
    let run = dir.synscope(args).run().code(2).says(
        "synscope: absent.pcap: No such file or directory (os error 2); check the name\n\
         synscope: empty.pcap: the file is empty\n",
    );
    assert_eq!(attempts(&run), 3, "{run:?}");

    dir.synscope(["replay", "absent.pcap"])
        .run()
        .code(2)
        .says("synscope: absent.pcap: No such file or directory (os error 2); check the name\n")
        .shows("");
}

#[test]
fn what_is_no_capture_in_a_directory_is_passed_over_but_not_in_silence() {
    let dir = Dir::new();
    dir.capture("good.pcap", THREE_FATES);
    dir.write("notes.txt", "to do");
    let run = dir
        .synscope(["replay", "-f", "jsonl", "."])
        .run()
        .code(0)
        .says("synscope: skipped 1 file (--verbose says why)\n");
    assert_eq!(attempts(&run), 3, "{run:?}");
    let verbose = dir.synscope(["replay", "-f", "jsonl", "-v", "."]).run().code(0);
    assert!(verbose.stderr().contains("notes.txt: "), "{verbose:?}");
    dir.synscope(["replay", "-f", "jsonl", "-q", "."]).run().code(0).says("");
}

#[test]
fn a_file_is_read_once_whatever_it_is_called() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let run = |files: &[&str]| {
        let args = ["replay", "-f", "jsonl"].iter().chain(files);
        dir.synscope(args).run().code(0)
    };
    let skipped = "synscope: skipped 1 file (--verbose says why)\n";
    assert_eq!(attempts(&run(&["c.pcap", "./c.pcap"]).says(skipped)), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        fs::hard_link(dir.path("c.pcap"), dir.path("d.pcap")).expect("a second name");
        symlink("c.pcap", dir.path("latest")).expect("a link");
        symlink("gone", dir.path("dead")).expect("a link");
        let verbose = run(&["-v", "."]);
        assert_eq!(attempts(&verbose), 3, "{verbose:?}");
        assert_eq!(
            beside_sandbox(verbose.stderr()),
            "synscope: ./d.pcap: it is read already, under another name\n\
             synscope: ./dead: it is gone, or a link to a file that is\n\
             synscope: ./latest: it is read already, under another name\n",
        );
    }
}

#[test]
fn directories_in_directories_are_read_where_that_is_asked_for() {
    let dir = Dir::new();
    fs::create_dir_all(dir.path("top/b/deep")).expect("directories");
    fs::create_dir(dir.path("top/a")).expect("a directory");
    dir.capture("top/b/deep/c.pcap", THREE_FATES);
    dir.capture("top/a/c.pcap", ANOTHER);
    dir.write("top/b/notes.txt", "to do");
    let recursive = || {
        let run = dir.synscope(["replay", "-r", "-f", "jsonl", "top"]).run().code(0);
        assert_eq!(attempts(&run), 4, "{run:?}");
        run
    };
    recursive().says("synscope: skipped 1 file (--verbose says why)\n");
    let flat = dir.synscope(["replay", "-f", "jsonl", "top"]).run().code(2);
    assert_eq!(attempts(&flat), 0, "{flat:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("..", dir.path("top/b/up")).expect("a link");
        symlink("self", dir.path("top/self")).expect("a link");
        let pipe = std::process::Command::new("mkfifo").arg(dir.path("top/a/pipe")).status();
        assert!(pipe.expect("mkfifo is there").success());
        let args = ["replay", "-rv", "-f", "jsonl", "top"];
        let run = dir.synscope(args).run().code(0);
        assert_eq!(attempts(&run), 4, "{run:?}");
        let said = [
            "top/self: it is gone, or a link to a file that is",
            "top/a/pipe: it is a pipe",
            "top/b/notes.txt: ",
        ];
        assert!(said.iter().all(|said| run.stderr().contains(said)), "{run:?}");
        let args = ["replay", "-r", "-f", "csv", "top", "-o", "top/a/c.pcap"];
        let run = dir.synscope(args).run().code(2);
        assert!(run.stderr().contains("top/a/c.pcap: is an input file"), "{run:?}");
    }
}

/// A capture of attempts from these ports, each refused.
fn refusals(dir: &Dir, name: &str, ports: std::ops::Range<u32>) {
    let attempt = |port: u32| {
        format!(
            "    host C{port} 192.0.2.1:{port}\n    +1ms C{port} > S S 5:5(0)\n    \
                     +1ms S > C{port} R. 0:0(0) ack 6\n"
        )
    };
    let attempts: String = ports.map(attempt).collect();
    dir.capture(name, &format!("client 192.0.2.1:1 server 192.0.2.2:80\n{attempts}"));
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_many_attempts_are_a_table_unless_pictures_are_asked_for() {
    const HINT: &str = "more than 20 attempts: --id N shows the picture of one attempt";
    const PICTURE: &str = "refused, decided by a segment";
    let dir = Dir::new();
    refusals(&dir, "c.pcap", 1000..1020);
    let few = dir.at_a_terminal("replay c.pcap").run().code(0);
    assert_eq!(few.stdout().matches(PICTURE).count(), 20, "{few:?}");
    assert!(!few.stdout().contains(HINT) && few.stdout().contains("20 attempts in"), "{few:?}");
    refusals(&dir, "c.pcap", 1000..1021);
    let many = dir.at_a_terminal_of("cols 100", "replay c.pcap").run().code(0);
    assert!(!many.stdout().contains(PICTURE), "{many:?}");
    assert_eq!(many.stdout().matches(" closed_port\r\n").count(), 21, "{many:?}");
    assert!(many.stdout().contains(HINT) && many.stdout().contains("21 attempts in"), "{many:?}");
    let quiet = dir.at_a_terminal("replay -q c.pcap").run().code(0);
    assert_eq!(quiet.stdout().lines().count(), 22, "{quiet:?}");
    for pictures in ["replay -f timeline c.pcap", "replay --explain c.pcap"] {
        let run = dir.at_a_terminal(pictures).run().code(0);
        assert_eq!(run.stdout().matches(PICTURE).count(), 21, "{run:?}");
    }
    let piped = dir.synscope(["replay", "c.pcap"]).run().code(0);
    assert_eq!(piped.stdout().matches(PICTURE).count(), 21, "{piped:?}");
    let one = dir.at_a_terminal("replay --id 7 c.pcap").run().code(0);
    assert_eq!(one.stdout().matches(PICTURE).count(), 1, "{one:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_without_lines_or_columns_is_as_wide_as_it_says_or_has_80_columns() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    for (size, columns) in [("cols 70 rows 0", 70), ("cols 70 rows 30", 70), ("cols 0 rows 0", 80)]
    {
        let shown = |run: Run| run.code(0).stdout().replace('\r', "");
        let here = shown(dir.at_a_terminal_of(size, "replay --color never c.pcap").run());
        let width = columns.to_string();
        let args = ["replay", "--color", "never", "--width", &width, "c.pcap"];
        assert_eq!(here, shown(dir.synscope(args).run()), "{size}");
    }
}

#[test]
fn a_narrow_table_keeps_the_columns_that_its_selection_and_its_order_are_about() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let titles = |options: &str| {
        let args = format!("replay -q -f table --width 60 c.pcap {options}");
        let run = dir.synscope(args.split_whitespace()).run().code(0).says("");
        run.stdout().lines().next().expect("a line of titles").to_owned()
    };
    for title in ["time", "RTT", "+SYN", "patterns"] {
        assert!(!titles("").contains(title), "{title}");
    }
    for (options, title) in [
        ("--sort client-rtt", "client RTT"),
        ("--client-rtt-over 1ns", "client RTT"),
        ("--sort server-rtt", "server RTT"),
        ("--server-rtt-over 1ns", "server RTT"),
        ("--sort total --time utc", "total"),
        ("--sort worst --time utc", "total"),
        ("--slower-than 1ns --time utc", "total"),
        ("--pattern three_way", "patterns"),
        ("--from +0s", "time"),
        ("--to +1h", "time"),
    ] {
        assert!(titles(options).contains(title), "{options}: {}", titles(options));
    }
    dir.capture("c.pcap", &format!("{REFUSED} =1s C > S S J:J(0)\n+1s C > S S J:J(0)"));
    assert!(titles("--retried").contains("+SYN +SYN-ACK"), "{}", titles("--retried"));
}

#[test]
fn a_table_can_have_another_order() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.capture("d.pcap", ANOTHER);
    let cases: [(&[&str], &[&str], &str); 7] = [
        (&["time"], &["1", "2", "3", "4"], ""),
        (&["worst"], &["3", "4", "2", "1"], "4 of 4 attempts shown"),
        (&["total"], &["2", "1", "3", "4"], "4 of 4 attempts shown"),
        (&["server-rtt"], &["2", "1", "3", "4"], "4 of 4 attempts shown"),
        (&["client-rtt", "--port", "80,81"], &["1", "3"], "2 of 4 attempts shown"),
        (&["worst", "--limit", "2"], &["3", "4"], "2 of 4 attempts shown"),
        (&["total", "--limit", "0"], &[], "0 of 4 attempts shown"),
    ];
    for (sort, expected, said) in cases {
        let args = ["replay", "-f", "table", "c.pcap", "d.pcap", "--sort"];
        let run = dir.synscope(args.iter().chain(sort)).run().code(0).says("");
        let lines = run.stdout().lines().skip(1).take_while(|line| !line.is_empty());
        let ids: Vec<_> = lines.filter_map(|line| line.split_whitespace().next()).collect();
        let ids = if expected.is_empty() { &[][..] } else { &ids };
        assert!(ids == expected && run.stdout().contains(said), "{run:?}");
    }
    let refusal = "synscope: --sort orders the lines of a table: it needs --format table\n";
    dir.synscope(["replay", "--sort", "worst", "c.pcap"]).run().code(2).shows("").says(refusal);
}

#[test]
fn without_a_limit_a_thousand_attempts_are_sorted() {
    let dir = Dir::new();
    for first in (1000..2002).step_by(167) {
        refusals(&dir, &format!("{first}.pcap"), first..first + 167);
    }
    let args = ["replay", "-f", "table", "--sort", "worst", "."];
    let run = dir.synscope(args).run().code(0).says("");
    let lines = run.stdout().lines().take_while(|line| !line.is_empty());
    assert_eq!(lines.count(), 1 + 1_000, "{run:?}");
    assert!(run.stdout().contains("1,000 of 1,002 attempts shown"), "{run:?}");
}

#[test]
fn a_capture_without_frames_is_a_capture() {
    let dir = Dir::new();
    dir.write("none.pcap", pcap(&[], Pcap::default()));
    let run = dir.synscope(["replay", "-f", "jsonl", "none.pcap"]).run().code(0).says("");
    let totals = summary(&run);
    assert_eq!((&totals["files"], &totals["frames"]), (&json!(1), &json!(0)), "{run:?}");
}

#[test]
fn missing_parts_of_a_capture_are_reported() {
    const HOSTS: &str =
        "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\nisn J=1 K=5\n";
    let one_direction = "+0 C > S S J:J(0)\n+1ms C > S . J+1:J+1(0) ack K+1";
    let syns = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1";
    let arp = "+0 frame ffffffffffff0200000000010806";
    let older = "+0 C > S . J+1:J+1(0) ack K+1";
    let quoted = "+0 C > S . J+1:J+1(0) ack K+1\n+0 R > C icmp unreachable host quoting J+1";
    let dir = Dir::new();
    for (packets, said, totals) in [
        (one_direction, "no segment of a server", json!(["client", false, []])),
        (syns, "no segment without SYN", json!([null, true, []])),
        (
            arp,
            "1 frame without TCP: arp 1",
            json!([null, false, [{"protocol": "arp", "count": 1}]]),
        ),
        (older, "no attempt begins in the capture", json!([null, false, []])),
        (
            quoted,
            "1 frame without TCP: icmp error about tcp 1",
            json!([null, false, [{"protocol": "icmp error about tcp", "count": 1}]]),
        ),
    ] {
        dir.capture("one.pcap", &format!("{HOSTS}{packets}"));
        for format in ["summary", "table"] {
            let run = dir.synscope(["replay", "-f", format, "one.pcap"]).run().code(0).says("");
            assert!(run.stdout().contains(said), "{packets}: {run:?}");
        }
        let run = dir.synscope(["replay", "-f", "jsonl", "one.pcap"]).run().code(0).says("");
        let summary = summary(&run);
        let told = ["one_direction", "syn_only", "without_tcp"].map(|field| &summary[field]);
        assert_eq!(json!(told), totals, "{packets}: {run:?}");
    }
}

#[test]
fn an_interface_is_named_from_its_first_frame_on() {
    let dir = Dir::new();
    // The second frame is the first of its interface, and ends the attempt.
    let frames = Script::parse(REFUSED).expect("the script is right").into_frames();
    let [syn, rst] = frames.as_slice() else { panic!("two frames") };
    let file = Pcapng::new(Endian::Little)
        .interface(Interface::nanoseconds(1, "inside"))
        .enhanced(0, syn)
        .interface(Interface::nanoseconds(1, "outside"))
        .enhanced(1, rst);
    dir.write("two.pcapng", file.finish());
    let run = dir.synscope(["replay", "two.pcapng"]).run().code(0).says("");
    run.shows_all(&["refused", "inside", "outside"]);
}

#[test]
fn a_damaged_file_is_shown_up_to_the_damage() {
    let dir = Dir::new();
    let frames = Script::parse(THREE_FATES).expect("the script is right").into_frames();
    let mut file = pcap(&frames, Pcap::default());
    file.truncate(file.len() - 10);
    let last_record = file.len() - (16 + 74 - 10);
    dir.write("cut.pcap", file);
    let run = dir.synscope(["replay", "-f", "jsonl", "cut.pcap"]).run().code(3);
    assert_eq!(attempts(&run), 2, "{run:?}");
    assert_eq!(summary(&run)["damaged"][0]["offset"], last_record, "{run:?}");
    let message = format!("synscope: cut.pcap: breaks off at byte {last_record}, after 6 frames: ");
    assert!(run.stderr().starts_with(&message), "{run:?}");
    assert!(run.stderr().ends_with("; the frames before it count\n"), "{run:?}");
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
fn hostile_names_reach_no_terminal() {
    let dir = Dir::new();
    dir.capture("\x1b]0;owned\x07.pcap", THREE_FATES);
    for format in &formats() {
        let run = dir.synscope(["replay", "-f", format, "."]).run().code(0);
        assert!(!run.stdout().contains(['\x1b', '\x07']), "{run:?}");
    }
    let run = dir.synscope(["replay", "\x1b[31mabsent"]).run().code(2);
    run.says("synscope: \\x1b[31mabsent: No such file or directory (os error 2); check the name\n");
}

#[test]
fn what_a_compressed_file_may_become_can_be_raised() {
    let dir = Dir::new();
    // zstd (RFC 8878, 3.1.1): a pcap file header as it is, then 2 MiB of zeros: packets of no bytes.
    let mut file = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3, 24 << 3, 0, 0];
    file.extend(pcap(&[], Pcap::default()));
    file.extend([2, 0, 0x10, 0].repeat(16));
    file.extend([1, 0, 0]);
    dir.write("zeros.pcap.zst", file);
    let replay = |limit| {
        let args = ["replay", "-f", "summary", "--max-decompressed", limit, "zeros.pcap.zst"];
        dir.synscope(args).run()
    };
    let run = replay("0").code(3).shows_all(&["0 bytes in 6,144 frames"]);
    assert!(run.stderr().contains("allow more with `--max-decompressed SIZE`"), "{run:?}");
    replay("1MB").code(3);
    replay("3MB").code(0).says("").shows_all(&["0 bytes in 131,072 frames"]);
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
