//! Any bytes as traffic: the tracker holds to its limits and accounts for everything
//! (crates/handshake/tests/traffic), and every view stands.

#![no_main]

#[path = "../../../crates/handshake/tests/traffic/mod.rs"]
mod traffic;

use handshake::{Counters, End, Handshake, Limits, recognise};
use libfuzzer_sys::fuzz_target;
use parser::Names;
use render::{
    Csv, Json, JsonLines, Record, Records, Style, Summary, Table, TimeFormat, Timeline, Totals, View,
};
use traffic::{Packet, TINY, track};

fuzz_target!(|data: &[u8]| {
    let Some((&[how, width], data)) = data.split_first_chunk() else { return };
    let packets: Vec<_> = data.chunks_exact(20).take(200).map(packet).collect();
    let limits = if how & 1 == 0 { TINY } else { Limits::default() };
    let end = if how & 2 == 0 { End::Complete } else { End::Interrupted };
    let mut records = Vec::new();
    let counters = track(&packets, limits, end, &mut |record| records.push(record.clone()));
    let (unicode, explain) = (how & 4 == 0, how & 8 == 0);
    let time = match how >> 4 & 3 {
        0 => TimeFormat::Relative,
        1 => TimeFormat::Utc,
        2 => TimeFormat::Local,
        _ => TimeFormat::Epoch,
    };
    let style = Style { color: false, unicode, width: width.into(), explain, time };
    let show = |view: &mut dyn View| show(&records, &counters, view);
    let text = [
        text(|out| show(&mut Timeline::new(out, style))),
        text(|out| show(&mut Table::new(out, style))),
        text(|out| show(&mut Totals::new(out, style))),
        text(|out| show(&mut Csv::new(out, std::io::sink()))),
    ];
    for text in text {
        let control =
            text.replace("\r\n", "\n").chars().find(|char| char.is_control() && *char != '\n');
        assert_eq!(control, None, "{text}");
    }
    let lines = self::text(|out| show(&mut JsonLines::new(out, Records::default())));
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), records.len() + 1);
    let document = self::text(|out| show(&mut Json::new(out, Records::default())));
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["handshakes"].as_array().map(Vec::len), Some(records.len()));
});

/// 20 bytes are a packet. Sequence numbers are small and near the wrap, so that they fit each other.
fn packet(bytes: &[u8]) -> Packet {
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let number = |index| (i32::from(at(index) as i8) << (at(index + 1) & 24)) as u32;
    let long = bytes.get(12..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or_default();
    let time = match at(1) >> 6 {
        0 => Some(i64::from_le_bytes(long)),
        1 => None,
        // Milliseconds, or tenths of a second.
        2 => Some(i64::from(at(12)) * 1_000_000),
        _ => Some(i64::from(at(12)) * 100_000_000),
    };
    Packet {
        flow: at(0) & 7,
        reversed: at(0) & 8 != 0,
        flags: at(2),
        seq: number(3),
        ack: number(5),
        len: at(7) & 3,
        options: at(1) & 7,
        icmp: (at(0) & 0xf0 == 0xf0).then(|| (at(8) & 15, at(9) & 15)),
        time,
        cut: if at(1) & 0x38 == 0x38 { at(10) } else { 0 },
    }
}

/// What is written.
fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).expect("every view writes UTF-8")
}

fn show(records: &[Handshake], counters: &Counters, view: &mut dyn View) {
    let mut names = Names::default();
    let source = names.add_source("\x1b[2J\n\u{202e}");
    names.add_interface(source, Some("\x07\u{9b}".to_owned()));
    for handshake in records {
        let patterns = recognise(handshake);
        let record = Record { handshake, patterns: &patterns, calls: &[], names: &names };
        view.handshake(&record).expect("memory takes it");
    }
    let summary = Summary {
        counters: counters.clone(),
        ..Summary::default()
    };
    view.finish(&summary).expect("memory takes it");
}
