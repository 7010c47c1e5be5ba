use hostnames::EndNames;

use crate::fixture::{self, calls, golden};
use crate::{Mermaid, Record, Style, Summary, TimeFormat, View as _};

const STYLE: Style = Style { time: TimeFormat::Relative, ..Style::PLAIN };

fn diagram(names: &[&str], style: Style) -> String {
    let sources = fixture::names();
    let mut out = Vec::new();
    let mut mermaid = Mermaid::new(&mut out, style);
    for name in names {
        let handshake = fixture::record(name);
        let patterns = handshake::recognise(&handshake);
        let calls = if *name == "established" { calls() } else { Vec::new() };
        let record = Record {
            handshake: &handshake,
            patterns: &patterns,
            calls: &calls,
            names: &sources,
            end_names: EndNames::default(),
            capture_start: None,
        };
        mermaid.handshake(&record).expect("memory takes it");
    }
    mermaid.finish(&Summary::default()).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn datagrams_are_drawn_between_their_calls() {
    let mut out = Vec::new();
    let mut mermaid = Mermaid::new(&mut out, STYLE);
    fixture::with_exchange(|exchange| mermaid.exchange(exchange).expect("memory takes it"));
    mermaid.finish(&Summary::default()).expect("memory takes it");
    golden("exchange.mmd", &String::from_utf8(out).expect("text"));
}

#[test]
fn diagrams_are_as_they_were_looked_at() {
    golden("established.mmd", &diagram(&["established"], STYLE));
    let compact = Style { compact: true, ..STYLE };
    golden("established.compact.mmd", &diagram(&["established"], compact));
    golden(
        "several.mmd",
        &diagram(&["late", "unreachable", "client-only", "hostile-options"], STYLE),
    );
    golden("closed.mmd", &diagram(&["closed"], STYLE));
    assert_eq!(
        diagram(&[], STYLE),
        "sequenceDiagram\n    participant L1 as client\n    Note over L1: no connection attempts\n"
    );
}

#[test]
fn a_large_capture_says_what_is_missing() {
    let diagram = diagram(&["refused"; 23], STYLE);
    assert!(diagram.ends_with("Note over L1: 3 more attempts are not drawn: choose with --id\n"));
}

#[test]
fn no_text_is_taken_for_a_command() {
    let escaped = super::escaped("end; %% <b>#quot;\" a\u{202e}");
    assert_eq!(escaped, "end#59; #37;#37; #60;b#62;#35;quot#59;#34; a\u{202e}");
}
