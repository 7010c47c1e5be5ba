//! Tables: on a terminal, and in whatever order.

use crate::scripts::{AGAIN, ANOTHER, REFUSED, THREE_FATES};
use crate::util::{Dir, Run};

/// A capture of attempts from these ports, each refused.
fn refusals(dir: &Dir, name: &str, ports: std::ops::Range<u32>) {
    let attempt = |port: u32| {
        format!(
            "    host C{port} 192.0.2.1:{port}\n    +1ms C{port} > S S 5:5(0)\n    \
                     +1ms S > C{port} R. 0:0(0) ack 6\n"
        )
    };
    let attempts: String = ports.map(attempt).collect();
    dir.capture(name, &format!("client 192.0.2.1:1 server 192.0.2.2:80\n{attempts}"));
}

#[test]
fn the_times_of_a_table_count_from_the_first_frame_whatever_is_shown() {
    let dir = Dir::new();
    dir.capture("c.pcap", AGAIN);
    let run = dir.synscope(["replay", "-q", "-f", "table", "--id", "2", "c.pcap"]).run().code(0);
    let line = run.stdout().lines().nth(1).expect("a line");
    assert_eq!(line.split_whitespace().nth(1), Some("60.000000"), "{run:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_many_attempts_are_a_table_unless_pictures_are_asked_for() {
    const HINT: &str = "more than 20 attempts: --id N shows the picture of one attempt";
    const PICTURE: &str = "refused, decided by a segment";
    let dir = Dir::new();
    refusals(&dir, "c.pcap", 1000..1020);
    let few = dir.at_a_terminal("replay c.pcap").run().code(0);
    assert_eq!(few.stdout().matches(PICTURE).count(), 20, "{few:?}");
    assert!(!few.stdout().contains(HINT) && few.stdout().contains("20 attempts in"), "{few:?}");
    refusals(&dir, "c.pcap", 1000..1021);
    let many = dir.at_a_terminal_of("cols 100", "replay c.pcap").run().code(0);
    assert!(!many.stdout().contains(PICTURE), "{many:?}");
    assert_eq!(many.stdout().matches(" closed_port\r\n").count(), 21, "{many:?}");
    assert!(many.stdout().contains(HINT) && many.stdout().contains("21 attempts in"), "{many:?}");
    let quiet = dir.at_a_terminal("replay -q c.pcap").run().code(0);
    assert_eq!(quiet.stdout().lines().count(), 22, "{quiet:?}");
    for pictures in ["replay -f timeline c.pcap", "replay --explain c.pcap"] {
        let run = dir.at_a_terminal(pictures).run().code(0);
        assert_eq!(run.stdout().matches(PICTURE).count(), 21, "{run:?}");
    }
    let piped = dir.synscope(["replay", "c.pcap"]).run().code(0);
    assert_eq!(piped.stdout().matches(PICTURE).count(), 21, "{piped:?}");
    let one = dir.at_a_terminal("replay --id 7 c.pcap").run().code(0);
    assert_eq!(one.stdout().matches(PICTURE).count(), 1, "{one:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_without_lines_or_columns_is_as_wide_as_it_says_or_has_80_columns() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    for (size, columns) in [("cols 70 rows 0", 70), ("cols 70 rows 30", 70), ("cols 0 rows 0", 80)]
    {
        let shown = |run: Run| run.code(0).stdout().replace('\r', "");
        let here = shown(dir.at_a_terminal_of(size, "replay --color never c.pcap").run());
        let width = columns.to_string();
        let args = ["replay", "--color", "never", "--width", &width, "c.pcap"];
        assert_eq!(here, shown(dir.synscope(args).run()), "{size}");
    }
}

#[test]
fn a_narrow_table_keeps_the_columns_that_its_selection_and_its_order_are_about() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let titles = |options: &str| {
        let args = format!("replay -q -f table --width 60 c.pcap {options}");
        let run = dir.synscope(args.split_whitespace()).run().code(0).says("");
        run.stdout().lines().next().expect("a line of titles").to_owned()
    };
    for title in ["time", "RTT", "+SYN", "patterns"] {
        assert!(!titles("").contains(title), "{title}");
    }
    for (options, title) in [
        ("--sort client-rtt", "client RTT"),
        ("--client-rtt-over 1ns", "client RTT"),
        ("--sort server-rtt", "server RTT"),
        ("--server-rtt-over 1ns", "server RTT"),
        ("--sort total --time utc", "total"),
        ("--sort worst --time utc", "total"),
        ("--slower-than 1ns --time utc", "total"),
        ("--pattern three_way", "patterns"),
        ("--from +0s", "time"),
        ("--to +1h", "time"),
    ] {
        assert!(titles(options).contains(title), "{options}: {}", titles(options));
    }
    dir.capture("c.pcap", &format!("{REFUSED} =1s C > S S J:J(0)\n+1s C > S S J:J(0)"));
    assert!(titles("--retried").contains("+SYN +SYN-ACK"), "{}", titles("--retried"));
}

#[test]
fn a_table_can_have_another_order() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    dir.capture("d.pcap", ANOTHER);
    let cases: [(&[&str], &[&str], &str); 7] = [
        (&["time"], &["1", "2", "3", "4"], ""),
        (&["worst"], &["3", "4", "2", "1"], "4 of 4 attempts shown"),
        (&["total"], &["2", "1", "3", "4"], "4 of 4 attempts shown"),
        (&["server-rtt"], &["2", "1", "3", "4"], "4 of 4 attempts shown"),
        (&["client-rtt", "--port", "80,81"], &["1", "3"], "2 of 4 attempts shown"),
        (&["worst", "--limit", "2"], &["3", "4"], "2 of 4 attempts shown"),
        (&["total", "--limit", "0"], &[], "0 of 4 attempts shown"),
    ];
    for (sort, expected, said) in cases {
        let args = ["replay", "-f", "table", "c.pcap", "d.pcap", "--sort"];
        let run = dir.synscope(args.iter().chain(sort)).run().code(0).says("");
        let lines = run.stdout().lines().skip(1).take_while(|line| !line.is_empty());
        let ids: Vec<_> = lines.filter_map(|line| line.split_whitespace().next()).collect();
        let ids = if expected.is_empty() { &[][..] } else { &ids };
        assert!(ids == expected && run.stdout().contains(said), "{run:?}");
    }
    let refusal = "synscope: --sort orders the lines of a table: it needs --format table\n";
    dir.synscope(["replay", "--sort", "worst", "c.pcap"]).run().code(2).shows("").says(refusal);
}

#[test]
fn without_a_limit_a_thousand_attempts_are_sorted() {
    let dir = Dir::new();
    for first in (1000..2002).step_by(167) {
        refusals(&dir, &format!("{first}.pcap"), first..first + 167);
    }
    let args = ["replay", "-f", "table", "--sort", "worst", "."];
    let run = dir.synscope(args).run().code(0).says("");
    let lines = run.stdout().lines().take_while(|line| !line.is_empty());
    assert_eq!(lines.count(), 1 + 1_000, "{run:?}");
    assert!(run.stdout().contains("1,000 of 1,002 attempts shown"), "{run:?}");
}
