//! Patterns claim what is shown: each beside its nearest neighbour that has another name, or none.

use std::fmt::Write as _;

use super::{ISNS, V4, patterns, patterns_after, shows};

const ACK: &str = "+0    C > S  S   J:J(0)
     +1ms  S > C  S.  K:K(0) ack J+1
     +1ms  C > S  .   J+1:J+1(0) ack K+1\n";

/// The patterns of a script that has other hosts: IPv4, numbers at the wrap.
fn beside(hosts: &str, script: &str) -> Vec<Vec<&'static str>> {
    patterns(&format!("{V4}{hosts}{}{script}", ISNS[0]))
}

#[test]
fn three_way_is_three_segments_with_the_right_numbers() {
    let with = |ack: &str| format!("{}{ack}", &ACK[..ACK.find("+1ms  C").unwrap()]);
    shows(&with("+1ms C > S . J+1:J+1(0) ack K+1"), &[&["three_way"]]);
    // Confirmed, so established; but it is not the third segment.
    for not_the_third in [
        ". J+1:J+1(0) ack K+993999",
        ". J+1:J+1(0) ack K+2",
        ". J+11:J+11(0) ack K+1",
        "P. J+11:J+21(10) ack K+1",
    ] {
        let script = format!("+1ms C > S {not_the_third}\n+1ms S > C P. K+1:K+11(10) ack J+21");
        shows(&with(&script), &[&[]]);
    }
    shows(
        &with("+0 S > C P. K+1:K+11(10) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+11"),
        &[&["three_way"]],
    );
    shows(&with("+3.4 C > S F. J+1:J+1(0) ack K+1"), &[&["three_way", "ack_with_data"]]);
    shows(&with("+3.6 C > S F. J+1:J+1(0) ack K+1"), &[&[]]);
    shows("+0 C > S S J:J(0)\n+1ms C > S . J+1:J+1(0) ack K+1", &[&[]]);
    shows("+0 C > S S J:J(0)\n+1ms C > S P. J+1:J+11(10) ack K+1", &[&[]]);
    shows("+0 S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1", &[&[]]);
}

#[test]
fn a_capture_of_one_direction_does_not_claim_silence() {
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  C > S  .   J+1:J+1(0) ack K+1
         +1    C > S  P.  J+1:J+11(10) ack K+1",
        &[&[]],
    );
    shows(
        "+0    S > C  S.  K:K(0) ack J+1
         +1    S > C  S.  K:K(0) ack J+1
         +1ms  S > C  .   K+1:K+1(0) ack J+11",
        &[&[]],
    );
    // The server acknowledges the client's own data: no challenge.
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  S > C  .   K+1:K+1(0) ack J+121",
        &[&[]],
    );
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  C > S  P.  J+2:J+121(119) ack K+1
         +1ms  S > C  .   K+1:K+1(0) ack J+121",
        &[&[]],
    );
}

#[test]
fn a_stalled_listener_answers_others_while_it_is_tried() {
    // Another address, and another port of the same one.
    for host in ["192.0.2.9:40001", "192.0.2.1:40009"] {
        let names = |answered: i64| {
            let mut lines = [
                (5_000_000, "C > S S J:J(0)"),
                (6_000_000, "C > S S J:J(0)"),
                (answered, "A > S S I:I(0)"),
                (answered, "S > A S. K:K(0) ack I+1"),
                (answered, "A > S . I+1:I+1(0) ack K+1"),
            ];
            lines.sort_by_key(|&(at, _)| at);
            let mut script = String::new();
            for (at, line) in lines {
                writeln!(script, "={at}us {line}").unwrap();
            }
            let mut found = beside(&format!("host A {host}\n"), &script);
            found.retain(|names| names != &["three_way"]);
            found.remove(0)
        };
        // 168 us before the first SYN is the clearest evidence there is.
        for answered in [4_100_000, 4_999_832, 5_500_000, 5_900_000] {
            assert_eq!(names(answered), ["syn_timeout", "listener_stalled"], "{answered}");
        }
        for answered in [3_900_000, 6_100_000, 19_000_000] {
            assert_eq!(names(answered), ["syn_timeout"], "{answered}");
        }
    }
}

#[test]
fn ten_targets_are_a_scan_and_nine_are_probes() {
    let names = |targets: u32| {
        let (mut hosts, mut script) = (String::new(), String::new());
        for port in 0..targets {
            writeln!(hosts, "host T{port} 192.0.2.2:{}", 1000 + port).unwrap();
            writeln!(
                script,
                "+1ms C > T{port} S J:J(0)\n+1ms T{port} > C S. K:K(0) ack J+1
                 +1ms C > T{port} R J+1:J+1(0)"
            )
            .unwrap();
        }
        beside(&hosts, &script).pop().expect("the last one")
    };
    assert_eq!([names(1), names(9)], [["syn_probe"], ["syn_probe"]]);
    assert_eq!([names(10), names(11)], [["syn_scan"], ["syn_scan"]]);
}

#[test]
fn a_gap_below_20_ms_is_no_time_out() {
    let twice = |gap| format!("+0 C > S S J:J(0)\n+{gap}us C > S S J:J(0)");
    let names = |script: &str| patterns_after(&format!("{V4}{}{script}", ISNS[0]), 0);
    for short in [5_100, 19_900] {
        assert_eq!(names(&twice(short)), [[""; 0]]);
    }
    for long in [20_100, 34_000, 101_000] {
        assert_eq!(names(&twice(long)), [["syn_timeout"]]);
    }
    assert_eq!(names(&format!("{}\n+1 C > S S J:J(0)", twice(19_900))), [["syn_timeout"]]);
}

#[test]
fn a_syn_that_was_repeated_before_the_answer_is_late_whoever_was_answered() {
    let late: &[&[&str]] = &[&["three_way", "late_establish"]];
    for tsecr in [1, 1001] {
        shows(
            &format!(
                "+0    C > S  S   J:J(0) <TS val 1 ecr 0>
                 =1    C > S  S   J:J(0) <TS val 1001 ecr 0>
                 +1ms  S > C  S.  K:K(0) ack J+1 <TS val 7 ecr {tsecr}>
                 +1ms  C > S  .   J+1:J+1(0) ack K+1 <TS val 1003 ecr 7>"
            ),
            late,
        );
    }
    // A copy is no repetition.
    shows(
        "+0    C > S  S   J:J(0) <TS val 1 ecr 0> ttl 64
         +150ms dup ttl 63
         +1ms  S > C  S.  K:K(0) ack J+1 <TS val 7 ecr 1>
         +1ms  C > S  .   J+1:J+1(0) ack K+1 <TS val 153 ecr 7>",
        &[&["three_way", "duplicate_capture"]],
    );
}

#[test]
fn one_cause_has_one_name() {
    // The client's second SYN waited for its timer, after it had reset the old connection.
    for (again, k) in [("=0.02", "K"), ("=1", "K"), ("=3.08", "K")] {
        shows(
            &format!(
                "+0    C > S  S   J:J(0)
                 +18ms S > C  .   I:I(0) ack J-4999
                 +1us  C > S  R   J-4999:J-4999(0)
                 {again} C > S  S   J:J(0)
                 +18ms S > C  S.  {k}:{k}(0) ack J+1
                 +1us  C > S  .   J+1:J+1(0) ack {k}+1"
            ),
            &[&["three_way", "half_open_recovery"]],
        );
    }
}

#[test]
fn a_challenge_is_an_ack_that_does_not_fit_j() {
    let answered = |ack: &str| format!("+0 C > S S J:J(0)\n+1ms S > C . I:I(0) ack {ack}");
    for ack in ["J-4999", "J", "J+2", "J+500"] {
        shows(&answered(ack), &[&["challenge_ack"]]);
    }
    shows(&answered("J+1"), &[&[]]);
}

#[test]
fn an_old_duplicate_syn_that_was_captured_has_a_record_of_its_own() {
    let rest = "+1ms  S > C  S.  I:I(0) ack J-9
         +1us  C > S  R   J-9:J-9(0)
         =1    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1";
    shows(&format!("+0 C > S S J:J(0)\n{rest}"), &[&["three_way", "old_duplicate_syn"]]);
    shows(
        &format!("+0 C > S S J:J(0)\n+1ms C > S S J-10:J-10(0)\n{rest}"),
        &[&["three_way", "late_establish"], &["syn_probe", "port_reuse"]],
    );
}

#[test]
fn port_reuse_is_another_j() {
    let closed = format!("{ACK}+1ms S > C F. K+1:K+1(0) ack J+1\n");
    let again = |j: &str| format!("{closed}+10 C > S S {j}:{j}(0)");
    shows(&again("J"), &[&["three_way"], &["syn_timeout"]]);
    shows(&again("J+64000"), &[&["three_way"], &["syn_timeout", "port_reuse", "time_wait_hit"]]);
}

#[test]
fn an_acknowledgment_that_was_lost_once_is_no_overflow() {
    let again = "=1    S > C  S.  K:K(0) ack J+1\n+1us  C > S  .   J+1:J+1(0) ack K+1\n";
    shows(&format!("{ACK}{again}"), &[&["three_way"]]);
    shows(&format!("{ACK}{again}=3 S > C S. K:K(0) ack J+1"), &[&["accept_queue_overflow"]]);
    // The client resets what it had opened; the server repeats its SYN-ACK: it never took the ACK.
    let reset = "+1ms  C > S  R.  J+1:J+1(0) ack K+1\n";
    shows(&format!("{ACK}{reset}"), &[&["three_way"]]);
    shows(&format!("{ACK}{reset}=1 S > C S. K:K(0) ack J+1"), &[&["accept_queue_overflow"]]);
}

#[test]
fn an_abort_is_a_bare_reset_of_a_server_that_sent_nothing_else() {
    let request = "+1ms C > S P. J+1:J+101(100) ack K+1\n";
    let rst = "+1ms S > C R K+1:K+1(0)\n";
    shows(&format!("{ACK}{request}{rst}"), &[&["abort_on_overflow"]]);
    // The server goes on: it did not send that RST. Whether the client believed it shows what that
    // does next.
    let goes_on = format!("{ACK}{request}{rst}+1ms S > C . K+1:K+1(0) ack J+101\n");
    shows(&goes_on, &[&["three_way"]]);
    shows(&format!("{goes_on}+1us C > S R J+101:J+101(0)"), &[&["three_way"]]);
    let both = format!("{goes_on}+1ms C > S . J+101:J+101(0) ack K+1");
    shows(&both, &[&["three_way", "rst_ignored"]]);
    shows(&format!("{ACK}{request}+1ms S > C . K+1:K+1(0) ack J+101\n{rst}"), &[&["three_way"]]);
    // The server's own schedule ran out before.
    let mut repeated = ACK.to_owned();
    for at in [1, 3, 7, 15, 31] {
        writeln!(repeated, "={at} S > C S. K:K(0) ack J+1").unwrap();
    }
    shows(&format!("{repeated}=63 S > C R K+1:K+1(0)"), &[&["accept_queue_overflow"]]);
}

#[test]
fn a_reset_that_the_connection_outlives_is_ignored() {
    let goes_on = "+1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1\n";
    let forged = |rst: &str| format!("+0 C > S S J:J(0)\n+1ms S > C {rst}\n{goes_on}");
    for rst in ["R. 0:0(0) ack J+1", "R. 0:0(0) ack J+1 checksum bad"] {
        shows(
            &format!("{}+1ms S > C P. K+1:K+11(10) ack J+1", forged(rst)),
            &[&["three_way", "rst_ignored"]],
        );
        shows(&forged(rst), &[&["closed_port"]]);
    }
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  R.  0:0(0) ack J+1
         +500ms C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1
         +1ms  S > C  P.  K+1:K+11(10) ack J+1",
        &[&["three_way", "late_establish"]],
    );
}

#[test]
fn an_answer_from_another_address_is_named() {
    let hosts = "host S2 192.0.2.3:80\n";
    let script = "+0    C > S   S   J:J(0)
         +1ms  S2 > C  S.  K:K(0) ack J+1
         +1ms  C > S   .   J+1:J+1(0) ack K+1";
    assert_eq!(beside(hosts, script), [["three_way", "nat_suspected"]]);
    // The client knows no such connection: no probe.
    let reset = script.replace(".   J+1:J+1(0) ack K+1", "R   J+1:J+1(0)");
    assert_eq!(beside(hosts, &reset), [["nat_suspected"]]);
    // Not where that server got a SYN of its own, has another port, or answers another number.
    let own = format!("+0 C > S2 S J:J(0)\n{script}");
    assert!(beside(hosts, &own).iter().flatten().all(|name| *name != "nat_suspected"));
    for other in ["host S2 192.0.2.3:81\n", hosts] {
        let ack = if other == hosts { "J+2" } else { "J+1" };
        let script = script.replacen("ack J+1", &format!("ack {ack}"), 1);
        let found = beside(other, &script);
        assert!(found.iter().flatten().all(|name| *name != "nat_suspected"), "{found:?}");
    }
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  S > C  S.  K+99999:K+99999(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+100000",
        &[&["three_way", "syn_ack_mismatch"]],
    );
    // The RST of the other server is no sign of a full queue.
    shows(
        "+0    C > S  S   J:J(0)
         +1ms  S > C  S.  K:K(0) ack J+1
         +1ms  S > C  S.  K+99999:K+99999(0) ack J+1
         +1ms  C > S  .   J+1:J+1(0) ack K+1
         +1ms  S > C  R   K+1:K+1(0)",
        &[&["syn_ack_mismatch"]],
    );
}

#[test]
fn a_split_handshake_has_four_segments_or_five() {
    let split = "+1ms  S > C  S   K:K(0)
         +1ms  C > S  S.  J:J(0) ack K+1
         +1ms  S > C  .   K+1:K+1(0) ack J+1";
    shows(&format!("+0 C > S S J:J(0)\n{split}"), &[&["split_handshake"]]);
    shows(
        &format!("+0 C > S S J:J(0)\n+1ms S > C . K-5:K-5(0) ack J+1\n{split}"),
        &[&["split_handshake"]],
    );
}
