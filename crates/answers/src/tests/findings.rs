//! What is found to be wrong.

use super::*;

#[test]
fn a_clean_capture_is_said_to_be_clean() {
    let clean = found([attempt(1, 0), Facts { server_rtt_ns: Some(7 * MS), ..attempt(2, 1) }]);
    let what = What::Clean { slowest_ns: Some(7_000_000) };
    assert_eq!(clean, [Finding { what, attempts: 2, at_worst: 2, others: 0, evidence: vec![2] }]);
    assert_eq!(found([]), []);
}

#[test]
fn a_server_that_answers_some_syns_late_or_never_drops_them() {
    let retried = Facts { syn_retransmissions: 1, ..attempt(2, 10) };
    let drops = |unanswered| {
        let syns = SynsRepeated {
            attempts: 3 + unanswered,
            syns: 4 + unanswered,
            repeated: 1,
            unanswered,
            since: Some(Timestamp::from_nanos(10 * MS)),
            answered: 1,
            only_client: None,
        };
        What::AtServer(SERVER, Trouble::SynsRepeated(syns))
    };
    let of = |unanswered, evidence| {
        vec![Finding { what: drops(unanswered), attempts: 1, at_worst: 1, others: 0, evidence }]
    };
    // What was refused before is no sign of it.
    let refused = failed(9, 0, Outcome::Refused);
    let since = stats(Question::default(), [refused, retried]).all().dropped_since;
    assert_eq!(since, Some(Timestamp::from_nanos(10 * MS)));
    let answered = [attempt(1, 0), retried, attempt(3, 20)];
    assert_eq!(found(answered), of(0, vec![2]));
    let lost = failed(4, 30, Outcome::Unanswered);
    assert_eq!(found(answered.into_iter().chain([lost])), of(1, vec![4]));
    // A server that answers nobody drops nothing: it is silent.
    let what = What::AtServer(SERVER, Trouble::Silent { clients: (1, false) });
    assert_eq!(
        found([lost]),
        [Finding { what, attempts: 1, at_worst: 1, others: 0, evidence: vec![4] }]
    );
    // That another port answers says nothing of this one.
    let elsewhere = Facts { server: OTHER, ..attempt(5, 0) };
    assert!(matches!(
        found([lost, elsewhere])[0].what,
        What::AtServer(SERVER, Trouble::Silent { .. })
    ));
}

#[test]
fn each_failure_is_told_with_its_server() {
    let one = |outcome| {
        let found =
            found([failed(1, 0, outcome), Facts { server: OTHER, ..failed(2, 0, outcome) }]);
        let [finding] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!((finding.attempts, finding.at_worst, finding.others), (2, 1, 1));
        assert_eq!(finding.evidence, [1]);
        let What::AtServer(SERVER, trouble) = finding.what.clone() else { panic!("{found:#?}") };
        trouble
    };
    let clients = (1, false);
    let refuses = Trouble::Refuses { clients: Some(clients), established: 0, hop_limits: None };
    assert_eq!(one(Outcome::Refused), refuses);
    assert_eq!(one(Outcome::Unreachable), Trouble::Unreachable);
    assert_eq!(one(Outcome::Reset), Trouble::Reset { by_client: 0 });
    assert_eq!(one(Outcome::EstablishedClientOnly), Trouble::NotAccepted);
    assert_eq!(
        one(Outcome::Unacknowledged),
        Trouble::SynAcksRepeated { syn_acks: 1, repeated: 0, unacknowledged: 1 }
    );
    assert_eq!(one(Outcome::Unanswered), Trouble::Silent { clients });
}

#[test]
fn many_clients_in_vain_are_a_flood_and_a_few_are_not() {
    let of = |attempts: u16, clients: u16| {
        let of = |n: u16| of_client(failed(u64::from(n), 0, Outcome::Unanswered), n % clients);
        // The server is there.
        found((1..=attempts).map(of).chain([attempt(999, 0)]))
    };
    let what = What::AtServer(SERVER, Trouble::Flood { clients: (32, true) });
    assert_eq!(
        of(100, 33),
        [Finding { what, attempts: 100, at_worst: 100, others: 0, evidence: vec![1, 2, 3] }]
    );
    assert!(matches!(of(99, 33)[0].what, What::AtServer(_, Trouble::SynsRepeated(_))));
    assert!(matches!(of(100, 31)[0].what, What::AtServer(_, Trouble::SynsRepeated(_))));
    // A server that answers nobody is not there, or a filter left its answers out.
    let silent = (1..=100_u16).map(|n| of_client(failed(u64::from(n), 0, Outcome::Unanswered), n));
    assert!(matches!(found(silent)[0].what, What::AtServer(_, Trouble::Silent { .. })));
    // Clients that repeat their SYNs are there: it is the server that is not.
    let repeated = (1..=100_u16).map(|n| {
        let facts = of_client(failed(u64::from(n), 0, Outcome::Unanswered), n);
        Facts { syn_retransmissions: u32::from(n % 2 == 0), ..facts }
    });
    let repeated = repeated.chain([attempt(999, 0)]);
    assert!(matches!(found(repeated)[0].what, What::AtServer(_, Trouble::SynsRepeated(_))));
    // Those that repeat theirs while others flood are told apart.
    let flood = (1..=200_u16).map(|n| of_client(failed(u64::from(n), 0, Outcome::Unanswered), n));
    let there = (201..=209_u16).map(|n| {
        let facts = of_client(failed(u64::from(n), 0, Outcome::Unanswered), n);
        Facts { syn_retransmissions: 3, ..facts }
    });
    let told = found(flood.chain(there).chain([attempt(999, 0)]));
    assert!(matches!(told[0].what, What::AtServer(_, Trouble::Flood { .. })));
    assert_eq!((told[0].attempts, told[1].attempts), (200, 9));
    assert_eq!(told[1].evidence, [201, 202, 203]);
    let What::AtServer(_, Trouble::SynsRepeated(syns)) = &told[1].what else { panic!("{told:#?}") };
    assert_eq!(syns.unanswered, 9);
    // Where most are served, a few in vain are no flood.
    let served = (0..101).map(|n| of_client(attempt(200 + n, 0), n as u16));
    let in_vain = (0..100).map(|n| of_client(failed(n + 1, 0, Outcome::Unanswered), n as u16));
    assert!(matches!(
        found(served.chain(in_vain))[0].what,
        What::AtServer(_, Trouble::SynsRepeated(_))
    ));
}

#[test]
fn a_client_that_tries_many_ports_in_vain_scans_and_its_targets_are_not_listed() {
    let to = |port: u16, outcome| Facts {
        server: Endpoint { port, ..SERVER },
        ..failed(u64::from(port), 0, outcome)
    };
    let scan = |ports: u16| found((1..=ports).map(|port| to(port, Outcome::Refused)));
    let what = What::Scan { client: v4(1), targets: (10, false) };
    assert_eq!(
        scan(10),
        [Finding { what, attempts: 10, at_worst: 10, others: 0, evidence: vec![1, 2, 3] }]
    );
    assert!(matches!(scan(9)[0].what, What::AtServer(_, Trouble::Refuses { .. })));
    let served = (1..=10).map(|port| to(port, Outcome::Established));
    assert!(matches!(found(served)[0].what, What::Clean { .. }));
    // Who asks whether servers answer, and resets, does not scan.
    let probed = (1..=12).map(|port| Facts {
        reset_by: Some(Side::Client),
        syn_ack_captured: true,
        ..to(port, Outcome::Reset)
    });
    assert!(matches!(found(probed)[0].what, What::AtServer(_, Trouble::Reset { .. })));
    // Whom somebody else tried in vain too is listed.
    let stranger = of_client(to(9, Outcome::Refused), 7);
    let found = found((1..=10).map(|port| to(port, Outcome::Refused)).chain([stranger]));
    assert!(matches!(
        found[1].what,
        What::AtServer(Endpoint { port: 9, .. }, Trouble::Refuses { .. })
    ));
}

#[test]
fn a_server_that_answers_later_from_a_time_on_is_slower() {
    let at = |id: u32, rtt_ms: i64| Facts {
        server_rtt_ns: Some(rtt_ms * MS),
        ..attempt(id.into(), i64::from(id) * 100)
    };
    let of = |before: i64, after: i64| {
        found((1..=20).map(|id| at(id, if id <= 10 { before } else { after })))
    };
    let found_one = of(3, 30);
    let [finding] = found_one.as_slice() else { panic!("{found_one:#?}") };
    let What::AtServer(SERVER, Trouble::Slower { usual_ns, since: Some(since) }) = finding.what
    else {
        panic!("{finding:#?}")
    };
    assert_eq!((usual_ns, finding.attempts), ((3_000_000, 30_000_000), 10));
    // The slot of the first slow one: 32 ms wide.
    assert!((1_068..=1_100).contains(&(since.as_nanos() / MS)), "{since:?}");
    let is_clean = |before, after| matches!(of(before, after)[0].what, What::Clean { .. });
    assert_eq!([is_clean(3, 8), is_clean(2, 6), is_clean(30, 3)], [true; 3]);
    assert!(!is_clean(2, 7));
    // One slow answer is no step.
    let once = found((1..=20).map(|id| at(id, if id == 15 { 300 } else { 3 })));
    assert!(matches!(once[0].what, What::Clean { .. }));
}

#[test]
fn what_is_wrong_with_the_capture_comes_first() {
    let copies = PatternSet::from_iter([PatternName::DuplicateCapture]);
    let forged = PatternSet::from_iter([PatternName::RstIgnored]);
    let mut attempts: Vec<_> = Outcome::ALL
        .into_iter()
        .enumerate()
        .map(|(port, outcome)| Facts {
            server: Endpoint { port: port as u16, ..SERVER },
            ..failed(port as u64 + 1, 0, outcome)
        })
        .collect();
    attempts[0].patterns = copies;
    attempts[1].patterns = forged;
    let stats = stats(Question::default(), attempts);
    let captured = Captured { one_direction: Some(Side::Client), syn_only: false, evicted: 3 };
    let told = findings(&stats, captured);
    assert_eq!(told[0].what, What::Evicted);
    assert_eq!(told[0].attempts, 3);
    assert_eq!(told[1].what, What::OneDirection(Side::Client));
    assert_eq!(told[1].attempts, 8);
    assert!(told.iter().any(|finding| finding.what == What::Copies));
    let syn_only = Captured { syn_only: true, ..Captured::default() };
    assert_eq!(findings(&stats, syn_only)[0].what, What::SynOnly);
}

#[test]
fn a_scan_is_seen_after_many_clients() {
    let good = (0..1_500).map(|n| of_client(attempt(u64::from(n), 0), n));
    let scan = (0..50_u16).map(|port| {
        let server = Endpoint { port, ..OTHER };
        of_client(Facts { server, ..failed(2_000, 0, Outcome::Refused) }, 9_999)
    });
    let told = found(good.chain(scan));
    assert!(matches!(told[0].what, What::Scan { targets: (32, true), .. }), "{told:#?}");
    assert_eq!(told.len(), 1);
}

#[test]
fn what_only_waited_when_the_capture_ended_is_no_failure() {
    let cut = |id, outcome| Facts { cut_off: true, ..failed(id, 20, outcome) };
    let told = found([attempt(1, 0), cut(2, Outcome::Unanswered), cut(3, Outcome::Unacknowledged)]);
    let what = What::CutOff;
    assert_eq!(told, [Finding { what, attempts: 2, at_worst: 2, others: 0, evidence: vec![2, 3] }]);
    // What is a flood's is told of the flood.
    let flood = (1..=100).map(|n| of_client(cut(u64::from(n), Outcome::Unanswered), n));
    let told = found(flood.chain([attempt(999, 0)]));
    assert!(matches!(told[0].what, What::AtServer(_, Trouble::Flood { .. })), "{told:#?}");
    assert_eq!((told.len(), told[0].attempts), (1, 100));
    // Beside others it comes last, and is none of them.
    let lost = failed(4, 0, Outcome::Unanswered);
    let told =
        found([attempt(1, 0), lost, cut(2, Outcome::Unanswered), cut(5, Outcome::Unanswered)]);
    assert_eq!((told[0].attempts, told[0].evidence.as_slice()), (1, &[4][..]));
    assert!(matches!(&told[0].what, What::AtServer(_, Trouble::SynsRepeated(syns))
        if syns.unanswered == 1 && syns.since == lost.start));
    assert_eq!((&told[1].what, told[1].attempts), (&What::CutOff, 2));
}

#[test]
fn an_established_attempt_without_its_syn_or_syn_ack_is_not_clean() {
    let half = |id, syn_captured, syn_ack_captured| Facts {
        syn_captured,
        syn_ack_captured,
        ..attempt(id, 0)
    };
    let all = [half(1, true, true), half(2, false, true), half(3, true, false)];
    let what = What::Partial;
    let partial = Finding { what, attempts: 2, at_worst: 2, others: 0, evidence: vec![2, 3] };
    assert_eq!(found(all), [partial]);
    // That there is one direction only says it already.
    let captured = Captured { one_direction: Some(Side::Client), ..Captured::default() };
    let told = findings(&stats(Question::default(), all), captured);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].what, What::OneDirection(Side::Client));
}

#[test]
fn rsts_with_another_hop_limit_than_the_syn_acks_of_the_host_are_told() {
    let ttl = |ttl, facts| Facts { answer_ttl: Some(ttl), ..facts };
    let hop_limits = |attempts: &[Facts]| {
        let told = found(attempts.iter().copied());
        let What::AtServer(_, Trouble::Refuses { hop_limits, .. }) = told[0].what else {
            panic!("{told:#?}")
        };
        hop_limits
    };
    let refused = |limit| ttl(limit, failed(1, 0, Outcome::Refused));
    // From another port of the same host.
    let other_port = Facts { server: Endpoint { port: 9, ..SERVER }, ..attempt(2, 0) };
    assert_eq!(hop_limits(&[refused(255), ttl(64, other_port)]), Some((255, 64)));
    // A container is a hop away from its host.
    assert_eq!(hop_limits(&[refused(64), ttl(62, other_port)]), None);
    assert_eq!(hop_limits(&[refused(64), ttl(61, other_port)]), Some((64, 61)));
    assert_eq!(hop_limits(&[refused(64), ttl(64, other_port)]), None);
    assert_eq!(hop_limits(&[refused(255), ttl(64, Facts { server: OTHER, ..other_port })]), None);
    // Where they are not all alike, nothing follows.
    assert_eq!(hop_limits(&[refused(255), refused(64), ttl(64, other_port)]), None);
    let both = [ttl(63, other_port), ttl(64, other_port)];
    assert_eq!(hop_limits(&[refused(255), both[0], both[1]]), None);
}

#[test]
fn who_reset_and_whose_syns_were_dropped_is_told() {
    let reset = |id, by| Facts { reset_by: Some(by), ..failed(id, 0, Outcome::Reset) };
    let told = found([reset(1, Side::Client), reset(2, Side::Server), reset(3, Side::Client)]);
    assert_eq!(told[0].what, What::AtServer(SERVER, Trouble::Reset { by_client: 2 }));
    let only_client = |attempts: &[Facts]| {
        let told = found(attempts.iter().copied());
        let What::AtServer(_, Trouble::SynsRepeated(syns)) = &told[0].what else {
            panic!("{told:#?}")
        };
        syns.only_client
    };
    let lost = |id, client| of_client(failed(id, 0, Outcome::Unanswered), client);
    let good = |id, client| of_client(attempt(id, 50), client);
    let it = Some(lost(1, 7).client.addr);
    let three = [lost(1, 7), lost(2, 7), lost(3, 7)];
    let later = [good(4, 8), good(5, 8), good(6, 9)];
    assert_eq!(only_client(&[three, later].concat()), it);
    // Others were answered before that only, or less often, or it succeeded too, or another one did not.
    let before = later.map(|facts| Facts { start: Some(Timestamp::from_nanos(-50 * MS)), ..facts });
    assert_eq!(only_client(&[three, before].concat()), None);
    assert_eq!(only_client(&[&three[..], &later[..2]].concat()), None);
    assert_eq!(only_client(&[&three[..2], &later[..]].concat()), None);
    assert_eq!(only_client(&[&three[..], &later[..], &[good(7, 7)]].concat()), None);
    assert_eq!(only_client(&[&three[..], &later[..], &[lost(7, 8)]].concat()), None);
}

#[test]
fn a_client_that_tries_its_servers_over_and_over_does_not_scan() {
    let to = |port: u16, id| Facts {
        server: Endpoint { port, ..SERVER },
        ..failed(id, 0, Outcome::Refused)
    };
    let told = found((1..=10).flat_map(|port| (0..3).map(move |id| to(port, id))));
    assert!(matches!(told[0].what, What::AtServer(_, Trouble::Refuses { .. })), "{told:#?}");
}

#[test]
fn a_syn_that_was_repeated_after_a_rst_was_answered() {
    let refused = Facts { syn_retransmissions: 2, ..failed(1, 0, Outcome::Refused) };
    let told = found([refused]);
    assert_eq!(told.len(), 1);
    assert!(matches!(told[0].what, What::AtServer(_, Trouble::Refuses { .. })));
}

#[test]
fn what_began_after_a_dropped_syn_is_counted_in_whatever_order_it_ends() {
    let dropped = failed(1, 0, Outcome::Unanswered);
    let later = (2..42).zip(5_i64..).map(|(id, at)| attempt(id, at * 1_000));
    let answered = |attempts: Vec<Facts>| match &found(attempts)[0].what {
        What::AtServer(_, Trouble::SynsRepeated(told)) => (told.since, told.answered),
        other => panic!("{other:?}"),
    };
    let expected = (Some(Timestamp::from_nanos(0)), 40);
    assert_eq!(answered([dropped].into_iter().chain(later.clone()).collect()), expected);
    assert_eq!(answered(later.chain([dropped]).collect()), expected);
}
