//! How connections are closed, where they are followed to their end.

use super::*;
use crate::close::Data;
use crate::segment::SegmentRecord;
use crate::side::{Side, TcpState};
use parser::SeqNumber;

/// A client that says five bytes and hears seven.
pub(super) const TALK: &str = "+0 C > S S J:J(0)
     +1ms S > C S. K:K(0) ack J+1
     +1ms C > S . J+1:J+1(0) ack K+1
     +1ms C > S P. J+1:J+6(5) ack K+1
     +1ms S > C P. K+1:K+8(7) ack J+6
     +1ms C > S . J+6:J+6(0) ack K+8\n";

pub(super) fn follow(script: &str, limits: Limits) -> Vec<Handshake> {
    let script = Script::parse(script).unwrap();
    let (records, end) = (Reporting::Whole, End::Complete);
    follow_as(script.frames(), (limits, records, end), Way::Ahead, |_, frame| frame).records
}

/// What is told of the close of the last attempt, the same for IPv4 and IPv6.
pub(super) fn close(script: &str) -> String {
    let [v4, v6] = [V4, V6].map(|hosts| {
        let records = follow(&format!("{hosts}{script}"), Limits::default());
        tell_close(records.last().unwrap())
    });
    assert_eq!(v4, v6, "IPv6 differs from IPv4");
    v4
}

pub(super) fn tell_close(record: &Handshake) -> String {
    let Some(close) = &record.close else { return "not followed".to_owned() };
    let mut lines = Vec::new();
    let data = |data: [Data; 2]| {
        let of = |who: &str, it: Data| {
            let least = if it.is_least() { ">=" } else { "" };
            let misses = if it.misses { ", misses" } else { "" };
            let repeats = if it.repeats { ", repeats" } else { "" };
            let said = format!("{who} {least}{} in {}{misses}{repeats}", it.bytes, it.segments);
            (!it.is_none()).then_some(said)
        };
        let [client, server] = data;
        let said: Vec<_> = [of("C", client), of("S", server)].into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(", "))
    };
    for (index, between) in close.data.iter().enumerate() {
        lines.extend(data(*between));
        lines.extend(close.segments.get(index).map(|one| line(one, record, close.fins)));
    }
    lines.extend((close.omitted > 0).then(|| format!("{} omitted", close.omitted)));
    lines.extend(close.is_cut.then(|| "cut".to_owned()));
    lines.join("\n")
}

/// `1 client FIN,ACK M advanced: FIN-WAIT-1 ESTABLISHED`, with a number counted from the FIN.
fn line(segment: &SegmentRecord, record: &Handshake, fins: [Option<SeqNumber>; 2]) -> String {
    let side = segment.from.side().unwrap();
    let isn = [Some(record.client_isn), record.server_isn];
    let number = |side: Side, number: SeqNumber| match (fins[side as usize], isn[side as usize]) {
        (Some(fin), _) => format!("fin{:+}", number.distance_from(fin)),
        (None, Some(isn)) => format!("isn{:+}", number.distance_from(isn)),
        (None, None) => "?".to_owned(),
    };
    let state = |state: Option<TcpState>| state.map_or("-", TcpState::name);
    let seq = number(side, segment.seq);
    let ack =
        segment.ack.map_or(String::new(), |ack| format!(" ack {}", number(side.other(), ack)));
    let ok = if segment.ack_check.is_some_and(|check| check.ok()) { " ok" } else { "" };
    format!(
        "{} {} {seq}{ack}{ok} {}: {} {}",
        segment.from.name(),
        segment.flags,
        segment.verdict.name(),
        state(segment.client_state),
        state(segment.server_state)
    )
}

#[track_caller]
pub(super) fn assert_close(packets: &str, expected: &[&str]) {
    let found = close(&format!("{TALK}{packets}"));
    assert_eq!(found, expected.join("\n"), "{packets}");
}

pub(super) const DATA: &str = "C 5 in 1, S 7 in 1";

#[test]
fn four_segments_close_a_connection_as_in_the_textbook() {
    let expected = [
        DATA,
        "client FIN,ACK fin+0 ack fin+0 advanced: FIN-WAIT-1 CLOSE-WAIT",
        "server ACK fin+0 ack fin+1 ok advanced: FIN-WAIT-2 CLOSE-WAIT",
        "server FIN,ACK fin+0 ack fin+1 ok advanced: TIME-WAIT LAST-ACK",
        "client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT CLOSED",
    ];
    assert_close(
        "+1ms C > S F. J+6:J+6(0) ack K+8
         +1ms S > C . K+8:K+8(0) ack J+7
         +1ms S > C F. K+8:K+8(0) ack J+7
         +1ms C > S . J+7:J+7(0) ack K+9",
        &expected,
    );
}

#[test]
fn the_server_closes_first_and_both_in_three_segments() {
    assert_close(
        "+1ms S > C F. K+8:K+8(0) ack J+6
         +1ms C > S F. J+6:J+6(0) ack K+9
         +1ms S > C . K+9:K+9(0) ack J+7",
        &[
            DATA,
            "server FIN,ACK fin+0 ack fin+0 advanced: CLOSE-WAIT FIN-WAIT-1",
            "client FIN,ACK fin+0 ack fin+1 ok advanced: LAST-ACK TIME-WAIT",
            "server ACK fin+1 ack fin+1 ok advanced: CLOSED TIME-WAIT",
        ],
    );
}

#[test]
fn fins_that_cross_lead_through_closing() {
    let fins = "+1ms C > S F. J+6:J+6(0) ack K+8\n+1ms S > C F. K+8:K+8(0) ack J+6\n";
    let client = "+1ms C > S . J+7:J+7(0) ack K+9\n";
    let server = "+1ms S > C . K+9:K+9(0) ack J+7\n";
    let lines = |segments: [&'static str; 2]| {
        [
            DATA,
            "client FIN,ACK fin+0 ack fin+0 advanced: FIN-WAIT-1 ESTABLISHED",
            "server FIN,ACK fin+0 ack fin+0 advanced: CLOSING FIN-WAIT-1",
            segments[0],
            segments[1],
        ]
    };
    // As a capture at the client has them, and one at the server.
    assert_close(
        &format!("{fins}{client}{server}"),
        &lines([
            "client ACK fin+1 ack fin+1 ok advanced: CLOSING CLOSING",
            "server ACK fin+1 ack fin+1 ok advanced: TIME-WAIT TIME-WAIT",
        ]),
    );
    assert_close(
        &format!("{fins}{server}{client}"),
        &lines([
            "server ACK fin+1 ack fin+1 ok advanced: TIME-WAIT CLOSING",
            "client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT TIME-WAIT",
        ]),
    );
}

#[test]
fn a_half_closed_connection_goes_on_in_one_direction() {
    assert_close(
        "+1ms C > S F. J+6:J+6(0) ack K+8
         +1ms S > C P. K+8:K+108(100) ack J+7
         +1ms C > S . J+7:J+7(0) ack K+108
         +1ms S > C P. K+108:K+208(100) ack J+7
         +1ms C > S . J+7:J+7(0) ack K+208
         +9 S > C F. K+208:K+208(0) ack J+7
         +1ms C > S . J+7:J+7(0) ack K+209",
        &[
            DATA,
            "client FIN,ACK fin+0 ack fin-200 advanced: FIN-WAIT-1 CLOSE-WAIT",
            // This one has data, too.
            "server PSH,ACK fin-200 ack fin+1 ok advanced: FIN-WAIT-2 CLOSE-WAIT",
            "S 100 in 1",
            "server FIN,ACK fin+0 ack fin+1 ok advanced: TIME-WAIT LAST-ACK",
            "client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT CLOSED",
        ],
    );
}

#[test]
fn a_fin_that_is_sent_again_shows_what_did_not_arrive() {
    // The first FIN is lost before it arrives.
    assert_close(
        "+1ms C > S F. J+6:J+6(0) ack K+8
         +0.2 C > S F. J+6:J+6(0) ack K+8
         +1ms S > C . K+8:K+8(0) ack J+7",
        &[
            DATA,
            "client FIN,ACK fin+0 ack isn+8 advanced: FIN-WAIT-1 ESTABLISHED",
            "client FIN,ACK fin+0 ack isn+8 retransmission: FIN-WAIT-1 CLOSE-WAIT",
            "server ACK isn+8 ack fin+1 ok advanced: FIN-WAIT-2 CLOSE-WAIT",
        ],
    );
    // The last ACK is lost: the server does not get to CLOSED by it.
    assert_close(
        "+1ms C > S F. J+6:J+6(0) ack K+8
         +1ms S > C F. K+8:K+8(0) ack J+7
         +1ms C > S . J+7:J+7(0) ack K+9
         +0.2 S > C F. K+8:K+8(0) ack J+7
         +1ms C > S . J+7:J+7(0) ack K+9",
        &[
            DATA,
            "client FIN,ACK fin+0 ack fin+0 advanced: FIN-WAIT-1 CLOSE-WAIT",
            "server FIN,ACK fin+0 ack fin+1 ok advanced: TIME-WAIT LAST-ACK",
            "client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT LAST-ACK",
            "server FIN,ACK fin+0 ack fin+1 ok retransmission: TIME-WAIT LAST-ACK",
            "client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT CLOSED",
        ],
    );
}

#[test]
fn a_copy_of_a_fin_changes_nothing() {
    assert_close(
        "+1ms C > S F. J+6:J+6(0) ack K+8
         +1us dup ttl 63
         +1ms S > C . K+8:K+8(0) ack J+7",
        &[
            DATA,
            "client FIN,ACK fin+0 ack isn+8 advanced: FIN-WAIT-1 CLOSE-WAIT",
            "client FIN,ACK fin+0 ack isn+8 duplicate_capture: FIN-WAIT-1 CLOSE-WAIT",
            "server ACK isn+8 ack fin+1 ok advanced: FIN-WAIT-2 CLOSE-WAIT",
        ],
    );
}

#[test]
fn a_rst_closes_if_it_has_the_next_number() {
    assert_close(
        "+1ms S > C R. K+8:K+8(0) ack J+6",
        &[DATA, "server RST,ACK isn+8 ack isn+6 advanced: CLOSED CLOSED"],
    );
    assert_close(
        "+1ms S > C R K+5:K+5(0)",
        &[DATA, "server RST isn+5 unacceptable: ESTABLISHED ESTABLISHED"],
    );
    // Data that was not captured may lie before it.
    assert_close(
        "+1ms S > C R K+50:K+50(0)",
        &[DATA, "server RST isn+50 stray: ESTABLISHED ESTABLISHED"],
    );
    // The client has gone, and the server goes on to send.
    assert_close(
        "+1ms C > S F. J+6:J+6(0) ack K+8
         +1ms S > C P. K+8:K+9(1) ack J+7
         +1ms C > S R J+7:J+7(0)",
        &[
            DATA,
            "client FIN,ACK fin+0 ack isn+8 advanced: FIN-WAIT-1 CLOSE-WAIT",
            "server PSH,ACK isn+8 ack fin+1 ok advanced: FIN-WAIT-2 CLOSE-WAIT",
            "client RST fin+1 advanced: CLOSED CLOSED",
        ],
    );
}

#[test]
fn a_rst_that_its_sender_outlives_closes_nothing() {
    assert_close(
        "+1ms S > C R K+8:K+8(0)
         +0.1 S > C P. K+8:K+9(1) ack J+6
         +1ms C > S F. J+6:J+6(0) ack K+9",
        &[
            DATA,
            "server RST isn+8 unacceptable: ESTABLISHED ESTABLISHED",
            "S 1 in 1",
            "client FIN,ACK fin+0 ack isn+9 advanced: FIN-WAIT-1 ESTABLISHED",
        ],
    );
}

#[test]
fn what_one_direction_does_not_show_is_not_claimed() {
    let client = "+0 C > S S J:J(0)\n+2ms C > S . J+1:J+1(0) ack K+1
        +1ms C > S F. J+1:J+1(0) ack K+8\n+1ms C > S . J+2:J+2(0) ack K+9";
    assert_eq!(
        close(client),
        "S >=0 in 0, misses\n\
         client FIN,ACK fin+0 ack isn+8 advanced: FIN-WAIT-1 ESTABLISHED\n\
         S >=0 in 0, misses"
    );
    let server = "+0 S > C S. K:K(0) ack J+1\n+4 S > C P. K+1:K+8(7) ack J+6
        +1ms S > C F. K+8:K+8(0) ack J+6\n+1ms S > C . K+9:K+9(0) ack J+7";
    assert_eq!(
        close(server),
        "C >=0 in 0, misses\n\
         server FIN,ACK fin+0 ack isn+6 advanced: ESTABLISHED FIN-WAIT-1\n\
         C >=0 in 0, misses"
    );
}

#[test]
fn data_counts_once_and_is_the_least_where_some_is_missing() {
    // Sent again.
    assert_close(
        "+0.3 C > S P. J+1:J+6(5) ack K+8\n+1ms C > S R J+6:J+6(0)",
        &["C >=5 in 1, repeats, S 7 in 1", "client RST isn+6 advanced: CLOSED CLOSED"],
    );
    // Sent again with a FIN, where it is drawn.
    assert_close(
        "+1ms C > S F. J+6:J+6(0) ack K+8
         +0.3 C > S FP. J+1:J+6(5) ack K+8",
        &[
            DATA,
            "client FIN,ACK fin+0 ack isn+8 advanced: FIN-WAIT-1 ESTABLISHED",
            "client FIN,PSH,ACK fin-5 ack isn+8 retransmission: FIN-WAIT-1 ESTABLISHED",
        ],
    );
    // Not captured: the number of the FIN shows it.
    assert_close(
        "+1ms C > S F. J+106:J+106(0) ack K+8",
        &[
            "C >=5 in 1, misses, S 7 in 1",
            "client FIN,ACK fin+0 ack isn+8 advanced: FIN-WAIT-1 ESTABLISHED",
        ],
    );
    // The data of the third segment is in the record, where it is drawn.
    assert_eq!(
        close(
            "+0 C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S P. J+1:J+6(5) ack K+1
             +1ms S > C P. K+1:K+8(7) ack J+6
             +1ms C > S P. J+6:J+9(3) ack K+8"
        ),
        "C 3 in 1, S 7 in 1"
    );
}

#[test]
fn a_fin_in_the_handshake_is_the_first_of_the_close() {
    assert_eq!(
        close(
            "+0 C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S PF. J+1:J+6(5) ack K+1
             +1ms S > C F. K+1:K+1(0) ack J+7
             +1ms C > S . J+7:J+7(0) ack K+2"
        ),
        "client FIN,PSH,ACK fin-5 ack fin+0 advanced: FIN-WAIT-1 CLOSE-WAIT\n\
         server FIN,ACK fin+0 ack fin+1 ok advanced: TIME-WAIT LAST-ACK\n\
         client ACK fin+1 ack fin+1 ok advanced: TIME-WAIT CLOSED"
    );
}

#[test]
fn segments_beyond_the_bound_are_counted() {
    let again = "+0.3 C > S F. J+6:J+6(0) ack K+8\n".repeat(30);
    let told = close(&format!("{TALK}{again}"));
    assert_eq!(told.lines().count(), 1 + 24 + 1, "{told}");
    assert!(told.ends_with("6 omitted"), "{told}");
}

#[test]
fn a_record_is_told_when_its_connection_is_over() {
    let closing = "+1ms C > S F. J+6:J+6(0) ack K+8
         +1ms S > C F. K+8:K+8(0) ack J+7
         +1ms C > S . J+7:J+7(0) ack K+9\n";
    // The second attempt is over while the first one goes on; a third gets no answer.
    let script = format!(
        "{V4}host C2 192.0.2.9:40001
         {TALK}+1 C2 > S S 5:5(0)
         +1ms S > C2 S. 9:9(0) ack 6
         +1ms C2 > S . 6:6(0) ack 10
         +1ms S > C2 F. 10:10(0) ack 6
         +1ms C2 > S F. 6:6(0) ack 11
         +1ms S > C2 . 11:11(0) ack 7
         +20 {OTHER}\n+0 {OTHER}\n{}",
        closing.trim_start_matches("+1ms").replacen(" C > S", "+1ms C > S", 1)
    );
    let records = follow(&script, Limits::default());
    assert_eq!(records.iter().map(|record| record.id).collect::<Vec<_>>(), [2, 1]);
    assert!(records.iter().all(|record| record.close.as_ref().unwrap().segments.len() == 3));
}

#[test]
fn attempts_that_come_to_nothing_have_no_close() {
    for script in [
        "+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1",
        "+0 C > S S J:J(0)",
        "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1",
    ] {
        assert_eq!(close(script), "not followed");
    }
}

#[test]
fn without_memory_a_record_is_told_before_its_connection_ends() {
    let limits = Limits { memory: 1_000, ..Limits::default() };
    let records = follow(&format!("{V4}{CONNECTED}"), limits);
    assert_eq!(tell_close(&records[0]), "cut");
}

#[test]
fn both_sides_of_a_simultaneous_open_are_followed_as_one_connection() {
    assert_eq!(
        close(
            "+0 C > S S J:J(0)
             +1ms S > C S K:K(0)
             +1ms C > S S. J:J(0) ack K+1
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S F. J+1:J+1(0) ack K+1
             +1ms S > C . K+1:K+1(0) ack J+2"
        ),
        "client FIN,ACK fin+0 ack isn+1 advanced: FIN-WAIT-1 CLOSE-WAIT\n\
         server ACK isn+1 ack fin+1 ok advanced: FIN-WAIT-2 CLOSE-WAIT"
    );
}
