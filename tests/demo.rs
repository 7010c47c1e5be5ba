//! `synscope demo`: real sockets in a network namespace of the program's own.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::terminal::{AtTerminal, assert_as_before};
use crate::transcripts::{arguments, assert_shown, read, transcripts};
use crate::util::Dir;
use crate::{Test, without_net_raw};

pub(crate) const TESTS: &[(&str, Test)] = tests![
    a_handshake_is_made_and_explained,
    the_figure_of_a_handshake_fits_on_a_small_screen,
    a_whole_connection_is_one_figure_from_syn_to_fin,
    a_second_server_at_a_port_fails_and_clients_share_it,
    attempts_that_only_prepare_a_story_are_folded,
    no_picture_has_a_server_in_listen_before_it_called_listen,
    every_scenario_that_is_quick_ends_as_expected,
    a_demo_that_is_saved_can_be_replayed,
    the_calls_of_a_saved_demo_are_drawn_by_a_replay,
    calls_that_somebody_changed_do_no_harm,
    an_output_is_none_of_the_files_that_are_saved,
    files_stay_as_they_were_where_one_of_them_is_refused,
    where_namespaces_are_forbidden_the_setting_is_named,
    a_scenario_that_needs_no_more_is_played_on_the_loopback_of_the_host,
    datagrams_are_shown_though_there_is_no_handshake,
    pictures_hold_datagrams_and_records_say_that_there_is_none,
    datagrams_are_lost_and_out_of_order_beside_a_stream_that_is_complete,
    on_a_terminal_a_scenario_is_drawn_while_it_goes_on,
    what_the_chinese_readme_shows_of_a_demo_is_what_it_prints,
    on_a_screen_a_scenario_appears_with_its_calls_and_its_verdict,
    a_verdict_does_not_depend_on_the_order_in_which_attempts_end,
    a_screen_says_where_the_picture_of_datagrams_is,
    a_screen_that_is_left_early_leaves_the_verdict_open,
    a_screen_shows_one_scenario,
];

fn a_handshake_is_made_and_explained() {
    Dir::new().synscope(["demo", "--explain"]).run().code(0).says("").shows_all(&[
        "A normal handshake: SYN, SYN-ACK, ACK",
        "connect(127.0.0.1:80",
        "accept()",
        "SYN-RECEIVED",
        "three_way",
        "as expected: established, three_way\n",
    ]);
}

fn the_figure_of_a_handshake_fits_on_a_small_screen() {
    let run = Dir::new().synscope(["demo", "--compact", "--width", "80"]).run().code(0).says("");
    assert!(run.stdout().lines().count() < 24, "{run:?}");
    assert!(!run.stdout().contains("socket("), "{run:?}");
    let refused = Dir::new().synscope(["demo", "refused", "--compact"]).run().code(0).says("");
    assert!(refused.stdout().contains("returns -1 ECONNREFUSED ┘"), "{refused:?}");
    run.shows_all(&["listen(", "accept()", "SYN J", "LISTEN", "SYN K, ACK J+1", "ACK K+1"]);
}

fn a_whole_connection_is_one_figure_from_syn_to_fin() {
    let args = ["demo", "--compact", "--whole", "--width", "80"];
    let run = Dir::new().synscope(args).run().code(0).says("");
    assert!(run.stdout().lines().count() < 40, "{run:?}");
    run.shows_all(&["SYN K, ACK J+1", "data: 2 segments, 12", "close()", "FIN M", "ACK M+1"])
        .shows_all(&["FIN-WAIT-1", "CLOSE-WAIT", "FIN N", "TIME-WAIT", "LAST-ACK", "ACK N+1"]);
    let calls = Dir::new().synscope(["demo", "--whole", "--explain"]).run().code(0).says("");
    calls.shows_all(&["close()", "FIN,ACK", "(M+1 ✓)", "(N+1 ✓)", "are the numbers of the FINs"]);
}

fn a_second_server_at_a_port_fails_and_clients_share_it() {
    Dir::new().synscope(["demo", "one-port", "--explain"]).run().code(0).says("").shows_all(&[
        "EADDRINUSE",
        "send(\"first\")",
        "recv(64) = 5 \"first\"",
        "recv(64) = 6 \"second\"",
        "server: {tcp, 127.0.0.1:8080}, port 8080 is registered",
        "is ephemeral (the kernel picks from",
        "as expected: 2 established, three_way\n",
    ]);
}

fn attempts_that_only_prepare_a_story_are_folded() {
    let pictures = |args: &[&str]| {
        let run = Dir::new().synscope(["demo", "abort"].iter().chain(args)).run().code(0);
        let titles = run.stdout().lines().filter(|line| line.starts_with("── "));
        (titles.count(), run.stdout().contains("more attempts fill the accept queue: --all shows"))
    };
    assert_eq!(pictures(&[]), (1, true));
    assert_eq!(pictures(&["--all"]), (4, false));
    let run = Dir::new().synscope(["demo", "abort", "-f", "jsonl"]).run().code(0);
    assert_eq!(run.json_lines().len(), 5, "{run:?}");
    let run = Dir::new().synscope(["demo", "-q", "many", "--connections", "3"]).run().code(0);
    assert_eq!(run.stdout().matches(" three_way\n").count(), 3, "{run:?}");
    assert!(!run.stdout().contains("SYN-SENT"), "{run:?}");
}

/// Scenarios wait most of their time, so that several can be played at once.
fn no_picture_has_a_server_in_listen_before_it_called_listen() {
    let list = Dir::new().synscope(["demo", "--list"]).run().code(0);
    let names: Vec<_> = list.stdout().lines().filter_map(|line| line.split(' ').next()).collect();
    let waiting = Mutex::new(names.clone());
    let next = || waiting.lock().expect("no thread panics with it").pop();
    let listening = AtomicUsize::new(0);
    let play = || {
        while let Some(name) = next() {
            let args = ["demo", name, "--format", "timeline", "--quiet", "--width", "200"];
            let run = Dir::new().synscope(args).run();
            let picture = run.stdout();
            let Some(state) = picture.find("LISTEN") else { continue };
            let call = picture.find("listen(").unwrap_or(usize::MAX);
            assert!(call < state, "{name}: {run:?}");
            listening.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| (0..6).for_each(|_| drop(scope.spawn(play))));
    // All but those in which no program listens.
    assert!(listening.into_inner() > names.len() / 2);
}

fn every_scenario_that_is_quick_ends_as_expected() {
    for scenario in
        ["ipv6", "refused", "no-accept", "one-port", "stream", "reuse", "self-connect", "udp"]
    {
        let run = Dir::new().synscope(["demo", scenario]).run().code(0);
        assert!(run.stdout().contains("\nas expected: "), "{run:?}");
    }
}

fn a_demo_that_is_saved_can_be_replayed() {
    let dir = Dir::new();
    let run = dir.synscope(["demo", "refused", "-f", "jsonl", "--save", "kept/here"]).run().code(0);
    let live = run.json_lines().remove(0);
    let replay = dir.synscope(["replay", "-f", "jsonl", "kept/here/refused.pcapng"]).run().code(0);
    let replayed = replay.json_lines().remove(0);
    for field in ["outcome", "client", "client_isn", "timing", "segments", "patterns"] {
        assert_eq!(live[field], replayed[field], "{field}: {run:?}{replay:?}");
    }
    let replay = dir.synscope(["replay", "-f", "json", "kept/here/refused.pcapng"]).run().code(0);
    let kept = fs::read_to_string(dir.path("kept/here/refused.json"));
    assert_eq!(kept.expect("it was written"), replay.stdout());
    let calls = fs::read_to_string(dir.path("kept/here/refused.calls.jsonl"));
    assert!(calls.expect("it was written").contains("connect(127.0.0.1:8080)"));
}

/// `reuse` has the same addresses and ports twice: the calls of the second attempt are its own.
fn the_calls_of_a_saved_demo_are_drawn_by_a_replay() {
    for (scenario, id) in [("three-way", "1"), ("reuse", "2"), ("refused", "1")] {
        let dir = Dir::new();
        let pictures = ["--format", "timeline", "--width", "100"];
        let demo =
            dir.synscope(["demo", scenario, "--save", ".", "--quiet"].iter().chain(&pictures));
        let demo = demo.run().code(0);
        let capture = format!("{scenario}.pcapng");
        let calls = format!("{scenario}.calls.jsonl");
        let replay = ["replay", &capture, "--calls", &calls, "--quiet"];
        let all = dir.synscope(replay.iter().chain(&pictures)).run().code(0).says("");
        let below_heads = |text: &str| {
            let titles = |line: &&str| !line.starts_with("──");
            text.lines().filter(titles).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(below_heads(all.stdout()), below_heads(demo.stdout()), "{scenario}");
        let one = dir.synscope(replay.iter().chain(&pictures).chain(&["--id", id])).run().code(0);
        // Its own call, with its time.
        let connects = |text: &str| {
            let lines = text.lines().filter(|line| line.contains("connect("));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(connects(all.stdout()).last(), connects(one.stdout()).first(), "{scenario}");
        assert_eq!(connects(one.stdout()).len(), 1, "{scenario}: {one:?}");
    }
}

fn calls_that_somebody_changed_do_no_harm() {
    let dir = Dir::new();
    dir.synscope(["demo", "refused", "--save", ".", "--quiet"]).run().code(0);
    let calls = fs::read_to_string(dir.path("refused.calls.jsonl")).expect("they were saved");
    let replay = |arguments: &[&str]| {
        let words = ["replay", "refused.pcapng", "--calls", "changed.jsonl"];
        dir.synscope(words.iter().chain(arguments)).run()
    };
    let escape = "\\u001b[2J\\u202e";
    dir.write("changed.jsonl", calls.replace("connect(", &format!("connect({escape}")));
    for format in ["timeline", "svg", "mermaid", "markdown"] {
        let run = replay(&["--format", format, "--width", "200"]).code(0).says("");
        assert!(!run.stdout().contains(['\u{1b}', '\u{202e}']), "{run:?}");
        assert!(run.stdout().contains("connect("), "{run:?}");
    }
    replay(&["--format", "table"]).code(2).shows("").says(
        "synscope: --calls draws calls in pictures: it needs --format timeline, svg, mermaid or \
         markdown\n",
    );
    replay(&["-o", "changed.jsonl"]).code(2).shows("");
    let extremes = calls.replace("\"entered_ns\":", "\"entered_ns\":-9223372036854775808,\"was\":");
    dir.write("changed.jsonl", extremes);
    replay(&[]).code(0).says("");
    for (bytes, why) in [
        (&b"{}"[..], "line 1 is no call and no connection"),
        (b"\xff\n", "stream did not contain valid UTF-8"),
    ] {
        dir.write("changed.jsonl", bytes);
        let said = format!("synscope: changed.jsonl: the calls can't be read: {why}\n");
        replay(&["-o", "output"]).code(2).shows("").says(&said);
        assert!(!dir.path("output").exists(), "nothing is written");
    }
    dir.write("changed.jsonl", "");
    replay(&[]).code(2).shows("").says("synscope: changed.jsonl: has no connections\n");
}

fn files_stay_as_they_were_where_one_of_them_is_refused() {
    let dir = Dir::new();
    fs::create_dir(dir.path("refused.pcapng")).expect("a directory");
    for name in ["three-way.pcapng", "three-way.calls.jsonl", "refused.calls.jsonl", "out"] {
        dir.write(name, "former");
    }
    dir.synscope(["demo", "--save", ".", "-o", "absent/out"]).run().code(2);
    dir.synscope(["demo", "refused", "--save", ".", "-o", "out"]).run().code(2);
    fs::remove_file(dir.path("three-way.calls.jsonl")).expect("it is there");
    fs::create_dir(dir.path("three-way.calls.jsonl")).expect("a directory");
    dir.synscope(["demo", "--save", ".", "-o", "out"]).run().code(2);
    for name in ["three-way.pcapng", "refused.calls.jsonl", "out"] {
        assert_eq!(fs::read_to_string(dir.path(name)).expect("it is there"), "former", "{name}");
    }
}

fn an_output_is_none_of_the_files_that_are_saved() {
    let dir = Dir::new();
    for end in ["pcapng", "calls.jsonl", "json"] {
        let output = format!("new/three-way.{end}");
        let run = dir.synscope(["demo", "--save", "new", "-o", &output]).run().code(2).shows("");
        run.says(&format!(
            "synscope: {output}: --save writes this file too; give --output another name\n"
        ));
        assert!(!dir.path("new").exists(), "nothing was created");
    }
    dir.synscope(["demo", "--save", "new", "-o", "new-output"]).run().code(0);
    // A link that leads from one saved file to another would lose one of them.
    std::fs::remove_file(dir.path("new/three-way.json")).expect("it was saved");
    std::os::unix::fs::symlink("three-way.pcapng", dir.path("new/three-way.json")).expect("a link");
    let run = dir.synscope(["demo", "--save", "new"]).run().code(2).shows("");
    run.says(
        "synscope: new/three-way.json: --save writes this file too; give --save another name\n",
    );
}

fn without_namespaces() {
    fs::write("/proc/sys/user/max_net_namespaces", "0").expect("root may, in its own namespace");
}

/// In its own user namespace the process may forbid itself further network namespaces.
fn where_namespaces_are_forbidden_the_setting_is_named() {
    without_namespaces();
    without_net_raw();
    let run = Dir::new().synscope(["demo"]).run().code(4).shows("");
    for words in [
        "user.max_net_namespaces is 0: sudo sysctl user.max_net_namespaces=1000\n",
        "can't use this host's loopback interface instead: capturing on lo is not permitted",
        "`synscope replay FILE` needs no privilege\n",
    ] {
        assert!(run.stderr().contains(words), "`{words}` is missing from {run:?}");
    }
}

/// The host is the network that the test is in.
fn a_scenario_that_needs_no_more_is_played_on_the_loopback_of_the_host() {
    without_namespaces();
    let dir = Dir::new();
    let run = dir.synscope(["demo", "refused"]).run().code(0);
    assert!(
        run.stderr().ends_with("the demo uses this host's loopback interface instead\n"),
        "{run:?}"
    );
    run.shows_all(&["as expected: refused, closed_port\n"]);
    let run = dir.synscope(["demo", "scan"]).run().code(4).shows("");
    assert!(
        run.stderr().contains("scan needs its own settings, raw sockets or filters"),
        "{run:?}"
    );
}

fn datagrams_are_shown_though_there_is_no_handshake() {
    Dir::new().synscope(["demo", "udp", "--explain"]).run().code(0).says("").shows_all(&[
        "send(\"two\")",
        "UDP  len=3",
        "recv(64) = 3 \"two\"",
        "ICMP port unreachable",
        "ECONNREFUSED",
        "{udp, 127.0.0.1:8081}, port 8081 is registered",
        "is ephemeral (the kernel picks from",
        "as expected: no handshake\n",
    ]);
}

fn pictures_hold_datagrams_and_records_say_that_there_is_none() {
    for (format, begin) in
        [("svg", "<svg "), ("mermaid", "sequenceDiagram\n"), ("markdown", "## udp")]
    {
        let run = Dir::new().synscope(["demo", "udp", "-f", format]).run().code(0).says("");
        assert!(run.stdout().starts_with(begin), "{run:?}");
        let run = run.shows_all(&["ECONNREFUSED", "len=8"]);
        assert!(!run.stdout().contains("no connection attempts"), "{run:?}");
    }
    for format in ["json", "csv", "table"] {
        let run = Dir::new().synscope(["demo", "udp", "-f", format]).run().code(0);
        assert!(run.stderr().contains("`udp` makes no connection"), "{run:?}");
        Dir::new().synscope(["demo", "udp", "-q", "-f", format]).run().code(0).says("");
    }
}

fn datagrams_are_lost_and_out_of_order_beside_a_stream_that_is_complete() {
    let run = Dir::new().synscope(["demo", "unreliable", "--ascii"]).run().code(0).says("");
    assert_eq!(run.stdout().matches(" - - - . . x ").count(), 1, "{run:?}");
    let place =
        |words: &str| run.stdout().find(words).unwrap_or_else(|| panic!("{words}: {run:?}"));
    assert!(place("send(\"three\")") < place("send(\"four\")"), "{run:?}");
    assert!(place("recv(64) = 4 \"four\"") < place("recv(64) = 5 \"three\""), "{run:?}");
    run.shows_all(&["recv(64) = 6 \"onetwo\"", "as expected: established"]);
}

fn on_a_terminal_a_scenario_is_drawn_while_it_goes_on() {
    let dir = Dir::new();
    let run = dir.at_a_terminal("demo late --width 100").env("TERM", "xterm").run().code(0);
    let (meanwhile, end) = run.stdout().rsplit_once("\x1b[?2026l").expect("it is drawn in steps");
    for shown in ["s of about 2 s: ", "client 1 is in connect(127.0.0.1:8080)", "SYN-SENT"] {
        assert!(meanwhile.contains(shown), "`{shown}` is missing from {run:?}");
    }
    assert!(!meanwhile.contains("late_establish"), "{run:?}");
    assert!(end.contains("late_establish") && !end.contains("is in connect("), "{run:?}");
    assert!(end.ends_with("as expected: established, late_establish\r\n"), "{run:?}");
}

fn what_the_chinese_readme_shows_of_a_demo_is_what_it_prints() {
    let document = read("README.zh.md");
    let shown = transcripts(&document).into_iter().filter(|(_, shown)| !shown.is_empty());
    let mut count = 0;
    for (command, shown) in shown {
        let Some(words) = command.strip_prefix("synscope demo ") else { continue };
        if !words.starts_with("--list") {
            let run = Dir::new().synscope(["demo"].into_iter().chain(arguments(words))).run();
            assert_shown(command, &shown, run.code(0).stdout());
            count += 1;
        }
    }
    assert!(count > 0, "no demo is shown");
}

fn on_a_screen_a_scenario_appears_with_its_calls_and_its_verdict() {
    let dir = Dir::new();
    let mut program = AtTerminal::start(&dir, "demo late --tui --color never --save .");
    program.see("late: The first SYN is lost");
    // The call that waits for an answer is seen before there is one.
    program.see("in_progress");
    program.see("connect(");
    program.see("established");
    program.see("as expected: established, late_establish");
    program.press("s");
    program.see("saved attempt-1.json, .svg and .pcapng");
    program.press("q");
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    for part in ["1 attempt in ", "Notice:", "as expected: established, late_establish"] {
        assert!(after.contains(part), "`{part}` is missing from {after}");
    }
    assert_as_before(&after);
    let frames = |file: &str| {
        let run = dir.synscope(["replay", "-f", "jsonl", file]).run().code(0);
        run.json_lines()[0]["segments"].as_array().expect("a list").len()
    };
    assert_eq!(frames("attempt-1.pcapng"), frames("late.pcapng"));
}

/// In both, a later attempt ends before an earlier one.
fn a_verdict_does_not_depend_on_the_order_in_which_attempts_end() {
    let play = |scenario: &str| {
        let dir = Dir::new();
        let args = format!("demo {scenario} --tui --color never");
        let mut program = AtTerminal::start_at(&dir, (140, 40), &args);
        program.see("the scenario has ended");
        program.see("as expected: ");
        program.press("q");
        let (code, after) = program.end();
        assert_eq!(code, Some(0), "{after}");
        assert!(after.contains("\nas expected: "), "{after}");
        let run = dir.synscope(["demo", scenario, "--format", "jsonl"]).run().code(0);
        let ids: Vec<_> = run.json_lines().iter().filter_map(|line| line["id"].as_u64()).collect();
        assert!(ids.is_sorted(), "{ids:?}");
    };
    thread::scope(|scope| {
        for scenario in ["overflow", "half-open"] {
            scope.spawn(move || play(scenario));
        }
    });
}

fn a_screen_says_where_the_picture_of_datagrams_is() {
    let dir = Dir::new();
    let mut program = AtTerminal::start(&dir, "demo udp --tui --color never");
    program.see("there was no attempt");
    program.see("as expected: no handshake; the picture of the datagrams follows when you quit");
    program.press("q");
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    assert!(after.contains("ICMP port unreachable"), "{after}");
}

fn a_screen_that_is_left_early_leaves_the_verdict_open() {
    let dir = Dir::new();
    let mut program = AtTerminal::start(&dir, "demo late --tui --color never");
    program.see("in_progress");
    program.press("q");
    let (code, after) = program.end();
    assert_eq!(code, Some(0), "{after}");
    assert!(after.contains("was not played to its end: nothing is checked"), "{after}");
    assert_as_before(&after);
}

fn a_screen_shows_one_scenario() {
    let dir = Dir::new();
    let run = dir.synscope(["demo", "all", "--tui"]).run().code(2);
    run.says(
        "synscope: --tui shows one scenario, until you quit: name one in place of `all` (--list has \
         them)\n",
    );
    for other in ["--all", "--list"] {
        let run = dir.synscope(["demo", "--tui", other]).run().code(2);
        assert!(run.stderr().contains("cannot be used with"), "{run:?}");
    }
}
