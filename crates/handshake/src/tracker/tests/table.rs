//! Every kind of segment in every state: no cell is left open.

use super::{End, Limits, Reporting, Script, V4, V6, run_frames};

/// The states, each by the segments that lead there.
const STATES: [(&str, &str); 7] = [
    ("syn-sent", "+0 C > S S J:J(0)\n"),
    ("crossed", "+0 C > S S J:J(0)\n+1ms S > C S K:K(0)\n"),
    ("syn-received", "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n"),
    (
        "established",
        "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1\n",
    ),
    ("refused", "+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1\n"),
    ("reset", "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S R J+1:J+1(0)\n"),
    ("syn-ack first", "+0 S > C S. K:K(0) ack J+1\n"),
];

/// A row for each kind of segment, a column for each state. A cell is what the tracker makes of the
/// segment: the verdict on it (`-`: it is not in the record), and what the attempt, or each of the
/// two, has come to if nothing else follows.
const TABLE: &str = include_str!("table.txt");

#[test]
fn every_kind_of_segment_in_every_state() {
    let mut rows = TABLE.lines().map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let states: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
    assert_eq!(rows.next().unwrap()[1..], states);
    let mut wrong = Vec::new();
    for row in rows {
        assert_eq!(row.len(), 1 + STATES.len(), "{row:?} has a hole");
        for ((state, lead), expected) in STATES.iter().zip(&row[1..]) {
            for hosts in [V4, V6] {
                let cell = cell(hosts, lead, row[0]);
                if cell != *expected {
                    wrong.push(format!("{state}, {}: {cell}, not {expected}", row[0]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn cell(hosts: &str, lead: &str, segment: &str) -> String {
    let Ok(script) = Script::parse(&format!("{hosts}{lead}+0.5 {segment}\n")) else {
        return "nothing to quote".to_owned();
    };
    let last = script.frames().len() as u64;
    let run = run_frames(script.frames(), Limits::default(), Reporting::Records, End::Complete);
    let cells = run.records.iter().map(|record| {
        let segment = record.segments.iter().find(|segment| segment.frame == last);
        let verdict = segment.map_or("-", |segment| segment.verdict.name());
        format!("{verdict} {}", record.outcome.name())
    });
    cells.collect::<Vec<_>>().join(" + ")
}
