use super::story::{S, Story};
use super::{PatternName, finding, names};
use crate::record::{EndedBy, Outcome};

fn silent(story: Story) -> Story {
    story.syn(0).syn(S).syn(3 * S).syn(7 * S).unanswered()
}

fn embryonic(story: Story) -> Story {
    let story = story.syn(0).syn_ack(0).syn_ack(S).syn_ack(3 * S).syn_ack(7 * S);
    story.ends(Outcome::Unacknowledged, EndedBy::Timeout)
}

#[test]
fn syn_timeout() {
    assert_eq!(names(silent), ["syn_timeout"]);
    let note = "SYN sent 4 times over 7.0 s, at +1.0, +3.0, +7.0 s: the schedule of Linux before \
                6.5, Windows and BSD, no answer";
    assert_eq!(finding(PatternName::SynTimeout, silent), (vec![1, 2, 3, 4], note.to_owned()));
    let linear = |s: Story| s.syn(0).syn(1031).syn(2055).unanswered();
    let note = "SYN sent 3 times over 2.1 s, at +1.0, +2.1 s: the schedule of Linux 6.5 and later, \
                and macOS, no answer";
    assert_eq!(finding(PatternName::SynTimeout, linear).1, note);
    let odd = |s: Story| s.syn(0).syn(500).unanswered();
    let note = "SYN sent 2 times over 500.0 ms, at +0.5 s: no schedule that is known, no answer";
    assert_eq!(finding(PatternName::SynTimeout, odd).1, note);
}

#[test]
fn one_syn_is_a_timeout_only_where_the_capture_waited() {
    let once = |s: Story| s.syn(0).unanswered();
    assert_eq!(
        finding(PatternName::SynTimeout, once),
        (vec![1], "SYN sent once, no answer".to_owned())
    );
    let cut = |s: Story| s.syn(0).ends(Outcome::Unanswered, EndedBy::CaptureEnd);
    assert_eq!(names(cut), [""; 0]);
    let twice = |s: Story| s.syn(0).syn(S).ends(Outcome::Unanswered, EndedBy::CaptureEnd);
    assert_eq!(names(twice), ["syn_timeout"]);
}

#[test]
fn an_answer_of_any_kind_is_no_timeout() {
    assert_eq!(names(|s| s.syn(0).wrong_rst(1, None).syn(S).unanswered()), ["rst_ignored"]);
    assert_eq!(names(|s| s.syn(0).challenge(1, 500).syn(S).unanswered()), ["challenge_ack"]);
}

#[test]
fn a_capture_that_sees_one_direction_shows_no_silence() {
    assert_eq!(names(|s| s.syn(0).ack(20).unanswered()), [""; 0]);
    let server_went_on = |s: Story| {
        let story = s.syn(0).syn_ack(0).server_ack(50);
        story.ends(Outcome::Unacknowledged, EndedBy::Timeout)
    };
    assert_eq!(names(server_went_on), [""; 0]);
}

#[test]
fn a_capture_that_lost_packets_says_so_where_something_is_missing() {
    let lost =
        |story: Story| story.record_with(|record| record.context.capture_lost_packets = true);
    let once = |s: Story| lost(s.syn(0).unanswered());
    let note = "SYN sent once, no answer; the capture lost packets, so what is missing may have \
                been sent";
    assert_eq!(finding(PatternName::SynTimeout, once).1, note);
    let refused = |s: Story| lost(s.syn(0).refusal(1).ends(Outcome::Refused, EndedBy::Segment));
    assert_eq!(finding(PatternName::ClosedPort, refused).1, "refused after 1.0 ms");
}

#[test]
fn listener_stalled() {
    let stalled = |s| silent(s).record_with(|record| record.context.others_answered = Some(99));
    assert_eq!(names(stalled), ["syn_timeout", "listener_stalled"]);
    let note = "suspected: the server answered another client meanwhile, in frame 99";
    let frames = vec![1, 2, 3, 4, 99];
    assert_eq!(finding(PatternName::ListenerStalled, stalled), (frames, note.to_owned()));
}

#[test]
fn embryonic_with_a_silent_client() {
    assert_eq!(names(embryonic), ["embryonic"]);
    let note = "SYN-ACK sent 4 times over 7.0 s, at +1.0, +3.0, +7.0 s: the schedule of Linux; the \
                client stayed silent";
    assert_eq!(finding(PatternName::Embryonic, embryonic), (vec![1, 2, 3, 4, 5], note.to_owned()));
}

#[test]
fn embryonic_with_a_client_that_repeats_its_syn() {
    let unreached = |s: Story| {
        let story = s.syn(0).syn_ack(0).syn(S).syn_ack(S);
        story.ends(Outcome::Unacknowledged, EndedBy::Timeout)
    };
    assert_eq!(names(unreached), ["embryonic"]);
    let note = "SYN-ACK sent 2 times and the client repeated its SYN once: the SYN-ACK is not \
                reaching it";
    assert_eq!(finding(PatternName::Embryonic, unreached), (vec![1, 2, 3, 4], note.to_owned()));
}

#[test]
fn a_capture_that_ends_after_one_syn_ack_shows_nothing() {
    let cut = |s: Story| s.syn(0).syn_ack(0).ends(Outcome::Unacknowledged, EndedBy::CaptureEnd);
    assert_eq!(names(cut), [""; 0]);
}

#[test]
fn syn_flood() {
    let flood = |pending| {
        move |s: Story| {
            let story = s.syn(0).syn_ack(0).ends(Outcome::Unacknowledged, EndedBy::Timeout);
            story.record_with(|record| record.context.pending_at_server = pending)
        }
    };
    assert_eq!(names(flood(100)), ["embryonic", "syn_flood"]);
    assert_eq!(names(flood(99)), ["embryonic"]);
    let note = "one of 2500 attempts that wait at 192.0.2.2:80; its SYN was not repeated";
    assert_eq!(finding(PatternName::SynFlood, flood(2500)), (vec![1], note.to_owned()));
}

#[test]
fn clients_that_repeat_their_syn_are_no_flood() {
    let overloaded = |s| silent(s).record_with(|record| record.context.pending_at_server = 2500);
    assert_eq!(names(overloaded), ["syn_timeout"]);
}
