//! `synscope demo`: real sockets in a network namespace of the program's own.

use crate::util::Dir;

#[test]
fn a_handshake_is_made_and_explained() {
    Dir::new().synscope(["demo", "--explain"]).run().code(0).says("").shows_all(&[
        "The handshake as it should be: SYN, SYN-ACK, ACK",
        "connect(127.0.0.1:80",
        "accept()",
        "SYN-RECEIVED",
        "three_way",
        "as expected: established, three_way\n",
    ]);
}

#[test]
fn every_story_that_is_quick_ends_as_it_says() {
    for scenario in ["ipv6", "refused", "no-accept", "stream", "reuse", "self-connect", "udp"] {
        let run = Dir::new().synscope(["demo", scenario]).run().code(0);
        assert!(run.stdout().contains("\nas expected: "), "{run:?}");
    }
}

#[test]
fn a_demo_that_is_saved_can_be_replayed() {
    let dir = Dir::new();
    let run = dir.synscope(["demo", "refused", "-f", "jsonl", "--save", "kept/here"]).run().code(0);
    let live = run.json_lines().remove(0);
    let replay = dir.synscope(["replay", "-f", "jsonl", "kept/here/refused.pcapng"]).run().code(0);
    let replayed = replay.json_lines().remove(0);
    for field in ["outcome", "client", "client_isn", "timing", "segments", "patterns"] {
        assert_eq!(live[field], replayed[field], "{field}: {run:?}{replay:?}");
    }
    let calls = std::fs::read_to_string(dir.path("kept/here/refused.calls.jsonl"));
    assert!(calls.expect("it was written").contains("connect(127.0.0.1:8080)"));
}

#[test]
fn stories_are_listed() {
    let list = Dir::new().synscope(["demo", "--list"]).run().code(0).says("");
    assert!(list.stdout().lines().count() >= 20, "{list:?}");
    let run = Dir::new().synscope(["demo", "no-such"]).run().code(2).shows("");
    assert!(
        run.stderr()
            .starts_with("synscope: there is no scenario \"no-such\"; there are: three-way,")
    );
}
