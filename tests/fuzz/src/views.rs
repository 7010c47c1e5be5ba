//! Hostile names and frames: whatever they hold, no view writes a character that a terminal could obey,
//! no line is too long, and JSON gives the names back.

use std::io;

use columns::{Columns, Content};
use handshake::{Counters, End, Event, Handshake, Limits, Reporting, Side, Tracker, recognise};
use hostnames::EndNames;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parser::{Frame, LinkType, Names, Origin, Timestamp};
use render::{
    Csv, Damaged, Json, JsonLines, Language, Markdown, Mermaid, Page, PageLimits, Record, Records,
    SocketCall, Style, Summary, Svg, Table, TimeFormat, Timeline, Totals, View,
};
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

/// Where all frames come from.
const ORIGIN: Origin = Origin { source: 0, interface: Some(0) };

/// What is shown.
struct Shown<'a> {
    records: Vec<Handshake>,
    counters: Counters,
    names: Names,
    /// The name of everything.
    name: &'a str,
    calls: bool,
}

/// Three bytes say how it is shown and how long the name is, which follows. Then come IP packets, each
/// after its length and the time since the one before it.
pub fn check(data: &[u8]) {
    let Some((&[how, width, len], rest)) = data.split_first_chunk() else { return };
    let (name, packets) = rest.split_at(rest.len().min(len.into()));
    let name = String::from_utf8_lossy(name);
    let (records, counters) = track(packets);
    let mut names = Names::default();
    let source = names.add_source(&*name);
    names.add_interface(source, Some(name.clone().into_owned()));
    let shown = Shown { records, counters, names, name: &name, calls: how & 1 != 0 };
    let time = match how >> 1 & 3 {
        0 => TimeFormat::Relative,
        1 => TimeFormat::Utc,
        2 => TimeFormat::Local,
        _ => TimeFormat::Epoch,
    };
    let [color, unicode, explain, compare] = [8, 16, 32, 64].map(|bit| how & bit != 0);
    let width_asked = Some(width.into());
    let language = if unicode && how & 128 != 0 { Language::Chinese } else { Language::English };
    let style = Style {
        color,
        unicode,
        width: width_asked,
        explain,
        compare,
        time,
        language,
        ..Style::PLAIN
    };
    for text in [
        shown.by(|out| Box::new(Timeline::new(out, style))),
        shown.by(|out| Box::new(Table::new(out, style))),
        shown.by(|out| Box::new(Totals::new(out, style))),
    ] {
        let text = if color { without_colours(&text) } else { text };
        harmless(&text);
        let too_long = text.lines().find(|line| line.width() > usize::from(width.max(60)));
        assert_eq!(too_long, None, "{text}");
        assert!(unicode || text.is_ascii(), "{text}");
    }
    harmless(
        &shown.by(|out| Box::new(Csv::new(out, io::sink(), Style::PLAIN))).replace("\r\n", "\n"),
    );

    let svg = shown.by(|out| Box::new(Svg::new(out, style)));
    harmless(&svg);
    only_ours(&svg);
    let page = shown.by(|out| Box::new(Page::new(out, style, PageLimits::DEFAULT)));
    harmless(&page);
    assert_eq!(page.matches("<script").count(), 2 + shown.records.len());
    harmless(&shown.by(|out| Box::new(Mermaid::new(out, style))).replace("<br/>", " "));
    harmless(&shown.by(|out| Box::new(Markdown::new(out, style))));

    let records = Records { compare, ..Records::default() };
    let lines = shown.by(|out| Box::new(JsonLines::new(out, records)));
    harmless(&lines);
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), shown.records.len() + 1);
    // A long name of an interface is cut.
    let names = (Some(&*name), shown.names.interface(ORIGIN));
    for line in lines.iter().take(shown.records.len()) {
        assert_eq!((line["source"].as_str(), line["interface"].as_str()), names);
    }
    let mut file = Vec::new();
    shown.show(&mut Columns::new(&mut file, Content::WithSegments, io::sink(), Style::PLAIN));
    readable(file, names, shown.records.len());
    let document = shown.by(|out| Box::new(Json::new(out, records)));
    harmless(&document);
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["handshakes"].as_array().map(Vec::len), Some(shown.records.len()));
    assert_eq!(document["summary"]["damaged"][0]["reason"], *name);
}

/// Every row can be read, with its segments.
fn readable(file: Vec<u8>, names: (Option<&str>, Option<&str>), count: usize) {
    let file = SerializedFileReader::new(bytes::Bytes::from(file)).expect("Parquet");
    let rows =
        file.get_row_iter(None).expect("rows").map(|row| row.expect("a row").to_json_value());
    let rows: Vec<Value> = rows.collect();
    assert_eq!(rows.len(), count);
    for row in rows {
        assert_eq!((row["source"].as_str(), row["interface"].as_str()), names);
        assert_eq!(
            row["frames"].as_array().map(Vec::len),
            row["segments"].as_array().map(Vec::len)
        );
    }
}

/// No text became an element of the picture.
fn only_ours(svg: &str) {
    const OURS: [&str; 8] = ["svg", "style", "rect", "g", "text", "tspan", "polyline", "polygon"];
    for element in svg.split('<').skip(1) {
        let name = element.trim_start_matches('/').split([' ', '>']).next().unwrap_or_default();
        assert!(OURS.contains(&name), "<{element}");
    }
}

fn track(mut packets: &[u8]) -> (Vec<Handshake>, Counters) {
    let mut tracker = Tracker::new(Limits::default(), Reporting::Whole);
    let mut records = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            records.push(record.clone());
        }
    };
    let mut nanos = 0_i64;
    for number in 1..=100 {
        let Some((&[len, time], rest)) = packets.split_first_chunk() else { break };
        let (bytes, rest) = rest.split_at(rest.len().min(len.into()));
        packets = rest;
        // Up to some 140 years, in either direction.
        nanos = nanos.wrapping_add(i64::from(time.cast_signed()) << (time & 0x3c));
        let timestamp = Some(Timestamp::from_nanos(nanos));
        let (link, wire_len) = (LinkType::RAW, bytes.len() as u32);
        tracker.on_frame(
            &Frame { origin: ORIGIN, number, timestamp, link, wire_len, bytes },
            &mut on_event,
        );
    }
    tracker.finish(End::Complete, &mut on_event);
    (records, tracker.counters().clone())
}

impl Shown<'_> {
    /// What a view writes of it.
    fn by(&self, view: impl FnOnce(&mut Vec<u8>) -> Box<dyn View + '_>) -> String {
        let mut out = Vec::new();
        self.show(&mut *view(&mut out));
        String::from_utf8(out).expect("every view writes UTF-8")
    }

    fn show(&self, view: &mut dyn View) {
        let call = |record: &Handshake| SocketCall {
            side: Side::Client,
            entered: record.timing.start.unwrap_or(Timestamp::from_nanos(0)),
            returned: record.timing.start,
            call: self.name.to_owned(),
            result: self.name.to_owned(),
        };
        for handshake in &self.records {
            let patterns = recognise(handshake);
            let calls: Vec<_> = self.calls.then(|| call(handshake)).into_iter().collect();
            let record = Record {
                handshake,
                patterns: &patterns,
                calls: &calls,
                names: &self.names,
                end_names: EndNames::default(),
                capture_start: None,
            };
            view.handshake(&record).expect("memory takes it");
        }
        let (source, reason) = (self.name.to_owned(), self.name.to_owned());
        let damaged = vec![Damaged { source, offset: 1, frames: 1, reason }];
        let counters = self.counters.clone();
        view.end().expect("memory takes it");
        view.finish(&Summary { counters, damaged, ..Summary::default() }).expect("memory takes it");
    }
}

/// The text without the sequences that colour it: ESC, `[`, numbers, `m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        let is_number = |c: char| c.is_ascii_digit() || c == ';';
        let rest = part.trim_start_matches(is_number).strip_prefix('m');
        plain + rest.unwrap_or_else(|| panic!("ESC [ {part}"))
    })
}

/// Nothing in the text does anything but show itself, or end a line.
fn harmless(text: &str) {
    let hostile = |c: &char| {
        let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
        let hides = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        let isolates = matches!(c, '\u{2066}'..='\u{2069}');
        turns || hides || isolates || (c.is_control() && *c != '\n')
    };
    assert_eq!(text.chars().find(hostile), None, "{text}");
}
