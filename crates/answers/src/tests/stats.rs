//! What groups of attempts add up to.

use super::*;

#[test]
fn attempts_are_put_together_by_what_they_have_in_common() {
    let v6 = Endpoint::new([0x2001, 0xdb8, 1, 2, 3, 4, 5, 6], 443);
    let origin = Origin { source: 0, interface: Some(1) };
    let attempts = [
        attempt(1, 59_999),
        Facts { server: OTHER, vlan: Some(7), ..attempt(2, 60_000) },
        Facts { server: v6, origin, ..failed(3, 60_001, Outcome::Refused) },
        Facts { start: None, ..attempt(4, 0) },
    ];
    let told = |it| keys(&stats(Question { sort: Sort::Key, ..by(it) }, attempts));
    let addr = |addr: Endpoint| Key::Addr(addr.addr);
    assert_eq!(
        told(By::Server),
        [(Key::Endpoint(SERVER), 2), (Key::Endpoint(OTHER), 1), (Key::Endpoint(v6), 1)]
    );
    assert_eq!(told(By::Host), [(addr(SERVER), 2), (addr(OTHER), 1), (addr(v6), 1)]);
    assert_eq!(told(By::Client), [(Key::Addr(v4(1)), 4)]);
    let net = |text: &str, bits| Key::Subnet(text.parse().unwrap(), bits);
    assert_eq!(told(By::Subnet(31)), [(net("192.0.2.80", 31), 3), (net("2001:db8::", 31), 1)]);
    assert_eq!(told(By::Subnet(0)), [(net("0.0.0.0", 0), 3), (net("::", 0), 1)]);
    // Addresses of IPv4 have no more than 32 bits.
    assert_eq!(told(By::Subnet(64))[..2], told(By::Subnet(32))[..2]);
    assert_eq!(told(By::Subnet(64))[0], (net("192.0.2.80", 32), 2));
    assert_eq!(told(By::Subnet(64))[2], (net("2001:db8:1:2::", 64), 1));
    assert_eq!(told(By::Port), [(Key::Port(80), 1), (Key::Port(443), 3)]);
    assert_eq!(told(By::Vlan), [(Key::Vlan(None), 3), (Key::Vlan(Some(7)), 1)]);
    let plain = Key::Interface(Origin::default());
    assert_eq!(told(By::Interface), [(plain, 3), (Key::Interface(origin), 1)]);
    let outcome = Key::Outcome;
    assert_eq!(
        told(By::Outcome),
        [(outcome(Outcome::Established), 3), (outcome(Outcome::Refused), 1)]
    );
    let minute = |minute: i64| Key::Minute(Some(minute * 60_000 * MS));
    assert_eq!(told(By::Minute), [(Key::Minute(None), 1), (minute(0), 1), (minute(1), 2)]);
}

#[test]
fn a_group_adds_up_its_attempts() {
    let attempts = [
        attempt(1, 0),
        Facts {
            syn_retransmissions: 2,
            waited_ns: Some(3_000 * MS),
            server_rtt_ns: Some(9 * MS),
            ..attempt(2, 1)
        },
        Facts { syn_ack_retransmissions: 1, server_rtt_ns: None, ..attempt(3, 2) },
        Facts { failed_after_ns: Some(MS), waited_ns: Some(MS), ..failed(4, 3, Outcome::Refused) },
        Facts { syn_captured: false, ..failed(5, 4, Outcome::Unacknowledged) },
    ];
    let stats = stats(Question::default(), attempts);
    let all = stats.all();
    assert_eq!((all.attempts, all.failed(), all.hurt), (5, 2, 4));
    assert_eq!((all.outcome(Outcome::Established), all.outcome(Outcome::Refused)), (3, 1));
    assert_eq!((all.syns, all.syn_retransmissions, all.syn_retried), (6, 2, 1));
    assert_eq!((all.syn_acks, all.syn_ack_retransmissions, all.syn_ack_retried), (5, 1, 1));
    assert_eq!(all.waited_ns, 3_001_000_000);
    assert_eq!((all.server_rtt.count(), all.server_rtt.max()), (3, Some(9_000_000)));
    assert_eq!(all.client_rtt.quantile(Quantile::P50, 0), Some(1_000_000));
    assert_eq!(all.clients.count(), (1, false));
    assert_eq!(all.evidence.syn_retried.as_slice(), [2]);
    assert_eq!(all.evidence.slowest, Some((9_000_000, 2)));
    assert_eq!(all.dropped_since, Some(Timestamp::from_nanos(MS)));
    let slots: Vec<_> = all.over_time.slots().iter().map(|it| (it.attempts, it.failed)).collect();
    assert_eq!(slots, [(1, 0), (1, 0), (1, 0), (1, 1), (1, 1)]);
    let rtts: Vec<_> = stats.server_rtts().iter().map(Durations::max).collect();
    let ms = |ms: u64| Some(ms * 1_000_000);
    assert_eq!(rtts, [ms(2), ms(9), None, None, ms(2)]);
}

#[test]
fn what_nobody_asked_to_be_told_of_rtts_is_not_kept() {
    let all = [attempt(1, 0), attempt(2, 1)];
    let [sums, quantiles, over_time] = [Rtts::Sums, Rtts::Quantiles, Rtts::OverTime]
        .map(|rtts| stats(Question { rtts, ..Question::default() }, all));
    for stats in [&sums, &quantiles, &over_time] {
        let Group { server_rtt, client_rtt, .. } = stats.all();
        assert_eq!((server_rtt.count(), server_rtt.max()), (2, Some(2_000_000)));
        assert_eq!((client_rtt.count(), client_rtt.mean()), (2, Some(1_000_000)));
        assert!(!server_rtt.is_empty());
    }
    let median = |stats: &Stats| stats.all().server_rtt.quantile(Quantile::P50, 0);
    assert_eq!(
        [&sums, &quantiles, &over_time].map(median),
        [None, Some(2_000_000), Some(2_000_000)]
    );
    assert_eq!([&sums, &quantiles, &over_time].map(|it| it.server_rtts().len()), [0, 0, 2]);
    assert_eq!([sums.cells, quantiles.cells, over_time.cells], [0, 2, 4]);
}

#[test]
fn the_server_rtts_keep_their_slots_when_these_get_wider() {
    // Two in each millisecond. At the end a slot is 2 ms wide.
    let rtt = |at: i64| Some((at + 1) * MS);
    let attempts = (0..128).map(|at| Facts { server_rtt_ns: rtt(at), ..attempt(0, at / 2) });
    let late = Facts { server_rtt_ns: None, ..attempt(128, 64) };
    let stats = stats(Question::default(), attempts.chain([late]).collect::<Vec<_>>());
    let rtts = stats.server_rtts();
    assert_eq!((stats.scale().width_ns(), rtts.len()), (Some(2 * MS), 32));
    assert!(rtts.iter().all(|rtts| rtts.count() == 4), "{rtts:?}");
    let all = stats.all();
    let cells = [&all.server_rtt, &all.client_rtt].into_iter().chain(rtts).map(Durations::len);
    assert_eq!(stats.cells, cells.sum::<usize>());
}

#[test]
fn what_hurts_most_comes_first_and_the_rest_is_put_together() {
    let at = |port| Endpoint { port, ..SERVER };
    let to = |port, facts: Facts| Facts { server: at(port), ..facts };
    let slow = Facts { server_rtt_ns: Some(500 * MS), client_rtt_ns: Some(1), ..attempt(1, 0) };
    let retried = Facts { syn_retransmissions: 1, waited_ns: Some(MS), ..attempt(2, 0) };
    let refused = failed(3, 0, Outcome::Refused);
    let attempts = [to(1, slow), to(2, retried), to(2, retried), to(3, refused)]
        .into_iter()
        .chain((0..9).map(|_| to(4, attempt(9, 0))));
    let stats = |sort, limit| stats(Question { sort, limit, ..by(By::Server) }, attempts.clone());
    let ports = |sort| -> Vec<u16> {
        let told = keys(&stats(sort, 2));
        let port = |(key, _): &(Key, u64)| match key {
            Key::Endpoint(server) => server.port,
            _ => panic!("{key:?}"),
        };
        told.iter().map(port).collect()
    };
    assert_eq!(ports(Sort::Worst), [2, 3]);
    assert_eq!(ports(Sort::Failed), [3, 2]);
    assert_eq!(ports(Sort::Retried), [2, 4]);
    assert_eq!(ports(Sort::Waited), [2, 4]);
    assert_eq!(ports(Sort::Attempts), [4, 2]);
    assert_eq!(ports(Sort::ServerRtt), [1, 2]);
    assert_eq!(ports(Sort::ClientRtt), [2, 4]);
    assert_eq!(ports(Sort::Key), [1, 2]);
    let stats = stats(Sort::Worst, 1);
    let rest = stats.ranking().rest.unwrap();
    assert_eq!((rest.groups, rest.more, rest.group.attempts), (3, false, 11));
    assert_eq!(rest.group.server_rtt.max(), Some(500_000_000));
}

#[test]
fn groups_cells_and_clients_are_bounded() {
    let attempts = (0..400_000_u32).map(|n| {
        let rtt = n.wrapping_mul(2_654_435_761);
        let rtt = Some(i64::from(rtt));
        let facts = Facts { server_rtt_ns: rtt, client_rtt_ns: rtt, ..attempt(1, 0) };
        let server = Endpoint { port: (n % 2_000) as u16, ..SERVER };
        of_client(Facts { server, ..facts }, n as u16)
    });
    let stats = stats(by(By::Port), attempts);
    let ranking = stats.ranking();
    let rest = ranking.rest.unwrap();
    assert_eq!((rest.groups, rest.more), (MOST_GROUPS - 20, true));
    assert_eq!(stats.all().attempts, 400_000);
    assert!(stats.coarse() > 0);
    assert!(stats.cells <= MOST_CELLS, "{}", stats.cells);
    assert_eq!(stats.clients.len(), MOST_CLIENTS);
    let told = stats.all().server_rtt.quantile(Quantile::P50, stats.coarse()).unwrap();
    let off = told.abs_diff(1 << 31);
    assert!(off <= (1 << 31) >> (9 - stats.coarse()), "{told}, {}", stats.coarse());
}

#[test]
fn servers_with_trouble_take_the_place_of_those_without() {
    let at = |port: u16, outcome| {
        let clients = of_client(failed(u64::from(port), 0, outcome), port);
        Facts { server: Endpoint { port, ..SERVER }, ..clients }
    };
    let good = || (0..1_100).map(|port| at(port, Outcome::Established));
    let bad = |last| (2_000..last).map(|port| at(port, Outcome::Refused));
    // Which ones stay does not depend on the hashes, which are others in each run.
    let keys = || {
        let stats = stats(Question::default(), good().chain(bad(2_200)));
        let mut keys: Vec<_> = stats.servers().iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys(), keys());
    // One of the first has many attempts: it stays.
    let many = (0..9).map(|_| at(3, Outcome::Established));
    let stats = stats(Question::default(), good().chain(many).chain(bad(2_200)));
    let told = findings(&stats, Captured::default());
    assert_eq!(told.len(), 1);
    let trouble = What::AtServer(
        Endpoint { port: 2_000, ..SERVER },
        Trouble::Refuses { clients: Some((1, false)), established: 0, hop_limits: None },
    );
    assert_eq!((&told[0].what, told[0].attempts, told[0].others), (&trouble, 200, 199));
    let ranking = stats.ranking();
    assert_eq!(stats.servers().iter().count(), MOST_GROUPS);
    assert_eq!(ranking.rest.map(|rest| rest.group.attempts + 20), Some(1_309));
    let ports: Vec<_> = stats.servers().iter().map(|(key, group)| (*key, group.attempts)).collect();
    assert!(ports.contains(&(Key::Endpoint(Endpoint { port: 3, ..SERVER }), 10)));
    // Where all have some, the others are put together.
    let told = found(good().chain(bad(2_000 + MOST_GROUPS as u16 + 7)));
    let untold = told.iter().find(|finding| finding.what == What::Untold).unwrap();
    assert_eq!((untold.attempts, untold.evidence.as_slice()), (7, &[3_024, 3_025, 3_026][..]));
}

#[test]
fn the_cells_of_groups_that_are_put_together_are_counted_once() {
    let at = |port: u16, outcome| Facts {
        server: Endpoint { port, ..SERVER },
        server_rtt_ns: Some(i64::from(port % 7 + 1) * MS),
        ..failed(u64::from(port), i64::from(port), outcome)
    };
    let good = (0..1_024).map(|port| at(port, Outcome::Established));
    let bad = (2_000..2_400).map(|port| at(port, Outcome::Unacknowledged));
    let stats = stats(Question::default(), good.chain(bad));
    let groups = stats.servers().iter().map(|(_, group)| group).chain([stats.servers().untold()]);
    let over_time = stats.server_rtts().iter().map(Durations::len);
    assert_eq!(stats.cells, groups.map(crate::group::Group::cells).chain(over_time).sum::<usize>());
}
