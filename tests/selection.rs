//! Selections of nothing, and options that could show nothing.

use testkit::{Pcap, pcap};

use crate::scripts::{REFUSED, THREE_FATES};
use crate::util::Dir;

#[test]
fn a_selection_of_nothing_says_which_condition_no_attempt_meets() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.capture("one.pcap", REFUSED);
    let none = |attempts: &str, by: &str| {
        format!(
            "synscope: no attempt is selected: the capture holds {attempts}, and none meets {by}\n"
        )
    };
    for (args, attempts, by) in [
        ("replay -f json --client 192.0.2.2 c.pcap", "3 attempts", "--client"),
        ("stats --failed --id 1 --port 1 --retried c.pcap", "3 attempts", "--port or --retried"),
        ("replay -f summary --failed --id 1 c.pcap", "3 attempts", "--id and --failed together"),
        ("replay -f jsonl --from +1h c.pcap", "3 attempts", "--from"),
        (
            "replay --to +1s --from 2027-01-01T00:00:00Z --pattern three_way c.pcap",
            "3 attempts",
            "--from",
        ),
        ("replay -f table --outcome reset one.pcap", "1 attempt", "--outcome"),
    ] {
        let args: Vec<_> = args.split(' ').collect();
        dir.synscope(&args).run().code(0).says(&none(attempts, by));
        dir.synscope(args.iter().chain(&["-q"])).run().code(0).says("");
    }
    dir.write("empty.pcap", pcap(&[], Pcap::default()));
    for args in [&["c.pcap", "--limit", "0", "--failed"][..], &["empty.pcap", "--failed"]] {
        dir.synscope(["replay"].iter().chain(args)).run().code(0).says("");
    }
}

#[test]
fn what_can_select_or_show_nothing_is_refused() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let between = "--from must be before --to: no attempt can begin between these (times without a \
                   date are of the day on which the capture began; give the date: \
                   2026-11-23T00:10:00Z)";
    let compact =
        "--compact draws the figure of a textbook: it needs --format timeline, svg or mermaid";
    let explain = "--explain explains the steps of a picture: it needs --format timeline, svg, \
                   mermaid or markdown";
    let compare = "--compare adds to pictures and JSON records: it needs --format timeline, svg, \
                   markdown, json or jsonl";
    let whole = "--whole draws how a connection is closed: it needs --format timeline, svg, mermaid \
                 or markdown";
    let theme = "--theme colours pictures that are no text: it needs --format svg";
    for (options, expected) in [
        ("--from +2s --to +1s", between),
        ("--from +1s --to +1000ms", between),
        ("--from 10:02 --to 10:01:59", between),
        ("--from 2026-11-22T00:00:00Z --to 2026-11-21T00:00:00Z", between),
        ("-f table --compact", compact),
        ("-f markdown --compact", compact),
        ("-f table --explain", explain),
        ("-f jsonl --explain", explain),
        ("-f csv --compare", compare),
        ("-f summary --compare", compare),
        ("-f mermaid --compare", compare),
        ("-f json --whole", whole),
        ("-f table --whole", whole),
        ("-f stats --whole", whole),
        ("--theme dark", theme),
    ] {
        let args = ["replay", "c.pcap"].into_iter().chain(options.split(' '));
        dir.synscope(args).run().code(2).shows("").says(&format!("synscope: {expected}\n"));
    }
    for options in [
        "--compact",
        "-f mermaid --compact",
        "--explain",
        "-f timeline --explain --compare",
        "-f svg --explain --compare --theme dark",
        "-f json --compare",
        "-f markdown --whole",
        "-f mermaid --compact --whole",
    ] {
        let args = ["replay", "c.pcap"].into_iter().chain(options.split(' '));
        dir.synscope(args).run().code(0).says("");
    }
    for id in ["0", "1-2", "1,0"] {
        let run = dir.synscope(["replay", "c.pcap", "--id", id]).run().code(2);
        assert!(
            run.stderr().contains("expected the id of an attempt, from 1 on, or its uid"),
            "{run:?}"
        );
    }
}
