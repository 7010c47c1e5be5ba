use super::story::{S, Story};
use super::{PatternName, finding, names};
use crate::record::{EndedBy, Outcome, Side};

fn normal(story: Story) -> Story {
    story.syn(0).syn_ack(10).ack(20).established()
}

#[test]
fn port_reuse() {
    let reuse = |s: Story| normal(s.previous(5000, Outcome::Established, 30));
    assert_eq!(names(reuse), ["three_way", "port_reuse"]);
    let note = "the handshake of attempt 3 (established) on this 4-tuple ended 30.0 s before";
    assert_eq!(finding(PatternName::PortReuse, reuse), (vec![1], note.to_owned()));
}

#[test]
fn the_same_j_or_a_long_time_is_no_port_reuse() {
    assert_eq!(names(|s| normal(s.previous(0, Outcome::Refused, 1))), ["three_way"]);
    assert_eq!(names(|s| normal(s.previous(5000, Outcome::Established, 241))), ["three_way"]);
}

#[test]
fn time_wait_hit() {
    let silent = |s: Story| s.previous(5000, Outcome::Established, 30).syn(0).syn(S).unanswered();
    assert_eq!(names(silent), ["syn_timeout", "port_reuse", "time_wait_hit"]);
    let challenged = |s: Story| {
        let story = s.previous(5000, Outcome::Established, 30).syn(0).challenge(1, 4000);
        story.ends(Outcome::Unanswered, EndedBy::Timeout)
    };
    assert_eq!(names(challenged), ["challenge_ack", "port_reuse", "time_wait_hit"]);
    let note = "suspected: attempt 3 was established here 30.0 s before, and a bare ACK answers \
                the new SYN";
    assert_eq!(finding(PatternName::TimeWaitHit, challenged), (vec![1, 2], note.to_owned()));
}

#[test]
fn a_client_that_gets_through_hit_no_time_wait() {
    let recovered = |s: Story| {
        let story = s.previous(5000, Outcome::Established, 30).syn(0).challenge(1, 4999);
        story.client_rst(1, -4999).syn(11).syn_ack(12).ack(13).established()
    };
    assert_eq!(names(recovered), ["three_way", "half_open_recovery", "port_reuse"]);
}

#[test]
fn a_tuple_that_never_was_established_has_no_time_wait() {
    let silent = |s: Story| s.previous(5000, Outcome::Unanswered, 30).syn(0).syn(S).unanswered();
    assert_eq!(names(silent), ["syn_timeout", "port_reuse"]);
}

#[test]
fn backscatter() {
    let scattered =
        |s: Story| s.syn_ack(0).syn_ack(S).ends(Outcome::Unacknowledged, EndedBy::Timeout);
    assert_eq!(names(scattered), ["backscatter"]);
    let note = "SYN-ACK sent 2 times to a host that sent no SYN in this capture; the client stayed \
                silent";
    assert_eq!(finding(PatternName::Backscatter, scattered), (vec![1, 2], note.to_owned()));
}

#[test]
fn a_host_that_resets_shows_backscatter_too() {
    let reset = |s: Story| s.syn_ack(0).client_rst(1, 1).reset_by(Side::Client);
    assert_eq!(names(reset), ["backscatter"]);
    let note = "SYN-ACK sent once to a host that sent no SYN in this capture; the client reset it";
    assert_eq!(finding(PatternName::Backscatter, reset), (vec![1, 2], note.to_owned()));
}

#[test]
fn one_syn_ack_in_a_capture_that_ends_or_sees_one_direction_is_no_backscatter() {
    let cut = |s: Story| s.syn_ack(0).ends(Outcome::Unacknowledged, EndedBy::CaptureEnd);
    assert_eq!(names(cut), [""; 0]);
    let one_direction = |s: Story| {
        let story = s.syn_ack(0).server_ack(50);
        story.ends(Outcome::Unacknowledged, EndedBy::Timeout)
    };
    assert_eq!(names(one_direction), [""; 0]);
}

#[test]
fn a_client_that_acknowledges_is_no_victim_of_backscatter() {
    assert_eq!(names(|s| s.syn_ack(0).ack(1).established()), [""; 0]);
}

#[test]
fn duplicate_capture() {
    let copied = |s: Story| s.syn(0).copy(20, 63).syn_ack(10).copy(35, 63).ack(20).established();
    assert_eq!(names(copied), ["three_way", "duplicate_capture"]);
    let note = "2 copies by the capture, 35 µs apart at most, before and after a router".to_owned();
    assert_eq!(finding(PatternName::DuplicateCapture, copied), (vec![1, 2, 3, 4], note));
    let bridged = |s: Story| normal(s).copy(4, 64);
    assert_eq!(
        finding(PatternName::DuplicateCapture, bridged).1,
        "1 copy by the capture, 4 µs apart at most"
    );
}
