//! Attempts of which one direction, or one segment of the three, was not captured.

use super::{OTHER, assert_facts, assert_told, in_order, record};
use crate::record::Outcome;

const SYN: &str = "+0 C > S S J:J(0)\n";
const SYN_ACK: &str = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n";
const NOTHING: &str = "unanswered by capture_end, J 4294967295 K ?\n? = ? + ? + ? + ?";
const HALF_OPEN: &str = "unacknowledged by capture_end, JK\n? = 0s + 1ms + ? + ?";

#[test]
fn an_acknowledgment_shows_the_syn_ack_that_was_not_captured() {
    let expected = "established by capture_end, JK, no SYN-ACK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 client ack advanced: ESTABLISHED / ESTABLISHED";
    let plain = record(&format!("{SYN}+1ms C > S . J+1:J+1(0) ack K+1"));
    let stamped = record(
        "+0 C > S S J:J(0) <TS val 1 ecr 0>\n+1ms C > S . J+1:J+1(0) ack K+1 <TS val 2 ecr 9>",
    );
    for record in [plain, stamped] {
        assert_told(&record, expected);
        assert_facts(&record, "established by capture_end, JK, no SYN-ACK\n1ms = ? + ? + ? + ?");
    }
}

#[test]
fn what_the_client_sends_later_shows_that_both_were_not_captured() {
    let expected = "established by capture_end, J 4294967295 K ?, no SYN-ACK, no ACK\n";
    for later in ["P. J+1:J+11(10)", "F. J+1:J+1(0)", "FP. J+1:J+11(10)"] {
        let record = record(&format!("{SYN}+1ms C > S {later} ack K+1"));
        assert_facts(&record, &format!("{expected}0s..1ms = ? + ? + ? + ?"));
    }
    let repeated = record(&format!("{SYN}+1 C > S S J:J(0)\n+0.5 C > S P. J+1:J+11(10) ack K+1"));
    assert_facts(
        &repeated,
        "established by capture_end, J 4294967295 K ?, again 1/0, no SYN-ACK, no ACK
         1s..1500ms = ? + ? + ? + ?",
    );
}

#[test]
fn what_leaves_syn_sent_has_the_next_number_and_acknowledges_something() {
    for other in [
        ". J+1:J+1(0) ack 0",
        ". J:J(0) ack K+1",
        ". J+2:J+2(0) ack K+1",
        "P. J+2:J+12(10) ack K+1",
        "P. J-9:J+1(10) ack K+1",
    ] {
        assert_facts(&record(&format!("{SYN}+1ms C > S {other}")), NOTHING);
    }
    let with_data = |seq: &str| {
        record(&format!(
            "+0 C > S S J:J+100(100) <FO 0102030405060708>\n+1ms C > S . {seq}:{seq}(0) ack K+1"
        ))
    };
    for seq in ["J+1", "J+101"] {
        assert_facts(
            &with_data(seq),
            "established by capture_end, JK, no SYN-ACK\n1ms = ? + ? + ? + ?",
        );
    }
    assert_facts(&with_data("J+102"), NOTHING);
}

#[test]
fn a_server_that_acknowledges_what_the_client_sent_was_acknowledged() {
    let script = |ack| {
        format!("{SYN}+1ms C > S P. J+11:J+21(10) ack K+1\n+1ms S > C . K+1:K+1(0) ack {ack}")
    };
    for ack in ["J+2", "J+11", "J+21"] {
        assert_facts(
            &record(&script(ack)),
            "established by segment, J 4294967295 K ?, no SYN-ACK, no ACK, confirmed by 3
             0s..2ms = ? + ? + ? + ?",
        );
    }
    for ack in ["J+22", "J+1", "J", "J-5000"] {
        assert_facts(&record(&script(ack)), NOTHING);
    }
    // What the client is not known to have sent may be of an older connection.
    assert_facts(&record(&format!("{SYN}+1ms S > C . K+1:K+1(0) ack J+11")), NOTHING);
}

#[test]
fn beyond_a_window_that_is_not_scaled_it_may_be_another_connection_that_goes_on() {
    let script = |end: u32| {
        let begin = end - 10;
        format!(
            "{SYN}+1ms C > S P. J+{begin}:J+{end}(10) ack K+1
             +1ms S > C . K+1:K+1(0) ack J+{end}"
        )
    };
    assert_told(
        &record(&script(65_536)),
        "established by segment, J 4294967295 K ?, no SYN-ACK, no ACK, confirmed by 3
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 client ack stray: SYN-SENT / SYN-RECEIVED
         3 server ack advanced: ESTABLISHED / ESTABLISHED",
    );
    for end in [65_537, 1_000_000_000] {
        assert_told(
            &record(&script(end)),
            "unanswered by capture_end, J 4294967295 K ?
             1 client syn advanced: SYN-SENT / ?
             2 client ack stray: SYN-SENT / ?
             3 server ack stray: SYN-SENT / ?",
        );
    }
}

#[test]
fn a_server_that_sends_and_acknowledges_the_syn_alone_had_answered_it() {
    for sent in ["P. K+1:K+11(10)", "F. K+1:K+1(0)"] {
        assert_facts(
            &record(&format!("{SYN}+1ms S > C {sent} ack J+1")),
            "established by segment, J 4294967295 K ?, no SYN-ACK, no ACK, confirmed by 2
             0s..1ms = ? + ? + ? + ?",
        );
        for ack in ["J", "J+2", "J-5000"] {
            assert_facts(&record(&format!("{SYN}+1ms S > C {sent} ack {ack}")), NOTHING);
        }
    }
    assert_facts(&record(&format!("{SYN}+1ms S > C . K+1:K+1(0) ack J+1")), NOTHING);
}

#[test]
fn a_server_that_acknowledges_data_left_syn_received() {
    for sent in [". K+1:K+1(0)", "P. K+1:K+11(10)", ". K:K(0)"] {
        assert_facts(
            &record(&format!("{SYN_ACK}+9ms S > C {sent} ack J+2")),
            "established by segment, JK, no ACK, confirmed by 3
             1ms..10ms = 0s + 1ms + 0s + 0s..9ms",
        );
    }
    for other in [". K-1:K-1(0)", "F. K-900:K-900(0)", "P. K+2000000000:K+2000000010(10)"] {
        assert_facts(&record(&format!("{SYN_ACK}+9ms S > C {other} ack J+2")), HALF_OPEN);
    }
    assert_facts(&record(&format!("{SYN_ACK}+9ms S > C . K+1:K+1(0) ack J+1")), HALF_OPEN);
    assert_facts(&record(&format!("{SYN_ACK}+9ms S > C . K+1:K+1(0) ack J")), HALF_OPEN);
    // One direction: what the server sends shows it all the same.
    assert_facts(
        &record("+0 S > C S. K:K(0) ack J+1\n+1ms S > C . K+1:K+1(0) ack J+101"),
        "established by segment, JK, no ACK, confirmed by 2\n? = ? + ? + 0s + 0s..1ms",
    );
}

#[test]
fn a_reset_shows_that_an_acknowledgment_was_not_captured() {
    let outcome = |lead: &str, rst: &str| record(&format!("{lead}{rst}")).outcome;
    for (rst, expected) in [
        // It acknowledges data of the client.
        ("+1ms S > C R. K+1:K+1(0) ack J+6", Outcome::Established),
        ("+1ms S > C R. K+1:K+1(0) ack J+1", Outcome::Reset),
        // A server in SYN-RECEIVED would have repeated its SYN-ACK.
        ("+3.5 S > C R. K+1:K+1(0) ack J+1", Outcome::Reset),
        ("+3.6 S > C R. K+1:K+1(0) ack J+1", Outcome::Established),
        ("+3.6 S > C R K+1:K+1(0)", Outcome::Established),
        ("+3.6 S > C R K-9:K-9(0)", Outcome::Unacknowledged),
        ("+3.5 C > S R. J+1:J+1(0) ack K+1", Outcome::Reset),
        ("+3.6 C > S R. J+1:J+1(0) ack K+1", Outcome::Established),
        ("+3.6 C > S R J+9:J+9(0)", Outcome::Established),
    ] {
        assert_eq!(outcome(SYN_ACK, rst), expected, "{rst}");
    }
    // It does repeat it, or the client did not get it.
    for again in ["+1 S > C S. K:K(0) ack J+1\n", "+1 C > S S J:J(0)\n"] {
        let lead = format!("{SYN_ACK}{again}");
        assert_eq!(outcome(&lead, "+3.6 C > S R J+1:J+1(0)"), Outcome::Reset, "{again}");
        assert_eq!(outcome(&lead, "+3.6 S > C R K+1:K+1(0)"), Outcome::Reset, "{again}");
    }
    assert_facts(
        &record(&format!("{SYN_ACK}+20 C > S R. J+1:J+1(0) ack K+1")),
        "established by capture_end, JK, no ACK\n1ms..20001ms = 0s + 1ms + 0s + 0s..20s",
    );
}

#[test]
fn data_of_the_syn_that_the_server_acknowledges_proves_nothing() {
    let script = |ack| {
        format!(
            "+0 C > S S J:J+100(100) <FO 0102030405060708>
             +1ms S > C S. K:K(0) ack J+101
             +1ms S > C . K+1:K+1(0) ack {ack}"
        )
    };
    assert_facts(&record(&script("J+101")), HALF_OPEN);
    assert_facts(
        &record(&script("J+102")),
        "established by segment, JK, no ACK, confirmed by 3\n1ms..2ms = 0s + 1ms + 0s + 0s..1ms",
    );
}

#[test]
fn a_server_that_speaks_first_is_given_time_to_be_acknowledged() {
    let script = |then: &str| format!("{SYN_ACK}+1ms S > C P. K+1:K+11(10) ack J+1\n{then}");
    for ack in ["K+1", "K+11"] {
        assert_facts(
            &record(&script(&format!("+3.4 C > S . J+1:J+1(0) ack {ack}"))),
            "established by capture_end, JK\n3402ms = 0s + 1ms + 0s + 3401ms",
        );
    }
    // It shows when it came neither that it was late nor that it was early.
    let not_captured = "established by segment, JK, no ACK\n? = 0s + 1ms + 0s + ?";
    for late in [format!("+3.6 {OTHER}"), "+3.6 C > S . J+1:J+1(0) ack K+1".to_owned()] {
        assert_facts(&record(&script(&late)), not_captured);
    }
    assert_facts(&record(&script(&format!("+3.4 {OTHER}"))), HALF_OPEN);
    // The time runs from its first data on. A bare ACK is none.
    let again = "+2 S > C P. K+1:K+11(10) ack J+1\n+1.6 C > S . J+1:J+1(0) ack K+1";
    assert_facts(&record(&script(again)), not_captured);
    let bare = format!("{SYN_ACK}+1ms S > C . K+1:K+1(0) ack J+1\n+4 {OTHER}\n+0 {OTHER}");
    assert_facts(&record(&bare), HALF_OPEN);
}

#[test]
fn a_server_that_took_data_with_the_syn_may_send_and_never_be_acknowledged() {
    let script = |then: &str| {
        format!(
            "+0 C > S S J:J+100(100) <FO 0102030405060708>
             +1ms S > C S. K:K(0) ack J+101
             +1ms S > C P. K+1:K+11(10) ack J+101
             {then}"
        )
    };
    assert_facts(
        &record(&script("+3.4 C > S . J+101:J+101(0) ack K+11")),
        "established by capture_end, JK\n3402ms = 0s + 1ms + 0s + 3401ms",
    );
    assert_facts(&record(&script(&format!("+3.6 {OTHER}"))), HALF_OPEN);
}

#[test]
fn a_segment_that_comes_later_than_a_repeated_syn_ack_would_is_not_the_acknowledgment() {
    let not_captured = "established by capture_end, JK, no ACK
         1ms..3601ms = 0s + 1ms + 0s + 0s..3600ms";
    for segment in [". J+1:J+1(0)", "F. J+1:J+1(0)", "P. J+1:J+11(10)"] {
        assert_facts(
            &record(&format!("{SYN_ACK}+3.4 C > S {segment} ack K+1")),
            "established by capture_end, JK\n3401ms = 0s + 1ms + 0s + 3400ms",
        );
        assert_facts(&record(&format!("{SYN_ACK}+3.6 C > S {segment} ack K+1")), not_captured);
    }
    // The server repeated its SYN-ACK: it was not acknowledged before.
    assert_facts(
        &record(&format!(
            "{SYN_ACK}+1 S > C S. K:K(0) ack J+1\n+2 S > C S. K:K(0) ack J+1
             +3.4 C > S . J+1:J+1(0) ack K+1"
        )),
        "established by capture_end, JK, again 0/2
         6401ms = 0s + 1ms + 0s..3s + 3400ms..6400ms",
    );
}

#[test]
fn a_segment_with_a_later_number_shows_that_the_acknowledgment_was_not_captured() {
    for segment in [". J+11:J+11(0)", "P. J+2:J+12(10)", "F. J+11:J+11(0)"] {
        assert_facts(
            &record(&format!("{SYN_ACK}+9ms C > S {segment} ack K+1")),
            "established by capture_end, JK, no ACK\n1ms..10ms = 0s + 1ms + 0s + 0s..9ms",
        );
    }
}

#[test]
fn the_acknowledgment_may_stand_before_its_syn_ack_in_the_file() {
    // Two queues of one card: the time stamps are right, their order in the file is not.
    assert_facts(
        &record(&format!("{SYN}+5ms C > S . J+1:J+1(0) ack K+1\n-4ms S > C S. K:K(0) ack J+1")),
        "established by capture_end, JK\n5ms = 0s + 1ms + 0s + 4ms, went back at 3 by 4ms",
    );
    // Their times are in the order of the file: that of the SYN-ACK can't be right.
    let script =
        |gap| format!("{SYN}+1ms C > S . J+1:J+1(0) ack K+1\n+{gap}ms S > C S. K:K(0) ack J+1");
    assert_facts(&record(&script(4)), "established by capture_end, JK\n1ms = 0s + ? + 0s + ?");
    assert_facts(&record(&script(0)), "established by capture_end, JK\n1ms = 0s + 1ms + 0s + 0s");
    assert!(!record(&script(6)).syn_ack_captured);
}

#[test]
fn the_k_of_the_syn_ack_takes_the_place_of_the_guess() {
    let record = record(&format!(
        "{SYN}+5ms C > S . J+1:J+1(0) ack K+11
         -4ms S > C S. K:K(0) ack J+1
         +1ms S > C P. K+1:K+11(10) ack J+1"
    ));
    assert_eq!(record.server_isn.map(|isn| isn.0), Some(4_294_967_290));
    assert!(record.syn_ack_captured);
}

#[test]
fn a_syn_ack_that_stands_after_its_acknowledgment_has_the_numbers_of_that() {
    let script = |ack: &str, syn_ack: &str| {
        format!("{SYN}+5ms C > S . J+1:J+1(0) ack {ack}\n-4ms S > C S. {syn_ack}")
    };
    // A client acknowledges no more than its first window, which is not scaled.
    for (ack, syn_ack, is_captured) in [
        ("K+1", "K:K(0) ack J+1", true),
        ("K+65536", "K:K(0) ack J+1", true),
        ("K+65537", "K:K(0) ack J+1", false),
        ("K+1", "K:K(0) ack J", false),
        ("K+1", "K:K(0) ack J+2", false),
    ] {
        let first = in_order(&script(ack, syn_ack)).remove(0);
        let found = (first.outcome.name(), first.syn_ack_captured);
        assert_eq!(found, ("established", is_captured), "{ack} {syn_ack}");
    }
}
