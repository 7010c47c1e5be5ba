//! A reset is believed until somebody proves it wrong.

use super::{OTHER, assert_facts, assert_told, record, tell};
use crate::record::{Handshake, Outcome};
use crate::segment::{Verdict, Why};

const SYN: &str = "+0 C > S S J:J(0)\n";
const SYN_ACK: &str = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n";
const ACK: &str = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n\
                   +1ms C > S . J+1:J+1(0) ack K+1\n+1ms C > S P. J+1:J+11(10) ack K+1\n";
/// The rest of a handshake after a forged refusal.
const GOES_ON: &str = "+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n";

/// What of the server proves that it is connected.
const PROOFS: [&str; 3] =
    ["P. K+1:K+11(10) ack J+1", ". K+1:K+1(0) ack J+11", "F. K+1:K+1(0) ack J+1"];

#[test]
fn a_refusal_that_the_connection_outlives_was_forged() {
    for rst in ["R. 0:0(0) ack J+1", "R. 0:0(0) ack J+1 checksum bad", "R. 0:0(0) ack J+1 ttl 250"]
    {
        for proof in PROOFS {
            let record = record(&format!("{SYN}+1ms S > C {rst}\n{GOES_ON}+1ms S > C {proof}"));
            assert_told(
                &record,
                "established by segment, JK, confirmed by 5
                 1 client syn advanced: SYN-SENT / SYN-RECEIVED
                 2 server rst unacceptable: SYN-SENT / SYN-RECEIVED
                 3 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
                 4 client ack advanced: ESTABLISHED / ESTABLISHED",
            );
            assert_facts(
                &record,
                "established by segment, JK, confirmed by 5\n3ms = 0s + 2ms + 0s + 1ms",
            );
            assert_eq!(record.segments[1].verdict, Verdict::Unacceptable(Why::Disproved));
        }
    }
}

#[test]
fn it_takes_both_sides_to_prove_a_refusal_wrong() {
    let refused = format!("{SYN}+1ms S > C R. 0:0(0) ack J+1\n");
    for half in [
        "+1ms S > C S. K:K(0) ack J+1".to_owned(),
        GOES_ON.to_owned(),
        format!("{GOES_ON}+1ms S > C . K+1:K+1(0) ack J+1"),
        format!("{GOES_ON}+1ms C > S P. J+1:J+11(10) ack K+1"),
        "+1ms S > C S. K:K(0) ack J+1\n+1ms S > C P. K+1:K+11(10) ack J+1".to_owned(),
        "+1ms C > S . J+1:J+1(0) ack K+1".to_owned(),
    ] {
        let record = record(&format!("{refused}{half}"));
        assert_eq!(
            (record.outcome, record.segments[1].verdict),
            (Outcome::Refused, Verdict::Advanced),
            "{half}"
        );
        assert_eq!(record.timing.failed_after_ns, Some(1_000_000));
    }
}

#[test]
fn a_proof_comes_within_3500_ms_of_the_reset() {
    // The RST comes at 1 ms, the ACK at 3 ms.
    for (at, outcome) in [("=3.401", Outcome::Established), ("=3.601", Outcome::Refused)] {
        let record = record(&format!(
            "{SYN}+1ms S > C R. 0:0(0) ack J+1\n{GOES_ON}{at} S > C P. K+1:K+11(10) ack J+1"
        ));
        assert_eq!(record.outcome, outcome, "{at}");
    }
}

#[test]
fn a_client_that_sends_its_syn_again_believed_the_reset() {
    let record = record(&format!(
        "{SYN}+1ms S > C R. 0:0(0) ack J+1
         +0.5 C > S S J:J(0)\n{GOES_ON}+1ms S > C P. K+1:K+11(10) ack J+1"
    ));
    assert_told(
        &record,
        "established by segment, JK, again 1/0, confirmed by 6
         1 client syn advanced: SYN-SENT / ?
         2 server rst advanced: CLOSED / CLOSED
         3 client syn retransmission: SYN-SENT / SYN-RECEIVED
         4 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         5 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_reset_of_the_embryo_that_the_connection_outlives_was_forged() {
    for rst in ["S > C R K+1:K+1(0)", "S > C R. K+1:K+1(0) ack J+1", "C > S R J+1:J+1(0)"] {
        let lead = format!("{SYN_ACK}+1ms {rst}\n");
        let acknowledged = format!("{lead}+1ms C > S . J+1:J+1(0) ack K+1\n");
        for proof in PROOFS {
            let record = record(&format!("{acknowledged}+1ms S > C {proof}"));
            assert_facts(
                &record,
                "established by segment, JK, confirmed by 5\n3ms = 0s + 1ms + 0s + 2ms",
            );
            assert_eq!(record.segments[2].verdict, Verdict::Unacceptable(Why::Disproved), "{rst}");
            assert_eq!(record.reset_by, None);
        }
        for half in [
            lead.clone(),
            acknowledged.clone(),
            format!("{acknowledged}+1ms S > C . K+1:K+1(0) ack J+1"),
        ] {
            let record = record(&half);
            assert_eq!(record.outcome, Outcome::Reset, "{half}");
            assert_eq!(record.segments[2].verdict, Verdict::Advanced);
        }
    }
}

#[test]
fn only_the_exact_next_number_resets() {
    let outcome = |lead: &str, rst: &str| record(&format!("{lead}+1ms {rst}")).outcome.name();
    for (rst, expected) in [
        ("S > C R K+1:K+1(0)", "reset"),
        ("S > C R K:K(0)", "unacknowledged"),
        ("S > C R K+2:K+2(0)", "unacknowledged"),
        ("S > C R. K:K(0) ack J+1", "unacknowledged"),
        ("C > S R J+1:J+1(0)", "reset"),
        ("C > S R J:J(0)", "reset"),
        ("C > S R J+2:J+2(0)", "unacknowledged"),
    ] {
        assert_eq!(outcome(SYN_ACK, rst), expected, "{rst}");
    }
    // What follows on the data that the server sent is the next number too.
    let sent = format!("{SYN_ACK}+0 S > C P. K+1:K+11(10) ack J+1\n");
    for (rst, expected) in [
        ("S > C R K+11:K+11(0)", "reset"),
        ("S > C R K+10:K+10(0)", "unacknowledged"),
        ("S > C R K+12:K+12(0)", "unacknowledged"),
    ] {
        assert_eq!(outcome(&sent, rst), expected, "{rst}");
    }
    for (rst, expected) in [
        ("S > C R. 0:0(0) ack J+1", "refused"),
        ("S > C R. 0:0(0) ack J", "unanswered"),
        ("S > C R. 0:0(0) ack J+2", "unanswered"),
        ("S > C R 0:0(0)", "unanswered"),
    ] {
        assert_eq!(outcome(SYN, rst), expected, "{rst}");
    }
}

#[test]
fn a_bare_reset_after_the_acknowledgment_is_an_abort_until_the_server_goes_on() {
    let abort = format!("{ACK}+1ms S > C R K+1:K+1(0)\n");
    assert_facts(
        &record(&abort),
        "established_client_only by segment, JK\n2ms = 0s + 1ms + 0s + 1ms",
    );
    for proof in PROOFS {
        let record = record(&format!("{abort}+1ms S > C {proof}"));
        assert_facts(
            &record,
            "established by segment, JK, confirmed by 6\n2ms = 0s + 1ms + 0s + 1ms",
        );
        let verdict = |record: &Handshake| {
            record.segments.iter().find(|it| it.frame == 5).map(|it| it.verdict)
        };
        assert_eq!(verdict(&record), Some(Verdict::Stray));
        let then = |client: &str| {
            super::record(&format!("{abort}+1ms S > C {proof}\n+1ms C > S {client}"))
        };
        // The client knows no such connection any more, or goes on too.
        assert_eq!(verdict(&then("R J+1:J+1(0)")), Some(Verdict::Stray));
        let disproved = Some(Verdict::Unacceptable(Why::Disproved));
        let goes_on = then(". J+11:J+11(0) ack K+1");
        assert_eq!(
            (verdict(&goes_on), goes_on.confirmed_by.map(|by| by.frame)),
            (disproved, Some(6))
        );
    }
    for (gap, outcome) in [("3.4", Outcome::Established), ("3.6", Outcome::EstablishedClientOnly)] {
        let record = record(&format!("{abort}+{gap} S > C . K+1:K+1(0) ack J+11"));
        assert_eq!(record.outcome, outcome, "{gap}");
    }
    // It resets a connection that the server let in where that spoke before.
    let taken = record(&format!("{ACK}+1ms S > C . K+1:K+1(0) ack J+11\n+1ms S > C R K+1:K+1(0)"));
    assert_eq!(
        (taken.outcome, taken.confirmed_by.map(|by| by.frame)),
        (Outcome::Established, Some(5))
    );
}

#[test]
fn the_watch_goes_on_after_the_client_reset_what_it_had_opened() {
    let closed = format!("{ACK}+1ms C > S R. J+11:J+11(0) ack K+1\n");
    assert_eq!(record(&closed).outcome, Outcome::Established);
    for (gap, outcome) in [("3.4", Outcome::EstablishedClientOnly), ("3.6", Outcome::Established)] {
        let record = record(&format!("{closed}+{gap} S > C S. K:K(0) ack J+1"));
        // The time runs from the acknowledgment, 2 ms before the RST.
        assert_eq!(record.outcome, outcome, "{gap}");
    }
    let settled = record(&format!("{closed}+3.6 {OTHER}\n+0 {OTHER}"));
    assert_eq!((settled.outcome, settled.ended_by.name()), (Outcome::Established, "segment"));
}

#[test]
fn a_server_that_resets_after_the_client_did_answers_the_acknowledgment() {
    let script = |seq: &str, then: &str, rst: &str| {
        record(&format!("{ACK}+1ms C > S R {seq}:{seq}(0)\n{then}+1ms S > C R {rst}:{rst}(0)"))
    };
    assert_told(
        &script("J+1", "", "K+1"),
        "established_client_only by segment, JK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         2 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         3 client ack advanced: ESTABLISHED / SYN-RECEIVED
         5 client rst stray: ESTABLISHED / SYN-RECEIVED
         6 server rst advanced: CLOSED / CLOSED",
    );
    // It may answer data that the client sent before or after; and only K+1 answers the
    // acknowledgment.
    let data = "+1ms C > S P. J+1:J+11(10) ack K+1\n";
    for (seq, then, rst) in
        [("J+11", "", "K+1"), ("J+1", data, "K+1"), ("J+1", "", "K+2"), ("J+1", "", "K")]
    {
        assert_eq!(script(seq, then, rst).outcome, Outcome::Established, "{seq} {then} {rst}");
    }
}

#[test]
fn one_repeated_syn_ack_that_is_acknowledged_again_is_a_lost_acknowledgment() {
    let again = format!("{ACK}+1 S > C S. K:K(0) ack J+1\n");
    assert_eq!(record(&again).outcome, Outcome::EstablishedClientOnly);
    let acknowledged = format!("{again}+1us C > S . J+11:J+11(0) ack K+1\n");
    for silence in [format!("+76 {OTHER}\n+0 {OTHER}"), format!("+300 {OTHER}\n+0 {OTHER}")] {
        let record = record(&format!("{acknowledged}{silence}"));
        assert_eq!(record.outcome, Outcome::Established);
    }
    // A second one shows that the server does not take it.
    let twice =
        record(&format!("{acknowledged}+2 S > C S. K:K(0) ack J+1\n+76 {OTHER}\n+0 {OTHER}"));
    assert_eq!((twice.outcome, twice.ended_by.name()), (Outcome::EstablishedClientOnly, "timeout"));
    // Data counts as the acknowledgment that it carries.
    let data =
        record(&format!("{again}+1us C > S P. J+1:J+11(10) ack K+1\n+76 {OTHER}\n+0 {OTHER}"));
    assert_eq!(data.outcome, Outcome::Established);
    // 200 ms tell a repetition from two that crossed.
    for (gap, outcome) in [("199", Outcome::Established), ("201", Outcome::EstablishedClientOnly)] {
        let crossed = record(&format!(
            "{SYN_ACK}+1ms C > S . J+1:J+1(0) ack K+1
             +{gap}ms S > C S. K:K(0) ack J+1"
        ));
        assert_eq!(crossed.outcome, outcome, "{gap}");
    }
}

#[test]
fn simultaneous_opens_are_reset_and_acknowledged_like_others() {
    let crossed = "+0 C > S S J:J(0)\n+1ms S > C S K:K(0)\n";
    assert_told(
        &record(&format!("{crossed}+1ms S > C R K+1:K+1(0)")),
        "reset by segment, reset by server, JK
         1 client syn advanced: SYN-SENT / ?
         2 server syn advanced: SYN-SENT / SYN-SENT
         3 server rst advanced: CLOSED / CLOSED",
    );
    let answered = format!("{crossed}+1ms C > S S. J:J(0) ack K+1\n");
    assert_told(
        &record(&format!("{answered}+1 C > S S. J:J(0) ack K+1\n+1ms S > C S. K:K(0) ack J+1")),
        "established by capture_end, JK
         1 client syn advanced: SYN-SENT / ?
         2 server syn advanced: SYN-RECEIVED / SYN-SENT
         3 client syn_ack advanced: SYN-RECEIVED / ESTABLISHED
         4 client syn_ack retransmission: SYN-RECEIVED / ESTABLISHED
         5 server syn_ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_server_that_takes_data_after_its_own_reset_sent_none() {
    let told = |ack: &str| {
        tell(&record(&format!(
            "+0 S > C S. K:K(0) ack J+1
             +10ms S > C R K+1:K+1(0)
             +20ms S > C . K+1:K+1(0) ack {ack}"
        )))
    };
    assert_eq!(
        told("J+345"),
        "established by segment, J 4294967295 K 4294967290, no ACK, confirmed by 3\n\
         1 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED\n\
         2 server rst unacceptable: ESTABLISHED / SYN-RECEIVED\n\
         3 server ack advanced: ESTABLISHED / ESTABLISHED"
    );
    assert!(told("J+1").starts_with("reset by segment, reset by server"), "{}", told("J+1"));
}

#[test]
fn a_server_that_took_data_has_not_aborted() {
    let record = record(
        "+0 S > C S. K:K(0) ack J+1
         +60ms S > C . K+1:K+1(0) ack J+83
         +1 S > C R K+1:K+1(0)",
    );
    assert_eq!(
        (record.outcome, record.confirmed_by.map(|by| by.frame)),
        (Outcome::Established, Some(2))
    );
}

#[test]
fn a_server_confirms_after_a_reset_of_the_client_only_what_was_acknowledged() {
    let embryo = format!("{SYN_ACK}+1ms C > S R J+1:J+1(0)\n");
    for sent in [". K+1:K+1(0) ack J+1", "P. K+1:K+11(10) ack J+1", ". K+1:K+1(0) ack J+11"] {
        assert_facts(
            &record(&format!("{embryo}+1ms S > C {sent}")),
            "reset by segment, reset by client, JK\n? = 0s + 1ms + ? + ?, failed after 2ms",
        );
    }
    let closed = format!("{ACK}+1ms C > S R. J+11:J+11(0) ack K+1\n");
    for (sent, confirmed_by) in [
        (". K+1:K+1(0) ack J+1", None),
        ("P. K+1:K+11(10) ack J+1", Some(6)),
        (". K+1:K+1(0) ack J+11", Some(6)),
        (". K+1:K+1(0) ack J-5000", None),
    ] {
        let record = record(&format!("{closed}+1ms S > C {sent}"));
        assert_eq!(
            (record.outcome, record.confirmed_by.map(|by| by.frame)),
            (Outcome::Established, confirmed_by)
        );
    }
}

#[test]
fn what_the_server_sends_3500_ms_after_its_abort_proves_nothing() {
    // The client goes on, so the attempt is open still.
    let abort = format!("{ACK}+1ms S > C R K+1:K+1(0)\n+2 C > S P. J+11:J+21(10) ack K+1\n");
    for (gap, outcome) in [("1.5", Outcome::Established), ("1.501", Outcome::EstablishedClientOnly)]
    {
        let record = record(&format!("{abort}+{gap} S > C P. K+1:K+11(10) ack J+21"));
        assert_eq!(record.outcome, outcome, "{gap}");
    }
}

#[test]
fn a_client_resets_with_the_number_after_what_it_sent() {
    let data = "+0 C > S S J:J+100(100) <FO 0102030405060708>\n".to_owned();
    // It acknowledges too much, and so decides nothing.
    let sent = format!("{SYN_ACK}+1ms C > S P. J+1:J+11(10) ack K+2\n");
    for (lead, seq, expected) in [
        (&data, "J+1", true),
        (&data, "J+101", true),
        (&data, "J+100", false),
        (&data, "J+102", false),
        (&sent, "J+1", true),
        (&sent, "J+11", true),
        (&sent, "J+10", false),
        (&sent, "J+12", false),
    ] {
        let record = record(&format!("{lead}+1ms C > S R {seq}:{seq}(0)"));
        assert_eq!(record.outcome == Outcome::Reset, expected, "{lead} {seq}");
    }
}

#[test]
fn data_of_the_server_that_takes_none_proves_no_reset_of_its_own_wrong() {
    let script = |ack: &str| {
        format!("{SYN_ACK}+1ms S > C R K+1:K+1(0)\n+1ms S > C P. K+1:K+11(10) ack {ack}")
    };
    assert_eq!(record(&script("J+1")).outcome, Outcome::Reset);
    assert_eq!(record(&script("J+2")).outcome, Outcome::Established);
}

#[test]
fn client_segments_after_an_abort_are_kept_if_they_may_belong_to_the_connection() {
    for (seq, frames) in [
        ("J+11", vec![1, 2, 3, 5, 6]),
        ("J+1073741824", vec![1, 2, 3, 5, 6]),
        ("J+1073741825", vec![1, 2, 3, 5]),
    ] {
        let record =
            record(&format!("{ACK}+1ms S > C R K+1:K+1(0)\n+1ms C > S . {seq}:{seq}(0) ack K+1"));
        let found: Vec<_> = record.segments.iter().map(|it| it.frame).collect();
        assert_eq!(found, frames, "{seq}");
    }
}

#[test]
fn the_syn_after_a_refusal_is_the_one_that_was_answered() {
    assert_facts(
        &record(&format!("{SYN}+1ms S > C R. 0:0(0) ack J+1\n+0.5 C > S S J:J(0)\n{GOES_ON}")),
        "established by capture_end, JK, again 1/0\n503ms = 501ms + 1ms + 0s + 1ms",
    );
}
