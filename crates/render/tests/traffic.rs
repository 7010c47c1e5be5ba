//! Frames through parser, tracker, order and every view: what real traffic, and traffic that was
//! tampered with, looks like in the end.

use std::collections::BTreeMap;
use std::io;

use handshake::{Counters, End, Event, Handshake, Limits, Reporting, Tracker, recognise};
use hostnames::EndNames;
use parser::{Frame, LinkType, Names, Origin, Timestamp};
use render::{
    Csv, Json, JsonLines, Order, Record, Records, Style, Summary, Table, TimeFormat, Timeline, View,
};
use serde_json::Value;
use testkit::{Script, TestFrame};
use unicode_width::UnicodeWidthStr as _;

/// Two clients: the second attempt ends before the first one does.
const TWO: &str = "\
    client 192.0.2.1:40000 server 192.0.2.2:80
    host C2 192.0.2.9:40001
    isn J=4294967295 K=4294967295
    start 1795330800.123456789
    +0       C > S   S   J:J(0) win 64240 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>
    +1ms     C2 > S  S   5:5(0) win 1024
    +29us    S > C2  R.  0:0(0) ack 6 win 0
    +1ms     S > C   S.  K:K(0) ack J+1 win 65160 <mss 1460,sackOK,TS val 9 ecr 1,nop,wscale 7>
    +32us    C > S   .   J+1:J+1(0) ack K+1 win 502 <nop,nop,TS val 2 ecr 9>
    +1ms     S > C   .   K+1:K+101(100) ack J+1 win 509
";

/// Shows everything that the frames hold, in order, as a reader of files would.
fn show(frames: &[TestFrame], view: &mut dyn View) {
    let mut names = Names::default();
    let source = names.add_source("traffic.pcap");
    names.add_interface(source, Some("lo\x1b[2J\u{202e}".to_owned()));
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut order = Order::default();
    let mut emit = |handshake: &Handshake| {
        let patterns = recognise(handshake);
        view.handshake(&Record {
            handshake,
            patterns: &patterns,
            calls: &[],
            names: &names,
            end_names: EndNames::default(),
            capture_start: None,
        })
    };
    for (number, frame) in (1..).zip(frames) {
        let link = LinkType(frame.link);
        let origin = Origin { source, interface: Some(0) };
        let timestamp = Some(Timestamp::from_nanos(frame.timestamp_ns));
        let (wire_len, bytes) = (frame.wire_len, frame.bytes.as_slice());
        let frame = Frame { origin, number, timestamp, link, wire_len, bytes };
        tracker.on_frame(&frame, &mut |event| push(&mut order, event, &mut emit));
        order.release(tracker.oldest_open(), &mut emit).expect("memory takes it");
    }
    tracker.finish(End::Complete, &mut |event| push(&mut order, event, &mut emit));
    order.release(None, &mut emit).expect("memory takes it");
    view.finish(&summary(tracker.counters())).expect("memory takes it");
}

fn push(order: &mut Order, event: Event<'_>, emit: &mut dyn FnMut(&Handshake) -> io::Result<()>) {
    if let Event::Ended(handshake) = event {
        order.push(handshake, emit).expect("memory takes it");
    }
}

fn summary(counters: &Counters) -> Summary {
    Summary {
        files: 1,
        patterns: Some(BTreeMap::new()),
        counters: counters.clone(),
        ..Summary::default()
    }
}

fn frames(script: &str) -> Vec<TestFrame> {
    Script::parse(script).expect("a script").into_frames()
}

fn json(frames: &[TestFrame]) -> Value {
    let mut out = Vec::new();
    show(frames, &mut Json::new(&mut out, Records::default()));
    serde_json::from_slice(&out).expect("a JSON document")
}

#[test]
fn attempts_come_in_the_order_of_their_first_segments() {
    let document = json(&frames(TWO));
    let attempts = document["handshakes"].as_array().expect("an array");
    let facts: Vec<_> =
        attempts.iter().map(|one| (&one["id"], &one["outcome"], &one["client"]["addr"])).collect();
    assert_eq!(
        serde_json::json!(facts),
        serde_json::json!([[1, "established", "192.0.2.1"], [2, "refused", "192.0.2.9"],])
    );
    assert_eq!(document["summary"]["handshakes"]["established"], 1);
    assert_eq!(document["summary"]["handshakes"]["refused"], 1);
}

#[test]
fn the_record_of_a_script_says_what_the_script_says() {
    let document = json(&frames(TWO));
    let one = &document["handshakes"][0];
    assert_eq!(one["start"], "2026-11-22T07:00:00.123456789Z");
    assert_eq!((&one["client_isn"], &one["server_isn"]), (&u32::MAX.into(), &u32::MAX.into()));
    assert_eq!(one["timing"]["total_ns"], 2_061_000);
    assert_eq!(one["timing"]["server_rtt_ns"], 2_029_000);
    assert_eq!(one["timing"]["client_rtt_ns"], 32_000);
    assert_eq!(one["confirmed_frame"], 6);
    let ack = &one["segments"][2];
    assert_eq!((&ack["frame"], &ack["seq"], &ack["ack"]), (&5.into(), &0.into(), &0.into()));
    assert_eq!(ack["note"], "ack = K+1 ok");
    assert_eq!(ack["checksum"], "ok");
    assert_eq!(one["patterns"][0]["name"], "three_way");
    assert_eq!(one["negotiated"]["mss"], serde_json::json!({"client": 1_460, "server": 1_460}));
    let refusal = &document["handshakes"][1]["segments"][1];
    assert_eq!((&refusal["kind"], &refusal["note"]), (&"rst".into(), &"ack = J+1 ok".into()));
}

/// Numbers that are the same in every run (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// Many attempts with every kind of ending, a few bytes of which were changed, some cut, some twice.
fn tampered(seed: u64) -> Vec<TestFrame> {
    let mut dice = Dice(seed);
    let script = format!(
        "{TWO}
    +1s      C > S   S   7:10(3) win 9 <FO,mptcp 0001,md5 00112233445566778899aabbccddeeff>
    +1s      C > S   S   7:10(3) win 9 <FO 0011223344556677,sackOK,hex 0209>
    +3ms     S > C   .   K+9:K+9(0) ack J-5000 <sack 1:2>
    +1ms     C > S   R   J-5000:J-5000(0)
    +1ms     S > C2  S.  K:K(0) ack J+1 <mss 9>
    -2s      C2 > S  SFR 1:1(0)
    +1s      S > C2  S.  K:K(0) ack J+1 <mss 9>
"
    );
    let mut frames = frames(&script);
    for _ in 0..dice.roll(12) {
        let index = dice.roll(frames.len());
        let frame = &mut frames[index];
        match dice.roll(4) {
            0 => frame.bytes.truncate(dice.roll(frame.bytes.len() + 1)),
            1 => frame.timestamp_ns = i64::from_ne_bytes([dice.roll(256) as u8; 8]),
            _ if frame.bytes.is_empty() => {}
            _ => {
                // From the IP addresses on: before them, most changes only lose the frame.
                let at = (26 + dice.roll(60)).min(frame.bytes.len() - 1);
                frame.bytes[at] = dice.roll(256) as u8;
            }
        }
        if dice.roll(3) == 0 {
            let copy = frames[index].clone();
            frames.insert(dice.roll(frames.len()), copy);
        }
    }
    frames
}

#[test]
fn whatever_the_frames_hold_the_views_stand() {
    let schema = render::json_schema();
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is one");
    let mut outcomes = BTreeMap::new();
    for seed in 0..150 {
        let frames = tampered(seed);
        let mut lines = Vec::new();
        show(&frames, &mut JsonLines::new(&mut lines, Records::default()));
        for line in String::from_utf8(lines).expect("JSON is UTF-8").lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let errors: Vec<_> = validator.iter_errors(&line).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "seed {seed}: {errors:?}\n{line:#}");
            *outcomes.entry(line["outcome"].to_string()).or_insert(0) += 1;
        }
        let width = [60, 80, 100, 120, 200][seed as usize % 5];
        let time = [TimeFormat::Relative, TimeFormat::Utc, TimeFormat::Epoch][seed as usize % 3];
        let unicode = seed % 2 == 0;
        let style = Style {
            unicode,
            width: Some(width),
            explain: true,
            compare: true,
            time,
            ..Style::PLAIN
        };
        let mut out = Vec::new();
        show(&frames, &mut Timeline::new(&mut out, style));
        show(&frames, &mut Table::new(&mut out, style));
        let text = String::from_utf8(out).expect("text");
        for line in text.lines() {
            assert!(line.width() <= usize::from(width), "seed {seed}: {line}");
            assert!(!line.contains(['\x1b', '\u{202e}']), "seed {seed}: {line}");
        }
        let mut out = Vec::new();
        show(&frames, &mut Csv::new(&mut out, io::sink(), Style::PLAIN));
        let text = String::from_utf8(out).expect("text");
        let columns = text.lines().next().map(|header| header.split(',').count());
        for line in text.lines() {
            assert_eq!(Some(line.split(',').count()), columns, "seed {seed}: {line}");
        }
    }
    assert!(outcomes.len() > 4, "the traffic is too tame: {outcomes:?}");
}
