//! The waiting attempts below the output.

use super::terminal::Terminal;
use super::*;

/// A frame that is nobody's business, so that time passes.
const OTHER: &str = "frame ffffffffffff0200000000010806\n";

/// The text on a terminal of 80 columns and 24 lines after each frame, and at the end.
fn shown(format: Format, selection: Selection, script: &str) -> Vec<String> {
    on_screen(format, selection, || (80, 24), script)
}

fn on_screen(format: Format, selection: Selection, size: Size, script: &str) -> Vec<String> {
    let format = (format, Remarks::Normal);
    let screens = written(format, selection, ShowWhen::AsDecided, Some(size), script);
    screens.iter().map(|screen| Terminal::shows(screen)).collect()
}

/// So many SYNs from addresses of their own, a millisecond apart.
fn syns(count: u8) -> String {
    let hosts = (1..=count).map(|host| format!("host C{host} 192.0.2.{host}:40000\n"));
    let syns = (1..=count).map(|host| format!("+1ms C{host} > S S 4294967295:4294967295(0)\n"));
    let ends = "client 198.51.100.9:9 server 203.0.113.1:443\n".to_owned();
    ends + &hosts.chain(syns).collect::<String>()
}

#[test]
fn waiting_attempts_are_shown_until_they_are_decided() {
    for (client, server) in
        [("10.0.0.1:40000", "10.0.0.2:443"), ("[2001:db8::1]:40000", "[2001:db8::2]:443")]
    {
        let script = format!(
            "client {client} server {server}\nisn J=4294967295 K=7\n\
             +0 C > S S J:J(0)\n+700ms {OTHER}+300ms {OTHER}+0 C > S S J:J(0)\n+200ms {OTHER}\
             +1800ms C > S S J:J(0)\n+100ms {OTHER}+10ms S > C S. K:K(0) ack J+1\n+90ms {OTHER}\
             +900ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n"
        );
        let screens = shown(Format::Table, Selection::default(), &script);
        let line = |what: &str| format!(" ... {client} > {server}  {what} so far\n");
        let lines = [
            String::new(),
            String::new(),
            line("SYN once, 1.0 s"),
            line("SYN once, 1.0 s"),
            line("SYN 2 times, 1.2 s"),
            line("SYN 3 times, 3.0 s"),
            line("SYN 3 times, 3.0 s"),
            line("SYN 3 times, 3.0 s"),
            line("SYN-ACK once, 3.2 s"),
            line("SYN-ACK 2 times, 4.1 s"),
        ];
        assert_eq!(screens[..10], lines);
        // The verdict comes in the place of what waited.
        let [_, row] = screens[10].lines().collect::<Vec<_>>()[..] else { panic!("{screens:?}") };
        assert!(row.contains(" established "), "{row}");
        assert!(screens[11].starts_with(&*screens[10]), "{}", screens[11]);
        assert!(!screens[11].contains("so far"), "{}", screens[11]);
    }
}

#[test]
fn what_is_decided_comes_above_what_waits() {
    let script = format!("{}+1s {OTHER}+10ms S > C1 R. 0:0(0) ack 0\n", syns(3));
    for format in [Format::Table, Format::Timeline] {
        let screens = shown(format, Selection::default(), &script);
        let line = |host: u8, seconds: &str| {
            format!(" ... 192.0.2.{host}:40000 > 203.0.113.1:443  SYN once, {seconds} s so far\n")
        };
        assert_eq!(screens[3], [line(1, "1.0"), line(2, "1.0"), line(3, "1.0")].concat());
        let above = screens[4].strip_suffix(&*[line(2, "1.0"), line(3, "1.0")].concat()).unwrap();
        assert!(above.contains("refused"), "{above}");
        let end = screens[5].strip_prefix(above).unwrap();
        assert!(end.contains("in_progress") && !end.contains("so far"), "{end}");
    }
}

#[test]
fn five_lines_are_enough() {
    let script = format!("{}+1s {OTHER}", syns(41));
    let lines = |screen: &String| screen.lines().map(str::to_owned).collect::<Vec<_>>();
    let screens = shown(Format::Table, Selection::default(), &script);
    let found = lines(&screens[41]);
    assert_eq!(found.len(), 5);
    for (line, host) in found.iter().zip(1..=4) {
        assert!(line.starts_with(&format!(" ... 192.0.2.{host}:40000 > ")), "{line}");
    }
    assert_eq!(found[4], " ... and 37 more");
    let low = on_screen(Format::Table, Selection::default(), || (80, 3), &script);
    assert_eq!(lines(&low[41]), [found[0].clone(), " ... and 40 more".to_owned()]);
    let lowest = on_screen(Format::Table, Selection::default(), || (80, 2), &script);
    assert_eq!(lines(&lowest[41]), [" ... and 41 attempts wait"]);
    let narrow = on_screen(Format::Table, Selection::default(), || (20, 24), &script);
    assert_eq!(lines(&narrow[41])[0], " ... 192.0.2.1:4000");
}

#[test]
fn selected_attempts_are_shown() {
    let script = format!("{}+1s {OTHER}", syns(3));
    let clients = vec!["192.0.2.2".parse().unwrap()];
    let outcomes = vec![Outcome::Refused];
    let selection = Selection { clients, outcomes, ..Selection::default() };
    let screens = shown(Format::Table, selection, &script);
    assert_eq!(screens[3], " ... 192.0.2.2:40000 > 203.0.113.1:443  SYN once, 1.0 s so far\n");
}

#[test]
fn waiting_attempts_need_a_terminal_and_remarks() {
    let script = format!("{}+1s {OTHER}+1s {OTHER}", syns(1));
    let written_with = |format, remarks, size, show_when| {
        written((format, remarks), Selection::default(), show_when, size, &script).concat()
    };
    let size: Size = || (80, 24);
    assert!(
        written_with(Format::Table, Remarks::Normal, Some(size), ShowWhen::AsDecided)
            .contains("so far")
    );
    for (format, remarks, size, show_when) in [
        (Format::Table, Remarks::Normal, None, ShowWhen::AsDecided),
        (Format::Table, Remarks::Off, Some(size), ShowWhen::AsDecided),
        (Format::Table, Remarks::Normal, Some(size), ShowWhen::AsTheyEnd),
        (Format::Jsonl, Remarks::Normal, Some(size), ShowWhen::AsDecided),
        (Format::Summary, Remarks::Normal, Some(size), ShowWhen::AsDecided),
    ] {
        let written = written_with(format, remarks, size, show_when);
        assert!(!written.contains("so far") && !written.contains('\x1b'), "{written}");
    }
}
