//! The schedules on which SYN and SYN-ACK come again.

use std::fmt::Write as _;

use super::finds_after;

/// SYNs at these milliseconds, and what is said of them.
#[track_caller]
fn syns(at: &[u32], expected: &str) {
    let mut script = String::new();
    for ms in at {
        writeln!(script, "={ms}ms C > S S J:J(0)").unwrap();
    }
    let frames: Vec<String> = (1..=at.len()).map(|frame| frame.to_string()).collect();
    let line = format!("1 syn_timeout {}: {expected}; no answer was captured", frames.join(","));
    finds_after(0, &script, &line);
}

/// SYN-ACKs at these milliseconds, and what is said of them.
#[track_caller]
fn repeats(at: &[u32], expected: &str) {
    let mut script = "+0 C > S S J:J(0)\n".to_owned();
    for ms in at {
        writeln!(script, "={ms}ms S > C S. K:K(0) ack J+1").unwrap();
    }
    let frames: Vec<String> = (1..=at.len() + 1).map(|frame| frame.to_string()).collect();
    let line = format!("1 embryonic {}: {expected}", frames.join(","));
    finds_after(0, &script, &format!("{line}; no further segment of the client was captured"));
}

#[test]
fn syns_of_linux_since_6_5() {
    syns(
        &[0, 1000, 2000, 3000, 4000, 5000, 7000, 11_000, 19_000, 35_000, 67_000],
        "SYN sent 11 times over 67 s, at +1.0, +2.0, +3.0, +4.0, +5.0, +7.0, +11.0, +19.0, +35.0, \
         +67.0 s: the schedule of Linux 6.5 and later, and macOS",
    );
}

#[test]
fn syns_that_double_their_waits() {
    syns(
        &[0, 1031, 3079, 7271, 15_463, 31_591, 65_383],
        "SYN sent 7 times over 65.4 s, at +1.0, +3.1, +7.3, +15.5, +31.6, +65.4 s: the schedule of \
         Linux before 6.5, Windows and BSD",
    );
    syns(
        &[0, 3000, 9000, 21_000],
        "SYN sent 4 times over 21 s, at +3.0, +9.0, +21.0 s: the schedule of Linux before 3.1, \
         older Windows and BSD",
    );
}

#[test]
fn a_capture_that_began_late_shows_a_later_part() {
    syns(
        &[0, 6000, 18_000],
        "SYN sent 3 times over 18 s, at +6.0, +18.0 s: a later part of the schedule of Linux \
         before 3.1, older Windows and BSD; the part before was not captured",
    );
}

#[test]
fn what_fits_no_schedule_is_called_so() {
    for (gap, told) in [(500, "500 ms, at +0.5 s"), (949, "949 ms, at +0.9 s")] {
        let expected = format!("SYN sent 2 times over {told}: no known schedule");
        syns(&[0, gap], &expected);
    }
    // Timers fire late rather than early.
    for (gap, told) in [(950, "950 ms, at +0.9 s"), (1172, "1.17 s, at +1.2 s")] {
        let expected = format!(
            "SYN sent 2 times over {told}: the schedule of Linux 6.5 and later, and macOS; or of \
             Linux before 6.5, Windows and BSD"
        );
        syns(&[0, gap], &expected);
    }
    syns(&[0, 1173], "SYN sent 2 times over 1.17 s, at +1.2 s: no known schedule");
}

#[test]
fn gaps_below_100_ms_are_printed_in_milliseconds() {
    for (gap, told) in [
        (50, "50 ms, at +0.050 s"),
        (99, "99 ms, at +0.099 s"),
        (100, "100 ms, at +0.1 s"),
        (101, "101 ms, at +0.1 s"),
    ] {
        let expected = format!("SYN sent 2 times over {told}: no known schedule");
        syns(&[0, gap], &expected);
    }
}

#[test]
fn syn_acks_come_again() {
    repeats(
        &[0, 1000, 3000, 7000, 15_000, 31_000],
        "SYN-ACK sent 6 times over 31 s, at +1.0, +3.0, +7.0, +15.0, +31.0 s: the schedule of Linux",
    );
    repeats(
        &[0, 3000, 9000],
        "SYN-ACK sent 3 times over 9 s, at +3.0, +9.0 s: the schedule of Linux before 3.1, \
         Windows and older BSD",
    );
    repeats(
        &[0, 1000, 2000],
        "SYN-ACK sent 3 times over 2 s, at +1.0, +2.0 s: the schedule of older FreeBSD",
    );
}
