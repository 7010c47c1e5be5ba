use super::story::{S, Story};
use super::{PatternName, finding, names};
use crate::record::{EndedBy, Outcome, Side};

fn refused(story: Story) -> Story {
    story.ends(Outcome::Refused, EndedBy::Segment)
}

fn closed(story: Story) -> Story {
    refused(story.syn(0).refusal(2))
}

#[test]
fn closed_port() {
    assert_eq!(names(closed), ["closed_port"]);
    let note = "refused after 2.0 ms".to_owned();
    assert_eq!(finding(PatternName::ClosedPort, closed), (vec![1, 2], note));
}

#[test]
fn a_client_that_tries_again_after_the_refusal_met_a_closed_port() {
    let windows =
        |s: Story| refused(s.syn(0).refusal(1).syn(500).refusal(501).syn(1000).refusal(1001));
    assert_eq!(names(windows), ["closed_port"]);
    let note = "refused after 1.0 ms; the client tried 2 times more".to_owned();
    assert_eq!(finding(PatternName::ClosedPort, windows), (vec![1, 2], note));
}

#[test]
fn a_reset_with_another_hop_limit_may_be_a_firewalls() {
    let syn_ack_ttl = |ttl| {
        move |s| closed(s).record_with(|record| record.context.server_syn_ack_ttl = Some(ttl))
    };
    assert_eq!(finding(PatternName::ClosedPort, syn_ack_ttl(64)).1, "refused after 2.0 ms");
    let note = "refused after 2.0 ms; the RST came with hop limit 64, the server's SYN-ACKs with \
                57: a firewall may have answered";
    assert_eq!(finding(PatternName::ClosedPort, syn_ack_ttl(57)).1, note);
}

#[test]
fn rst_ignored() {
    let ignored = |behind| {
        move |s: Story| s.syn(0).wrong_rst(1, behind).syn(S).syn_ack(1010).ack(1020).established()
    };
    let expected = ["three_way", "late_establish", "rst_ignored"];
    assert_eq!(names(ignored(None)), expected);
    assert_eq!(names(ignored(Some(4999))), expected);
    let note = "RST without an acknowledgment; the client sent SYN again 999.0 ms later";
    assert_eq!(finding(PatternName::RstIgnored, ignored(None)), (vec![2, 3], note.to_owned()));
    let note = "RST acknowledges J-4999, not J+1; the client sent SYN again 999.0 ms later";
    assert_eq!(finding(PatternName::RstIgnored, ignored(Some(4999))).1, note);
}

#[test]
fn a_reset_that_the_client_takes_is_not_ignored() {
    assert_eq!(names(|s| s.syn(0).wrong_rst(1, None).unanswered()), [""; 0]);
}

#[test]
fn refused_after_stall() {
    let late = |s: Story| refused(s.syn(0).syn(S).syn(3 * S).syn(7 * S).refusal(11_200));
    assert_eq!(names(late), ["refused_after_stall"]);
    let note = "refused after 11.2 s, SYN sent 4 times".to_owned();
    assert_eq!(finding(PatternName::RefusedAfterStall, late), (vec![1, 2, 3, 4, 5], note));
}

#[test]
fn syn_scan() {
    let scan = |targets| {
        move |s: Story| {
            let story = s.syn(0).syn_ack(10).client_rst(12, 1).reset_by(Side::Client);
            story.record_with(|record| record.context.targets_of_client = targets)
        }
    };
    assert_eq!(names(scan(1)), ["syn_scan"]);
    let note = "the client reset 2.0 ms after the SYN-ACK; the client tried 1000 servers or ports: \
                a scan";
    assert_eq!(finding(PatternName::SynScan, scan(1000)), (vec![1, 2, 3], note.to_owned()));
    let note = "the client reset 2.0 ms after the SYN-ACK; the only server this client tried: a \
                probe, or its socket vanished";
    assert_eq!(finding(PatternName::SynScan, scan(1)).1, note);
    let note = "the client reset 2.0 ms after the SYN-ACK; the client tried 9 servers or ports: \
                too few for a scan";
    assert_eq!(finding(PatternName::SynScan, scan(9)).1, note);
}

#[test]
fn a_reset_after_the_handshake_is_no_scan() {
    assert_eq!(
        names(|s| s.syn(0).syn_ack(10).ack(20).client_rst(21, 1).established()),
        ["three_way"]
    );
    let other_seq = |s: Story| s.syn(0).syn_ack(10).client_rst(12, 9).reset_by(Side::Client);
    assert_eq!(names(other_seq), [""; 0]);
}
