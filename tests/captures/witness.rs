//! A second witness: the numbers that synscope tells are those that tshark printed, which
//! captures/make.sh keeps in captures/witness.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{all, files_in, read_text, told};

/// A frame as tshark printed it.
#[derive(Debug)]
struct Row {
    time_ns: i64,
    seq: Option<u32>,
    ack: Option<u32>,
    flags: Option<u16>,
    is_icmp: bool,
    /// What Wireshark calls iRTT.
    irtt_ns: Option<i64>,
}

/// From the least significant bit upwards, as RFC 9293 (3.1) and RFC 9768 name them.
const FLAGS: [&str; 9] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"];

impl Row {
    /// The number of a frame, and what tshark says about it.
    fn parse(line: &str) -> Option<(u64, Self)> {
        let [frame, time, seq, ack, flags, icmp, icmpv6, irtt] =
            line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let row = Self {
            time_ns: nanoseconds(time)?,
            seq: seq.parse().ok(),
            ack: ack.parse().ok(),
            flags: flags.strip_prefix("0x").and_then(|hex| u16::from_str_radix(hex, 16).ok()),
            is_icmp: !icmp.is_empty() || !icmpv6.is_empty(),
            irtt_ns: nanoseconds(irtt),
        };
        Some((frame.parse().ok()?, row))
    }

    /// An ICMP error quotes a segment, and tshark prints its numbers, too.
    fn is_tcp(&self) -> bool {
        self.flags.is_some() && !self.is_icmp
    }

    fn flag_names(&self) -> Vec<&'static str> {
        let flags = self.flags.unwrap_or_default();
        let set = FLAGS.iter().enumerate().filter(|(bit, _)| flags & (1 << bit) != 0);
        set.map(|(_, name)| *name).collect()
    }
}

/// `1.000000002` as nanoseconds.
fn nanoseconds(seconds: &str) -> Option<i64> {
    let (whole, fraction) = seconds.split_once('.')?;
    format!("{whole}{fraction:0<9}").parse().ok()
}

fn rows(capture: &str) -> BTreeMap<u64, Row> {
    let text = read_text(&witness_of(capture));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| Row::parse(line).unwrap_or_else(|| panic!("of {capture}: {line:?}"))).collect()
}

/// Where the witness of a capture is.
fn witness_of(capture: &str) -> String {
    format!("witness/{}.txt", capture.replace('/', "-"))
}

#[track_caller]
fn check_segment<'a>(segment: &Value, start_ns: i64, rows: &'a BTreeMap<u64, Row>) -> &'a Row {
    let frame = segment["frame"].as_u64().expect("a segment has a frame");
    let row = rows.get(&frame).unwrap_or_else(|| panic!("tshark has no frame {frame}"));
    let offset_ns = segment["offset_ns"].as_i64().expect("a segment has a time");
    assert_eq!(start_ns + offset_ns, row.time_ns, "the time of frame {frame}");
    if segment["kind"] == "icmp" {
        assert!(row.is_icmp, "frame {frame} is {row:?}");
        return row;
    }
    assert!(row.is_tcp(), "frame {frame} is {row:?}");
    assert_eq!(segment["seq"], json!(row.seq), "seq of frame {frame}");
    let mut flags: Vec<_> = segment["flags"].as_array().expect("it is a list").clone();
    let by_bit = |flag: &Value| FLAGS.iter().position(|name| flag == name);
    flags.sort_by_key(by_bit);
    assert_eq!(json!(flags), json!(row.flag_names()), "flags of frame {frame}");
    let ack = row.ack.filter(|_| row.flag_names().contains(&"ACK"));
    assert_eq!(segment["ack"], json!(ack), "ack of frame {frame}");
    row
}

#[test]
fn numbers_are_those_that_tshark_printed() {
    for name in all() {
        let rows = rows(&name);
        let (attempts, summary) = told(&name);
        let mut told = Vec::new();
        for attempt in &attempts {
            let timing = &attempt["timing"];
            let start_ns = timing["start_ns"].as_i64().expect("there is a first segment");
            let mut irtt_ns = None;
            for segment in attempt["segments"].as_array().expect("it is a list") {
                let row = check_segment(segment, start_ns, &rows);
                irtt_ns = irtt_ns.or(row.irtt_ns);
                told.push(segment["frame"].as_u64());
            }
            assert_eq!(timing["wireshark_irtt_ns"], json!(irtt_ns), "iRTT in {name}");
        }
        assert_eq!(summary["frames"], rows.len(), "{name}");
        let tcp = rows.values().filter(|row| row.is_tcp()).count();
        assert_eq!(summary["tcp_segments"], tcp, "{name}");
        for (frame, row) in rows.iter().filter(|(_, row)| row.is_tcp()) {
            let is_told = told.contains(&Some(*frame)) || !row.flag_names().contains(&"SYN");
            assert!(is_told, "{name}: frame {frame} has SYN and is reported nowhere");
        }
    }
}

#[test]
fn every_witness_speaks_of_a_capture() {
    let expected: BTreeSet<_> = all().iter().map(|name| witness_of(name)).collect();
    assert_eq!(files_in("witness").collect::<BTreeSet<_>>(), expected);
}
