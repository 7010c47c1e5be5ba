use parser::{Endpoint, Origin};

use super::*;
use crate::fixture;

/// The filters of a record, each with its source.
fn filters(handshake: &Handshake) -> Vec<(u16, String)> {
    wireshark_filters(handshake).map(|filter| (filter.source, filter.text())).collect()
}

#[test]
fn both_directions_of_both_families_are_found() {
    // One address, as both ends are on the loopback interface; the last frame confirms.
    let four = "ip.addr == 127.0.0.1 && tcp.port == 43210 && tcp.port == 8080";
    assert_eq!(
        filters(&fixture::record("established")),
        [(0, format!("{four} && frame.number in {{1, 2, 3, 4}}"))]
    );
    let six = "ipv6.addr == 2001:db8::10 && ipv6.addr == 2001:db8::20 && tcp.port == 50000";
    assert_eq!(
        filters(&fixture::record("established-v6")),
        [(0, format!("{six} && tcp.port == 443 && frame.number in {{1, 2, 3, 4}}"))]
    );
}

#[test]
fn an_answer_from_elsewhere_is_found() {
    let mut record = fixture::record("refused");
    record.server = Endpoint::new([192, 0, 2, 7], 80);
    record.answered_by = Some(Endpoint::new([192, 0, 2, 8], 80));
    let found = filters(&record).swap_remove(0).1;
    assert!(found.contains(" && ip.addr in {192.0.2.7, 192.0.2.8} && "), "{found}");
    assert!(found.contains(" && tcp.port == 80 && "), "{found}");
    record.answered_by = Some(Endpoint::new([192, 0, 2, 8], 81));
    let found = filters(&record).swap_remove(0).1;
    assert!(found.contains(" && tcp.port in {80, 81} && "), "{found}");
}

#[test]
fn ports_are_not_asked_for_where_a_packet_came_in_pieces() {
    let mut record = fixture::record("refused");
    record.segments[0].fragment = Fragment::First;
    let found = filters(&record).swap_remove(0).1;
    assert!(!found.contains("port") && found.ends_with("frame.number in {1, 2}"), "{found}");
}

#[test]
fn each_file_has_its_own_filter() {
    let mut record = fixture::record("established");
    let elsewhere = Origin { source: 3, interface: None };
    record.segments[1].origin = elsewhere;
    record.segments[1].frame = 77;
    record.confirmed_by = Some(FramePlace { origin: elsewhere, frame: 78 });
    let found = filters(&record);
    let ends: Vec<_> = found
        .iter()
        .map(|(source, filter)| (*source, filter.split_once("number in ").unwrap().1))
        .collect();
    assert_eq!(ends, [(0, "{1, 3}"), (3, "{77, 78}")]);
}
