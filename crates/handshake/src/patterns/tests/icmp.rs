use super::story::{S, Story};
use super::{PatternName, finding, names};
use crate::record::{EndedBy, Outcome};

fn error(v4: (u8, u8), v6: (u8, u8)) -> impl Fn(Story) -> Story {
    move |story| story.syn(0).icmp(5, v4, v6).ends(Outcome::Unreachable, EndedBy::Segment)
}

#[test]
fn icmp_unreachable() {
    for (v4, v6) in [(0, 0), (1, 3), (2, 2), (3, 4), (9, 1), (10, 5), (13, 6)] {
        assert_eq!(names(error((3, v4), (1, v6))), ["icmp_unreachable"]);
    }
    let note = "communication administratively prohibited (ICMP 3/13 from 198.51.100.1, a host on \
                the way) after 5.0 ms";
    let expected = (vec![2], note.to_owned());
    assert_eq!(finding(PatternName::IcmpUnreachable, error((3, 13), (1, 1))), expected);
}

#[test]
fn path_mtu_discovery_refuses_nothing() {
    assert_eq!(names(error((3, 4), (2, 0))), [""; 0]);
}

#[test]
fn an_error_that_did_not_last_is_named_too() {
    let recovered =
        |s: Story| s.syn(0).icmp(5, (3, 1), (1, 0)).syn(S).syn_ack(1010).ack(1020).established();
    assert_eq!(names(recovered), ["three_way", "late_establish", "icmp_unreachable"]);
}

#[test]
fn icmp_ttl_exceeded() {
    assert_eq!(names(error((11, 0), (3, 0))), ["icmp_ttl_exceeded"]);
    let note = "hop limit exceeded (ICMP 11/0 from 198.51.100.1, a host on the way) after 5.0 ms; \
                the SYN was captured with hop limit 64: a loop, by the looks of it";
    let expected = (vec![1, 2], note.to_owned());
    assert_eq!(finding(PatternName::IcmpTtlExceeded, error((11, 0), (3, 0))), expected);
}

#[test]
fn a_low_hop_limit_is_a_traceroute() {
    let traceroute = |s: Story| {
        let story = s.syn(0).with(|syn| syn.ttl = 3).icmp(5, (11, 0), (3, 0));
        story.ends(Outcome::Unreachable, EndedBy::Segment)
    };
    let (_, note) = finding(PatternName::IcmpTtlExceeded, traceroute);
    assert!(note.ends_with("hop limit 3: a traceroute, by the looks of it"), "{note}");
}

#[test]
fn reassembly_time_exceeded_is_another_matter() {
    assert_eq!(names(error((11, 1), (3, 1))), [""; 0]);
}
