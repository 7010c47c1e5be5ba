//! `synscope replay --follow`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};
use testkit::TimeLimit;

use crate::scripts::{ANOTHER, REFUSED, THREE_FATES};
use crate::util::{Dir, beside_sandbox, terminate, text};

/// The program while it follows.
pub(crate) struct Following {
    child: Child,
    stdout: BufReader<ChildStdout>,
    _limit: TimeLimit,
}

impl Following {
    pub(crate) fn start(dir: &Dir, args: &[&str]) -> Self {
        let args = ["replay", "--follow"].iter().chain(args);
        let mut command = dir.synscope(args).into_command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, stdout, _limit: TimeLimit::start() }
    }

    /// Waits for the next line.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it can be read");
        line
    }

    /// Waits for the next record: its source, outcome and port of the server.
    pub(crate) fn record(&mut self) -> Value {
        let record: Value = serde_json::from_str(&self.line()).expect("it is JSON");
        json!([record["source"], record["outcome"], record["server"]["port"]])
    }

    /// Asks it to end, and waits. What it still wrote, and what it said.
    #[track_caller]
    pub(crate) fn end(mut self, code: i32) -> (String, String) {
        terminate(&self.child);
        let mut rest = String::new();
        while let line = self.line()
            && !line.is_empty()
        {
            rest += &line;
        }
        let output = self.child.wait_with_output().expect("the program ends");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{rest}{stderr}");
        (rest, stderr)
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = File::options().append(true).open(path).expect("it is there");
    file.write_all(bytes).expect("it can be written to");
}

/// A capture, cut within the record after the first four.
fn cut(dir: &Dir) -> (Vec<u8>, Vec<u8>) {
    let whole = fs::read(dir.capture("whole.pcap", THREE_FATES)).expect("it is there");
    let records = whole.len() - 24;
    let (begun, rest) = whole.split_at(24 + records * 2 / 3);
    (begun.to_vec(), rest.to_vec())
}

#[test]
fn an_attempt_is_shown_before_the_file_is_complete() {
    let dir = Dir::new();
    let (begun, rest) = cut(&dir);
    let path = dir.write("c.pcap", begun);
    let mut following = Following::start(&dir, &["-f", "jsonl", "c.pcap"]);
    assert_eq!(following.record(), json!(["c.pcap", "established", 80]));
    append(&path, &rest);
    let (rest, said) = following.end(0);
    assert_eq!(said, "synscope: following c.pcap, 0 attempts so far\n");
    let rest: Vec<Value> =
        rest.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let outcomes: Vec<_> = rest.iter().map(|record| record["outcome"].clone()).collect();
    assert_eq!(outcomes, [json!("refused"), json!("in_progress"), json!(null)]);
    assert_eq!((&rest[2]["frames"], &rest[2]["damaged"]), (&json!(7), &json!([])));
}

#[test]
fn files_of_a_directory_are_shown_as_they_come() {
    let dir = Dir::new();
    fs::create_dir(dir.path("cap")).expect("a new directory");
    dir.capture("cap/1.pcap", THREE_FATES);
    dir.write("cap/notes.txt", "what nobody takes for a capture");
    let mut following = Following::start(&dir, &["-f", "jsonl", "-v", "cap"]);
    assert_eq!(following.record(), json!(["cap/1.pcap", "established", 80]));
    dir.capture("cap/2.pcap", ANOTHER);
    assert_eq!(following.record(), json!(["cap/2.pcap", "established", 22]));
    dir.write("cap/3.pcap", [0xff; 40]);
    let (rest, said) = following.end(0);
    assert_eq!(rest.lines().count(), 3);
    assert_eq!(
        beside_sandbox(&said),
        "synscope: cap/notes.txt: this is text, not a capture\n\
         synscope: following cap, 0 attempts so far\n\
         synscope: cap/3.pcap: this is not a capture file: it begins with ff ff ff ff\n"
    );
}

#[test]
fn what_breaks_off_is_told_and_makes_the_exit_code() {
    let dir = Dir::new();
    let (begun, _) = cut(&dir);
    fs::create_dir(dir.path("cap")).expect("a new directory");
    dir.write("cap/1.pcap", begun);
    let mut following = Following::start(&dir, &["-f", "jsonl", "-q", "cap"]);
    assert_eq!(following.record(), json!(["cap/1.pcap", "established", 80]));
    dir.capture("cap/2.pcap", ANOTHER);
    assert_eq!(following.record(), json!(["cap/2.pcap", "established", 22]));
    let (_, said) = following.end(3);
    assert!(said.starts_with("synscope: cap/1.pcap: breaks off at byte "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn it_ends_by_itself_where_it_is_told_to() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let run = |bound: &[&str]| {
        let args = ["replay", "--follow", "-f", "jsonl", "c.pcap"].iter().chain(bound);
        dir.synscope(args).run().code(0).json_lines()
    };
    let outcomes = |lines: &[Value]| -> Vec<Value> {
        lines.iter().map(|line| line["outcome"].clone()).collect()
    };
    // By the count of attempts.
    let by_count = run(&["--count", "1"]);
    assert_eq!(outcomes(&by_count), [json!("established"), json!(null)]);
    assert_eq!(by_count[1]["frames"], 4);
    // By the time of the capture: what is written by then is read.
    let by_time = run(&["--for", "10ms"]);
    assert_eq!(by_time.last().expect("there are totals")["frames"], 7);
    for format in ["table", "summary", "stats"] {
        let args = ["replay", "--follow", "--count", "1", "-f", format, "c.pcap"];
        dir.synscope(args).run().code(0).says("synscope: following c.pcap, 0 attempts so far\n");
    }
}

/// One attempt stays open while another is refused.
const OPEN_BESIDE: &str = "
    host C1 192.0.2.1:40001
    host C2 192.0.2.1:40002
    host S  192.0.2.2:81
    isn J=1000
    =0     C1 > S  S   J:J(0)
    =1ms   C2 > S  S   J:J(0)
    +100us S  > C2 R.  0:0(0) ack J+1
    =4s    C2 > S  S   J+90000:J+90000(0)
";

#[test]
fn no_more_attempts_are_shown_than_were_asked_for() {
    let dir = Dir::new();
    dir.capture("c.pcap", OPEN_BESIDE);
    let shown = |format| {
        let args = ["replay", "--follow", "--count", "1", "-f", format, "c.pcap"];
        dir.synscope(args).run().code(0)
    };
    // Those that are open when the bound is reached are only counted.
    let lines = shown("jsonl").json_lines();
    let [attempt, totals] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(attempt["outcome"], "refused");
    let counted = &totals["handshakes"];
    assert_eq!((&counted["refused"], &counted["in_progress"]), (&json!(1), &json!(2)));
    for format in ["table", "timeline"] {
        let run = shown(format);
        let text = run.stdout();
        assert!(text.contains(":40002") && !text.contains(":40001"), "{text}");
    }
}

#[test]
fn people_see_an_attempt_once_it_is_decided() {
    let dir = Dir::new();
    let path = dir.capture("c.pcap", REFUSED);
    let mut following = Following::start(&dir, &["-f", "table", "c.pcap"]);
    assert!(following.line().starts_with("   id "));
    assert!(following.line().contains(" refused "));
    fs::remove_file(path).expect("it is there");
    let (rest, _) = following.end(0);
    assert!(rest.contains("\n  refused                  1 "), "{rest}");
}

#[test]
fn a_file_that_can_not_go_on_ends_it() {
    let dir = Dir::new();
    let whole = fs::read(dir.capture("whole.pcap", REFUSED)).expect("it is there");
    dir.write("c.pcap", [&whole[..], &[0xff; 40]].concat());
    let run = dir.synscope(["replay", "--follow", "-f", "jsonl", "c.pcap"]).run().code(3);
    assert_eq!(run.json_lines()[0]["outcome"], "refused");
    assert!(run.stderr().contains("c.pcap: breaks off at byte "), "{run:?}");
}

#[test]
fn a_directory_that_is_removed_ends_it_with_its_totals() {
    let dir = Dir::new();
    fs::create_dir(dir.path("cap")).expect("a new directory");
    let path = dir.capture("cap/1.pcap", THREE_FATES);
    let mut following = Following::start(&dir, &["-f", "jsonl", "cap"]);
    assert_eq!(following.record(), json!(["cap/1.pcap", "established", 80]));
    fs::remove_file(path).expect("it is there");
    fs::remove_dir(dir.path("cap")).expect("it is empty");
    let (mut said, mut rest) = (String::new(), String::new());
    following.stdout.read_to_string(&mut rest).expect("it can be read");
    let mut child = following.child;
    child.stderr.take().expect("it is piped").read_to_string(&mut said).expect("it can be read");
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
    assert_eq!(rest.lines().count(), 3, "{rest}");
    assert_eq!(
        said,
        "synscope: following cap, 0 attempts so far\n\
         synscope: cap: the directory was removed or renamed: start again once it is there\n"
    );
}

#[test]
fn what_is_told_again_and_again_is_counted() {
    let dir = Dir::new();
    let write = |second: u8| {
        let script = format!(
            "
            client 192.0.2.{second}:40001 server 192.0.2.100:80
            isn J=7 K=9
            ={second}s C > S S  J:J(0)
            +1ms       S > C S. K:K(0) ack J+1
            +1ms       C > S .  J+1:J+1(0) ack K+1
            +1ms       S > C .  K+1:K+1(0) ack J+1
            "
        );
        dir.capture("c.pcap", &script)
    };
    write(1);
    let mut following = Following::start(&dir, &["-f", "jsonl", "c.pcap"]);
    for second in 2..=12 {
        assert_eq!(following.record(), json!(["c.pcap", "established", 80]));
        write(second);
    }
    assert_eq!(following.record(), json!(["c.pcap", "established", 80]));
    let (_, said) = following.end(0);
    assert_eq!(said.matches("synscope: c.pcap was written anew; ").count(), 8, "{said}");
    assert!(said.ends_with("synscope: files were written anew 3 more times\n"), "{said}");
}

#[test]
fn a_file_that_is_removed_is_told() {
    let dir = Dir::new();
    let (begun, rest) = cut(&dir);
    let path = dir.write("c.pcap", begun);
    let mut following = Following::start(&dir, &["-f", "jsonl", "c.pcap"]);
    assert_eq!(following.record(), json!(["c.pcap", "established", 80]));
    let mut writer = File::options().append(true).open(&path).expect("it is there");
    fs::remove_file(&path).expect("it is there");
    writer.write_all(&rest).expect("it is open");
    let (rest, said) = following.end(0);
    assert_eq!(rest.lines().count(), 3, "{rest}");
    assert_eq!(
        said,
        "synscope: following c.pcap, 0 attempts so far\n\
         synscope: c.pcap was removed; waiting for a new file of this name (Ctrl-C ends)\n"
    );
}

#[test]
fn every_format_ends_with_its_totals() {
    let dir = Dir::new();
    dir.capture("c.pcap", REFUSED);
    for format in crate::util::formats() {
        let args = ["replay", "--follow", "--for", "0s", "-f", &format, "-o", "out", "c.pcap"];
        dir.synscope(args).run().code(0).shows("");
        let out = fs::read_to_string(dir.path("out")).expect("it was written");
        assert!(!out.is_empty(), "{format}");
    }
}

#[test]
fn what_can_not_be_followed_is_refused_with_the_reason() {
    let dir = Dir::new();
    dir.capture("c.pcap", REFUSED);
    let cases = [
        (&["--follow", "c.pcap", "c.pcap"][..], "--follow takes one file or one directory"),
        (&["--follow", "-"], "standard input is read as it comes"),
        (&["--follow", "-r", "."], "--follow does not go into the directories below"),
        (&["--follow", "--extract", "e.pcapng", "c.pcap"], "--extract reads its input twice"),
        (
            &["--follow", "missing"],
            "missing: No such file or directory (os error 2); check the name",
        ),
        (&["--follow", "-o", "c.pcap", "c.pcap"], "c.pcap"),
        (&["--for", "1s", "c.pcap"], "they need --follow"),
        (&["--count", "1", "c.pcap"], "they need --follow"),
        (&["--follow", "--count", "0", "c.pcap"], "number would be zero"),
    ];
    for (args, reason) in cases {
        let args = ["replay"].iter().chain(args);
        let run = dir.synscope(args).run().code(2).shows("");
        assert!(run.stderr().contains(reason), "`{reason}` is missing from {run:?}");
    }
}

#[test]
fn a_file_that_is_written_anew_is_told_and_makes_the_exit_code_if_something_is_lost() {
    let dir = Dir::new();
    let (begun, _) = cut(&dir);
    let another = fs::read(dir.capture("another.pcap", ANOTHER)).expect("it is there");
    let script = testkit::Script::parse(THREE_FATES).expect("the script is right");
    let end = testkit::pcap(&script.frames()[..4], testkit::Pcap::default()).len();
    let told = |whole: &[u8], code| {
        let path = dir.write("c.pcap", whole);
        let mut following = Following::start(&dir, &["-f", "jsonl", "c.pcap"]);
        assert_eq!(following.record(), json!(["c.pcap", "established", 80]));
        fs::write(path, &another).expect("it can be written");
        assert_eq!(following.record(), json!(["c.pcap", "established", 22]));
        let (totals, said) = following.end(code);
        let totals: Value = serde_json::from_str(&totals).expect("it is JSON");
        let said = said.lines().nth(1).expect("it was told").to_owned();
        (totals["damaged"].clone(), said)
    };
    // After a whole record nobody knows whether there was more.
    let between = told(&begun[..end], 0);
    let remark = "synscope: c.pcap was written anew; what was written to it before and not yet read \
                  may be lost";
    assert_eq!(between, (json!([]), remark.to_owned()));
    let (damaged, said) = told(&begun, 3);
    let reason = "it was written anew before the rest of it was read";
    assert_eq!(damaged[0]["reason"], reason);
    assert_eq!(
        said,
        format!(
            "synscope: c.pcap: breaks off at byte {end}, after 4 frames: {reason}; the frames before \
             it count"
        )
    );
}
