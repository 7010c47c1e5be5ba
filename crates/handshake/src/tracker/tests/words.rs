//! Records in words, so that tests compare all of them.

use std::fmt::Write as _;

use parser::Layer;

use crate::record::{Handshake, Outcome, Range};
use crate::side::TcpState;

/// A record in words: everything the tracker decides, the clock and the scopes aside.
pub(super) fn tell(record: &Handshake) -> String {
    let mut told = head(record);
    for segment in &record.segments {
        let state = |state: Option<TcpState>| state.map_or("?", TcpState::name);
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

fn head(record: &Handshake) -> String {
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
    // Of an attempt that is not established it goes without saying.
    if matches!(record.outcome, Outcome::Established | Outcome::EstablishedClientOnly) {
        for (captured, what) in [(record.syn_ack_captured, "SYN-ACK"), (record.ack_captured, "ACK")]
        {
            if !captured {
                write!(told, ", no {what}").unwrap();
            }
        }
    }
    if let Some(by) = record.confirmed_by {
        write!(told, ", confirmed by {}", by.frame).unwrap();
    }
    if let Some(previous) = record.previous {
        write!(told, ", after {} ({})", previous.id, previous.outcome.name()).unwrap();
    }
    told
}

/// What is decided of a record, in one line, and its clock in another.
///
/// The clock is `total = retry wait + server RTT + SYN-ACK wait + client RTT`, a range in the place
/// of a number that has one, `?` where nothing is known.
pub(super) fn facts(record: &Handshake) -> String {
    let clock = &record.timing;
    let number = |number: Option<i64>, range: Option<Range>| match (number, range) {
        (Some(ns), None) => time(ns),
        (None, Some(Range { min, max })) => format!("{}..{}", time(min), time(max)),
        (None, None) => "?".to_owned(),
        (Some(_), Some(_)) => panic!("a number and its range: {clock:?}"),
    };
    let parts = [
        number(clock.retry_wait_ns, clock.retry_wait_range_ns),
        number(clock.server_rtt_ns, clock.server_rtt_range_ns),
        number(clock.syn_ack_wait_ns, clock.syn_ack_wait_range_ns),
        number(clock.client_rtt_ns, clock.client_rtt_range_ns),
    ];
    let known =
        [clock.retry_wait_ns, clock.server_rtt_ns, clock.syn_ack_wait_ns, clock.client_rtt_ns];
    if let (Some(total), [Some(a), Some(b), Some(c), Some(d)]) = (clock.total_ns, known) {
        assert_eq!(total, a + b + c + d, "the clock does not add up: {clock:?}");
    }
    let total = number(clock.total_ns, clock.total_range_ns);
    let mut told = format!("{}\n{total} = {}", head(record), parts.join(" + "));
    if let Some(ns) = clock.failed_after_ns {
        write!(told, ", failed after {}", time(ns)).unwrap();
    }
    if let Some(back) = clock.clock_went_back {
        write!(told, ", went back at {} by {}", back.frame, time(back.by_ns)).unwrap();
    }
    told
}

/// The largest unit that tells it in whole numbers.
fn time(ns: i64) -> String {
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
    let (size, name) = units.into_iter().find(|(size, _)| ns % size == 0).expect("1 ns fits");
    format!("{}{name}", ns / size)
}

/// The scopes of a record: `plain; vlan 300/vxlan 5`.
pub(super) fn stacks(record: &Handshake) -> String {
    let layer = |layer: &Layer| match layer {
        Layer::Vlan(id) => format!("vlan {id}/"),
        Layer::Vxlan(id) => format!("vxlan {id}/"),
        Layer::OuterIp { .. } => "ip/".to_owned(),
        other => panic!("{other:?} is in no script"),
    };
    let stack = |layers: &Vec<Layer>| layers.iter().map(layer).collect::<String>();
    record.encapsulations.iter().map(stack).collect::<Vec<_>>().join("; ")
}

/// Compares a record with what is expected of it, written as [`tell`] writes it, indented at will.
/// `JK` stands for the two numbers of the scripts.
#[track_caller]
pub(super) fn assert_told(record: &Handshake, expected: &str) {
    assert_eq!(tell(record).lines().collect::<Vec<_>>(), lines(expected));
}

/// The same, of [`facts`].
#[track_caller]
pub(super) fn assert_facts(record: &Handshake, expected: &str) {
    assert_eq!(facts(record).lines().collect::<Vec<_>>(), lines(expected));
}

fn lines(expected: &str) -> Vec<String> {
    let line = |line: &str| line.trim().replace("JK", "J 4294967295 K 4294967290");
    expected.lines().map(line).filter(|line| !line.is_empty()).collect()
}
