//! Attempts that have ended, and what comes on their 4-tuple after that.

use std::fmt::Write as _;

use super::{CONNECTED, OPEN, V4, assert_told, in_order, outcomes, records, run};
use crate::record::Outcome;

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

/// The FIN may come before anything shows that the server took the acknowledgment.
#[test]
fn a_fin_right_after_the_handshake_closes_the_connection() {
    let again = "+10 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    let client = "+2 C > S F. J+1:J+1(0) ack K+1\n";
    let server = "+1ms S > C F. K+1:K+1(0) ack J+1\n";
    let both = "+2 C > S F. J+1:J+1(0) ack K+1\n+1ms S > C F. K+1:K+1(0) ack J+2\n";
    for closed in [client, server, both] {
        let told = outcomes(&format!("{OPEN}{closed}{again}"));
        assert_eq!(told, ["established", "established"], "{closed}");
    }
    assert_eq!(outcomes(&format!("{OPEN}{again}")), ["established"]);
}

#[test]
fn another_k_for_the_same_j_opens_an_attempt_with_the_syn_before_it() {
    let found = in_order(&format!(
        "{CONNECTED}+10 C > S S J:J(0)
         +1ms S > C S. K+50:K+50(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+51"
    ));
    let script = format!("{V4}{CONNECTED}+10 C > S S J:J(0)\n+1ms S > C S. K+50:K+50(0) ack J+1");
    assert_eq!(run(&script).counters.outside_handshake, 1);
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
fn a_late_copy_of_a_closed_attempt_opens_no_new_one() {
    let run = run(&format!(
        "{V4}{OPEN}+1ms S > C P. K+1:K+2(1) ack J+1\n+1 S > C S. K:K(0) ack J+1\n+1 C > S S J:J(0)"
    ));
    assert_eq!(run.records.len(), 1);
    assert_eq!(run.counters.outside_handshake, 3);
}

#[test]
fn a_bare_ack_of_a_later_connection_that_has_ended_does_not_challenge_an_older_syn() {
    let found = in_order(&format!(
        "+0 C > S S J-900:J-900(0)\n{CONNECTED}+1ms S > C . K+2:K+2(0) ack J+11"
    ));
    assert_told(
        &found[0],
        "unanswered by capture_end, J 4294966395 K ?
         1 client syn advanced: SYN-SENT / ?",
    );
}

#[test]
fn what_an_ended_connection_sends_has_no_part_in_a_newer_attempt() {
    let newer = "+1ms C > S S J+2000000000:J+2000000000(0)
         +1ms S > C S. K+2000000000:K+2000000000(0) ack J+2000000001\n";
    // The last number of a window of 2^30, and the first one after it.
    let (last, beyond) = (1 << 30, (1 << 30) + 1);
    for (segment, verdict) in [
        ("C > S . J+6:J+6(0) ack K+6".to_owned(), "stray"),
        (format!("C > S . J+{last}:J+{last}(0) ack K+1"), "stray"),
        (format!("C > S . J+{beyond}:J+{beyond}(0) ack K+1"), "unacceptable"),
        (format!("C > S . J+1:J+1(0) ack K+{last}"), "stray"),
        (format!("C > S . J+1:J+1(0) ack K+{beyond}"), "unacceptable"),
        // A RST without an acknowledgment tells one number: it has to be the next one.
        ("S > C R K+1:K+1(0)".to_owned(), "stray"),
        ("S > C R K+2:K+2(0)".to_owned(), "unacceptable"),
        ("S > C R. K+2:K+2(0) ack J+2".to_owned(), "stray"),
    ] {
        let newer = in_order(&format!("{CONNECTED}{newer}+1 {segment}")).remove(1);
        let last = newer.segments.last().map(|it| (it.frame, it.verdict.name()));
        assert_eq!(last, Some((7, verdict)), "{segment}");
    }
}

#[test]
fn a_late_syn_ack_that_took_data_of_the_syn_opens_nothing() {
    let lead = "+0 C > S S J:J+100(100) <FO 0102030405060708>
         +1ms S > C S. K:K(0) ack J+101
         +1ms C > S . J+101:J+101(0) ack K+1
         +1ms S > C P. K+1:K+2(1) ack J+101\n";
    for (syn_ack, attempts) in [
        ("K:K(0) ack J+101", 1),
        ("K:K(0) ack J+51", 1),
        ("K:K(0) ack J+65536", 1),
        ("K:K(0) ack J+65537", 2),
        ("K+5:K+5(0) ack J+101", 2),
        ("K:K(0) ack J", 2),
    ] {
        let found = in_order(&format!("{lead}+2 S > C S. {syn_ack}"));
        assert_eq!(found.len(), attempts, "{syn_ack}");
    }
}

#[test]
fn the_attempt_before_may_be_open_or_over_and_is_in_the_same_scope() {
    let third = "+1ms C > S S J+7000:J+7000(0)";
    let waits = "+1ms C > S S J-900:J-900(0)\n";
    let previous = |script: &str| in_order(script).last().unwrap().previous.map(|it| it.id);
    assert_eq!(previous(&format!("{CONNECTED}{waits}{third}")), Some(2));
    assert_eq!(previous(&format!("+0 C > S S J-900:J-900(0)\n{CONNECTED}{third}")), Some(2));
    for (before, after, expected) in [("1", "1", Some(1)), ("1", "2", None)] {
        let tagged = |script: &str, vlan: &str| {
            format!("{} vlan {vlan}\n", script.trim_end().replace('\n', &format!(" vlan {vlan}\n")))
        };
        for open in [CONNECTED, "+0 C > S S J:J(0)"] {
            let script = format!("{}{}", tagged(open, before), tagged(third, after));
            assert_eq!(previous(&script), expected, "{script}");
        }
    }
}

#[test]
fn j_identifies_segments_of_a_connection_with_unknown_k() {
    let script = |segment: &str| {
        format!(
            "+0 C > S S J:J(0)
             +1ms C > S P. J+1:J+11(10) ack K+1
             +4 C > S S J+2000000000:J+2000000000(0)
             +1ms S > C S. K+2000000000:K+2000000000(0) ack J+2000000001
             +1 {segment}"
        )
    };
    for (segment, verdict) in [
        ("C > S . J+11:J+11(0) ack K+1", "stray"),
        ("C > S . J+1073741824:J+1073741824(0) ack K+1", "stray"),
        ("C > S . J+1073741825:J+1073741825(0) ack K+1", "unacceptable"),
        ("S > C R. K+1:K+1(0) ack J+11", "stray"),
        ("S > C R K+1:K+1(0) ack_field J+11", "unacceptable"),
    ] {
        let newer = in_order(&script(segment)).remove(1);
        let last = newer.segments.last().map(|it| (it.frame, it.verdict.name()));
        assert_eq!(last, Some((5, verdict)), "{segment}");
    }
}

#[test]
fn only_the_numbers_of_a_syn_ack_make_it_a_copy_of_an_earlier_one() {
    for (syn_ack, frames) in [
        ("K:K(0) ack J+1", vec![5]),
        ("K+9:K+9(0) ack J+1", vec![5, 6]),
        ("K:K(0) ack J+2", vec![5, 6]),
    ] {
        let script = format!("{CONNECTED}+1ms C > S S J+9:J+9(0)\n+15ms S > C S. {syn_ack}");
        let newer = in_order(&script).remove(1);
        let found: Vec<_> = newer.segments.iter().map(|it| it.frame).collect();
        assert_eq!(found, frames, "{syn_ack}");
    }
}

#[test]
fn what_comes_again_of_two_syns_that_crossed_opens_nothing() {
    let lead = "+0 C > S S J:J(0)
         +1us S > C S K:K(0)
         +1ms C > S S. J:J(0) ack K+1
         +1us S > C S. K:K(0) ack J+1
         +1ms S > C P. K+1:K+2(1) ack J+1\n";
    for (again, attempts) in [
        ("+150ms S > C S K:K(0)", 1),
        ("+250ms S > C S K:K(0)", 2),
        ("+150ms S > C S K+9:K+9(0)", 2),
        ("+150ms C > S S K:K(0)", 2),
        ("+1 C > S S. J:J(0) ack K+1", 1),
        ("+1 C > S S. J+9:J+9(0) ack K+1", 2),
        ("+1 C > S S. J:J(0) ack K+9", 2),
    ] {
        assert_eq!(in_order(&format!("{lead}{again}")).len(), attempts, "{again}");
    }
}

#[test]
fn the_syn_ack_of_a_k_that_was_not_captured_is_known_by_what_the_server_sent_later() {
    let attempts = |k: &str, scope: &str| {
        let script = format!(
            "+0 C > S S J:J(0) vlan 1
             +1ms C > S P. J+1:J+11(10) ack K+1 vlan 1
             +1ms S > C P. K+1:K+2(1) ack J+11 vlan 1
             +1ms S > C S. {k}:{k}(0) ack J+1 {scope}"
        );
        in_order(&script).len()
    };
    assert_eq!([attempts("K", "vlan 1"), attempts("K", "vlan 2")], [1, 1]);
    // Another K is another connection in another scope; in this one it may be an answer to one more SYN.
    assert_eq!([attempts("K+1", "vlan 1"), attempts("K+1", "vlan 2")], [1, 2]);
}

#[test]
fn the_last_syn_before_the_answer_begins_the_new_attempt() {
    let first_frame = |syns: &str| {
        let script = format!("{CONNECTED}{syns}\n+1ms S > C S. K+50:K+50(0) ack J+1");
        in_order(&script)[1].segments[0].frame
    };
    let syn = "C > S S J:J(0)";
    // A copy is no other SYN.
    assert_eq!(first_frame(&format!("+10 {syn} ip_id 0\n+5ms {syn} ip_id 0")), 5);
    assert_eq!(first_frame(&format!("+10 {syn} ip_id 0\n+5001us {syn} ip_id 0")), 6);
    let [one, two] = [1, 2].map(|it| format!("{syn} <TS val {it} ecr 0> ip_id 0"));
    assert_eq!(first_frame(&format!("+10 {one}\n+1 {one}")), 5);
    assert_eq!(first_frame(&format!("+10 {one}\n+1ms {two}")), 6);
}
