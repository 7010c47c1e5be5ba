use parser::Flags;

use super::story::{S, Story};
use super::{PatternName, finding, names};
use crate::record::{EndedBy, Outcome};

fn normal(story: Story) -> Story {
    story.syn(0).syn_ack(10).ack(20).established()
}

/// Ended by the server's silence, with the SYN-ACK again after the acknowledgment.
fn dropped(story: Story) -> Story {
    story.ends(Outcome::EstablishedClientOnly, EndedBy::Timeout)
}

#[test]
fn three_way() {
    assert_eq!(names(normal), ["three_way"]);
    let timed = |story| {
        normal(story).record_with(|record| {
            record.timing.total_ns = Some(20_000_000);
            record.timing.server_rtt_ns = Some(10_000_000);
            record.timing.client_rtt_ns = Some(61_400);
        })
    };
    let note = "SYN to ACK in 20.0 ms: server 10.0 ms, client 61 µs";
    assert_eq!(finding(PatternName::ThreeWay, timed), (vec![1, 2, 3], note.to_owned()));
}

#[test]
fn three_way_needs_the_syn_and_both_acknowledgments() {
    assert_eq!(names(|s| s.syn_ack(10).ack(20).established()), [""; 0]);
    let wrong_ack = |s: Story| {
        normal(s).with(|ack| {
            let check = ack.ack_check.as_mut().expect("an acknowledgment is checked");
            check.found = check.found.plus(5);
        })
    };
    assert_eq!(names(wrong_ack), [""; 0]);
    assert_eq!(names(|s| s.syn(0).wrong_syn_ack(10, 4999).ack(20).established()), [""; 0]);
    assert_eq!(names(|s| normal(s).ends(Outcome::InProgress, EndedBy::Segment)), [""; 0]);
}

#[test]
fn three_way_names_the_syn_ack_that_was_acknowledged() {
    let two = |s: Story| {
        let other = |segment: &mut crate::SegmentRecord| segment.seq = segment.seq.plus(9999);
        s.syn(0).syn_ack(10).with(other).syn_ack(11).ack(20).established()
    };
    assert_eq!(names(two), ["three_way", "syn_ack_mismatch"]);
    assert_eq!(finding(PatternName::ThreeWay, two).0, [1, 3, 4]);
}

#[test]
fn three_way_may_acknowledge_early_data_of_the_server_too() {
    let early = |s| {
        normal(s).with(|ack| {
            let check = ack.ack_check.as_mut().expect("an acknowledgment is checked");
            (check.data, check.found) = (86, check.found.plus(86));
            ack.ack = Some(check.found);
        })
    };
    assert_eq!(names(early), ["three_way"]);
}

#[test]
fn ack_with_data() {
    let data = |s| normal(s).len(517);
    assert_eq!(names(data), ["three_way", "ack_with_data"]);
    let note = "the acknowledging segment carries 517 bytes of data";
    assert_eq!(finding(PatternName::AckWithData, data), (vec![3], note.to_owned()));
    let fin = |s| normal(s).flags(Flags::FIN);
    assert_eq!(names(fin), ["three_way", "ack_with_data"]);
    assert_eq!(finding(PatternName::AckWithData, fin).1, "the acknowledging segment carries FIN");
}

#[test]
fn late_establish() {
    let late = |s: Story| {
        let waited =
            |record: &mut crate::Handshake| record.timing.retry_wait_ns = Some(1_024_000_000);
        s.syn(0).syn(1024).syn_ack(1030).ack(1040).established().record_with(waited)
    };
    assert_eq!(names(late), ["three_way", "late_establish"]);
    let note = "SYN sent 2 times; +1.0 s waiting until the SYN that was answered";
    assert_eq!(finding(PatternName::LateEstablish, late), (vec![1, 2, 3, 4], note.to_owned()));
    assert_eq!(finding(PatternName::ThreeWay, late).0, [2, 3, 4]);
}

#[test]
fn late_establish_tells_a_lost_syn_from_a_slow_answer() {
    let first_answered = |record: &mut crate::Handshake| {
        record.timing.retry_wait_ns = Some(0);
        record.timing.total_ns = Some(1_310_000_000);
    };
    let slow = |s: Story| {
        s.syn(0).syn(S).syn_ack(1300).ack(1310).established().record_with(first_answered)
    };
    let note = "SYN sent 2 times; the first one was answered after 1.3 s: the path or the server \
                is slow, nothing was lost";
    assert_eq!(finding(PatternName::LateEstablish, slow).1, note);
    let syn_ack_lost = |s: Story| {
        s.syn(0)
            .syn_ack(10)
            .syn(S)
            .syn_ack(1010)
            .ack(1310)
            .established()
            .record_with(first_answered)
    };
    let note = "SYN sent 2 times; the SYN-ACK of the first one was not acknowledged in time: ACK \
                after 1.3 s";
    assert_eq!(finding(PatternName::LateEstablish, syn_ack_lost).1, note);
    let unknown = |s: Story| s.syn(0).syn(S).syn_ack(1300).ack(1310).established();
    let note = "SYN sent 2 times; first SYN-ACK after 1.3 s";
    assert_eq!(finding(PatternName::LateEstablish, unknown).1, note);
}

#[test]
fn accept_queue_overflow() {
    let overflow = |s: Story| {
        let story = s.syn(0).syn_ack(0).ack(0);
        dropped(story.syn_ack(S).ack(S).syn_ack(3 * S).ack(3 * S).len(100))
    };
    assert_eq!(names(overflow), ["accept_queue_overflow"]);
    let note = "SYN-ACK again 2 times at +1.0, +3.0 s after the ACK; the server drops it, and \
                100 bytes of data with it";
    assert_eq!(
        finding(PatternName::AcceptQueueOverflow, overflow),
        (vec![3, 4, 6], note.to_owned())
    );
}

#[test]
fn a_queue_that_drained_and_one_that_was_not_watched_long_enough() {
    let drained = |s| {
        let story = normal(s).syn_ack(S).ack(S).syn_ack(3 * S).ack(3 * S);
        story.record_with(|record| record.confirmed_by = Some(8))
    };
    assert_eq!(names(drained), ["three_way", "accept_queue_overflow"]);
    let note = "SYN-ACK again 2 times at +1.0, +3.0 s after the ACK; the server dropped it and took \
                a later one";
    assert_eq!(finding(PatternName::AcceptQueueOverflow, drained).1, note);
    let cut = |s: Story| {
        let story = s.syn(0).syn_ack(0).ack(0).syn_ack(S);
        story.ends(Outcome::EstablishedClientOnly, EndedBy::CaptureEnd)
    };
    assert_eq!(names(cut), ["accept_queue_overflow"]);
    let note = "SYN-ACK again once at +1.0 s after the ACK; suspected: the server drops it";
    assert_eq!(finding(PatternName::AcceptQueueOverflow, cut).1, note);
}

#[test]
fn a_syn_ack_that_answers_a_repeated_syn_is_no_overflow() {
    let answered_twice = |s: Story| {
        let story = s.syn(0).syn(S).syn_ack(1460).ack(1460).syn_ack(1461).ack(1461);
        story.established()
    };
    assert_eq!(names(answered_twice), ["three_way", "late_establish"]);
}

#[test]
fn one_late_syn_ack_is_no_overflow() {
    let deferred =
        |s| normal(s).syn_ack(S).ack(S).record_with(|record| record.confirmed_by = Some(6));
    assert_eq!(names(deferred), ["three_way"]);
    let copied = |s: Story| s.syn(0).syn_ack(10).ack(20).syn_ack(21).copy(20, 64).established();
    assert_eq!(names(copied), ["three_way", "duplicate_capture"]);
}

#[test]
fn abort_on_overflow() {
    let abort = |s: Story| dropped(s.syn(0).syn_ack(10).ack(20).server_rst(30, Flags::RST));
    assert_eq!(names(abort), ["abort_on_overflow"]);
    let note = "RST without ACK, seq K+1, 10.0 ms after the ACK";
    assert_eq!(finding(PatternName::AbortOnOverflow, abort), (vec![3, 4], note.to_owned()));
}

#[test]
fn an_abort_after_one_more_syn_ack_is_an_abort() {
    let abort = |s: Story| {
        let story = s.syn(0).syn_ack(0).ack(0).syn_ack(S).ack(S);
        dropped(story.server_rst(S, Flags::RST))
    };
    assert_eq!(names(abort), ["abort_on_overflow"]);
}

#[test]
fn a_close_with_linger_zero_is_no_abort() {
    let linger = |s| normal(s).server_rst(30, Flags::RST | Flags::ACK);
    assert_eq!(names(linger), ["three_way"]);
    let later = |s| normal(s).server_rst(30, Flags::RST).with(|rst| rst.seq = rst.seq.plus(100));
    assert_eq!(names(later), ["three_way"]);
}
