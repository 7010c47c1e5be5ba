//! Scripts in, records out. What is compared is the whole record, as [`tell`] writes it.

mod acknowledgment;
mod bounds;
mod client_resets;
mod clock;
mod clones;
mod copies;
mod crossing;
mod decisions;
mod elsewhere;
mod errors;
mod files;
mod glance;
mod negotiated;
mod outcomes;
mod partial;
mod patience;
mod plain;
mod related_attempts;
mod remembered;
mod resets;
mod reused;
mod scopes;
mod sent_again;
mod sides;
mod table;
mod tuple;
mod whole;
mod words;

use parser::{Frame, LinkType, Origin, Timestamp};
use testkit::{Script, TestFrame};

use super::flow::FlowHasher;
use super::{Clue, Counters, End, Event, Limits, Reporting, Tracker};
use crate::facts::{Facts, PatternSet};
use crate::record::Handshake;
use words::{assert_facts, assert_told, facts, stacks, tell};

/// Two hosts, and sequence numbers that wrap within the handshake.
const V4: &str = "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\n\
                  isn J=4294967295 K=4294967290\n";
const V6: &str = "client [2001:db8::1]:40000 server [2001:db8::2]:80\nrouter 2001:db8::fe\n\
                  isn J=4294967295 K=4294967290\n";

/// A handshake, of which the server has not confirmed the end.
const OPEN: &str =
    "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n";

/// A connection that the server confirmed.
const CONNECTED: &str = "+0 C > S S J:J(0)
     +1ms S > C S. K:K(0) ack J+1
     +1ms C > S . J+1:J+1(0) ack K+1
     +1ms S > C P. K+1:K+2(1) ack J+1\n";

/// A frame that has no part in any of this, and so lets time pass. It takes two: one is not believed.
const OTHER: &str = "frame ffffffffffff0200000000010806";

/// Runs a tracker over frames. Records come in the order in which they ended.
struct Run {
    records: Vec<Handshake>,
    decided: Vec<Handshake>,
    facts: Vec<Facts>,
    counters: Counters,
}

fn run_frames(frames: &[TestFrame], limits: Limits, reporting: Reporting, end: End) -> Run {
    let run = follow_as(frames, (limits, reporting, end), Way::Glanced, |_, frame| frame);
    for way in [Way::Decoded, Way::Full, Way::Ahead, Way::Colliding, Way::WithClues] {
        let other = follow_as(frames, (limits, reporting, end), way, |_, frame| frame);
        assert_eq!(other.counters, run.counters, "{way:?} counts otherwise");
        assert_eq!(other.records, run.records, "{way:?} tells otherwise");
        assert_eq!(
            but_patterns(&other.facts),
            but_patterns(&run.facts),
            "{way:?} counts otherwise"
        );
    }
    run
}

/// The ways in which a tracker takes frames, which come to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Each frame is decoded.
    Decoded,
    /// Each frame is glanced at.
    Glanced,
    /// All are given at once.
    Ahead,
    /// The same, and no 4-tuple can be told from another by its hash.
    Colliding,
    /// All are given at once, with clues to them; where facts are wanted, their headers alone.
    WithClues,
    /// Each frame is decoded, and no attempt takes the plain course: each segment of one is judged.
    Full,
}

/// The same, of frames that `seen` makes others of: from another place, or without a time.
fn follow_as(
    frames: &[TestFrame],
    (limits, reporting, end): (Limits, Reporting, End),
    way: Way,
    seen: impl for<'a> Fn(usize, Frame<'a>) -> Frame<'a>,
) -> Run {
    let mut tracker = Tracker::new(limits, reporting);
    tracker.attempts.has_plain_course = way != Way::Full;
    if way == Way::Colliding {
        tracker.attempts.hasher = FlowHasher::WORST;
    }
    let (mut records, mut decided, mut facts) = (Vec::new(), Vec::new(), Vec::new());
    let mut on_event = |event: Event<'_>| match event {
        Event::Ended(record) => records.push(record.clone()),
        Event::Decided(record) => decided.push(record.clone()),
        Event::Counted(counted) => facts.push(*counted),
    };
    let frames = frames.iter().enumerate().map(|(at, it)| seen(at, frame(at, it)));
    match way {
        Way::Decoded | Way::Full => {
            frames.for_each(|it| tracker.take(&it, Clue::default(), || None, &mut on_event));
        }
        Way::Glanced => frames.for_each(|it| tracker.on_frame(&it, &mut on_event)),
        Way::Ahead | Way::Colliding => {
            tracker.on_frames(&frames.collect::<Vec<_>>(), &mut on_event);
        }
        Way::WithClues => {
            let finder = tracker.clue_finder().expect("no period counts alone");
            let mut frames: Vec<_> = frames.collect();
            let clues: Vec<_> = frames.iter().map(|frame| finder.find(frame)).collect();
            if reporting == Reporting::Facts {
                for (frame, clue) in frames.iter_mut().zip(&clues) {
                    frame.bytes = clue.headers(frame);
                }
            }
            tracker.on_frames_with(frames.into_iter(), &clues, &mut on_event);
        }
    }
    tracker.finish(end, &mut on_event);
    let counters = tracker.counters().clone();
    Run { records, decided, facts, counters }
}

/// The facts without the patterns: those need the attempts around one.
fn but_patterns(facts: &[Facts]) -> Vec<Facts> {
    facts.iter().map(|facts| Facts { patterns: PatternSet::default(), ..*facts }).collect()
}

/// The facts of records, in the same way.
fn facts_of(records: &[Handshake]) -> Vec<Facts> {
    records.iter().map(|record| Facts::of(record, PatternSet::default())).collect()
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
    told(Script::parse(script).unwrap().frames())
}

fn told(frames: &[TestFrame]) -> Run {
    let run = run_frames(frames, Limits::default(), Reporting::Decisions, End::Complete);
    let records = run_frames(frames, Limits::default(), Reporting::Records, End::Complete);
    assert_eq!(run.records, records.records, "the records do not depend on what is reported");
    let totals = run_frames(frames, Limits::default(), Reporting::Facts, End::Complete);
    assert_eq!(run.counters, totals.counters, "the totals do not depend on what is reported");
    assert_eq!(facts_of(&run.records), but_patterns(&totals.facts), "the facts are the record's");
    run
}

/// The records of a script between the IPv4 hosts, having seen to it that IPv6 gives the same, and
/// both in a VLAN.
fn records(script: &str) -> Vec<Handshake> {
    let v4 = Script::parse(&format!("{V4}{script}")).unwrap().into_frames();
    let v6 = Script::parse(&format!("{V6}{}", without_ip_ids(script))).unwrap().into_frames();
    let records = told(&v4).records;
    let words = |records: &[Handshake]| records.iter().map(everything).collect::<Vec<_>>();
    let expected = words(&records);
    assert_eq!(words(&told(&v6).records), expected, "IPv6 differs from IPv4");
    for frames in [v4, v6] {
        let mut tagged = words(&told(&in_a_vlan(&frames)).records);
        for told in &mut tagged {
            *told = told.replace("vlan 7/", "");
        }
        assert_eq!(tagged, expected, "a VLAN makes a difference");
    }
    records
}

/// All that is reported of a record but addresses.
fn everything(record: &Handshake) -> String {
    format!("{}\n{}\n{}", tell(record), facts(record), stacks(record))
}

/// IPv6 has no identification.
fn without_ip_ids(script: &str) -> String {
    let mut words = script.split(' ');
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "ip_id" => kept.push(
                words.next().map_or("", |id| id.trim_start_matches(|c: char| c.is_ascii_digit())),
            ),
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}

/// The same frames with a VLAN tag more.
fn in_a_vlan(frames: &[TestFrame]) -> Vec<TestFrame> {
    let tagged = |frame: &TestFrame| {
        let (addresses, rest) = frame.bytes.split_at(12);
        let bytes = [addresses, &[0x81, 0x00, 0, 7], rest].concat();
        TestFrame { wire_len: frame.wire_len + 4, bytes, ..*frame }
    };
    frames.iter().map(tagged).collect()
}

/// The one record of a script.
fn record(script: &str) -> Handshake {
    let mut records = records(script);
    assert_eq!(records.len(), 1, "{:#?}", records.iter().map(tell).collect::<Vec<_>>());
    records.remove(0)
}

/// Records in the order of their first segments.
fn in_order(script: &str) -> Vec<Handshake> {
    let mut found = records(script);
    found.sort_by_key(|record| record.id);
    found
}

/// What became of each, in that order.
fn outcomes(script: &str) -> Vec<&'static str> {
    in_order(script).iter().map(|record| record.outcome.name()).collect()
}
