//! What becomes of an attempt.

use super::{OPEN, OTHER, V4, assert_told, record, records, run, tell};
use crate::record::{EndedBy, Outcome};
use crate::side::TcpState;

#[test]
fn the_textbook() {
    assert_told(
        &record(&format!(
            "{OPEN}+1ms C > S P. J+1:J+11(10) ack K+1\n+1ms S > C . K+1:K+1(0) ack J+11"
        )),
        "established by segment, J 4294967295 K 4294967290, confirmed by 5
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn silence_after_the_acknowledgment_settles_it_only_after_the_time_of_a_repeat() {
    let settled = record(&format!("{OPEN}+3.6 {OTHER}\n+0 {OTHER}"));
    assert_eq!((settled.outcome, settled.ended_by), (Outcome::Established, EndedBy::Segment));
    let open = record(&format!("{OPEN}+3.4 {OTHER}\n+0 {OTHER}"));
    assert_eq!((open.outcome, open.ended_by), (Outcome::Established, EndedBy::CaptureEnd));
}

#[test]
fn a_syn_ack_sent_again_after_the_acknowledgment_says_that_it_was_dropped() {
    assert_told(
        &record(&format!(
            "{OPEN}+5ms C > S P. J+1:J+11(10) ack K+1
             +1 S > C S. K:K(0) ack J+1
             +1us C > S . J+11:J+11(0) ack K+1
             +2 S > C S. K:K(0) ack J+1
             +1us C > S . J+11:J+11(0) ack K+1"
        )),
        "established_client_only by capture_end, J 4294967295 K 4294967290, again 0/2
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / SYN-RECEIVED
         5 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         6 client ack retransmission: ESTABLISHED / SYN-RECEIVED
         7 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         8 client ack retransmission: ESTABLISHED / SYN-RECEIVED",
    );
}

#[test]
fn one_late_syn_ack_and_then_the_server_goes_on() {
    let record = record(&format!(
        "{OPEN}+1 S > C S. K:K(0) ack J+1\n+1us C > S . J+1:J+1(0) ack K+1\n+1 S > C P. K+1:K+2(1) ack J+1"
    ));
    assert_eq!(
        (record.outcome, record.confirmed_by.map(|by| by.frame)),
        (Outcome::Established, Some(6))
    );
}

#[test]
fn a_lost_acknowledgment_that_is_repeated_once_is_no_overflow() {
    let record = record(&format!(
        "{OPEN}+1 S > C S. K:K(0) ack J+1\n+1us C > S . J+1:J+1(0) ack K+1\n\
         +76 {OTHER}\n+0 {OTHER}"
    ));
    assert_eq!((record.outcome, record.ended_by), (Outcome::Established, EndedBy::Timeout));
}

#[test]
fn refused_and_refused_again() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1ms S > C R. 0:0(0) ack J+1
             +0.5 C > S S J:J(0)
             +1ms S > C R. 0:0(0) ack J+1",
        ),
        "refused by segment, J 4294967295 K ?, again 1/0
         1 client syn advanced: SYN-SENT / ?
         2 server rst advanced: CLOSED / CLOSED
         3 client syn retransmission: SYN-SENT / CLOSED
         4 server rst advanced: CLOSED / CLOSED",
    );
}

#[test]
fn a_syn_repeated_after_a_refusal_may_still_be_let_in() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C R. 0:0(0) ack J+1
         +0.5 C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms S > C P. K+1:K+2(1) ack J+1",
    );
    assert_eq!((record.outcome, record.reset_by), (Outcome::Established, None));
}

#[test]
fn a_refusal_may_acknowledge_data_of_the_syn() {
    for (ack, outcome) in [("J+1", "refused"), ("J+101", "refused"), ("J+102", "unanswered")] {
        let script = format!(
            "+0 C > S S J:J+100(100) <FO 0102030405060708>\n+1ms S > C R. 0:0(0) ack {ack}"
        );
        assert_eq!(record(&script).outcome.name(), outcome, "{ack}");
    }
}

#[test]
fn either_side_may_reset_the_embryo() {
    let lead = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n";
    assert_told(
        &record(&format!("{lead}+1us C > S R J+1:J+1(0)")),
        "reset by segment, reset by client, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 client rst advanced: CLOSED / LISTEN",
    );
    assert_told(
        &record(&format!("{lead}+1us S > C R K+1:K+1(0)")),
        "reset by segment, reset by server, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 server rst advanced: CLOSED / CLOSED",
    );
}

#[test]
fn an_abort_of_the_server_after_the_acknowledgment_is_no_connection() {
    let abort = record(&format!("{OPEN}+1us S > C R K+1:K+1(0)"));
    assert_eq!((abort.outcome, abort.ended_by), (Outcome::EstablishedClientOnly, EndedBy::Segment));
    let linger = record(&format!("{OPEN}+1us S > C R. K+1:K+1(0) ack J+1"));
    assert_eq!(
        (linger.outcome, linger.confirmed_by.map(|by| by.frame)),
        (Outcome::Established, Some(4))
    );
}

#[test]
fn a_half_open_peer_is_cleared_and_the_attempt_goes_on() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1ms S > C . K-100:K-100(0) ack J-5000
             +1us C > S R J-5000:J-5000(0)
             +10ms C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S . J+1:J+1(0) ack K+1",
        ),
        "established by capture_end, J 4294967295 K 4294967290, again 1/0
         1 client syn advanced: SYN-SENT / ?
         2 server ack challenge_ack: SYN-SENT / ?
         3 client rst advanced: SYN-SENT / ?
         4 client syn retransmission: SYN-SENT / SYN-RECEIVED
         5 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         6 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn an_old_duplicate_answer_is_reset_and_the_attempt_goes_on() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C S. K-9:K-9(0) ack J-99
         +1us C > S R J-99:J-99(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1",
    );
    assert_eq!(
        (record.outcome, record.server_isn.map(|isn| isn.0)),
        (Outcome::Established, Some(4_294_967_290))
    );
}

#[test]
fn a_syn_ack_without_its_syn_opens_an_attempt() {
    assert_told(
        &record(
            "+0 S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n+1 S > C S. K:K(0) ack J+1",
        ),
        "established_client_only by capture_end, J 4294967295 K 4294967290, again 0/1
         1 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         2 client ack advanced: ESTABLISHED / SYN-RECEIVED
         3 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED",
    );
    assert_told(
        &record("+0 S > C S. K:K(0) ack J+1\n+1 S > C S. K:K(0) ack J+1"),
        "unacknowledged by capture_end, J 4294967295 K 4294967290, again 0/1
         1 server syn_ack advanced: ? / SYN-RECEIVED
         2 server syn_ack retransmission: ? / SYN-RECEIVED",
    );
}

#[test]
fn two_servers_answer_and_the_client_shows_which_one_it_took() {
    let script = |isn: &str| {
        format!(
            "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms S > C S. K+77:K+77(0) ack J+1\n\
             +1ms C > S . J+1:J+1(0) ack {isn}+1"
        )
    };
    assert_eq!(record(&script("K")).server_isn.map(|isn| isn.0), Some(4_294_967_290));
    assert_eq!(
        record(&script("K").replace("ack K+1", "ack K+78")).server_isn.map(|isn| isn.0),
        Some(71)
    );
}

#[test]
fn another_syn_on_the_same_ports_is_another_attempt() {
    let told: Vec<String> =
        records(&format!("{OPEN}+1 C > S S J+64000:J+64000(0)")).iter().map(tell).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[1],
        "unanswered by capture_end, J 63999 K ?, after 1 (established)\n4 client syn advanced: SYN-SENT / ?"
    );
}

#[test]
fn what_opens_nothing_is_counted() {
    let run = run(&format!(
        "{V4}+0 C > S . J:J(0) ack K\n+0 C > S P. J:J+5(5) ack K\n+0 S > C F. K:K(0) ack J\n\
         +0 S > C R K:K(0)\n+0 C > S SF J:J(0)\n+0 C > S - J:J(0)\n+0 C > S FPU J:J(0)\n+0 C > S SR J:J(0)"
    ));
    assert_eq!(
        (run.records.len(), run.counters.outside_handshake, run.counters.odd_segments),
        (0, 4, 4)
    );
    assert_eq!(run.counters.tcp_segments, 8);
}

#[test]
fn the_reset_of_a_connection_whose_other_half_was_not_captured_is_no_reset_of_the_attempt() {
    let one_sided = record(
        "+0 C > S S J:J(0)
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms C > S P. J+1:J+11(10) ack K+1
         +9 C > S R. J+11:J+11(0) ack K+900",
    );
    assert_eq!((one_sided.outcome, one_sided.reset_by), (Outcome::Established, None));
}

#[test]
fn a_syn_ack_that_crosses_the_acknowledgment_is_no_sign_of_a_drop() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1 C > S S J:J(0)
             +0.4 S > C S. K:K(0) ack J+1 <TS val 1 ecr 0>
             +1us C > S . J+1:J+1(0) ack K+1
             +1us S > C S. K:K(0) ack J+1 <TS val 2 ecr 0>
             +1us C > S . J+1:J+1(0) ack K+1",
        ),
        "established by capture_end, J 4294967295 K 4294967290, again 1/1
         1 client syn advanced: SYN-SENT / ?
         2 client syn retransmission: SYN-SENT / SYN-RECEIVED
         3 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         4 client ack advanced: ESTABLISHED / ESTABLISHED
         5 server syn_ack retransmission: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_live_connection_does_not_answer_a_forged_syn_with_its_data() {
    let record = records(
        "+0 C > S S J-900:J-900(0)
         +1ms S > C S. K:K(0) ack J-899
         +1ms C > S . J-899:J-899(0) ack K+1
         +1ms S > C . K+1:K+1(0) ack J-899
         +1 C > S S J:J(0)
         +1ms S > C . K+1:K+1(0) ack J-899
         +1 S > C P. K+1:K+9(8) ack J-899
         +1 S > C F. K+9:K+9(0) ack J-899",
    )
    .remove(1);
    assert_told(
        &record,
        "unanswered by capture_end, J 4294967295 K ?, after 1 (established)
         5 client syn advanced: SYN-SENT / ?
         6 server ack challenge_ack: SYN-SENT / ?
         7 server ack stray: SYN-SENT / ?
         8 server ack stray: SYN-SENT / ?",
    );
}

#[test]
fn both_ends_are_in_a_state_at_the_end() {
    let syn_ack = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n";
    for (script, states) in [
        ("+0 C > S S J:J(0)".to_owned(), ["SYN-SENT", "?"]),
        (syn_ack.to_owned(), ["SYN-SENT", "SYN-RECEIVED"]),
        (OPEN.to_owned(), ["ESTABLISHED", "ESTABLISHED"]),
        (format!("{syn_ack}+1ms C > S R J+1:J+1(0)"), ["CLOSED", "LISTEN"]),
        (format!("{syn_ack}+1ms S > C R K+1:K+1(0)"), ["CLOSED", "CLOSED"]),
        (format!("{OPEN}+1 S > C S. K:K(0) ack J+1"), ["ESTABLISHED", "SYN-RECEIVED"]),
        (format!("{OPEN}+1ms S > C R. K+1:K+1(0) ack J+1"), ["ESTABLISHED", "ESTABLISHED"]),
        // Whatever was not captured, it happened.
        (
            format!("{syn_ack}+1ms S > C P. K+1:K+2(1) ack J+1\n+5 {OTHER}\n+0 {OTHER}"),
            ["ESTABLISHED", "ESTABLISHED"],
        ),
    ] {
        let record = record(&script);
        let found = [record.client_state, record.server_state];
        assert_eq!(found.map(|state| state.map_or("?", TcpState::name)), states, "{script}");
    }
}

#[test]
fn a_syn_after_the_acknowledgment_changes_no_state() {
    assert_told(
        &record(&format!("{OPEN}+1 C > S S J:J(0)")),
        "established by capture_end, JK, again 1/0
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / ESTABLISHED
         4 client syn retransmission: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_syn_that_was_not_the_one_answered_shows_no_state_of_the_server() {
    assert_told(
        &record(
            "+0 C > S S J:J(0) <TS val 1000 ecr 0>
             +1ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 500>
             +1ms C > S . J+1:J+1(0) ack K+1 <TS val 1002 ecr 7>",
        ),
        "established by capture_end, JK
         1 client syn advanced: SYN-SENT / ?
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_client_that_resets_what_it_opened_decides_no_failure() {
    let again = "+1 S > C S. K:K(0) ack J+1\n+2 S > C S. K:K(0) ack J+1";
    let record = record(&format!("{OPEN}+1ms C > S R. J+1:J+1(0) ack K+1\n{again}"));
    assert_eq!((record.outcome, record.steps.decisive), (Outcome::EstablishedClientOnly, None));
}
