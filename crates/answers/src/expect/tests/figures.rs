//! What attempts make of expectations.

use std::net::{IpAddr, SocketAddr};

use handshake::{Facts, Features, Outcome, PatternName, PatternSet};
use parser::{Endpoint, Origin};
use proptest::prelude::*;

use crate::expect::{Check, Checked, Found, Kind, Measure, Operator, Share};

fn end(text: &str) -> Endpoint {
    let end: SocketAddr = text.parse().expect(text);
    Endpoint::new(end.ip(), end.port())
}

/// An attempt of which nothing is known but its ends and its outcome.
fn attempt(id: u64, outcome: Outcome) -> Facts {
    Facts {
        id,
        client: end("192.0.2.1:40001"),
        server: end("192.0.2.2:80"),
        origin: Origin::default(),
        vlan: None,
        outcome,
        cut_off: false,
        reset_by: None,
        start: None,
        syn_captured: true,
        syn_ack_captured: false,
        syn_retransmissions: 0,
        syn_ack_retransmissions: 0,
        server_rtt_ns: None,
        client_rtt_ns: None,
        total_ns: None,
        waited_ns: None,
        failed_after_ns: None,
        offered: Features::default(),
        accepted: Features::default(),
        answer_ttl: None,
        patterns: PatternSet::default(),
    }
}

/// Attempts whose servers answered after these times.
fn answered(rtts_ns: &[i64]) -> Vec<Facts> {
    let attempt =
        |(id, &rtt)| Facts { server_rtt_ns: Some(rtt), ..attempt(id, Outcome::Established) };
    (1..).zip(rtts_ns).map(attempt).collect()
}

/// The check of an expectation against attempts.
fn check(expectation: &str, attempts: &[Facts]) -> Check {
    let mut check = Check::new(expectation.parse().expect(expectation));
    for facts in attempts {
        check.add(facts);
    }
    check
}

/// What it found, and whether the expectation is met.
fn found(expectation: &str, attempts: &[Facts]) -> (Found, bool) {
    let check = check(expectation, attempts);
    let Checked { found, is_met, .. } = check.result(false);
    (found, is_met)
}

/// The ids of its offenders.
fn offenders(expectation: &str, attempts: &[Facts]) -> Vec<u64> {
    check(expectation, attempts).result(false).offenders.iter().map(|one| one.id).collect()
}

#[test]
fn every_operator_compares() {
    let two = [attempt(1, Outcome::Refused), attempt(2, Outcome::Refused)];
    let rtts = answered(&[2_000_000]);
    for (operator, met) in [
        (Operator::Equal, [false, true, false]),
        (Operator::NotEqual, [true, false, true]),
        (Operator::Less, [false, false, true]),
        (Operator::AtMost, [false, true, true]),
        (Operator::Greater, [true, false, false]),
        (Operator::AtLeast, [true, true, false]),
    ] {
        for (wanted, met) in (1..).zip(met) {
            let sign = operator.name();
            let count = format!("refused {sign} {wanted}");
            assert_eq!(found(&count, &two), (Found::Count(2), met), "{count}");
            for statistic in ["p0", "p50", "p100", "min", "mean", "max"] {
                let duration = format!("{statistic}(server_rtt) {sign} {wanted}ms");
                let is_so = (Found::Duration(2_000_000), met);
                assert_eq!(found(&duration, &rtts), is_so, "{duration}");
            }
        }
    }
}

#[test]
fn every_kind_of_attempts_is_counted() {
    let mut attempts: Vec<_> = (1..).zip(Outcome::ALL).map(|(id, it)| attempt(id, it)).collect();
    attempts[0].syn_retransmissions = 3;
    attempts[2].syn_ack_retransmissions = 2;
    attempts[4].syn_retransmissions = 1;
    for (at, &pattern) in PatternName::ALL.iter().enumerate() {
        let facts = &mut attempts[at % 8];
        let others = PatternName::ALL.iter().filter(|&&other| facts.patterns.contains(other));
        facts.patterns = others.copied().chain([pattern]).collect();
    }
    for kind in Kind::all() {
        let count = match kind {
            Kind::All => 8,
            Kind::Failed => 6,
            Kind::Retried => 3,
            Kind::Outcome(_) | Kind::Pattern(_) => 1,
        };
        let expectation = format!("{} == {count}", kind.name());
        assert_eq!(found(&expectation, &attempts), (Found::Count(count), true), "{expectation}");
    }
    assert_eq!(found("syn_retransmissions < 4", &attempts), (Found::Count(4), false));
    assert_eq!(found("syn_ack_retransmissions == 2", &attempts), (Found::Count(2), true));
}

#[test]
fn a_share_is_compared_exactly() {
    let mut attempts: Vec<_> = (1..=3).map(|id| attempt(id, Outcome::Established)).collect();
    attempts[1].outcome = Outcome::Unanswered;
    let share = |share| Found::Share { share: Share::new(share).unwrap(), count: 2, of: 3 };
    assert_eq!(found("established >= 66.666%", &attempts), (share(66_667), true));
    assert_eq!(found("established == 66.667%", &attempts), (share(66_666), false));
    assert_eq!(found("established < 66.667%", &attempts), (share(66_666), true));
    let all = Found::Share { share: Share::new(100_000).unwrap(), count: 3, of: 3 };
    assert_eq!(found("attempts == 100%", &attempts), (all, true));
    assert_eq!(found("attempts <= 99.999%", &attempts), (all, false));
}

#[test]
fn every_duration_is_measured() {
    let mut facts = attempt(1, Outcome::Refused);
    facts.server_rtt_ns = Some(1);
    facts.client_rtt_ns = Some(2);
    facts.waited_ns = Some(3);
    facts.failed_after_ns = Some(4);
    for (measure, ns) in Measure::ALL.into_iter().zip(1..) {
        let expectation = format!("max({}) == {ns}ns", measure.name());
        assert_eq!(found(&expectation, &[facts]), (Found::Duration(ns), true), "{expectation}");
    }
    let unknown = attempt(2, Outcome::Refused);
    for measure in Measure::ALL {
        for statistic in ["p50", "min", "mean", "max"] {
            let expectation = format!("{statistic}({}) >= 0s", measure.name());
            let check = check(&expectation, &[unknown]);
            for may_be_empty in [false, true] {
                let Checked { found, is_met, .. } = check.result(may_be_empty);
                assert_eq!((found, is_met), (Found::Unmeasured(measure), false), "{expectation}");
            }
        }
    }
    // What is not known counts as nothing, not as 0.
    assert_eq!(found("mean(waited) == 3ns", &[facts, unknown]), (Found::Duration(3), true));
}

#[test]
fn statistics_are_those_of_all_durations() {
    let rtts = answered(&[50, 10, 20, 40, 30, 10]);
    for (statistic, ns) in [
        ("min", 10),
        ("mean", 26),
        ("max", 50),
        ("p0", 10),
        ("p33.333", 10),
        ("p33.334", 20),
        ("p50", 20),
        ("p99.9", 50),
        ("p100", 50),
    ] {
        let expectation = format!("{statistic}(server_rtt) == {ns}ns");
        assert_eq!(found(&expectation, &rtts), (Found::Duration(ns), true), "{expectation}");
    }
    let longest = answered(&[i64::MAX, i64::MAX]);
    let found = found("mean(server_rtt) < 1s", &longest);
    assert_eq!(found, (Found::Duration(i64::MAX.unsigned_abs()), false));
}

#[test]
fn a_scope_holds_the_attempts_of_either_family() {
    let mut attempts = [
        attempt(1, Outcome::Established),
        attempt(2, Outcome::Established),
        attempt(3, Outcome::Established),
    ];
    attempts[1].server = end("[2001:db8::2]:443");
    attempts[1].client = end("[2001:db8::1]:80");
    attempts[2].server = end("192.0.2.3:443");
    for (scope, count) in [
        ("server 192.0.2.2", 1),
        ("server 192.0.2.0/24", 2),
        ("server 192.0.2.2:80", 1),
        ("server 192.0.2.2:443", 0),
        ("server [2001:db8::2]:443", 1),
        ("server [2001:db8::2]", 1),
        ("server 2001:db8::1", 0),
        ("client 2001:db8::/32", 1),
        ("client 192.0.2.1", 2),
        ("client 192.0.2.2", 0),
        ("host 2001:db8::1", 1),
        ("host 2001:db8::2", 1),
        ("host 192.0.2.1", 2),
        ("host 0.0.0.0/0", 2),
        ("host ::/0", 1),
        ("port 80", 2),
        ("port 443", 2),
        ("port 40001", 2),
        ("port 443 and client 192.0.2.1", 1),
        ("port 443 and port 80", 1),
        ("host 192.0.2.2 and host 192.0.2.3", 0),
    ] {
        let check = check(&format!("{scope}: attempts == {count}"), &attempts);
        let Checked { found, attempts, is_met, .. } = check.result(true);
        assert_eq!((found, attempts, is_met), (Found::Count(count), count, true), "{scope}");
    }
}

#[test]
fn of_no_attempt_nothing_holds_unless_that_is_allowed() {
    let outside = [attempt(1, Outcome::Established)];
    for (expectation, allowed) in [
        ("refused == 0", (Found::Count(0), true)),
        ("attempts > 0", (Found::Count(0), false)),
        ("syn_retransmissions < 1", (Found::Count(0), true)),
        ("established >= 99%", (Found::NoAttempt, true)),
        ("p99(server_rtt) < 1s", (Found::NoAttempt, true)),
    ] {
        let scoped = format!("port 443: {expectation}");
        for (expectation, attempts) in [(expectation, &[][..]), (scoped.as_str(), &outside)] {
            assert_eq!(found(expectation, attempts), (Found::NoAttempt, false), "{expectation}");
            let check = check(expectation, attempts);
            let Checked { found, is_met, offenders, .. } = check.result(true);
            assert_eq!((found, is_met), allowed, "{expectation}");
            assert_eq!(offenders, []);
        }
    }
}

#[test]
fn the_first_attempts_that_count_against_it_are_kept() {
    // They do not end in the order of their ids.
    let mut attempts: Vec<_> = (1..=9).map(|id| attempt(id, Outcome::Established)).collect();
    for at in [1, 3, 4, 7] {
        attempts[at].outcome = Outcome::Refused;
    }
    attempts.reverse();
    for (expectation, ids) in [
        ("refused == 4", &[][..]),
        ("refused == 0", &[2, 4, 5]),
        ("refused <= 3", &[2, 4, 5]),
        ("refused < 4", &[2, 4, 5]),
        ("refused != 4", &[2, 4, 5]),
        ("refused == 5", &[1, 3, 6]),
        ("refused > 4", &[1, 3, 6]),
        ("established >= 99%", &[2, 4, 5]),
        ("attempts < 5", &[1, 2, 3]),
        ("attempts > 20", &[]),
    ] {
        assert_eq!(offenders(expectation, &attempts), ids, "{expectation}");
    }
    let check = check("refused == 0", &attempts);
    let first = check.result(false).offenders[0];
    assert_eq!((first.client, first.server), (end("192.0.2.1:40001"), end("192.0.2.2:80")));
    assert_eq!((first.outcome, first.value), (Outcome::Refused, None));
}

#[test]
fn the_greatest_durations_count_against_it_or_the_least() {
    let rtts = answered(&[50, 10, 20, 40, 30, 10]);
    for (expectation, ids) in [
        ("p99(server_rtt) < 50ns", [1, 4, 5]),
        ("max(server_rtt) == 10ns", [1, 4, 5]),
        ("min(server_rtt) > 10ns", [2, 6, 3]),
        ("mean(server_rtt) >= 1s", [2, 6, 3]),
    ] {
        assert_eq!(offenders(expectation, &rtts), ids, "{expectation}");
    }
    let mut repeats: Vec<_> = (1..=5).map(|id| attempt(id, Outcome::Unanswered)).collect();
    for (facts, count) in repeats.iter_mut().zip([0, 6, 0, 7, 6]) {
        facts.syn_retransmissions = count;
    }
    assert_eq!(offenders("syn_retransmissions == 0", &repeats), [4, 2, 5]);
    assert_eq!(offenders("syn_retransmissions > 100", &repeats), [1, 3]);
    let check = check("syn_retransmissions == 0", &repeats);
    assert_eq!(check.result(false).offenders[0].value, Some(7));
}

#[test]
fn attempts_beyond_counting_do_no_harm() {
    let mut facts = attempt(u64::MAX, Outcome::Unanswered);
    facts.client = Endpoint::new(IpAddr::from([0; 16]), 0);
    facts.syn_retransmissions = u32::MAX;
    facts.waited_ns = Some(i64::MAX);
    let many = [facts; 5];
    let all = 5 * u64::from(u32::MAX);
    assert_eq!(found("syn_retransmissions < 1", &many), (Found::Count(all), false));
    assert_eq!(offenders("p100(waited) < 1h", &many), [u64::MAX; 3]);
}

proptest! {
    #[test]
    fn a_percentile_is_compared_as_if_all_durations_were_kept(
        mut rtts in prop::collection::vec((0..1_i64 << 40, 0..40_u32), 1..60),
        at in any::<prop::sample::Index>(),
        off in -1..=1_i64,
        share in 0..=100_000_u64,
    ) {
        let mut rtts: Vec<_> = rtts.drain(..).map(|(ns, bits)| ns >> bits).collect();
        let wanted = (rtts[at.index(rtts.len())] + off).unsigned_abs();
        let attempts = answered(&rtts);
        rtts.sort_unstable();
        let rank = (rtts.len() as u64 * share).div_ceil(100_000).max(1);
        let exact = rtts[rank as usize - 1].unsigned_abs();
        let percentile = format!("p{}.{:03}", share / 1_000, share % 1_000);
        for operator in Operator::ALL {
            let expectation = format!("{percentile}(server_rtt) {} {wanted}ns", operator.name());
            let (found, is_met) = found(&expectation, &attempts);
            prop_assert_eq!(is_met, operator.holds(exact.cmp(&wanted)), "{}", expectation);
            let Found::Duration(ns) = found else { panic!("{found:?}") };
            prop_assert!(ns >= exact && ns - exact <= exact >> 10, "{ns} for {exact}");
            prop_assert_eq!(ns.cmp(&wanted), exact.cmp(&wanted));
        }
    }
}
