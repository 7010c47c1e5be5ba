//! Several attempts on one 4-tuple, side by side and one after the other.

use std::fmt::Write as _;

use super::{
    End, Limits, OTHER, Reporting, Script, V4, assert_facts, assert_told, record, records, run,
    run_frames, tell,
};
use crate::record::{EndedBy, Handshake, Outcome};

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

/// A connection that the server confirmed.
const CONNECTED: &str = "+0 C > S S J:J(0)
     +1ms S > C S. K:K(0) ack J+1
     +1ms C > S . J+1:J+1(0) ack K+1
     +1ms S > C P. K+1:K+2(1) ack J+1\n";

#[test]
fn an_old_duplicate_syn_in_the_middle_has_its_own_record() {
    // RFC 9293, figure 8.
    let found = in_order(
        "+0 C > S S J:J(0)
         +1ms C > S S J-10:J-10(0)
         +1ms S > C S. K-200:K-200(0) ack J-9
         +1ms C > S R J-9:J-9(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1",
    );
    let [newer, older] = found.as_slice() else { panic!("{}", found.len()) };
    assert_told(
        newer,
        "established by capture_end, JK
         1 client syn advanced: SYN-SENT / SYN-RECEIVED
         5 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         6 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
    assert_told(
        older,
        "reset by segment, reset by client, J 4294967285 K 4294967090, after 1 (unanswered)
         2 client syn advanced: SYN-SENT / SYN-RECEIVED
         3 server syn_ack advanced: SYN-SENT / SYN-RECEIVED
         4 client rst advanced: CLOSED / LISTEN",
    );
}

#[test]
fn two_clients_behind_one_address_get_an_outcome_each() {
    let lead = "+0 C > S S J:J(0)\n+1ms C > S S J-900:J-900(0)\n";
    let answer = |j: &str, k: &str| {
        format!("+1ms S > C S. {k}:{k}(0) ack {j}+1\n+1ms C > S . {j}+1:{j}+1(0) ack {k}+1\n")
            .replace("-900+1", "-899")
            .replace("+50+1", "+51")
    };
    let (first, second) = (answer("J", "K"), answer("J-900", "K+50"));
    assert_eq!(outcomes(&format!("{lead}{first}")), ["established", "unanswered"]);
    assert_eq!(outcomes(&format!("{lead}{second}")), ["unanswered", "established"]);
    for both in [format!("{lead}{first}{second}"), format!("{lead}{second}{first}")] {
        assert_eq!(outcomes(&both), ["established", "established"]);
    }
    // Answers and acknowledgments that cross: each number says whose it is.
    let crossed = "+1ms S > C S. K+50:K+50(0) ack J-899\n+1ms S > C S. K:K(0) ack J+1
        +1ms C > S . J+1:J+1(0) ack K+1\n+1ms C > S . J-899:J-899(0) ack K+51";
    let found = in_order(&format!("{lead}{crossed}"));
    let frames = |record: &Handshake| record.segments.iter().map(|it| it.frame).collect::<Vec<_>>();
    assert_eq!(found.iter().map(frames).collect::<Vec<_>>(), [[1, 4, 5], [2, 3, 6]]);
}

#[test]
fn a_reset_belongs_to_the_attempt_whose_number_it_carries() {
    let lead = "+0 C > S S J:J(0)\n+1ms C > S S J-900:J-900(0)\n";
    let both = "+1ms S > C S. K:K(0) ack J+1\n+1us S > C S. K+50:K+50(0) ack J-899\n";
    for (rst, expected) in [
        ("C > S R J:J(0)", ["reset", "unanswered"]),
        ("C > S R J+1:J+1(0)", ["reset", "unanswered"]),
        ("C > S R. J-899:J-899(0) ack K", ["unanswered", "reset"]),
        ("C > S R J-900:J-900(0)", ["unanswered", "reset"]),
        ("S > C R. 0:0(0) ack J+1", ["refused", "unanswered"]),
        ("S > C R. 0:0(0) ack J-899", ["unanswered", "refused"]),
    ] {
        assert_eq!(outcomes(&format!("{lead}+1ms {rst}")), expected, "{rst}");
    }
    for (rst, expected) in [
        ("C > S R J+1:J+1(0)", ["reset", "unacknowledged"]),
        ("C > S R J-899:J-899(0)", ["unacknowledged", "reset"]),
        ("S > C R K+1:K+1(0)", ["reset", "unacknowledged"]),
        ("S > C R K+51:K+51(0)", ["unacknowledged", "reset"]),
        ("S > C R. K+51:K+51(0) ack J-899", ["unacknowledged", "reset"]),
    ] {
        assert_eq!(outcomes(&format!("{lead}{both}+1ms {rst}")), expected, "{rst}");
    }
}

#[test]
fn the_late_reset_of_an_old_attempt_does_not_end_the_new_one() {
    let found = in_order(
        "+0 C > S S J-900:J-900(0)
         +1ms S > C S. K-50:K-50(0) ack J-899
         +1ms C > S R. J-899:J-899(0) ack K-49
         +1ms C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S R J-899:J-899(0)
         +1ms C > S . J+1:J+1(0) ack K+1",
    );
    let told: Vec<_> = found.iter().map(|it| it.outcome).collect();
    assert_eq!(told, [Outcome::Reset, Outcome::Established]);
    let frames: Vec<_> = found[1].segments.iter().map(|it| it.frame).collect();
    assert_eq!(frames, [4, 5, 7]);
}

#[test]
fn a_bare_ack_after_a_new_syn_answers_that_syn() {
    // The older connection is open still, and the ACK would fit it.
    let lead = "+0 C > S S J-900:J-900(0)
         +1ms S > C S. K-50:K-50(0) ack J-899
         +1ms C > S . J-899:J-899(0) ack K-49
         +1ms C > S S J:J(0)
         +1ms S > C . K-49:K-49(0) ack J-899\n";
    let found = in_order(&format!(
        "{lead}+1us C > S R J-899:J-899(0)
         +10ms C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1"
    ));
    assert_eq!(found[0].outcome, Outcome::Established);
    assert_told(
        &found[1],
        "established by capture_end, JK, again 1/0, after 1 (established)
         4 client syn advanced: SYN-SENT / ?
         5 server ack challenge_ack: SYN-SENT / ?
         6 client rst advanced: SYN-SENT / ?
         7 client syn retransmission: SYN-SENT / SYN-RECEIVED
         8 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         9 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
    let unrejected = in_order(lead);
    assert_told(
        &unrejected[1],
        "unanswered by capture_end, J 4294967295 K ?, after 1 (established)
         4 client syn advanced: SYN-SENT / ?
         5 server ack challenge_ack: SYN-SENT / ?",
    );
}

#[test]
fn a_syn_ack_whose_syn_was_not_captured_opens_an_attempt_where_no_syn_waits() {
    let open = format!("{CONNECTED}+1 S > C S. K+50:K+50(0) ack J-899");
    assert_eq!(outcomes(&open), ["established", "unacknowledged"]);
    assert!(!in_order(&open)[1].syn_captured);
    let one_direction = "+0 S > C S. K:K(0) ack J+1\n+1ms S > C S. K+50:K+50(0) ack J-899";
    assert_eq!(outcomes(one_direction), ["unacknowledged", "unacknowledged"]);
    // C takes it for an answer to the SYN that waits.
    let waits = in_order("+0 C > S S J:J(0)\n+1ms S > C S. K+50:K+50(0) ack J-899");
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].segments[1].verdict.name(), "unacceptable");
}

#[test]
fn at_most_sixteen_are_open_and_the_oldest_that_nobody_cared_for_goes() {
    let evicted = |extra: &str| {
        let mut script = V4.to_owned();
        for number in 0..16 {
            writeln!(script, "+1ms C > S S {0}:{0}(0)", number * 1000).unwrap();
        }
        writeln!(script, "{extra}+1ms C > S S 16000:16000(0)").unwrap();
        let script = Script::parse(&script).unwrap();
        let run = run_frames(script.frames(), Limits::default(), Reporting::Records, End::Complete);
        assert_eq!(run.counters.evicted, 1);
        let mut all: Vec<_> = run.records.iter().map(|record| record.id).collect();
        all.sort_unstable();
        assert_eq!(all, (1..=17).collect::<Vec<_>>());
        let gone = run.records.iter().find(|record| record.ended_by == EndedBy::Evicted);
        gone.expect("one gave way").id
    };
    assert_eq!(evicted(""), 1);
    assert_eq!(evicted("+1ms C > S S 0:0(0)\n"), 2);
    assert_eq!(evicted("+1ms S > C S. K:K(0) ack 1\n+0 S > C S. K:K(0) ack 1001\n"), 3);
}

#[test]
fn a_time_out_depends_on_the_time_of_packets_alone() {
    let again = "C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    // The second SYN, after so many seconds; others speak twice in between, or don't.
    for (gap, expected) in [
        (74, vec![("established", "capture_end")]),
        (76, vec![("unanswered", "timeout"), ("established", "capture_end")]),
        (300, vec![("unanswered", "timeout"), ("established", "capture_end")]),
    ] {
        let alone = format!("+{gap} {again}");
        let beside =
            format!("+{0} {OTHER}\n+{0} {OTHER}\n+{1} {again}", gap / 3, gap - gap / 3 * 2);
        let before = format!("+0 {OTHER}\n+0 {OTHER}\n+{gap} {again}");
        let after = format!("+{gap} {OTHER}\n+0 {OTHER}\n+0 {again}");
        for script in [alone, beside, before, after] {
            let found = in_order(&format!("+0 C > S S J:J(0)\n{script}"));
            let told: Vec<_> =
                found.iter().map(|it| (it.outcome.name(), it.ended_by.name())).collect();
            assert_eq!(told, expected, "{script}");
        }
    }
}

#[test]
fn the_wait_is_twice_the_last_gap_between_75_and_240_s() {
    let count = |gaps: &[u32]| {
        let mut script = String::from("+0 C > S S J:J(0)\n");
        for gap in gaps {
            writeln!(script, "+{gap} C > S S J:J(0)").unwrap();
        }
        let alone = in_order(&script).len();
        // The same with others in between.
        let mut beside = String::from("+0 C > S S J:J(0)\n");
        for gap in gaps {
            writeln!(
                beside,
                "+{0} {OTHER}\n+0 {OTHER}\n+{1} C > S S J:J(0)",
                gap / 2,
                gap - gap / 2
            )
            .unwrap();
        }
        assert_eq!(in_order(&beside).len(), alone, "{gaps:?}");
        alone
    };
    assert_eq!([count(&[74]), count(&[76])], [1, 2]);
    assert_eq!([count(&[50, 99]), count(&[50, 101])], [1, 2]);
    assert_eq!([count(&[30, 74]), count(&[30, 76])], [1, 2]);
    assert_eq!([count(&[70, 130, 239]), count(&[70, 130, 241])], [1, 2]);
}

#[test]
fn a_number_used_again_opens_an_attempt_where_the_old_one_was_closed() {
    let again = "+10 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    for closed in [
        "+1ms C > S F. J+1:J+1(0) ack K+2",
        "+1ms S > C F. K+2:K+2(0) ack J+1",
        "+1ms C > S R. J+1:J+1(0) ack K+2",
        "+1ms S > C R K+2:K+2(0)",
    ] {
        let told = outcomes(&format!("{CONNECTED}{closed}\n{again}"));
        assert_eq!(told, ["established", "established"], "{closed}");
    }
    assert_eq!(outcomes(&format!("{CONNECTED}{again}")), ["established"]);
    assert_eq!(run(&format!("{V4}{CONNECTED}{again}")).counters.outside_handshake, 4);
}

#[test]
fn another_k_for_the_same_j_opens_an_attempt_with_the_syn_before_it() {
    let found = in_order(&format!(
        "{CONNECTED}+10 C > S S J:J(0)
         +1ms S > C S. K+50:K+50(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+51"
    ));
    let [_, new] = found.as_slice() else { panic!("{}", found.len()) };
    assert_told(
        new,
        "established by capture_end, J 4294967295 K 44, after 1 (established)
         5 client syn advanced: SYN-SENT / SYN-RECEIVED
         6 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         7 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_syn_that_the_path_delivers_late_opens_nothing() {
    let script = |gap: &str, tsval: u32| {
        format!(
            "+0 C > S S J:J(0) <TS val 1 ecr 0> ip_id 0
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S . J+1:J+1(0) ack K+1
             +1ms S > C F. K+1:K+1(0) ack J+1
             +{gap} C > S S J:J(0) <TS val {tsval} ecr 0> ip_id 0"
        )
    };
    assert_eq!(outcomes(&script("3.4", 1)), ["established"]);
    assert_eq!(outcomes(&script("3.4", 2)), ["established", "unanswered"]);
    assert_eq!(outcomes(&script("3.6", 1)), ["established", "unanswered"]);
    let by_id = |id: u32| {
        let stamped = script("3.4", 1).replace("<TS val 1 ecr 0> ip_id 0", "ip_id 9");
        run(&format!(
            "{V4}{}",
            stamped.replacen(
                "+3.4 C > S S J:J(0) ip_id 9",
                &format!("+3.4 C > S S J:J(0) ip_id {id}"),
                1
            )
        ))
        .records
        .len()
    };
    assert_eq!([by_id(9), by_id(10)], [1, 2]);
}

#[test]
fn what_is_remembered_of_closed_attempts_has_a_time_and_a_bound() {
    let later = |seconds: u32| outcomes(&format!("{CONNECTED}+{seconds} C > S S J:J(0)"));
    assert_eq!(later(239), ["established"]);
    assert_eq!(later(241), ["established", "unanswered"]);
    let mut five = String::new();
    for number in 0..5_u32 {
        let j = if number == 0 { "J".to_owned() } else { format!("J+{}", number * 1000) };
        let next = format!("J+{}", number * 1000 + 1);
        writeln!(
            five,
            "+1 C > S S {j}:{j}(0)\n+1ms S > C S. K:K(0) ack {next}
             +1ms C > S . {next}:{next}(0) ack K+1\n+1ms S > C P. K+1:K+2(1) ack {next}"
        )
        .unwrap();
    }
    // The fifth one pushed the first one out.
    assert_eq!(records(&format!("{five}+1 C > S S J+1000:J+1000(0)")).len(), 5);
    assert_eq!(records(&format!("{five}+1 C > S S J:J(0)")).len(), 6);
}

#[test]
fn a_refused_attempt_lives_for_3500_ms_of_packet_time() {
    let refused = "+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1\n";
    let others = format!("+3.39 {OTHER}\n+0 {OTHER}\n");
    for (between, [sooner, later]) in [("", ["3400ms", "3600ms"]), (&others, ["10ms", "210ms"])] {
        let count = |gap| records(&format!("{refused}{between}+{gap} C > S S J:J(0)")).len();
        assert_eq!([count(sooner), count(later)], [1, 2], "{between}");
    }
}

#[test]
fn a_settled_attempt_takes_nothing_more_whoever_spoke() {
    let open = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n";
    for between in [String::new(), format!("+0 {OTHER}\n+0 {OTHER}\n")] {
        let late =
            |gap| tell(&in_order(&format!("{open}{between}+{gap} S > C S. K:K(0) ack J+1"))[0]);
        assert!(late("3.4").starts_with("established_client_only by capture_end"));
        assert!(late("3.6").starts_with("established by segment"));
    }
}

#[test]
fn what_ends_a_later_connection_is_nothing_of_an_older_syn() {
    let closes = "+4 S > C F. K+1:K+1(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+2
         +1ms C > S F. J+1:J+1(0) ack K+2
         +1ms S > C . K+2:K+2(0) ack J+2";
    let later = "+1 C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1\n";
    // J is less than a window beyond the older number, and K beyond the older one.
    let syn = "+0 C > S S J-900:J-900(0)\n";
    let found = in_order(&format!("{syn}{later}{closes}"));
    assert_told(
        &found[0],
        "unanswered by capture_end, J 4294966395 K ?
         1 client syn advanced: SYN-SENT / ?",
    );
    assert_eq!(found[1].outcome, Outcome::Established);
    let answer = "+1ms S > C S. K-700:K-700(0) ack J-899\n";
    let told = outcomes(&format!("{syn}{answer}{later}{closes}"));
    assert_eq!(told, ["unacknowledged", "established"]);
}

#[test]
fn a_reset_with_a_wrong_acknowledgment_meets_the_syn_whatever_ended_before() {
    let found = in_order(&format!(
        "{CONNECTED}+9 C > S S J+7000:J+7000(0)
         +1ms S > C R. 0:0(0) ack J+2000",
    ));
    assert_told(
        &found[1],
        "unanswered by capture_end, J 6999 K ?, after 1 (established)
         5 client syn advanced: SYN-SENT / ?
         6 server rst unacceptable: SYN-SENT / ?",
    );
}

#[test]
fn the_attempt_before_is_the_one_that_began_before_whichever_ended_first() {
    // The first one is refused and waits 3.5 s; the second is confirmed at once.
    let found = in_order(
        "+0 C > S S J-900:J-900(0)
         +1ms S > C R. 0:0(0) ack J-899
         +1 C > S S J-700:J-700(0)
         +1ms S > C S. K:K(0) ack J-699
         +1ms C > S . J-699:J-699(0) ack K+1
         +1ms S > C P. K+1:K+2(1) ack J-699
         +20 C > S S J:J(0)",
    );
    assert_eq!(found[2].previous.map(|it| (it.id, it.outcome)), Some((2, Outcome::Established)));
}

#[test]
fn what_a_later_attempt_without_its_syn_ack_sends_is_nothing_of_an_older_syn() {
    let told = outcomes(
        "+0 C > S S J-900:J-900(0)
         +10 C > S S J:J(0)
         +1 C > S P. J+1:J+511(510) ack K+1
         +1ms S > C . K+1:K+1(0) ack J+511
         +4 S > C F. K+1:K+1(0) ack J+511
         +1ms C > S F. J+511:J+511(0) ack K+2
         +1ms S > C . K+2:K+2(0) ack J+512",
    );
    assert_eq!(told, ["unanswered", "established"]);
}

#[test]
fn what_follows_on_an_answer_to_another_syn_is_no_proof_for_this_one() {
    // The second SYN was not captured.
    let record = record(
        "+0 C > S S J-900:J-900(0)
         +10 S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms C > S P. J+1:J+31(30) ack K+1
         +1ms S > C . K+1:K+1(0) ack J+31",
    );
    assert_eq!(record.outcome, Outcome::Unanswered);
}

#[test]
fn a_copy_of_a_syn_that_was_held_to_be_late_does_not_take_its_place() {
    let found = in_order(&format!(
        "{CONNECTED}+100ms C > S S J:J(0) ip_id 0
         +1ms C > S S J:J(0) ip_id 0
         +1ms S > C S. K-1:K-1(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K",
    ));
    assert_told(
        &found[1],
        "established by capture_end, J 4294967295 K 4294967289, after 1 (established)
         5 client syn advanced: SYN-SENT / SYN-RECEIVED
         7 server syn_ack advanced: ESTABLISHED / SYN-RECEIVED
         8 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
}

#[test]
fn a_copy_of_what_confirmed_an_attempt_is_no_part_of_the_next_one() {
    let found = in_order(
        "+0 C > S S J-900:J-900(0)
         +1ms S > C S. K:K(0) ack J-899
         +1ms C > S . J-899:J-899(0) ack K+1
         +1ms C > S S J:J(0)
         +1ms S > C P. K+1:K+2(1) ack J-899
         +1ms S > C P. K+1:K+2(1) ack J-899",
    );
    assert_told(
        &found[1],
        "unanswered by capture_end, J 4294967295 K ?, after 1 (established)
         4 client syn advanced: SYN-SENT / ?",
    );
}

#[test]
fn a_copy_of_the_syn_ack_of_a_closed_attempt_answers_no_other_syn() {
    let found =
        in_order(&format!("{CONNECTED}+1ms C > S S J+9:J+9(0)\n+15ms S > C S. K:K(0) ack J+1"));
    assert_told(
        &found[1],
        "unanswered by capture_end, J 8 K ?, after 1 (established)
         5 client syn advanced: SYN-SENT / ?",
    );
}

#[test]
fn what_a_later_connection_sent_is_nothing_of_an_older_one_that_was_reset() {
    let found = in_order(
        "+0 C > S S J-900:J-900(0)
         +1ms S > C S. K-700:K-700(0) ack J-899
         +1ms C > S . J-899:J-899(0) ack K-699
         +1ms C > S R. J-899:J-899(0) ack K-699
         +1ms C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms S > C P. K+1:K+2(1) ack J+1
         +1ms S > C P. K+2:K+3(1) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+2",
    );
    assert_eq!(found[0].segments.len(), 4);
}

#[test]
fn a_copy_of_what_a_later_connection_sent_shows_nothing_of_an_older_syn() {
    let found = in_order(
        "+0 C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms C > S S J-900:J-900(0)
         +1 S > C F. K+1:K+1(0) ack J+1
         +1ms C > S F. J+1:J+1(0) ack K+2
         +1ms dup
         +1ms S > C . K+2:K+2(0) ack J+2",
    );
    assert_told(
        &found[1],
        "unanswered by capture_end, J 4294966395 K ?, after 1 (established)
         4 client syn advanced: SYN-SENT / ?
         6 client ack stray: SYN-SENT / ?
         7 client ack duplicate_capture: SYN-SENT / ?
         8 server ack challenge_ack: SYN-SENT / ?",
    );
}

#[test]
fn a_syn_ack_that_came_before_its_syn_answered_one_that_was_not_captured() {
    let script = |then: &str| {
        format!(
            "+0 C > S S J-900:J-900(0)
             +10 S > C S. K:K(0) ack J+1
             {then}
             +0.7 C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S . J+1:J+1(0) ack K+1"
        )
    };
    let found = in_order(&script("+1us dup"));
    assert_told(
        &found[0],
        "unanswered by capture_end, J 4294966395 K ?
         1 client syn advanced: SYN-SENT / ?",
    );
    assert_told(
        &found[1],
        "established by capture_end, JK, again 0/1, after 1 (unanswered)
         2 server syn_ack advanced: ? / SYN-RECEIVED
         3 server syn_ack duplicate_capture: ? / SYN-RECEIVED
         4 client syn advanced: SYN-SENT / SYN-RECEIVED
         5 server syn_ack retransmission: ESTABLISHED / SYN-RECEIVED
         6 client ack advanced: ESTABLISHED / ESTABLISHED",
    );
    assert_facts(
        &found[1],
        "established by capture_end, JK, again 0/1, after 1 (unanswered)
         ? = ? + ? + 0s..701001us + 1ms..702001us",
    );
    // What the client rejected, that SYN did not ask for.
    let found = in_order(&script("+1us C > S R J+1:J+1(0)"));
    assert_facts(
        &found[1],
        "established by capture_end, JK, after 1 (unanswered)
         2ms = 0s + 1ms + 0s + 1ms",
    );
    assert_eq!(found[0].segments.len(), 3);
}
