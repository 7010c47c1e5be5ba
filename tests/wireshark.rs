//! What Wireshark makes of what is meant for it: tshark is the witness.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::docs::root;
use crate::extract::two_interfaces;
use crate::scripts::THREE_FATES;
use crate::util::{Dir, text};

/// What tshark prints of a capture: of each frame that the filter takes, these fields in a row. `None`
/// where there is no tshark; with CI=true that is a failure.
fn tshark(capture: &Path, filter: &str, fields: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(capture).args(["-T", "fields"]);
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
fn records(capture: &str) -> Vec<Value> {
    let args = ["replay", "--format", "jsonl", "--no-segments", capture];
    let run = Dir::new().synscope(args).run().code(0);
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
        let records = records(&capture.display().to_string());
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
