use serde_json::Value;
use std::path::PathBuf;

use super::*;
use crate::memory::Memory;
use capture::file::{Input, Replay};

fn replay<P: Present>(files: &[PathBuf], presenter: P) -> anyhow::Result<()> {
    let inputs: Vec<_> = files.iter().cloned().map(Input::Path).collect();
    replay_inputs(&inputs, presenter)
}

fn replay_inputs<P: Present>(inputs: &[Input], presenter: P) -> anyhow::Result<()> {
    let mut replay = Replay::open(inputs);
    let mut pipeline = Pipeline::new(presenter, Memory::default());
    while pipeline.step(&mut replay)? != Step::End {}
    pipeline.finish(End::Complete, &Ending::default())
}

fn beside(output: Output, selection: Selection) -> Beside {
    Beside::spawn(output, selection, ShowWhen::InOrder, None).unwrap()
}

/// What is written on this thread, and what on another one.
fn both(format: Format, selection: &Selection, files: &[PathBuf]) -> [String; 2] {
    let [here, there] = [Written::default(), Written::default()];
    let presenter =
        Presenter::new(output(format, here.clone()), selection.clone(), ShowWhen::InOrder);
    replay(files, presenter).unwrap();
    let beside = beside(output(format, there.clone()), selection.clone());
    replay(files, beside).unwrap();
    [here.text(), there.text()]
}

const FORMATS: [Format; 5] =
    [Format::Jsonl, Format::Csv, Format::Json, Format::Table, Format::Timeline];

#[test]
fn another_thread_writes_the_same_bytes() {
    let captures = bundled();
    assert!(captures.len() > 50, "{captures:?}");
    let all = Selection::default();
    let some = Selection { patterns: vec![handshake::PatternName::ThreeWay], ..all.clone() };
    for format in FORMATS {
        for selection in [&all, &some] {
            let [here, there] = both(format, selection, &captures);
            assert!(!here.is_empty() && here == there, "{format:?}");
        }
        for capture in &captures {
            let [here, there] = both(format, &all, std::slice::from_ref(capture));
            assert_eq!(here, there, "{format:?} {}", capture.display());
        }
    }
}

#[test]
fn another_thread_gives_the_same_names() {
    let input = [Input::Memory("c.pcap", renamed().leak())];
    for format in FORMATS {
        let [here, there] = [Written::default(), Written::default()];
        let output = |out: &Written| Output {
            host_names: Some(hostnames::HostNames::default()),
            ..output(format, out.clone())
        };
        let all = Selection::default();
        let presenter = Presenter::new(output(&here), all.clone(), ShowWhen::InOrder);
        replay_inputs(&input, presenter).unwrap();
        replay_inputs(&input, beside(output(&there), all)).unwrap();
        assert!(here.text() == there.text(), "{format:?}");
        if format == Format::Jsonl {
            assert_renamed(&here.text());
        }
    }
}

/// Each attempt but the first has the name of the answer before it.
#[track_caller]
fn assert_renamed(lines: &str) {
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    let attempts: Vec<Value> = lines.filter(|line: &Value| line["type"] == "handshake").collect();
    assert_eq!(attempts.len(), 200);
    for attempt in attempts {
        let name = match attempt["id"].as_u64().unwrap() - 1 {
            0 => Value::Null,
            before => format!("n{before}.example").into(),
        };
        assert_eq!(attempt["server"]["name"], name);
    }
}

#[test]
fn both_ask_for_the_same() {
    for format in FORMATS {
        let output = || output(format, io::sink());
        let here = Presenter::new(output(), Selection::default(), ShowWhen::InOrder);
        let there = beside(output(), Selection::default());
        assert_eq!(there.reporting(), here.reporting(), "{format:?}");
        assert_eq!(there.is_in_order(), here.is_in_order(), "{format:?}");
        assert_eq!(there.wants_answers(), here.wants_answers(), "{format:?}");
    }
}

fn taken(number: u64, frame: &testkit::TestFrame) -> Frame<'_> {
    Frame {
        origin: Origin { source: 0, interface: None },
        number,
        timestamp: Some(Timestamp::from_nanos(frame.timestamp_ns)),
        link: LinkType(frame.link),
        wire_len: frame.wire_len,
        bytes: &frame.bytes,
    }
}

/// The records of a script, told while no attempt is open.
fn told(mut presenter: impl Present) {
    let idle = handshake::Tracker::new(handshake::Limits::default(), Reporting::Records);
    presenter.release(&idle).unwrap();
    let mut tracker = handshake::Tracker::new(handshake::Limits::default(), Reporting::Records);
    for frame in testkit::Script::parse(OVERFLOW).unwrap().into_frames() {
        tracker.on_frame(&taken(1, &frame), &mut |event| presenter.event(event));
    }
    tracker.finish(End::Complete, &mut |event| presenter.event(event));
    presenter.release(&idle).unwrap();
    // An end without totals: nothing but the release shows the record.
    drop(presenter);
}

#[test]
fn what_began_and_ended_between_two_looks_is_shown() {
    for format in FORMATS {
        let [here, there] = [Written::default(), Written::default()];
        let all = Selection::default();
        told(Presenter::new(output(format, here.clone()), all.clone(), ShowWhen::InOrder));
        told(beside(output(format, there.clone()), all));
        assert!(!here.text().is_empty(), "{format:?}");
        assert_eq!(here.text(), there.text(), "{format:?}");
    }
}

#[test]
fn a_failure_on_another_thread_is_reported() {
    for room in [0, 9_000, 300_000] {
        let full = output(Format::Jsonl, Full(room));
        let presenter = beside(full, Selection::default());
        let files: Vec<_> = std::iter::repeat_n(bundled(), 8).flatten().collect();
        let error = replay(&files, presenter).unwrap_err();
        assert_eq!(error.to_string(), "the output can't be written", "{room}");
        let cause = error.root_cause().downcast_ref::<io::Error>().unwrap();
        assert_eq!(cause.kind(), io::ErrorKind::StorageFull, "{room}");
    }
}

/// Frames without an end.
struct Endless {
    frame: testkit::TestFrame,
    names: Names,
    delivered: u64,
}

impl FrameSource for Endless {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        self.delivered += 1;
        // Each is the SYN of another port at another time.
        let port = (self.delivered as u16).to_be_bytes();
        self.frame.bytes[34..36].copy_from_slice(&port);
        Ok(Next::Frame(Frame {
            origin: Origin { source: 0, interface: None },
            number: self.delivered,
            timestamp: Some(Timestamp::from_nanos(self.delivered.cast_signed() * 1_000_000_000)),
            link: LinkType(self.frame.link),
            wire_len: self.frame.wire_len,
            bytes: &self.frame.bytes,
        }))
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &[]
    }
}

#[test]
fn a_failure_on_another_thread_ends_the_run() {
    let _limit = testkit::TimeLimit::start();
    let frame = testkit::Script::parse(OVERFLOW).unwrap().into_frames().swap_remove(0);
    let mut source = Endless { frame, names: Names::default(), delivered: 0 };
    source.names.add_source("endless");
    let full = output(Format::Csv, Full(100_000));
    let mut pipeline = Pipeline::new(beside(full, Selection::default()), Memory::default());
    let error = loop {
        if let Err(error) = pipeline.step(&mut source) {
            break error;
        }
    };
    assert_eq!(error.to_string(), "the output can't be written");
}

/// A handshake and a refusal, that are decided before they end.
const DECIDED: &str = "client 192.0.2.1:40000 server 192.0.2.2:80\nhost C2 192.0.2.1:5\n\
                       isn J=1 K=7\n+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n\
                       +1ms C > S . J+1:J+1(0) ack K+1\n+1ms C2 > S S J:J(0)\n\
                       +1ms S > C2 R. 0:0(0) ack J+1\n+1 C2 > S S J:J(0)\n\
                       +1ms S > C2 S. K:K(0) ack J+1\n+1ms C2 > S . J+1:J+1(0) ack K+1\n";

/// Lets a presenter that is watched show what is decided. Gives how many attempts it says it has shown.
#[cfg(unix)]
fn watched(mut presenter: impl PresentWatched, written: &Written) -> (u64, String) {
    let mut tracker = handshake::Tracker::new(handshake::Limits::default(), presenter.reporting());
    for (number, frame) in testkit::Script::parse(DECIDED).unwrap().into_frames().iter().enumerate()
    {
        let frame = taken(number as u64 + 1, frame);
        tracker.on_frame(&frame, &mut |event| presenter.event(event));
    }
    presenter.idle(&tracker, Timestamp::from_nanos(0)).unwrap();
    // What came is on its way, though nothing else comes: another thread takes its time.
    let _limit = testkit::TimeLimit::start();
    while presenter.reporting() == Reporting::Decisions && presenter.count() == 0 {
        std::thread::yield_now();
    }
    let (count, so_far) = (presenter.count(), written.text());
    assert_eq!(so_far.is_empty(), count == 0, "{so_far}");
    tracker.finish(End::Interrupted, &mut |event| presenter.event(event));
    presenter.finish(Summary::default()).unwrap();
    (count, written.text())
}

#[cfg(unix)]
#[test]
fn another_thread_shows_what_is_decided_while_the_capture_goes_on() {
    for format in FORMATS {
        for most in [None, Some(1)] {
            let [here, there] = [Written::default(), Written::default()];
            let (all, when) = (Selection::default(), ShowWhen::AsDecided);
            let presenter = Presenter::new(output(format, here.clone()), all.clone(), when);
            let shown = watched(presenter.at_most(most), &here);
            let other = output(format, there.clone());
            let other = Beside::spawn(other, all, when, most).unwrap();
            assert_eq!(watched(other, &there), shown, "{format:?} {most:?}");
            let is_decided = matches!(format, Format::Table | Format::Timeline);
            assert_eq!(shown.0, if is_decided { most.unwrap_or(2) } else { 0 }, "{format:?}");
            assert!(!shown.1.is_empty(), "{format:?}");
        }
    }
}

#[test]
fn a_failure_on_another_thread_is_noticed_while_nothing_comes() {
    let _limit = testkit::TimeLimit::start();
    let full = output(Format::Jsonl, Full(0));
    let mut presenter = beside(full, Selection::default());
    let mut tracker = handshake::Tracker::new(handshake::Limits::default(), Reporting::Records);
    for frame in testkit::Script::parse(OVERFLOW).unwrap().into_frames() {
        tracker.on_frame(&taken(1, &frame), &mut |event| presenter.event(event));
    }
    tracker.finish(End::Complete, &mut |event| presenter.event(event));
    let now = Timestamp::from_nanos(0);
    let error = loop {
        if let Err(error) = presenter.idle(&tracker, now) {
            break error;
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
