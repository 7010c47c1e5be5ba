//! From scripts to patterns: frames, decoder, tracker and rules together. Each pattern has a script
//! that shows it, and its nearest neighbour, which must not.

mod accept_queue;
mod claims;
mod copies;
mod establishment;
mod half_open;
mod icmp;
mod names;
mod negotiation;
mod opening;
mod recovery;
mod refusal;
mod schedule;
mod side;
mod silence;
mod tuple;

use handshake::{End, Event, Limits, Pattern, Reporting, Tracker, recognise};
use parser::{Frame, LinkType, Origin, Timestamp};
use testkit::{Script, TestFrame};

const V4: &str = "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\n";
const V6: &str = "client [2001:db8::1]:40000 server [2001:db8::2]:80\nrouter 2001:db8::fe\n";
/// Near the wrap, and where the sign changes.
const ISNS: [&str; 2] =
    ["isn J=4294967295 K=4294967295 I=5000\n", "isn J=2147483647 K=2147483648 I=9\n"];
/// Nanoseconds after which every retransmission is overdue.
const OVERDUE: i64 = 600_000_000_000;

/// A handshake as it should be.
const OPEN: &str = "+0    C > S  S   J:J(0)
     +10ms S > C  S.  K:K(0) ack J+1
     +10ms C > S  .   J+1:J+1(0) ack K+1\n";

/// The patterns of each attempt, in the order of their first segments. The capture goes on for
/// `silence` nanoseconds after its last frame, and loses packets first where `lossy`. Each frame is
/// of the file or interface that `origin` gives it.
fn recognised(
    frames: &[TestFrame],
    (silence, lossy): (i64, bool),
    origin: impl Fn(usize) -> Origin,
) -> Vec<Vec<Pattern>> {
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut found = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            found.push((record.id, recognise(record)));
        }
    };
    if lossy {
        tracker.capture_lost_packets();
    }
    for (at, frame) in frames.iter().enumerate() {
        let link = LinkType(frame.link);
        let timestamp = Some(Timestamp::from_nanos(frame.timestamp_ns));
        let origin = origin(at);
        let (number, wire_len) = (at as u64 + 1, frame.wire_len);
        let frame = Frame { origin, number, timestamp, link, wire_len, bytes: &frame.bytes };
        tracker.on_frame(&frame, &mut on_event);
    }
    let last = frames.last().expect("a script has frames").timestamp_ns;
    tracker.advance_to(Timestamp::from_nanos(last + silence), &mut on_event);
    tracker.finish(End::Complete, &mut on_event);
    found.sort_unstable_by_key(|(id, _)| *id);
    found.into_iter().map(|(_, patterns)| patterns).collect()
}

/// The patterns of a script, hosts and numbers included.
fn of_script(script: &str, silence: i64) -> Vec<Vec<Pattern>> {
    recognised(Script::parse(script).unwrap().frames(), (silence, false), |_| Origin::default())
}

/// The names of the patterns of each attempt, in the order of their first segments.
fn patterns(script: &str) -> Vec<Vec<&'static str>> {
    patterns_after(script, OVERDUE)
}

/// The same, where the capture goes on for so many nanoseconds after its last frame.
fn patterns_after(script: &str, silence: i64) -> Vec<Vec<&'static str>> {
    let names = |found: &Vec<Pattern>| found.iter().map(|pattern| pattern.name.name()).collect();
    of_script(script, silence).iter().map(names).collect()
}

/// The script shows just these patterns, in attempts one after the other, whatever the family and
/// the ISNs.
#[track_caller]
fn shows(script: &str, expected: &[&[&str]]) {
    for hosts in [V4, V6] {
        for isns in ISNS {
            assert_eq!(
                patterns(&format!("{hosts}{isns}{script}")),
                expected,
                "{hosts}{isns}{script}"
            );
        }
    }
}

/// What was found, a line for each pattern: attempt, name, frames and note. The addresses of the
/// server and the router are named as the script names them.
fn lines(found: &[Vec<Pattern>]) -> Vec<String> {
    let mut lines = Vec::new();
    for (attempt, patterns) in (1..).zip(found) {
        for Pattern { name, frames, note, differs_from, check_next } in patterns {
            let mut note = note.to_string();
            for text in [*differs_from, *check_next, &note] {
                assert!(text.len() > 10 && !text.contains(['\n', '\t']), "{text:?}");
                assert!(!text.contains("  ") && text.trim() == text, "{text:?}");
            }
            let frames: Vec<String> = frames.iter().map(ToString::to_string).collect();
            for (address, host) in [
                ("192.0.2.254", "R"),
                ("192.0.2.2:80", "S"),
                ("192.0.2.2", "S"),
                ("[2001:db8::2]:80", "S"),
                ("2001:db8::fe", "R"),
                ("2001:db8::2", "S"),
            ] {
                note = note.replace(address, host);
            }
            lines.push(format!("{attempt} {} {}: {note}", name.name(), frames.join(",")));
        }
    }
    lines
}

/// Compares whole findings, where the capture goes on for so many nanoseconds after its last frame.
/// `expected` has a line for each, indented at will.
#[track_caller]
fn finds_after(silence: i64, script: &str, expected: &str) {
    let wanted: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for hosts in [V4, V6] {
        for isns in ISNS {
            let found = of_script(&format!("{hosts}{isns}{script}"), silence);
            assert_eq!(lines(&found), wanted, "{hosts}{isns}{script}");
        }
    }
}

/// The same, where the capture goes on until every retransmission is overdue.
#[track_caller]
fn finds(script: &str, expected: &str) {
    finds_after(OVERDUE, script, expected);
}

/// The look-alike of the pattern of this name, and the next check, in the first attempt that has
/// it, whatever the family and the ISNs.
#[track_caller]
fn words(script: &str, name: &str) -> [&'static str; 2] {
    let of = |hosts: &str, isns: &str| {
        let found = of_script(&format!("{hosts}{isns}{script}"), OVERDUE);
        let mut all = found.iter().flatten();
        let pattern = all.find(|pattern| pattern.name.name() == name);
        let pattern = pattern.unwrap_or_else(|| panic!("no {name} in {:#?}", lines(&found)));
        [pattern.differs_from, pattern.check_next]
    };
    let first = of(V4, ISNS[0]);
    assert_eq!(of(V6, ISNS[1]), first);
    first
}
