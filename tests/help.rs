//! Help, generated pages, and the command line itself.

use crate::util::Dir;

#[test]
fn help_is_a_command_too() {
    let dir = Dir::new();
    let by_option = dir.synscope(["replay", "--help"]).run().code(0);
    let by_command = dir.synscope(["help", "replay"]).run().code(0);
    assert_eq!(by_command.stdout(), by_option.stdout());
}

#[cfg(target_os = "linux")]
#[test]
fn help_that_can_t_be_printed_is_a_failure() {
    use std::fs::File;
    use std::process::Stdio;

    use crate::util::text;

    let dir = Dir::new();
    for args in [&["--help"][..], &["-h"], &["--version"], &["help", "replay"], &["live", "-h"]] {
        let run = |stdout: Stdio| {
            let mut command = dir.synscope(args).into_command();
            command.stdin(Stdio::null()).stdout(stdout).output().expect("the program starts")
        };
        let full = run(File::options().write(true).open("/dev/full").expect("a device").into());
        assert_eq!(full.status.code(), Some(2), "{args:?}");
        let said = "synscope: standard output: No space left on device (os error 28)\n";
        assert_eq!(text(&full.stderr), said, "{args:?}");
        // A reader that has seen enough is no failure.
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let closed = run(writer.into());
        assert_eq!((closed.status.code(), text(&closed.stderr)), (Some(0), String::new()));
    }
}

#[test]
fn help_is_asked_for_beside_any_name() {
    let dir = Dir::new();
    let help = dir.synscope(["replay", "--help"]).run().code(0);
    let beside = dir.synscope(["replay", "\u{1b}[31m", "--help"]).run().code(0).says("");
    assert_eq!(beside.stdout(), help.stdout());
}

#[test]
fn without_a_command_the_first_steps_are_shown() {
    let run = Dir::new().synscope([""; 0]).run().code(2);
    for step in ["synscope live", "synscope demo", "synscope replay capture.pcapng"] {
        assert!(run.stderr().contains(step), "`{step}` is missing from {run:?}");
    }
}

#[test]
fn help_lists_exit_codes_environment_and_documents() {
    let dir = Dir::new();
    dir.synscope(["--help"]).run().code(0).says("").shows_all(&[
        "replay",
        "live",
        "demo",
        "interfaces",
        "Exit codes:",
        "  3  some input is damaged",
        "  4  a privilege is missing",
        "NO_COLOR",
        "docs/handshake.md",
    ]);
    dir.synscope(["replay", "--help"]).run().code(0).says("").shows_all(&[
        "Examples:",
        "--slower-than <DURATION>",
        "[possible values: established, established_client_only, refused",
    ]);
}

/// It prints no time, and no sentence that is translated.
#[test]
fn options_without_effect_are_not_in_the_help_of_assert() {
    let dir = Dir::new();
    for help in ["--help", "-h"] {
        let run = dir.synscope(["assert", help]).run().code(0);
        for option in ["--time", "--lang"] {
            assert!(!run.stdout().contains(option), "{option} is in {run:?}");
        }
        for option in ["--width", "--ascii", "--color"] {
            assert!(run.stdout().contains(option), "{option} is not in {run:?}");
        }
    }
}

#[test]
fn help_has_no_escapes_in_a_pipe() {
    for args in [&["--help"][..], &["replay", "--help"], &["-h"], &["live", "--help"]] {
        let run = Dir::new().synscope(args).run().code(0);
        assert!(!run.stdout().contains('\x1b'), "{run:?}");
    }
}

#[test]
fn wrong_arguments_are_answered_with_what_would_be_right() {
    let cases = [
        (&["replay"][..], "<FILE>"),
        (&["replay", "--outcome", "open", "f"], "established_client_only"),
        (&["replay", "--pattern", "no_such", "f"], "three_way"),
        (&["replay", "--host", "example.org", "f"], "names are not resolved"),
        (
            &["replay", "--host", "2001:db8::1:443", "f"],
            "around an IPv6 address that seems to end in a port",
        ),
        (&["replay", "--client", "2001:db8::1:443", "f"], "in a port: [2001:db8::1:443]"),
        (&["replay", "--server", "2001:db8::1:443", "f"], "a port is a condition of its own"),
        (&["replay", "--slower-than", "200", "f"], "50ms"),
        (&["replay", "--width", "5", "f"], "60..=1000"),
        (&["replay", "--port", "no-such", "f"], "expected a port from 0 to 65535, a range"),
        (&["replay", "--port", "90-80", "f"], "the name of a TCP service (https)"),
        (&["replay", "--from", "noon", "f"], "10:02:11"),
        (&["replay", "--server-rtt-over", "50", "f"], "50ms"),
        (&["reply", "f"], "replay"),
    ];
    for (args, hint) in cases {
        let run = Dir::new().synscope(args).run().code(2).shows("");
        assert!(run.stderr().contains(hint), "`{hint}` is missing from {run:?}");
    }
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let dir = Dir::new();
    dir.synscope(["man"]).run().code(0).says("").shows_all(&[".TH synscope 1", "Exit codes:"]);
    dir.synscope(["man", "--dir", "."]).run().code(0).says("").shows("");
    for page in ["synscope.1", "synscope-replay.1", "synscope-live.1", "synscope-demo.1"] {
        let text = std::fs::read_to_string(dir.path(page)).expect(page);
        assert!(text.contains(".SH DESCRIPTION"), "{page}");
    }
    dir.synscope(["man", "--dir", "new/man1"]).run().code(0).says("").shows("");
    assert!(dir.path("new/man1/synscope.1").is_file());
    let file = "new/man1/synscope.1";
    let run = dir.synscope(["man", "--dir", file]).run().code(2).shows("");
    assert!(
        run.stderr().starts_with("synscope: new/man1/synscope.1: can't create the directory: ")
    );
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = Dir::new().synscope(["completions", shell]).run().code(0).says("");
        run.shows_all(&["slower-than", "outcome"]);
    }
}

#[test]
fn the_schema_is_the_published_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/synscope.schema.json");
    let published = std::fs::read_to_string(path).expect("it is published");
    let run = Dir::new().synscope(["schema"]).run().code(0).says("").shows(&published);
    let schema: serde_json::Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    jsonschema::meta::validate(&schema).expect("it is a JSON Schema");
}

#[cfg(target_os = "linux")]
#[test]
fn scenarios_are_listed() {
    let list = Dir::new().synscope(["demo", "--list"]).run().code(0).says("");
    assert!(list.stdout().lines().count() >= 20, "{list:?}");
    let run = Dir::new().synscope(["demo", "no-such"]).run().code(2).shows("");
    assert!(run.stderr().contains("[possible values: three-way, "), "{run:?}");
    let run = Dir::new().synscope(["demo", "threeway"]).run().code(2).shows("");
    assert!(run.stderr().contains("'three-way'"), "{run:?}");
}

#[test]
fn words_of_a_name_are_joined_either_way() {
    for name in ["three-way", "three_way"] {
        let run = Dir::new().synscope(["replay", "--pattern", name, "absent"]).run().code(2);
        assert!(run.stderr().contains("synscope: absent: "), "{run:?}");
    }
    for name in ["in-progress", "in_progress"] {
        let run = Dir::new().synscope(["replay", "--outcome", name, "absent"]).run().code(2);
        assert!(run.stderr().contains("synscope: absent: "), "{run:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn scenarios_are_named_in_either_way_and_completed() {
    for name in ["self-connect", "self_connect"] {
        Dir::new().synscope(["demo", name, "--list"]).run().code(0).says("");
    }
    for shell in ["bash", "zsh", "fish"] {
        let run = Dir::new().synscope(["completions", shell]).run().code(0).says("");
        run.shows_all(&["self-connect", "half-open"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_number_of_connections_is_for_many_only() {
    let run = Dir::new().synscope(["demo", "late", "--connections", "7"]).run().code(2);
    run.shows("").says(
        "synscope: --connections is for the scenario `many`; `late` has its own number of connections\n",
    );
}
