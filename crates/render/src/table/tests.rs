use std::net::{Ipv4Addr, Ipv6Addr};

use handshake::Handshake;
use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::fixture::{self, golden};

fn style(width: u16) -> Style {
    Style { unicode: true, width, time: TimeFormat::Relative, ..Style::PLAIN }
}

fn table(handshakes: &[Handshake], style: Style) -> String {
    let mut out = Vec::new();
    let mut view = Table::new(&mut out, style);
    let names = fixture::names();
    for handshake in handshakes {
        let patterns = handshake::recognise(handshake);
        let record = Record { handshake, patterns: &patterns, calls: &[], names: &names };
        view.handshake(&record).expect("memory takes it");
    }
    view.finish(&Summary::default()).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

/// Every kind of record, one every half second.
fn all() -> Vec<Handshake> {
    let mut all: Vec<_> = fixture::all().into_iter().map(|(_, one)| one).collect();
    for (id, handshake) in (1..).zip(&mut all) {
        handshake.id = id;
        let start = handshake.timing.start;
        handshake.timing.start =
            start.map(|start| start.plus_nanos(500_000_000 * (id.cast_signed() - 1)));
    }
    all
}

#[test]
fn tables_are_as_they_were_looked_at() {
    golden("table.60.txt", &table(&all(), style(60)));
    golden("table.80.txt", &table(&all(), Style { unicode: false, ..style(80) }));
    golden("table.100.txt", &table(&all(), style(100)));
    golden("table.120.txt", &table(&all(), Style { time: TimeFormat::Utc, ..style(120) }));
    golden("table.200.txt", &table(&all(), style(200)));
    golden("table.ansi", &table(&all(), Style { color: true, ..style(120) }));
}

#[test]
fn no_line_is_longer_than_the_terminal_is_wide() {
    let mut handshakes = all();
    handshakes[0].id = u64::MAX;
    handshakes[0].client = Endpoint::new(Ipv6Addr::from([0xfe; 16]), 65_535);
    handshakes[0].server = Endpoint::new(Ipv4Addr::from([255; 4]), 65_535);
    for width in [0, 60, 80, 100, 120, 200, 300] {
        for unicode in [false, true] {
            for time in [TimeFormat::Relative, TimeFormat::Utc, TimeFormat::Epoch] {
                let style = Style { unicode, time, ..style(width) };
                for line in table(&handshakes, style).lines() {
                    assert!(line.width() <= style.columns(), "{width}: {line}");
                }
            }
        }
    }
}

#[test]
fn end_points_lose_the_middle_of_the_address() {
    let end = Endpoint::new(Ipv4Addr::new(192, 168, 100, 200), 43_210);
    assert_eq!(shortened(end, 21, style(60)), "192.168.100.200:43210");
    assert_eq!(shortened(end, 16, style(60)), "192.168…00:43210");
    assert_eq!(shortened(end, 16, Style::PLAIN), "192.168~00:43210");
    let end = Endpoint::new(Ipv6Addr::from([0xfe; 16]), 1);
    for width in 1..50 {
        assert!(shortened(end, width, style(60)).width() <= width, "{width}");
    }
}

#[test]
fn without_attempts_there_are_no_titles() {
    assert_eq!(table(&[], style(80)), "0 attempts in 0 TCP segments\n0 bytes in 0 frames\n");
}
