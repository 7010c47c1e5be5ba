//! Which parts of the attempts a capture holds.

use super::*;

/// Attempts of which the client, the server, and a segment without SYN was captured.
fn sides(script: &str) -> (u64, u64, u64) {
    let [v4, v6] = [V4, V6].map(|hosts| run(&format!("{hosts}{script}")).counters);
    assert_eq!(v4, v6, "IPv6 differs from IPv4");
    (v4.client_heard, v4.server_heard, v4.beyond_syn)
}

#[test]
fn segments_of_each_side_are_counted() {
    let syn = "+0 C > S S J:J(0)";
    let syn_ack = "+1ms S > C S. K:K(0) ack J+1";
    let ack = "+1ms C > S . J+1:J+1(0) ack K+1";
    for (packets, counts) in [
        (vec![syn], (1, 0, 0)),
        (vec![syn, syn_ack], (1, 1, 0)),
        (vec![syn, syn_ack, ack], (1, 1, 1)),
        (vec![syn, ack], (1, 0, 1)),
        (vec!["+0 S > C S. K:K(0) ack J+1"], (0, 1, 0)),
        (vec!["+0 S > C S. K:K(0) ack J+1", "+1ms S > C . K+1:K+1(0) ack J+9"], (0, 1, 1)),
        // A router's ICMP error is a segment of neither.
        (vec![syn, "+1ms R > C icmp unreachable host quoting J"], (1, 0, 0)),
        (vec![syn, "+1 C > S S J+9:J+9(0)"], (2, 0, 0)),
    ] {
        assert_eq!(sides(&packets.join("\n")), counts, "{packets:?}");
    }
}

#[test]
fn open_attempts_and_kinds_of_frames_are_reported_at_any_time() {
    let script = Script::parse(&format!(
        "{V4}host C2 192.0.2.9:40001
         +0 C > S S J:J(0)
         +1ms C2 > S S 5:5(0)
         +1ms R > C2 icmp unreachable host quoting 5
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms S > C P. K+1:K+2(1) ack J+1
         +1ms S > C2 S. K:K(0) ack 6
         +1ms R > C2 icmp unreachable host quoting 5
         +1ms C2 > S . 6:6(0) ack K+1
         +1ms S > C2 P. K+1:K+2(1) ack 6"
    ))
    .unwrap();
    let mut tracker = Tracker::new(Limits::default(), Reporting::Facts);
    let oldest = script.frames().iter().enumerate().map(|(at, it)| {
        tracker.on_frame(&frame(at, it), &mut |_| {});
        tracker.oldest_open().unwrap_or(0)
    });
    assert_eq!(oldest.collect::<Vec<_>>(), [1, 1, 1, 1, 1, 2, 2, 2, 2, 0]);
    assert_eq!((tracker.traffic().frames, tracker.traffic().icmp_errors), (10, 2));
}

#[test]
fn each_outcome_is_counted() {
    let counters = run(&format!(
        "{V4}{CONNECTED}+1 C > S S 5:5(0)\n+1 C > S S 7:7(0)\n+1ms S > C R. 0:0(0) ack 8"
    ))
    .counters;
    assert_eq!(counters.outcomes, [1, 0, 1, 0, 0, 1, 0, 0]);
}

#[test]
fn an_odd_segment_of_an_open_attempt_is_counted_as_such() {
    for (segment, odd, outside) in [
        ("C > S FPU J+1:J+1(0)", 1, 0),
        ("C > S - J+1:J+1(0)", 1, 0),
        ("S > C SF K:K(0)", 1, 0),
        ("C > S F J+1:J+1(0)", 0, 1),
        ("C > S . J+1:J+9(8) ack K+1", 0, 1),
    ] {
        let counters = run(&format!("{V4}{OPEN}+1ms {segment}")).counters;
        let found = (counters.odd_segments, counters.outside_handshake);
        assert_eq!(found, (odd, outside), "{segment}");
    }
    let waits = run(&format!("{V4}+0 C > S S J:J(0)\n+1ms C > S FPU J+1:J+1(0)"));
    assert_eq!((waits.counters.odd_segments, waits.records[0].segments.len()), (1, 2));
}

#[test]
fn checksums_are_looked_at() {
    use parser::Checksum;
    let script = |bad: &str| {
        format!("{CONNECTED}+10 C > S S J:J(0) {bad}\n+1ms S > C S. K+50:K+50(0) ack J+1 {bad}")
    };
    let all = |bad: &str, is_so: fn(&Checksum) -> bool| {
        let record = in_order(&script(bad)).remove(1);
        record.segments.iter().all(|it| is_so(&it.checksum))
    };
    assert!(all("", |it| *it == Checksum::Ok));
    assert!(all("checksum bad", |it| matches!(it, Checksum::Bad { .. })));
}
