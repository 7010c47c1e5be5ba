use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use handshake::Handshake;
use hostnames::{EndNames, HostName, NameSource};
use parser::Endpoint;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::fixture::{self, golden};
use crate::style::Wanted;

fn style(width: u16) -> Style {
    Style { unicode: true, width: Some(width), time: TimeFormat::Relative, ..Style::PLAIN }
}

/// Where no terminal limits the columns.
const PIPE: Style = Style { unicode: true, time: TimeFormat::Relative, ..Style::PLAIN };

fn table(handshakes: &[Handshake], style: Style) -> String {
    table_with_names(handshakes, EndNames::default(), style)
}

fn table_with_names(handshakes: &[Handshake], end_names: EndNames<'_>, style: Style) -> String {
    let mut out = Vec::new();
    let mut view = Table::new(&mut out, style);
    let names = fixture::names();
    let capture_start = Some(Timestamp::from_nanos(fixture::START));
    for handshake in handshakes {
        let patterns = handshake::recognise(handshake);
        let record = Record {
            handshake,
            patterns: &patterns,
            calls: &[],
            names: &names,
            end_names,
            capture_start,
        };
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
    golden("table.pipe.txt", &table(&all(), PIPE));
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

/// The titles of the columns.
fn titles(style: Style) -> Vec<String> {
    let text = table(&[fixture::record("refused")], style);
    let words = text.lines().next().expect("a line of titles").replace(" RTT", "_RTT");
    words.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_columns_give_way_in_the_order_that_is_documented() {
    let all = ["id", "time", "client", "server", "outcome", "total", "server_RTT", "client_RTT"];
    let all = [&all[..], &["+SYN", "+SYN-ACK", "patterns"]].concat();
    assert_eq!(titles(PIPE), all);
    let gone = [
        &["time"][..],
        &["time", "client_RTT"],
        &["time", "client_RTT", "+SYN", "+SYN-ACK"],
        &["time", "client_RTT", "+SYN", "+SYN-ACK", "patterns"],
        &["time", "client_RTT", "+SYN", "+SYN-ACK", "patterns", "server_RTT"],
    ];
    let mut widths = (60..=200).rev().map(|width| titles(style(width))).collect::<Vec<_>>();
    widths.dedup();
    let without = |gone: &[&str]| all.iter().filter(|one| !gone.contains(one)).copied().collect();
    let expected: Vec<Vec<&str>> = std::iter::once(&[][..]).chain(gone).map(without).collect();
    assert_eq!(widths, expected);
}

const TITLES: [(Column, &[&str]); 6] = [
    (Column::Time, &["time"]),
    (Column::ClientRtt, &["client_RTT"]),
    (Column::Repeats, &["+SYN", "+SYN-ACK"]),
    (Column::Patterns, &["patterns"]),
    (Column::ServerRtt, &["server_RTT"]),
    (Column::Total, &["total"]),
];

#[test]
fn a_column_that_was_asked_for_stays() {
    for ((column, expected), width) in
        TITLES.into_iter().flat_map(|one| (60..=200).map(move |width| (one, width)))
    {
        let shown = titles(Style { wanted: Wanted::NONE.and(column), ..style(width) });
        assert!(expected.iter().all(|title| shown.contains(&(*title).to_owned())), "{width}");
    }
}

#[test]
fn what_was_asked_for_gives_way_where_the_ports_need_its_room() {
    let wanted = Column::ALL.into_iter().collect();
    let left = |width| {
        let shown = titles(Style { wanted, ..style(width) });
        TITLES.map(|(_, titles)| shown.contains(&titles[0].to_owned()))
    };
    assert_eq!(left(200), [true; 6]);
    assert_eq!(left(100), [false, false, true, true, true, true]);
    assert_eq!(left(60), [false, false, false, false, false, true]);
}

#[test]
fn a_time_that_was_asked_for_stays() {
    for time in [TimeFormat::Utc, TimeFormat::Local, TimeFormat::Epoch] {
        for width in 60..=200 {
            assert!(titles(Style { time, ..style(width) }).contains(&"time".to_owned()), "{width}");
        }
    }
}

#[test]
fn without_a_terminal_nothing_is_cut() {
    let mut handshakes = all();
    handshakes[0].id = u64::MAX;
    handshakes[0].client = Endpoint::new(Ipv6Addr::from([0xfe; 16]), 65_535);
    handshakes[1].server = Endpoint::new(Ipv6Addr::from([0xfe; 16]), 65_535);
    for unicode in [false, true] {
        let text = table(&handshakes, Style { unicode, ..PIPE });
        assert!(!text.contains(['…', '~']), "{text}");
        for (handshake, line) in handshakes.iter().zip(text.lines().skip(1)) {
            let mut words = vec![
                handshake.id.to_string(),
                handshake.client.to_string(),
                handshake.server.to_string(),
                handshake.outcome.name().to_owned(),
            ];
            let patterns = handshake::recognise(handshake);
            words.extend(patterns.iter().map(|pattern| pattern.name.name().to_owned()));
            let found: Vec<_> = line.split_whitespace().collect();
            for word in words {
                assert!(found.contains(&&*word), "{word}: {line}");
            }
        }
    }
}

#[test]
fn times_count_from_the_first_frame_of_the_capture() {
    let later = &all()[3..];
    let text = table(later, PIPE);
    let times: Vec<_> =
        text.lines().skip(1).take(2).filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(times, ["1.500000", "2.000000"]);
}

#[test]
fn repeats_of_each_side_have_their_own_column() {
    let record = Handshake {
        syn_retransmissions: 6,
        syn_ack_retransmissions: 10,
        ..fixture::record("refused")
    };
    let text = table(&[record], PIPE);
    let [titles, line] = text.lines().take(2).collect::<Vec<_>>()[..] else { panic!("{text}") };
    for (title, count) in [("+SYN ", "6"), ("+SYN-ACK ", "10")] {
        let end = titles.find(title).expect("a title") + title.len() - 1;
        let line: String = line.chars().take(end).collect();
        assert!(line.ends_with(&format!(" {count}")), "{text}");
    }
}

#[test]
fn the_time_of_a_failure_is_marked() {
    let line = |name: &str, style| {
        let text = table(&[fixture::record(name)], style);
        text.lines().nth(1).expect("a line").to_owned()
    };
    assert!(line("unreachable", PIPE).contains(" unreachable              ✗ 3.06 s "));
    assert!(line("unreachable", Style { unicode: false, ..PIPE }).contains(" x 3.06 s "));
    assert!(line("established", PIPE).contains(" established                 61 µs "));
}

#[test]
fn an_id_is_never_cut() {
    let id = u64::MAX;
    let text = table(&[Handshake { id, ..fixture::record("refused") }], style(60));
    assert!(text.lines().any(|line| line.starts_with(&id.to_string())), "{text}");
}

#[test]
fn end_points_lose_the_middle_of_the_address() {
    let end = Endpoint::new(Ipv4Addr::new(192, 168, 100, 200), 43_210);
    assert_eq!(shortened(end.to_string(), 21, style(60)), "192.168.100.200:43210");
    assert_eq!(shortened(end.to_string(), 16, style(60)), "192.168…00:43210");
    assert_eq!(shortened(end.to_string(), 16, Style::PLAIN), "192.168~00:43210");
    let end = Endpoint::new(Ipv6Addr::from([0xfe; 16]), 1);
    for width in 2..50 {
        assert!(shortened(end.to_string(), width, style(60)).width() <= width, "{width}");
    }
}

#[test]
fn a_port_is_never_cut() {
    for addr in [IpAddr::from([192, 168, 100, 200]), IpAddr::from([0xfe; 16])] {
        let end = Endpoint::new(addr, 43_210).to_string();
        let shortest = [8, 7, 6, 5, 0].map(|width| shortened(end.clone(), width, style(60)));
        assert_eq!(shortest[1..], ["…:43210", ":43210", ":43210", ":43210"]);
        assert_eq!(shortest[0], format!("{}…:43210", &end[..1]));
    }
}

#[test]
fn neither_an_outcome_nor_a_port_is_cut_at_any_width() {
    let mut handshakes = all();
    for (id, handshake) in (960..).zip(&mut handshakes) {
        handshake.client = Endpoint::new(Ipv6Addr::from([0xfe; 16]), 65_535);
        handshake.server = Endpoint::new(Ipv4Addr::from([255; 4]), 54_321);
        handshake.id = id;
    }
    let times = [TimeFormat::Relative, TimeFormat::Utc, TimeFormat::Local, TimeFormat::Epoch];
    let wanted = Column::ALL.into_iter().collect();
    for (time, width) in times.into_iter().flat_map(|time| (60..=250).map(move |to| (time, to))) {
        let wanted = if width % 2 == 0 { wanted } else { Wanted::NONE };
        let text = table(&handshakes, Style { time, wanted, ..style(width) });
        for (handshake, line) in handshakes.iter().zip(text.lines().skip(1)) {
            let words = [":65535 ", ":54321 ", &format!(" {} ", handshake.outcome.name())];
            let line = format!("{line} ");
            assert!(words.iter().all(|word| line.contains(word)), "{width} {time:?}: {line}");
        }
    }
}

#[test]
fn a_time_is_never_cut() {
    let capture_start = Some(Timestamp::from_nanos(fixture::START));
    for (seconds, time) in [(95_318_603, TimeFormat::Relative), (0, TimeFormat::Epoch)] {
        let mut late = fixture::record("refused");
        late.timing.start = capture_start.map(|start| start.plus_nanos(seconds * 1_000_000_000));
        for width in 60..=250 {
            let style = Style { time, ..style(width) };
            let expected = super::time(late.timing.start.expect("a start"), capture_start, style);
            let text = table(&[late.clone()], style);
            let is_shown = text.lines().next().is_some_and(|titles| titles.contains(" time "));
            assert_eq!(text.contains(&format!(" {expected} 127.")), is_shown, "{width}: {text}");
        }
    }
}

#[test]
fn a_long_time_stands_below_its_title_where_there_is_room() {
    let mut late = fixture::record("refused");
    late.timing.start = Some(Timestamp::from_nanos(i64::MAX));
    let text = table(&[fixture::record("refused"), late], style(178));
    let begin = |line: &str| line.find(" client ").or(line.find(" 127."));
    let begins: Vec<_> = text.lines().take(3).map(begin).collect();
    assert_eq!(begins, [begins[0]; 3], "{text}");
}

#[test]
fn a_long_outcome_or_id_leaves_what_follows_in_its_column() {
    let handshakes = [fixture::record("established"), fixture::record("client-only")];
    let long_id = Handshake { id: 12_345_678, ..handshakes[0].clone() };
    let text = table(&[&handshakes[..], &[long_id]].concat(), style(80));
    let ends: Vec<_> = text.lines().take(4).map(UnicodeWidthStr::width).collect();
    assert_eq!(ends, [ends[0]; 4], "{text}");
    assert!(text.contains(" established_client_only "), "{text}");
    assert!(text.contains("\n12345678 127."), "{text}");
}

#[test]
fn without_attempts_there_are_no_titles() {
    assert_eq!(table(&[], style(80)), "0 attempts in 0 TCP segments\n0 bytes in 0 frames\n");
}

#[test]
fn names_stand_before_their_addresses_and_give_way() {
    let name = "www.example.org".into();
    let server = HostName { name, source: NameSource::Dns };
    let names = EndNames { client: None, server: Some(&server) };
    let refused = [fixture::record("refused")];
    let line = |style| {
        let text = table_with_names(&refused, names, style);
        text.lines().nth(1).expect("a line of the attempt").to_owned()
    };
    assert!(line(PIPE).contains(" www.example.org (127.0.0.1):8080 "), "{}", line(PIPE));
    assert!(line(style(80)).contains(" 127.0.0.1:8080 "), "{}", line(style(80)));
    assert!(line(style(100)).contains(" www.example.org:8080 "), "{}", line(style(100)));
    assert!(line(style(160)).contains(" www.example.org:8080 "), "{}", line(style(160)));
    let long = HostName { name: "x".repeat(253).into(), source: NameSource::Dns };
    let names = EndNames { client: Some(&long), server: Some(&long) };
    for width in 60..200 {
        let text = table_with_names(&refused, names, style(width));
        let widest = text.lines().take(2).map(UnicodeWidthStr::width).max();
        assert!(widest <= Some(usize::from(width)), "{width}: {text}");
    }
}
