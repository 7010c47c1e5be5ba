//! Scripts in, records out. What is compared is the whole record, as [`tell`] writes it.

mod bounds;
mod clock;
mod decisions;
mod outcomes;
mod table;

use std::fmt::Write as _;

use parser::{Frame, LinkType, Origin, Timestamp};
use testkit::{Script, TestFrame};

use super::{Counters, End, Event, Limits, Reporting, Tracker};
use crate::record::{Handshake, State};

/// Two hosts, and sequence numbers that wrap within the handshake.
const V4: &str = "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\n\
                  isn J=4294967295 K=4294967290\n";
const V6: &str = "client [2001:db8::1]:40000 server [2001:db8::2]:80\nrouter 2001:db8::fe\n\
                  isn J=4294967295 K=4294967290\n";

/// A frame that has no part in any of this, and so lets time pass. It takes two: one is not believed.
const OTHER: &str = "frame ffffffffffff0200000000010806";

/// Runs a tracker over frames. Records come in the order in which they ended.
struct Run {
    records: Vec<Handshake>,
    decided: Vec<Handshake>,
    counters: Counters,
}

fn run_frames(frames: &[TestFrame], limits: Limits, reporting: Reporting, end: End) -> Run {
    let mut tracker = Tracker::new(limits, reporting);
    let (mut records, mut decided) = (Vec::new(), Vec::new());
    let mut on_event = |event: Event<'_>| match event {
        Event::Ended(record) => records.push(record.clone()),
        Event::Decided(record) => decided.push(record.clone()),
    };
    for (index, frame) in frames.iter().enumerate() {
        tracker.on_frame(&self::frame(index, frame), &mut on_event);
    }
    tracker.finish(end, &mut on_event);
    let counters = tracker.counters().clone();
    Run { records, decided, counters }
}

fn frame(index: usize, frame: &TestFrame) -> Frame<'_> {
    Frame {
        origin: Origin::default(),
        number: index as u64 + 1,
        timestamp: Some(Timestamp::from_nanos(frame.timestamp_ns)),
        link: LinkType(frame.link),
        wire_len: frame.wire_len,
        bytes: &frame.bytes,
    }
}

fn run(script: &str) -> Run {
    let script = Script::parse(script).unwrap();
    let run = run_frames(script.frames(), Limits::default(), Reporting::Decisions, End::Complete);
    let totals = run_frames(script.frames(), Limits::default(), Reporting::Totals, End::Complete);
    assert_eq!(run.counters, totals.counters, "the totals do not depend on what is reported");
    run
}

/// The records of a script between the IPv4 hosts, having seen to it that IPv6 gives the same.
fn records(script: &str) -> Vec<Handshake> {
    let v4 = run(&format!("{V4}{script}")).records;
    let v6 = run(&format!("{V6}{script}")).records;
    let told = |records: &[Handshake]| records.iter().map(tell).collect::<Vec<_>>();
    assert_eq!(told(&v4), told(&v6), "IPv6 differs from IPv4");
    v4
}

/// The one record of a script.
fn record(script: &str) -> Handshake {
    let mut records = records(script);
    assert_eq!(records.len(), 1, "{:#?}", records.iter().map(tell).collect::<Vec<_>>());
    records.remove(0)
}

/// A record in words: everything the tracker decides.
fn tell(record: &Handshake) -> String {
    let mut told = format!("{} by {}", record.outcome.name(), record.ended_by.name());
    if let Some(side) = record.reset_by {
        write!(told, ", reset by {}", side.name()).unwrap();
    }
    let isn = record.server_isn.map_or("?".to_owned(), |isn| isn.to_string());
    write!(told, ", J {} K {isn}", record.client_isn).unwrap();
    let retransmissions = (record.syn_retransmissions, record.syn_ack_retransmissions);
    if retransmissions != (0, 0) {
        write!(told, ", again {}/{}", retransmissions.0, retransmissions.1).unwrap();
    }
    if let Some(frame) = record.confirmed_by {
        write!(told, ", confirmed by {frame}").unwrap();
    }
    if let Some(previous) = record.previous {
        write!(told, ", after {} ({})", previous.id, previous.outcome.name()).unwrap();
    }
    for segment in &record.segments {
        let state = |state: Option<State>| state.map_or("?", State::name);
        write!(
            told,
            "\n{} {} {} {}: {} / {}",
            segment.frame,
            segment.from.name(),
            segment.kind.name(),
            segment.verdict.name(),
            state(segment.client_state),
            state(segment.server_state)
        )
        .unwrap();
    }
    told
}

/// Compares a record with what is expected of it, written as [`tell`] writes it, indented at will.
#[track_caller]
fn assert_told(record: &Handshake, expected: &str) {
    let expected: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(tell(record).lines().collect::<Vec<_>>(), expected);
}
