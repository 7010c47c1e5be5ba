//! An acknowledgment is checked from both sides: what it acknowledges, and where it stands.

use super::{OTHER, assert_facts, assert_told, record};

const SYN_ACK: &str = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1 win 1000\n";
const IN_BOUNDS: &str = "established by capture_end, JK\n2ms = 0s + 1ms + 0s + 1ms";
const UNDECIDED: &str = "unacknowledged by capture_end, JK\n? = 0s + 1ms + ? + ?";

#[test]
fn it_acknowledges_k_and_no_more_than_the_server_sent() {
    for (sent, most) in [("K:K(0)", 1), ("K:K+5(5)", 6)] {
        let script = |ack: &str| {
            format!(
                "+0 C > S S J:J(0)\n+1ms S > C S. {sent} ack J+1\n+1ms C > S . J+1:J+1(0) ack {ack}"
            )
        };
        for ack in 1..=most {
            assert_facts(&record(&script(&format!("K+{ack}"))), IN_BOUNDS);
        }
        for ack in ["K".to_owned(), "K-5000".to_owned(), format!("K+{}", most + 1)] {
            assert_facts(&record(&script(&ack)), UNDECIDED);
        }
    }
}

#[test]
fn data_of_the_server_that_was_captured_may_be_acknowledged_too() {
    let script = |ack: &str| {
        format!("{SYN_ACK}+0 S > C P. K+1:K+11(10) ack J+1\n+1ms C > S . J+1:J+1(0) ack {ack}")
    };
    for ack in ["K+1", "K+5", "K+11"] {
        assert_facts(&record(&script(ack)), IN_BOUNDS);
    }
    for ack in ["K", "K+12"] {
        assert_facts(&record(&script(ack)), UNDECIDED);
    }
}

#[test]
fn it_stands_within_the_window_that_the_server_offered() {
    let script = |seq: &str| format!("{SYN_ACK}+1ms C > S . {seq}:{seq}(0) ack K+1");
    assert_facts(&record(&script("J+1")), IN_BOUNDS);
    // Not the next number, so the acknowledgment itself was not captured.
    for seq in ["J+2", "J+1000"] {
        assert_facts(
            &record(&script(seq)),
            "established by capture_end, JK, no ACK\n1ms..2ms = 0s + 1ms + 0s + 0s..1ms",
        );
    }
    for seq in ["J", "J-5000", "J+1001", "J+1000000000"] {
        assert_facts(&record(&script(seq)), UNDECIDED);
    }
}

#[test]
fn out_of_these_bounds_the_server_decides() {
    let outside =
        [". J+1:J+1(0) ack K+2", ". J+1001:J+1001(0) ack K+1", "P. J+1:J+11(10) ack K+993999"];
    for segment in outside {
        let lead = format!("{SYN_ACK}+1ms C > S {segment}\n");
        for confirms in
            [". K+1:K+1(0) ack J+11", "P. K+1:K+11(10) ack J+1", "F. K+1:K+1(0) ack J+2"]
        {
            assert_facts(
                &record(&format!("{lead}+1ms S > C {confirms}")),
                "established by segment, JK, no ACK, confirmed by 4
                 1ms..2ms = 0s + 1ms + 0s + 0s..1ms",
            );
        }
        for (silence, told) in [
            (String::new(), "unacknowledged by capture_end, JK\n? = 0s + 1ms + ? + ?"),
            (format!("+76 {OTHER}"), "unacknowledged by timeout, JK\n? = 0s + 1ms + ? + ?"),
            (
                "+1 S > C S. K:K(0) ack J+1 win 1000".to_owned(),
                "unacknowledged by capture_end, JK, again 0/1
                 ? = 0s + 1ms + ? + ?, failed after 1002ms",
            ),
        ] {
            let record = record(&format!("{lead}{silence}"));
            assert_facts(&record, told);
            assert_eq!(record.segments[2].verdict.name(), "unacceptable", "{segment}");
        }
    }
}

#[test]
fn an_unacceptable_acknowledgment_has_no_time_and_connects_nobody() {
    assert_told(
        &record(&format!("{SYN_ACK}+1ms C > S . J+1:J+1(0) ack K+2")),
        "unacknowledged by capture_end, JK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         3 client ack unacceptable: SYN-SENT / SYN-RECEIVED",
    );
    // The right one may still come.
    assert_facts(
        &record(&format!(
            "{SYN_ACK}+1ms C > S . J+1:J+1(0) ack K+2\n+1ms C > S . J+1:J+1(0) ack K+1"
        )),
        "established by capture_end, JK\n3ms = 0s + 1ms + 0s + 2ms",
    );
}

#[test]
fn an_answer_that_acknowledges_j_is_reset_and_the_attempt_goes_on() {
    let lead = "+0 C > S S J:J(0)
         +1ms S > C S. K-9:K-9(0) ack J
         +1us C > S R J:J(0)\n";
    assert_told(
        &record(lead),
        "unanswered by capture_end, J 4294967295 K ?
         1 client syn advanced: SYN-SENT / ?
         2 server syn_ack unacceptable: SYN-SENT / ?
         3 client rst advanced: SYN-SENT / ?",
    );
    let record = record(&format!(
        "{lead}+1 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1"
    ));
    assert_facts(
        &record,
        "established by capture_end, JK, again 1/0
         1003001us = 1001001us + 1ms + 0s + 1ms",
    );
}

#[test]
fn a_client_that_resets_its_own_number_unasked_gives_up() {
    assert_facts(
        &record("+0 C > S S J:J(0)\n+1ms C > S R J:J(0)"),
        "reset by segment, reset by client, J 4294967295 K ?
         ? = ? + ? + ? + ?, failed after 1ms",
    );
}

#[test]
fn what_the_client_is_known_to_have_sent_is_in_the_window_too() {
    // Its data acknowledges too much, and so decides nothing.
    let lead = format!("{SYN_ACK}+1ms C > S P. J+1:J+2001(2000) ack K+2\n");
    let script = |seq: &str| format!("{lead}+1ms C > S . {seq}:{seq}(0) ack K+1");
    assert_facts(
        &record(&script("J+2001")),
        "established by capture_end, JK, no ACK\n1ms..3ms = 0s + 1ms + 0s + 0s..2ms",
    );
    assert_facts(&record(&script("J+2002")), UNDECIDED);
}

const OFF: [(u32, bool); 2] = [(1 << 30, true), ((1 << 30) + 1, false)];

#[test]
fn what_the_server_acknowledges_lies_within_the_largest_window() {
    for (number, is_within) in OFF {
        let ack = format!("+1ms S > C . K+1:K+1(0) ack J+{number}");
        for lead in [super::OPEN, SYN_ACK] {
            let confirmed = record(&format!("{lead}{ack}")).confirmed_by.is_some();
            assert_eq!(confirmed, is_within, "{lead} {number}");
        }
        let reset = record(&format!("{SYN_ACK}+1ms S > C R K+1:K+1(0)\n{ack}"));
        let expected = if is_within { "established" } else { "reset" };
        assert_eq!(reset.outcome.name(), expected, "{number}");
    }
}

#[test]
fn the_client_acknowledges_again_where_the_server_sends_its_syn_ack_again() {
    let again = format!("{}+1 S > C S. K:K(0) ack J+1\n", super::OPEN);
    let verdict = |segment: &str| {
        let record = record(&format!("{again}+30ms C > S {segment}"));
        record.segments.last().map(|it| (it.frame, it.verdict.name()))
    };
    for (segment, expected) in [
        (". J+1:J+1(0) ack K+1", "retransmission"),
        (". J+1:J+1(0) ack K+6", "retransmission"),
        ("P. J+1:J+11(10) ack K+1", "stray"),
        (". J+1:J+1(0) ack K", "unacceptable"),
        (". J-1:J-1(0) ack K+1", "unacceptable"),
    ] {
        assert_eq!(verdict(segment), Some((5, expected)), "{segment}");
    }
    for (number, is_within) in OFF {
        let expected = if is_within { "retransmission" } else { "unacceptable" };
        for segment in
            [format!(". J+1:J+1(0) ack K+{number}"), format!(". J+{number}:J+{number}(0) ack K+1")]
        {
            assert_eq!(verdict(&segment), Some((5, expected)), "{segment}");
        }
    }
}
