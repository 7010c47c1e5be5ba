//! What Wireshark makes of what is meant for it: tshark is the witness.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::docs::{read, root};
use crate::extract::two_interfaces;
use crate::scripts::THREE_FATES;
use crate::util::{Dir, text};

/// What tshark prints of a capture: of each frame that the filter takes, these fields in a row. `None`
/// where there is no tshark; with CI=true that is a failure.
fn tshark(capture: &Path, filter: &str, fields: &[&str]) -> Option<Vec<String>> {
    tshark_with(&[], capture, filter, fields)
}

/// The same, with more arguments.
fn tshark_with(
    args: &[&str],
    capture: &Path,
    filter: &str,
    fields: &[&str],
) -> Option<Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-n").args(args).arg("-r").arg(capture);
    if !fields.is_empty() {
        command.args(["-T", "fields"]);
    }
    if !filter.is_empty() {
        command.args(["-Y", filter]);
    }
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let Ok(output) = command.output() else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no tshark");
        eprintln!("NOT TESTED: there is no tshark to read what is meant for Wireshark");
        return None;
    };
    assert!(output.status.success(), "{filter}: {}", text(&output.stderr));
    Some(text(&output.stdout).lines().map(str::to_owned).collect())
}

#[test]
fn extracted_packets_have_their_interfaces_and_comments() {
    let dir = Dir::new();
    dir.write("c.pcapng", two_interfaces(THREE_FATES));
    let args = ["replay", "--quiet", "--extract", "out.pcapng", "c.pcapng", "--outcome"];
    dir.synscope(args.into_iter().chain(["established"])).run().code(0);
    let fields = ["frame.number", "frame.interface_name", "frame.interface_description"];
    let fields = [&fields[..], &["frame.len", "frame.cap_len", "frame.comment"]].concat();
    let Some(rows) = tshark(&dir.path("out.pcapng"), "", &fields) else { return };
    let first = "1\teth0\tc.pcapng\t66\t60\tattempt 1, frame 1: syn; outcome: established; \
                 patterns: three_way, option_refused";
    let confirming = "attempt 1, frame 4: the server shows that it took the acknowledgment";
    assert_eq!(
        rows,
        [
            first.to_owned(),
            "2\teth1\tc.pcapng\t58\t58\tattempt 1, frame 2: syn_ack".to_owned(),
            "3\teth0\tc.pcapng\t54\t54\tattempt 1, frame 3: ack".to_owned(),
            format!("4\teth1\tc.pcapng\t54\t54\t{confirming}"),
        ]
    );
}

/// The records of a bundled capture.
fn records(capture: &Path) -> Vec<Value> {
    let args = ["replay", "--format", "jsonl", "--compare"].map(OsStr::new);
    let run = Dir::new().synscope(args.into_iter().chain([capture.as_os_str()])).run().code(0);
    run.json_lines().into_iter().filter(|line| line["type"] == "handshake").collect()
}

/// Captures with both families, VLANs, a tunnel, ICMP errors, an answer from another address, copies,
/// and several attempts.
const CAPTURES: [&str; 8] = [
    "ipv6",
    "span-vlans",
    "overlay",
    "unreachable",
    "prohibited",
    "two-servers",
    "tap-server",
    "scan",
];

#[test]
fn filters_find_the_frames_of_their_attempts() {
    for name in CAPTURES {
        let capture = root().join(format!("captures/{name}.pcapng"));
        let records = records(&capture);
        let filters: Vec<_> =
            records.iter().filter_map(|record| record["wireshark_filter"].as_str()).collect();
        let numbers = |filter: &&str| -> Vec<u64> {
            let (_, set) = filter.split_once("frame.number in {").expect("a set");
            set.trim_end_matches('}').split(", ").map(|it| it.parse().expect("a number")).collect()
        };
        let expected: BTreeSet<u64> = filters.iter().flat_map(numbers).collect();
        let mut found = BTreeSet::new();
        // A filter may not be too long.
        for some in filters.chunks(50) {
            let some = some.iter().map(|filter| format!("({filter})")).collect::<Vec<_>>();
            let Some(rows) = tshark(&capture, &some.join(" || "), &["frame.number"]) else {
                return;
            };
            found.extend(rows.iter().map(|row| row.parse::<u64>().expect("a number")));
        }
        assert_eq!(expected, found, "{name}");
    }
}

/// Captures in which the handshakes differ: data with the ACK, RSTs, SYNs that cross, no SYN, copies.
const HANDSHAKES: [&str; 12] = [
    "ipv6",
    "fast-open",
    "fast-open-ignored",
    "refused",
    "rst-ignored",
    "syn-scan",
    "simultaneous",
    "split",
    "server-side-only",
    "client-side-only",
    "unreachable",
    "span-vlans",
];

/// A capture with the segments of one attempt alone, in which Wireshark can't count others.
#[test]
fn the_completeness_is_that_of_wireshark() {
    let dir = Dir::new();
    for name in HANDSHAKES {
        let capture = root().join(format!("captures/{name}.pcapng"));
        let record = records(&capture).swap_remove(0);
        let segments = record["segments"].as_array().expect("they are listed");
        let numbers: Vec<_> = segments.iter().map(|it| it["frame"].to_string()).collect();
        let alone = dir.path("alone.pcapng");
        let filter = format!("frame.number in {{{}}}", numbers.join(", "));
        let to = ["-w", alone.to_str().expect("UTF-8")];
        if tshark_with(&to, &capture, &filter, &[]).is_none() {
            return;
        }
        // The second pass prints what the first one found.
        let fields = ["tcp.completeness", "tcp.analysis.initial_rtt"];
        let rows =
            tshark_with(&["-2"], &alone, "tcp && !icmp && !icmpv6", &fields).expect("tshark");
        let last = rows.last().and_then(|row| row.split('\t').next());
        let printed = &record["compare"]["wireshark_completeness"];
        assert_eq!(last, Some(&*printed.to_string()), "{name}: {rows:?}");
    }
}

/// docs/compare.md has these captures as examples.
#[test]
fn the_examples_of_the_document_are_right() {
    let document = read("docs/compare.md");
    for (name, place, outcome, bits, letters, state, history) in [
        ("embryonic", 0, "unacknowledged", 3, "····SS", "S1", "Sh"),
        ("injected-reset", 0, "established", 47, "R·DASS", "REJ", "SrhAD"),
        ("refused", 0, "refused", 37, "R··A·S", "REJ", "Sr"),
        ("fast-open-ignored", 0, "established", 11, "··D·SS", "S1", "ShD"),
        ("overflow", 0, "established_client_only", 15, "··DASS", "S1", "ShAD"),
        ("server-side-only", 0, "established", 6, "···AS·", "OTH", "^ha"),
        ("unreachable", 0, "unreachable", 1, "·····S", "S0", "S"),
        ("client-side-only", 0, "established", 5, "···A·S", "S0", "SA"),
        ("syn-scan", 9, "reset", 35, "R···SS", "RSTO", "ShR"),
        ("timeout", 0, "unanswered", 1, "·····S", "S0", "S"),
        ("nat-one-way", 0, "reset", 35, "R···SS", "RSTO", "ShR"),
    ] {
        let path = format!("captures/{name}.pcapng");
        assert!(document.contains(&path), "{path} is no example");
        let mut records = records(&root().join(path));
        records.sort_by_key(|record| record["id"].as_u64());
        let compare = &records[place]["compare"];
        let found = [
            &records[place]["outcome"],
            &compare["wireshark_completeness"],
            &compare["wireshark_completeness_flags"],
            &compare["zeek_conn_state"],
            &compare["zeek_history"],
        ];
        assert_eq!(json!(found), json!([outcome, bits, letters, state, history]), "{name}");
    }
}
