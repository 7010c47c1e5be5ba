//! Several attempts on one 4-tuple, side by side and one after the other.

use super::{CONNECTED, assert_facts, assert_told, in_order, outcomes, record};
use crate::record::{Handshake, Outcome};

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

/// A connection, and a later attempt with numbers far from its own.
const FAR: &str = "+0 C > S S J:J(0)
     +1ms S > C S. K:K(0) ack J+1
     +1ms C > S . J+1:J+1(0) ack K+1
     +1ms C > S S J+2000000000:J+2000000000(0)
     +1ms S > C S. K+2000000000:K+2000000000(0) ack J+2000000001\n";

#[test]
fn what_lies_in_the_windows_of_an_older_attempt_is_no_part_of_a_newer_one() {
    // The last number of a window of 2^30, and the first one after it.
    let (last, beyond) = (1 << 30, (1 << 30) + 1);
    for (segment, is_newer) in [
        ("C > S . J+6:J+6(0) ack K+1".to_owned(), false),
        (format!("C > S . J+{last}:J+{last}(0) ack K+1"), false),
        (format!("C > S . J+{beyond}:J+{beyond}(0) ack K+1"), true),
        ("C > S . J+6:J+6(0) ack K+6".to_owned(), false),
        (format!("C > S . J+6:J+6(0) ack K+{last}"), false),
        (format!("C > S . J+6:J+6(0) ack K+{beyond}"), true),
        (format!("S > C . K+{last}:K+{last}(0) ack J+1"), false),
        (format!("S > C . K+{beyond}:K+{beyond}(0) ack J+1"), true),
        (format!("S > C . K+1:K+1(0) ack J+{last}"), false),
        (format!("S > C . K+1:K+1(0) ack J+{beyond}"), true),
        ("C > S R J+6:J+6(0)".to_owned(), false),
        (format!("C > S R J+{0}:J+{0}(0)", last - 1), false),
        (format!("C > S R J+{last}:J+{last}(0)"), true),
        ("S > C R K:K(0)".to_owned(), false),
    ] {
        let newer = in_order(&format!("{FAR}+1ms {segment}")).remove(1);
        let frames: Vec<_> = newer.segments.iter().map(|it| it.frame).collect();
        assert_eq!(frames, if is_newer { vec![4, 5, 6] } else { vec![4, 5] }, "{segment}");
    }
}

#[test]
fn a_copy_belongs_where_its_original_is() {
    let frames = |script: &str| {
        let frames = |it: &Handshake| it.segments.iter().map(|it| it.frame).collect::<Vec<_>>();
        in_order(script).iter().map(frames).collect::<Vec<_>>()
    };
    let syns = "+0 C > S S J:J(0)\n+1us dup\n+1ms C > S S J-900:J-900(0)\n+1us dup";
    assert_eq!(frames(syns), [[1, 2], [3, 4]]);
    // The ACK fits the older connection, and challenges the SYN.
    let challenged = "+0 C > S S J-900:J-900(0)
         +1ms S > C S. K-50:K-50(0) ack J-899
         +1ms C > S . J-899:J-899(0) ack K-49
         +1ms C > S S J:J(0)
         +1ms S > C . K-49:K-49(0) ack J-899
         +1us dup";
    assert_eq!(frames(challenged), [[1, 2, 3], [4, 5, 6]]);
}

#[test]
fn the_very_numbers_of_an_attempt_outweigh_the_windows_of_another() {
    // All numbers lie in the windows of the second one too.
    let connected = |j: &str, k: &str, next: &str, after: &str| {
        format!(
            "+1ms C > S S {j}:{j}(0)\n+1ms S > C S. {k}:{k}(0) ack {next}
             +1ms C > S . {next}:{next}(0) ack {after}\n"
        )
    };
    let both = format!(
        "{}{}",
        connected("J", "K", "J+1", "K+1"),
        connected("J-50", "K-50", "J-49", "K-49")
    );
    let confirmed = |segment: &str| {
        let found = in_order(&format!("{both}+1ms {segment}"));
        found.iter().map(|it| it.confirmed_by.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(confirmed("S > C . K+1:K+1(0) ack J+1"), [true, false]);
    assert_eq!(confirmed("S > C . K-49:K-49(0) ack J-49"), [false, true]);
    // The SYN-ACK of the first one was not captured.
    let syns = "+0 C > S S J:J(0)\n+1ms C > S S J-900:J-900(0)\n";
    let acknowledged = format!("{syns}+1ms C > S . J+1:J+1(0) ack K+1");
    assert_eq!(outcomes(&acknowledged), ["established", "unanswered"]);
}

#[test]
fn the_packet_that_ended_an_attempt_answers_no_syn_when_it_is_captured_again() {
    let script = |tsval: u32| {
        let ack =
            |tsval: u32| format!("S > C . K+1:K+1(0) ack J+2 <TS val {tsval} ecr 2> ip_id 0\n");
        in_order(&format!(
            "+0 C > S S J:J(0)
             +1ms S > C S. K:K(0) ack J+1
             +1ms C > S F. J+1:J+1(0) ack K+1
             +1ms {}+1ms C > S S J+900:J+900(0)\n+12ms {}",
            ack(9),
            ack(tsval)
        ))
    };
    let begun = "unanswered by capture_end, J 899 K ?, after 1 (established)
         5 client syn advanced: SYN-SENT / ?";
    assert_told(&script(9)[1], begun);
    // Another packet with the same numbers is a challenge.
    assert_told(&script(10)[1], &format!("{begun}\n6 server ack challenge_ack: SYN-SENT / ?"));
}

#[test]
fn a_late_syn_ack_belongs_to_the_connection_that_went_on_from_its_k() {
    let script = |k: &str| {
        outcomes(&format!(
            "+0 C > S S J:J(0)
             +1ms C > S F. J+1:J+1(0) ack K+1
             +1ms S > C . K+1:K+1(0) ack J+2
             +85ms S > C S. {k}:{k}(0) ack J+1"
        ))
    };
    assert_eq!(script("K"), ["established"]);
    assert_eq!(script("K+1"), ["established", "unacknowledged"]);
}

#[test]
fn a_connection_without_its_k_keeps_its_segments_from_an_older_attempt() {
    // Both numbers lie in the windows of the attempt before it.
    let older = "+0 C > S S J-900:J-900(0)\n+1ms S > C S. K-900:K-900(0) ack J-899\n";
    let open = outcomes(&format!(
        "{older}+1 C > S S J:J(0)
         +1ms C > S P. J+1:J+43(42) ack K+1
         +1ms C > S . J+43:J+43(0) ack K+211
         +1ms C > S F. J+43:J+43(0) ack K+211
         +1ms S > C . K+211:K+211(0) ack J+44"
    ));
    let ended = outcomes(&format!(
        "{older}+1 C > S S J:J(0)
         +1ms C > S F. J+1:J+1(0) ack K+1
         +1ms S > C . K+1:K+1(0) ack J+2
         +1ms C > S F. J+1:J+1(0) ack K+1
         +1ms S > C . K+2:K+2(0) ack J+2"
    ));
    for told in [open, ended] {
        assert_eq!(told, ["unacknowledged", "established"]);
    }
}

#[test]
fn the_syn_ack_of_a_client_belongs_to_the_syns_that_crossed() {
    let found = in_order(
        "+0 C > S S J:J(0)
         +1ms S > C S K:K(0)
         +1ms C > S S J+9000:J+9000(0)
         +1ms C > S S. J:J(0) ack K+1",
    );
    let frames = |it: &Handshake| it.segments.iter().map(|it| it.frame).collect::<Vec<_>>();
    assert_eq!(found.iter().map(frames).collect::<Vec<_>>(), [vec![1, 2, 4], vec![3]]);
}
