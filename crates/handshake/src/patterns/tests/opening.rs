use parser::Endpoint;

use super::story::Story;
use super::{PatternName, finding, names};
use crate::negotiated::Offer;
use crate::record::{EndedBy, Outcome};

#[test]
fn simultaneous_open() {
    let crossing = |s: Story| {
        let story = s.syn(0).server_syn(1).client_syn_ack(5).syn_ack(6);
        // What the server offers is in its SYN, so an empty SYN-ACK refuses nothing.
        let offered = Offer { client: Some(7), server: None };
        story.established().record_with(|record| record.negotiated.window_scale = offered)
    };
    assert_eq!(names(crossing), ["simultaneous_open"]);
    let note = "two SYNs cross, then 2 SYN-ACKs".to_owned();
    assert_eq!(finding(PatternName::SimultaneousOpen, crossing), (vec![1, 2, 3, 4], note));
    let lost = |s: Story| s.syn(0).server_syn(1).ends(Outcome::Unacknowledged, EndedBy::Timeout);
    assert_eq!(names(lost), ["simultaneous_open"]);
}

#[test]
fn split_handshake() {
    let split = |s: Story| {
        let story = s.syn(0).server_ack(1).server_syn(2).client_syn_ack(3);
        story.established().record_with(|record| record.confirmed_by = Some(5))
    };
    assert_eq!(names(split), ["split_handshake"]);
    assert_eq!(finding(PatternName::SplitHandshake, split).0, [1, 2, 3, 4, 5]);
    let without_first_ack = |s: Story| {
        let story = s.syn(0).server_syn(2).client_syn_ack(3);
        story.established().record_with(|record| record.confirmed_by = Some(4))
    };
    assert_eq!(names(without_first_ack), ["split_handshake"]);
}

#[test]
fn self_connect() {
    let itself = |s: Story| {
        let port = |endpoint: Endpoint| Endpoint::new(std::net::Ipv4Addr::LOCALHOST, endpoint.port);
        s.syn(0).established().record_with(|record| {
            record.client = port(record.client);
            record.server = record.client;
        })
    };
    assert_eq!(names(itself), ["self_connect"]);
    let note = "source and destination are 127.0.0.1:40000, on the loopback".to_owned();
    assert_eq!(finding(PatternName::SelfConnect, itself), (vec![1], note));
}

#[test]
fn syn_ack_mismatch() {
    let two = |s: Story| {
        let other = |segment: &mut crate::SegmentRecord| segment.seq = segment.seq.plus(1);
        let story = s.syn(0).syn_ack(1).syn_ack(1000).with(other);
        story.ends(Outcome::Unacknowledged, EndedBy::CaptureEnd)
    };
    assert_eq!(names(two), ["embryonic", "syn_ack_mismatch"]);
    let note = "K is 2147483647 in one SYN-ACK and 2147483648 in another".to_owned();
    assert_eq!(finding(PatternName::SynAckMismatch, two), (vec![2, 3], note));
}
