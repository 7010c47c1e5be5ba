use crate::fixture;
use crate::{Csv, Record, Style, Summary, View as _};
use hostnames::{EndNames, HostName, NameSource};

use super::push_text;

fn quoted(text: &str) -> String {
    let mut row = String::new();
    push_text(&mut row, &crate::escape(text));
    row
}

#[test]
fn text_is_quoted_where_it_must_be() {
    for (text, cell) in [
        ("eth0", "eth0"),
        ("a,b", "\"a,b\""),
        ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("two\r\nlines", "two\\x0d\\x0alines"),
        (" lo ", "\" lo \""),
        ("", ""),
    ] {
        assert_eq!(quoted(text), cell);
    }
}

#[test]
fn text_that_looks_like_a_formula_is_none() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\u{ff1d}1"] {
        assert_eq!(quoted(text), format!("\"'{text}\""));
    }
    assert_eq!(quoted("\t=1"), "\\x09=1");
}

fn rows(handshake: &handshake::Handshake) -> (String, String) {
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let mut csv = Csv::new(&mut out, &mut notes, Style::PLAIN);
    let names = fixture::names();
    let patterns = handshake::recognise(handshake);
    let [client, server] = [("laptop", NameSource::Hosts), ("www.example.org", NameSource::Dns)]
        .map(|(name, source)| HostName { name: name.into(), source });
    let record = Record {
        handshake,
        patterns: &patterns,
        calls: &[],
        names: &names,
        end_names: EndNames { client: Some(&client), server: Some(&server) },
        capture_start: None,
    };
    csv.handshake(&record).expect("memory takes it");
    csv.finish(&Summary::default()).expect("memory takes it");
    (String::from_utf8(out).expect("text"), String::from_utf8(notes).expect("text"))
}

#[test]
fn a_row_holds_what_the_json_holds() {
    let (out, notes) = rows(&fixture::record("established"));
    let lines: Vec<_> = out.split("\r\n").collect();
    let [header, row, ""] = lines[..] else { panic!("{out}") };
    let cells: Vec<_> = header.split(',').zip(row.split(',')).collect();
    assert_eq!(header.split(',').count(), row.split(',').count());
    let expected = [
        ("id", "1"),
        ("uid", "01568e16f0a7b9b07c45863ee46e48c6"),
        ("community_id", "1:9tThhgUlYToyX+EsmKJ5b+N7RH8="),
        ("previous_id", ""),
        ("source", "captures/three-way.pcap"),
        ("interface", "lo"),
        ("client_addr", "127.0.0.1"),
        ("client_port", "43210"),
        ("server_addr", "127.0.0.1"),
        ("server_port", "8080"),
        ("answered_by_addr", ""),
        ("answered_by_port", ""),
        ("encapsulations", ""),
        ("outcome", "established"),
        ("ended_by", "segment"),
        ("reset_by", ""),
        ("syn_captured", "true"),
        ("syn_ack_captured", "true"),
        ("ack_captured", "true"),
        ("client_state", "ESTABLISHED"),
        ("server_state", "ESTABLISHED"),
        ("client_isn", "305419896"),
        ("server_isn", "2596069104"),
        ("start", "2026-11-22T07:00:00.123456789Z"),
        ("start_ns", "1795330800123456789"),
        ("total_ns", "61000"),
        ("total_min_ns", ""),
        ("total_max_ns", ""),
        ("retry_wait_ns", "0"),
        ("retry_wait_min_ns", ""),
        ("retry_wait_max_ns", ""),
        ("server_rtt_ns", "29000"),
        ("server_rtt_min_ns", ""),
        ("server_rtt_max_ns", ""),
        ("syn_ack_wait_ns", "0"),
        ("syn_ack_wait_min_ns", ""),
        ("syn_ack_wait_max_ns", ""),
        ("client_rtt_ns", "32000"),
        ("client_rtt_min_ns", ""),
        ("client_rtt_max_ns", ""),
        ("failed_after_ns", ""),
        ("wireshark_irtt_ns", "61000"),
        ("syn_retransmissions", "0"),
        ("syn_ack_retransmissions", "0"),
        ("patterns", "three_way"),
        ("client_mss", "65495"),
        ("server_mss", "65495"),
        ("client_window_scale", "7"),
        ("server_window_scale", "7"),
        ("sack", "true"),
        ("timestamps", "true"),
        ("icmp_frame", ""),
        ("icmp_family", ""),
        ("icmp_type", ""),
        ("icmp_code", ""),
        ("icmp_name", ""),
        ("icmp_sender", ""),
        ("frames", "1 2 3"),
        ("client_name", "laptop"),
        ("server_name", "www.example.org"),
    ];
    assert_eq!(cells, expected);
    assert!(notes.starts_with("0 attempts"), "{notes}");
}

/// The cell of a record in this column.
fn cell(name: &str, column: &str) -> String {
    let (out, _) = rows(&fixture::record(name));
    let [header, row] = out.lines().collect::<Vec<_>>()[..] else { panic!("{out}") };
    let at = header.split(',').position(|one| one == column).expect("a column");
    row.split(',').nth(at).expect("a cell").to_owned()
}

#[test]
fn what_is_absent_is_empty() {
    for column in ["total_ns", "retry_wait_ns", "server_rtt_ns", "client_mss", "sack"] {
        assert_eq!(cell("syn-not-captured", column), "", "{column}");
    }
}

#[test]
fn failures_have_their_time_and_reason() {
    let cells = |name| {
        ["failed_after_ns", "icmp_frame", "icmp_family", "icmp_type", "icmp_code", "icmp_sender"]
            .map(|column| cell(name, column))
    };
    assert_eq!(cells("refused"), ["18000", "", "", "", "", ""]);
    assert_eq!(cells("unreachable"), ["3060000000", "2", "icmp", "3", "1", "192.0.2.254"]);
    assert_eq!(cells("unanswered"), ["7005000000", "", "", "", "", ""]);
}

#[test]
fn ranges_stand_where_a_number_cannot_be_known() {
    let cells = |column: &str| {
        ["ns", "min_ns", "max_ns"].map(|end| cell("late-which", &format!("{column}_{end}")))
    };
    assert_eq!(cells("retry_wait"), ["", "0", "3000000000"]);
    assert_eq!(cells("server_rtt"), ["", "29000000", "3029000000"]);
    assert_eq!(cells("total"), ["3029032000", "", ""]);
    assert_eq!(cell("ack-not-captured", "total_max_ns"), "9029000");
}

#[test]
fn stacks_of_layers_are_distinguished() {
    assert_eq!(cell("two-vlans", "encapsulations"), "vlan 300 | vlan 50");
    assert_eq!(cell("established-v6", "encapsulations"), "vxlan 42 > vlan 100");
}

#[test]
fn no_column_is_always_empty() {
    let rows: Vec<_> = fixture::all().into_iter().map(|(_, one)| rows(&one).0).collect();
    for (at, (name, _)) in super::COLUMNS.iter().enumerate() {
        let fills =
            |out: &String| out.lines().nth(1)?.split(',').nth(at).map(|cell| !cell.is_empty());
        assert!(rows.iter().any(|out| fills(out).expect("a cell")), "{name} is always empty");
    }
}

#[test]
fn no_attempts_leave_the_header_alone() {
    let mut out = Vec::new();
    let mut csv = Csv::new(&mut out, std::io::sink(), Style::PLAIN);
    csv.finish(&Summary::default()).expect("memory takes it");
    assert_eq!(String::from_utf8(out).expect("text").matches("\r\n").count(), 1);
}

#[test]
fn the_totals_look_as_they_are_asked_to() {
    let notes = |unicode| {
        let mut notes = Vec::new();
        let style = Style { unicode, ..Style::PLAIN };
        let mut csv = Csv::new(std::io::sink(), &mut notes, style);
        let mut summary = Summary::default();
        summary.counters.outcomes[0] = 1;
        csv.finish(&summary).expect("memory takes it");
        String::from_utf8(notes).expect("text")
    };
    assert!(notes(true).contains('█') && !notes(true).contains('#'), "{}", notes(true));
    assert!(notes(false).contains('#') && notes(false).is_ascii(), "{}", notes(false));
}

/// Where nothing decided a failure it has a time if anything was sent again.
#[test]
fn each_failure_has_its_time() {
    use handshake::Outcome::{EstablishedClientOnly, Refused, Reset, Unanswered, Unreachable};
    let mut checked = 0;
    for (name, handshake) in fixture::all() {
        let column = match handshake.outcome {
            EstablishedClientOnly => "total_ns",
            Refused | Reset | Unreachable => "failed_after_ns",
            Unanswered if handshake.syn_retransmissions > 0 => "failed_after_ns",
            _ if handshake.outcome.is_failure() && handshake.syn_ack_retransmissions > 0 => {
                "failed_after_ns"
            }
            _ => continue,
        };
        assert_ne!(cell(name, column), "", "{name}");
        checked += 1;
    }
    assert!(checked > 5, "{checked}");
}
