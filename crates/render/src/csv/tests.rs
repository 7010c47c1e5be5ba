use crate::fixture;
use crate::{Csv, Record, Summary, View as _};

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
    let mut csv = Csv::new(&mut out, &mut notes);
    let names = fixture::names();
    let patterns = [fixture::three_way()];
    let record = Record { handshake, patterns: &patterns, calls: &[], names: &names };
    csv.handshake(&record).expect("memory takes it");
    csv.finish(&Summary::default()).expect("memory takes it");
    (String::from_utf8(out).expect("text"), String::from_utf8(notes).expect("text"))
}

#[test]
fn a_row_holds_what_the_json_holds() {
    let (out, notes) = rows(&fixture::established());
    let lines: Vec<_> = out.split("\r\n").collect();
    let [header, row, ""] = lines[..] else { panic!("{out}") };
    let cells: Vec<_> = header.split(',').zip(row.split(',')).collect();
    assert_eq!(header.split(',').count(), row.split(',').count());
    let expected = [
        ("id", "1"),
        ("previous_id", ""),
        ("source", "captures/three-way.pcap"),
        ("interface", "lo"),
        ("client_addr", "127.0.0.1"),
        ("client_port", "43210"),
        ("server_addr", "127.0.0.1"),
        ("server_port", "8080"),
        ("encapsulation", ""),
        ("outcome", "established"),
        ("ended_by", "segment"),
        ("reset_by", ""),
        ("syn_captured", "true"),
        ("client_state", "ESTABLISHED"),
        ("server_state", "ESTABLISHED"),
        ("client_isn", "305419896"),
        ("server_isn", "2596069104"),
        ("start", "2026-11-22T07:00:00.123456789Z"),
        ("start_ns", "1795330800123456789"),
        ("total_ns", "61000"),
        ("retry_wait_ns", "0"),
        ("server_rtt_ns", "29000"),
        ("server_rtt_min_ns", ""),
        ("server_rtt_max_ns", ""),
        ("client_rtt_ns", "32000"),
        ("client_rtt_min_ns", ""),
        ("client_rtt_max_ns", ""),
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
        ("frames", "1 2 3"),
    ];
    assert_eq!(cells, expected);
    assert!(notes.starts_with("0 handshakes"), "{notes}");
}

#[test]
fn what_is_absent_is_empty() {
    let (out, _) = rows(&fixture::syn_not_captured());
    let row = out.lines().nth(1).expect("a row");
    let cells: Vec<_> = row.split(',').collect();
    assert_eq!((cells[19], cells[20], cells[21], cells[31], cells[35]), ("", "", "", "", ""));
}

#[test]
fn no_attempts_leave_the_header_alone() {
    let mut out = Vec::new();
    let mut csv = Csv::new(&mut out, std::io::sink());
    csv.finish(&Summary::default()).expect("memory takes it");
    assert_eq!(String::from_utf8(out).expect("text").matches("\r\n").count(), 1);
}
