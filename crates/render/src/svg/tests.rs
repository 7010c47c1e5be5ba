use handshake::Handshake;
use hostnames::{EndNames, HostName, NameSource};

use super::sheet::width_of;
use crate::fixture::{self, calls, golden};
use crate::{Language, Record, SocketCall, Style, Summary, Svg, Theme, TimeFormat, View as _};

const STYLE: Style = Style { time: TimeFormat::Relative, ..Style::PLAIN };

fn picture(handshakes: &[(Handshake, &[SocketCall])], style: Style) -> String {
    picture_with_names(handshakes, EndNames::default(), style)
}

fn picture_with_names(
    handshakes: &[(Handshake, &[SocketCall])],
    end_names: EndNames<'_>,
    style: Style,
) -> String {
    let mut out = Vec::new();
    let names = fixture::names();
    let mut svg = Svg::new(&mut out, style);
    for (handshake, calls) in handshakes {
        let patterns = handshake::recognise(handshake);
        let record = Record {
            handshake,
            patterns: &patterns,
            calls,
            names: &names,
            end_names,
            capture_start: None,
        };
        svg.handshake(&record).expect("memory takes it");
    }
    svg.finish(&Summary::default()).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn datagrams_are_drawn_between_their_calls() {
    let mut out = Vec::new();
    let mut svg = Svg::new(&mut out, STYLE);
    fixture::with_exchange(|exchange| svg.exchange(exchange).expect("memory takes it"));
    svg.finish(&Summary::default()).expect("memory takes it");
    golden("exchange.svg", &String::from_utf8(out).expect("text"));
}

#[test]
fn pictures_are_as_they_were_looked_at() {
    let established = (fixture::record("established"), &calls()[..]);
    golden(
        "established.calls.svg",
        &picture(std::slice::from_ref(&established), Style { theme: Theme::Light, ..STYLE }),
    );
    let compact = Style { theme: Theme::Light, compact: true, ..STYLE };
    golden("established.calls.compact.svg", &picture(&[established], compact));
    let explained = Style { explain: true, ..STYLE };
    let chinese = Style { language: Language::Chinese, ..explained };
    let late = (fixture::record("late"), &[][..]);
    golden("late.explained.zh.svg", &picture(&[late], chinese));
    for name in ["late", "unreachable", "client-only", "hostile-options", "closed"] {
        let one = (fixture::record(name), &[][..]);
        golden(&format!("{name}.svg"), &picture(&[one], explained));
    }
    let several = ["refused", "simultaneous"].map(|name| (fixture::record(name), &[][..]));
    golden("several.dark.svg", &picture(&several, Style { theme: Theme::Dark, ..STYLE }));
}

/// The value of an attribute of the first element in `markup`.
fn attribute<'a>(markup: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = markup.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn unescaped(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
        .into_iter()
        .fold(text.to_owned(), |text, (escape, sign)| text.replace(escape, sign))
}

#[test]
fn no_text_is_wider_than_the_picture() {
    let label = "label-of-a-zone.".repeat(6);
    let long = HostName { name: label.into(), source: NameSource::Hosts };
    let named = EndNames { client: Some(&long), server: Some(&long) };
    for (name, handshake) in fixture::all() {
        for (calls, end_names) in
            [(vec![], EndNames::default()), (vec![], named), (calls(), EndNames::default())]
        {
            let style = Style { explain: true, compare: true, ..STYLE };
            let svg = picture_with_names(&[(handshake.clone(), &calls)], end_names, style);
            let number = |text: Option<&str>| text.expect("it is there").parse::<i32>().unwrap();
            let width = number(attribute(&svg, "width"));
            for text in svg.split("<text").skip(1) {
                let (text, _) = text.split_once("</text>").expect("it ends");
                let words: String =
                    text.split('<').filter_map(|piece| Some(piece.split_once('>')?.1)).collect();
                let long = width_of(unescaped(&words).chars().count());
                let x = number(attribute(text, "x"));
                let (from, to) = match attribute(text, "text-anchor") {
                    Some("end") => (x - long, x),
                    Some("middle") => (x - long / 2, x + long / 2),
                    _ => (x, x + long),
                };
                assert!(from >= 0 && to <= width, "{name}: {words:?} from {from} to {to}");
            }
        }
    }
}

#[test]
fn an_empty_capture_says_so_and_a_large_one_what_is_missing() {
    assert!(picture(&[], STYLE).contains("no connection attempts"));
    let many = vec![(fixture::record("refused"), &[][..]); 52];
    let svg = picture(&many, STYLE);
    assert!(svg.contains("2 more attempts are not drawn"), "{svg}");
    assert_eq!(svg.matches("<g ").count(), 50);
}
