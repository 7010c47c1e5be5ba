//! What `synscope replay` is given to read.

use std::fs;

use serde_json::{Value, json};
use testkit::{Endian, Interface, Pcap, Pcapng, Script, pcap};

use crate::scripts::{ANOTHER, REFUSED, THREE_FATES};
use crate::util::{Dir, beside_sandbox, formats};

#[test]
fn several_files_are_one_capture() {
    let dir = Dir::new();
    dir.capture("b.pcap", THREE_FATES);
    dir.capture("a.pcap", ANOTHER);
    let run = dir.synscope(["replay", "-f", "json", "b.pcap", "a.pcap"]).run().code(0).says("");
    let document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    let attempts = document["handshakes"].as_array().expect("it is a list");
    let told: Vec<_> =
        attempts.iter().map(|one| json!([one["source"], one["server"]["port"]])).collect();
    let expected = [("b.pcap", 80), ("a.pcap", 22), ("b.pcap", 81), ("b.pcap", 443)];
    assert_eq!(told, expected.map(|(source, port)| json!([source, port])), "{run:?}");
    assert_eq!(document["summary"]["files"], 2, "{run:?}");
}

#[test]
fn what_can_t_be_read_is_named_and_the_rest_is_shown() {
    let dir = Dir::new();
    dir.capture("good.pcap", THREE_FATES);
    dir.write("empty.pcap", "");
    let args = ["replay", "-f", "jsonl", "absent.pcap", "empty.pcap", "good.pcap"];
    let run = dir.synscope(args).run().code(2).says(
        "synscope: absent.pcap: No such file or directory (os error 2); check the name\n\
         synscope: empty.pcap: the file is empty\n",
    );
    assert_eq!(run.attempts(), 3, "{run:?}");

    dir.synscope(["replay", "absent.pcap"])
        .run()
        .code(2)
        .says("synscope: absent.pcap: No such file or directory (os error 2); check the name\n")
        .shows("");
}

#[test]
fn what_is_no_capture_in_a_directory_is_passed_over_but_not_in_silence() {
    let dir = Dir::new();
    dir.capture("good.pcap", THREE_FATES);
    dir.write("notes.txt", "to do");
    let run = dir
        .synscope(["replay", "-f", "jsonl", "."])
        .run()
        .code(0)
        .says("synscope: skipped 1 file (--verbose says why)\n");
    assert_eq!(run.attempts(), 3, "{run:?}");
    let verbose = dir.synscope(["replay", "-f", "jsonl", "-v", "."]).run().code(0);
    assert!(verbose.stderr().contains("notes.txt: "), "{verbose:?}");
    dir.synscope(["replay", "-f", "jsonl", "-q", "."]).run().code(0).says("");
}

#[test]
fn a_file_is_read_once_whatever_it_is_called() {
    let dir = Dir::new();
    dir.capture("c.pcap", THREE_FATES);
    let run = |files: &[&str]| {
        let args = ["replay", "-f", "jsonl"].iter().chain(files);
        dir.synscope(args).run().code(0)
    };
    let skipped = "synscope: skipped 1 file (--verbose says why)\n";
    assert_eq!(run(&["c.pcap", "./c.pcap"]).says(skipped).attempts(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        fs::hard_link(dir.path("c.pcap"), dir.path("d.pcap")).expect("a second name");
        symlink("c.pcap", dir.path("latest")).expect("a link");
        symlink("gone", dir.path("dead")).expect("a link");
        let verbose = run(&["-v", "."]);
        assert_eq!(verbose.attempts(), 3, "{verbose:?}");
        assert_eq!(
            beside_sandbox(verbose.stderr()),
            "synscope: ./d.pcap: it is read already, under another name\n\
             synscope: ./dead: it is gone, or a link to a file that is\n\
             synscope: ./latest: it is read already, under another name\n",
        );
    }
}

#[test]
fn directories_in_directories_are_read_where_that_is_asked_for() {
    let dir = Dir::new();
    fs::create_dir_all(dir.path("top/b/deep")).expect("directories");
    fs::create_dir(dir.path("top/a")).expect("a directory");
    dir.capture("top/b/deep/c.pcap", THREE_FATES);
    dir.capture("top/a/c.pcap", ANOTHER);
    dir.write("top/b/notes.txt", "to do");
    let recursive = || {
        let run = dir.synscope(["replay", "-r", "-f", "jsonl", "top"]).run().code(0);
        assert_eq!(run.attempts(), 4, "{run:?}");
        run
    };
    recursive().says("synscope: skipped 1 file (--verbose says why)\n");
    let flat = dir.synscope(["replay", "-f", "jsonl", "top"]).run().code(2);
    assert_eq!(flat.attempts(), 0, "{flat:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("..", dir.path("top/b/up")).expect("a link");
        symlink("self", dir.path("top/self")).expect("a link");
        let pipe = std::process::Command::new("mkfifo").arg(dir.path("top/a/pipe")).status();
        assert!(pipe.expect("mkfifo is there").success());
        let args = ["replay", "-rv", "-f", "jsonl", "top"];
        let run = dir.synscope(args).run().code(0);
        assert_eq!(run.attempts(), 4, "{run:?}");
        let said = [
            "top/self: it is gone, or a link to a file that is",
            "top/a/pipe: it is a pipe",
            "top/b/notes.txt: ",
        ];
        assert!(said.iter().all(|said| run.stderr().contains(said)), "{run:?}");
        let args = ["replay", "-r", "-f", "csv", "top", "-o", "top/a/c.pcap"];
        let run = dir.synscope(args).run().code(2);
        assert!(run.stderr().contains("top/a/c.pcap: is an input file"), "{run:?}");
    }
}

#[test]
fn a_capture_without_frames_is_a_capture() {
    let dir = Dir::new();
    dir.write("none.pcap", pcap(&[], Pcap::default()));
    let run = dir.synscope(["replay", "-f", "jsonl", "none.pcap"]).run().code(0).says("");
    let totals = run.summary();
    assert_eq!((&totals["files"], &totals["frames"]), (&json!(1), &json!(0)), "{run:?}");
}

#[test]
fn missing_parts_of_a_capture_are_reported() {
    const HOSTS: &str =
        "client 192.0.2.1:40000 server 192.0.2.2:80\nrouter 192.0.2.254\nisn J=1 K=5\n";
    let one_direction = "+0 C > S S J:J(0)\n+1ms C > S . J+1:J+1(0) ack K+1";
    let syns = "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1";
    let arp = "+0 frame ffffffffffff0200000000010806";
    let older = "+0 C > S . J+1:J+1(0) ack K+1";
    let quoted = "+0 C > S . J+1:J+1(0) ack K+1\n+0 R > C icmp unreachable host quoting J+1";
    let dir = Dir::new();
    for (packets, said, totals) in [
        (one_direction, "no segment of a server", json!(["client", false, []])),
        (syns, "no segment without SYN", json!([null, true, []])),
        (
            arp,
            "1 frame without TCP: arp 1",
            json!([null, false, [{"protocol": "arp", "count": 1}]]),
        ),
        (older, "no attempt begins in the capture", json!([null, false, []])),
        (
            quoted,
            "1 frame without TCP: icmp error about tcp 1",
            json!([null, false, [{"protocol": "icmp error about tcp", "count": 1}]]),
        ),
    ] {
        dir.capture("one.pcap", &format!("{HOSTS}{packets}"));
        for format in ["summary", "table"] {
            let run = dir.synscope(["replay", "-f", format, "one.pcap"]).run().code(0).says("");
            assert!(run.stdout().contains(said), "{packets}: {run:?}");
        }
        let run = dir.synscope(["replay", "-f", "jsonl", "one.pcap"]).run().code(0).says("");
        let summary = run.summary();
        let told = ["one_direction", "syn_only", "without_tcp"].map(|field| &summary[field]);
        assert_eq!(json!(told), totals, "{packets}: {run:?}");
    }
}

#[test]
fn an_interface_is_named_from_its_first_frame_on() {
    let dir = Dir::new();
    // The second frame is the first of its interface, and ends the attempt.
    let frames = Script::parse(REFUSED).expect("the script is right").into_frames();
    let [syn, rst] = frames.as_slice() else { panic!("two frames") };
    let file = Pcapng::new(Endian::Little)
        .interface(Interface::nanoseconds(1, "inside"))
        .enhanced(0, syn)
        .interface(Interface::nanoseconds(1, "outside"))
        .enhanced(1, rst);
    dir.write("two.pcapng", file.finish());
    let run = dir.synscope(["replay", "two.pcapng"]).run().code(0).says("");
    run.shows_all(&["refused", "inside", "outside"]);
}

#[test]
fn a_damaged_file_is_shown_up_to_the_damage() {
    let dir = Dir::new();
    let frames = Script::parse(THREE_FATES).expect("the script is right").into_frames();
    let mut file = pcap(&frames, Pcap::default());
    file.truncate(file.len() - 10);
    let last_record = file.len() - (16 + 74 - 10);
    dir.write("cut.pcap", file);
    let run = dir.synscope(["replay", "-f", "jsonl", "cut.pcap"]).run().code(3);
    assert_eq!(run.attempts(), 2, "{run:?}");
    assert_eq!(run.summary()["damaged"][0]["offset"], last_record, "{run:?}");
    let message = format!("synscope: cut.pcap: breaks off at byte {last_record}, after 6 frames: ");
    assert!(run.stderr().starts_with(&message), "{run:?}");
    assert!(run.stderr().ends_with("; the frames before it count\n"), "{run:?}");
}

#[test]
fn hostile_names_reach_no_terminal() {
    let dir = Dir::new();
    dir.capture("\x1b]0;owned\x07.pcap", THREE_FATES);
    for format in &formats() {
        let run = dir.synscope(["replay", "-f", format, "."]).run().code(0);
        assert!(!run.stdout().contains(['\x1b', '\x07']), "{run:?}");
    }
    let run = dir.synscope(["replay", "\x1b[31mabsent"]).run().code(2);
    run.says("synscope: \\x1b[31mabsent: No such file or directory (os error 2); check the name\n");
}

#[test]
fn what_a_compressed_file_may_become_can_be_raised() {
    let dir = Dir::new();
    // zstd (RFC 8878, 3.1.1): a pcap file header as it is, then 2 MiB of zeros: packets of no bytes.
    let mut file = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3, 24 << 3, 0, 0];
    file.extend(pcap(&[], Pcap::default()));
    file.extend([2, 0, 0x10, 0].repeat(16));
    file.extend([1, 0, 0]);
    dir.write("zeros.pcap.zst", file);
    let replay = |limit| {
        let args = ["replay", "-f", "summary", "--max-decompressed", limit, "zeros.pcap.zst"];
        dir.synscope(args).run()
    };
    let run = replay("0").code(3).shows_all(&["0 bytes in 6,144 frames"]);
    assert!(run.stderr().contains("allow more with `--max-decompressed SIZE`"), "{run:?}");
    replay("1MB").code(3);
    replay("3MB").code(0).says("").shows_all(&["0 bytes in 131,072 frames"]);
}
