use super::story::{S, Story};
use super::{PatternName, finding, names};
use crate::record::Outcome;

/// The RST has the sequence number that the challenge acknowledged: J - 4999.
fn recovery(story: Story) -> Story {
    let story = story.syn(0).challenge(1, 4999).client_rst(1, -4999).syn(11);
    story.syn_ack(12).ack(13).established()
}

#[test]
fn half_open_recovery() {
    assert_eq!(names(recovery), ["three_way", "half_open_recovery"]);
    let note = "the server held an old connection; RST, and the same SYN again 10.0 ms later; then \
                normal";
    assert_eq!(
        finding(PatternName::HalfOpenRecovery, recovery),
        (vec![1, 2, 3, 4], note.to_owned())
    );
}

#[test]
fn recovery_that_waits_for_the_timer_is_late_too() {
    let late = |s: Story| {
        s.syn(0)
            .challenge(1, 4999)
            .client_rst(1, -4999)
            .syn(S)
            .syn_ack(1012)
            .ack(1013)
            .established()
    };
    assert_eq!(names(late), ["three_way", "late_establish", "half_open_recovery"]);
}

#[test]
fn challenge_ack() {
    let challenge =
        |s: Story| s.syn(0).challenge(1, 4999).syn(S).challenge(1001, 4999).unanswered();
    assert_eq!(names(challenge), ["challenge_ack"]);
    let note = "the server answers the SYN with a bare ACK of J-4999: it holds a live connection";
    assert_eq!(finding(PatternName::ChallengeAck, challenge), (vec![1, 2, 4], note.to_owned()));
}

#[test]
fn a_reset_with_another_sequence_number_recovers_nothing() {
    let other = |s: Story| s.syn(0).challenge(1, 4999).client_rst(1, -4998).syn(11).unanswered();
    assert_eq!(names(other), ["challenge_ack"]);
}

#[test]
fn old_duplicate_syn() {
    let old = |s: Story| {
        let story = s.previous(5000, Outcome::Unanswered, 300);
        story.syn(0).wrong_syn_ack(1, 4999).client_rst(1, -4999).syn_ack(30).ack(31).established()
    };
    assert_eq!(names(old), ["three_way", "old_duplicate_syn"]);
    let note = "SYN-ACK acknowledges J-4999, the J of attempt 3: an old duplicate SYN reached the \
                server; then normal";
    assert_eq!(finding(PatternName::OldDuplicateSyn, old), (vec![1, 2, 3], note.to_owned()));
}

#[test]
fn an_acknowledgment_of_no_known_j_may_be_a_nats() {
    let nat = |s: Story| s.syn(0).wrong_syn_ack(1, 4999).client_rst(1, -4999).syn(S).unanswered();
    assert_eq!(names(nat), ["old_duplicate_syn"]);
    let note = "SYN-ACK acknowledges J-4999, no J that was seen here: an old duplicate SYN, a NAT \
                or a load balancer; unanswered";
    assert_eq!(finding(PatternName::OldDuplicateSyn, nat), (vec![1, 2, 3, 4], note.to_owned()));
}

#[test]
fn a_wrong_syn_ack_that_nobody_rejects_is_not_named() {
    assert_eq!(names(|s| s.syn(0).wrong_syn_ack(1, 4999).syn(S).unanswered()), [""; 0]);
}
