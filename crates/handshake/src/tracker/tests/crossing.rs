//! Both ends send a SYN, or one host is both ends.

use super::{assert_facts, assert_told, in_order, record, run};
use crate::record::Outcome;

#[test]
fn a_simultaneous_open_takes_both_acknowledgments() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1us S > C S K:K(0)
             +1ms C > S S. J:J(0) ack K+1
             +1us S > C S. K:K(0) ack J+1",
        ),
        "established by capture_end, J 4294967295 K 4294967290
         1 client syn advanced: SYN-SENT / ?
         2 server syn advanced: SYN-RECEIVED / SYN-SENT
         3 client syn_ack advanced: SYN-RECEIVED / ESTABLISHED
         4 server syn_ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_split_handshake_takes_four_segments() {
    let record = record(
        "+0 C > S S J:J(0)
         +1ms S > C S K:K(0)
         +1ms C > S S. J:J(0) ack K+1
         +1ms S > C . K+1:K+1(0) ack J+1",
    );
    assert_eq!(
        (record.outcome, record.server_isn.map(|isn| isn.0)),
        (Outcome::Established, Some(4_294_967_290))
    );
}

#[test]
fn a_socket_that_connects_to_itself_is_one_attempt() {
    let run = run("client 127.0.0.1:5000 server 127.0.0.1:5000\nisn J=4294967295\n\
         +0 C > S S J:J(0)\n+1us S > C S. J:J(0) ack J+1\n+1us C > S . J+1:J+1(0) ack J+1");
    assert_eq!(run.records.len(), 1);
    assert_eq!(run.records[0].outcome, Outcome::Established);
}

#[test]
fn without_a_syn_ack_the_window_of_the_server_is_not_known() {
    let script = |seq: &str| {
        format!(
            "+0 C > S S J:J(0)
             +1ms S > C S K:K(0)
             +1ms C > S . {seq}:{seq}(0) ack K+1
             +1ms S > C . K+1:K+1(0) ack J+1"
        )
    };
    assert_facts(
        &record(&script("J+1")),
        "established by capture_end, JK\n3ms = 0s + 3ms + ? + 1ms",
    );
    for seq in ["J+11", "J+1073741824"] {
        assert_facts(
            &record(&script(seq)),
            "established by capture_end, JK, no ACK\n? = 0s + 3ms + ? + 0s..1ms",
        );
    }
    for seq in ["J", "J+1073741825"] {
        assert_facts(
            &record(&script(seq)),
            "unacknowledged by capture_end, JK\n? = 0s + 3ms + ? + ?",
        );
    }
}

#[test]
fn a_wrong_answer_after_the_acknowledgment_of_k_did_not_come_before_it() {
    assert_told(
        &record(
            "+0 C > S S J:J(0)
             +1ms S > C S K:K(0)
             +1ms C > S . J+1:J+1(0) ack K+1
             +1ms S > C S. K:K(0) ack J+5",
        ),
        "unacknowledged by capture_end, JK
         1 client syn advanced: SYN-SENT / ?
         2 server syn advanced: SYN-RECEIVED / SYN-SENT
         3 client ack advanced: SYN-RECEIVED / ESTABLISHED
         4 server syn_ack unacceptable: SYN-RECEIVED / ESTABLISHED",
    );
}

#[test]
fn where_syns_cross_each_end_moves_on_as_it_hears_the_other() {
    let crossed = "+0 C > S S J:J(0)\n+1ms S > C S K:K(0)\n";
    assert_told(
        &record(&format!("{crossed}+1 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1")),
        "unacknowledged by capture_end, JK, again 1/0
         1 client syn advanced: SYN-SENT / ?
         2 server syn advanced: SYN-SENT / SYN-SENT
         3 client syn retransmission: SYN-SENT / SYN-RECEIVED
         4 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED",
    );
    assert_told(
        &record(&format!("{crossed}+1ms C > S . J+1:J+1(0) ack K+5")),
        "unacknowledged by capture_end, JK
         1 client syn advanced: SYN-SENT / ?
         2 server syn advanced: SYN-SENT / SYN-SENT
         3 client ack unacceptable: SYN-SENT / SYN-SENT",
    );
}

#[test]
fn a_syn_that_meets_a_listener_or_no_socket_crossed_nothing() {
    // The client gave its SYN up; later its host gets one from the same port.
    let lead = "+0 C > S S J-5:J-5(0)\n+1 C > S S J-5:J-5(0)\n+9 S > C S K:K(0)\n";
    let gave_up = "unanswered by capture_end, J 4294967290 K ?, again 1/0
         1 client syn advanced: SYN-SENT / ?
         2 client syn retransmission: SYN-SENT / ?";
    let listener = in_order(&format!(
        "{lead}+1ms C > S S. J+900:J+900(0) ack K+1\n+1ms S > C . K+1:K+1(0) ack J+901"
    ));
    assert_told(&listener[0], gave_up);
    assert_told(
        &listener[1],
        "established by capture_end, J 4294967290 K 899
         3 client syn advanced: SYN-SENT / SYN-RECEIVED
         4 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         5 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
    let closed = in_order(&format!("{lead}+1ms C > S R. 0:0(0) ack K+1"));
    assert_told(&closed[0], gave_up);
    assert_told(
        &closed[1],
        "refused by segment, J 4294967290 K ?
         3 client syn advanced: SYN-SENT / ?
         4 server rst advanced: CLOSED / CLOSED",
    );
    // With its own number it crossed.
    let crossed = in_order(&format!("{lead}+1ms C > S S. J-5:J-5(0) ack K+1"));
    assert_eq!(crossed.len(), 1);
}
