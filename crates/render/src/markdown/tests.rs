use hostnames::EndNames;

use crate::fixture::{self, calls, golden};
use crate::{Markdown, Record, Style, Summary, TimeFormat, View as _};

#[test]
fn sections_are_as_they_were_looked_at() {
    let style = Style { unicode: true, explain: true, time: TimeFormat::Relative, ..Style::PLAIN };
    let names = fixture::names();
    for name in ["established", "hostile-options", "closed"] {
        let handshake = fixture::record(name);
        let patterns = handshake::recognise(&handshake);
        let record = Record {
            handshake: &handshake,
            patterns: &patterns,
            calls: &calls(),
            names: &names,
            end_names: EndNames::default(),
            capture_start: None,
        };
        let mut out = Vec::new();
        let mut markdown = Markdown::new(&mut out, style);
        markdown.handshake(&record).expect("memory takes it");
        markdown.finish(&Summary::default()).expect("memory takes it");
        golden(&format!("{name}.md"), &String::from_utf8(out).expect("text"));
    }
}

#[test]
fn datagrams_are_a_section_of_their_own() {
    let mut out = Vec::new();
    let mut markdown = Markdown::new(&mut out, Style { unicode: true, ..Style::PLAIN });
    fixture::with_exchange(|exchange| markdown.exchange(exchange).expect("memory takes it"));
    markdown.finish(&Summary::default()).expect("memory takes it");
    golden("exchange.md", &String::from_utf8(out).expect("text"));
}

#[test]
fn no_text_ends_its_cell_its_line_or_its_fence() {
    assert_eq!(super::escaped("a|b`c*d_<e>"), r"a\|b\`c\*d\_\<e\>");
    assert_eq!(super::escaped("a\x1b[2J\u{202e}"), r"a\\x1b\[2J\\u{202e}");
    assert_eq!(super::code("\x1b"), r"` \x1b `");
    assert_eq!(super::code("a ``b`` c"), "``` a ``b`` c ```");
}
