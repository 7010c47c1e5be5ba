//! One connection, captured at both of its ends and read as one.

use serde_json::{Value, json};

use super::captures;
use crate::util::Dir;

/// What is reported of the one attempt in two files.
fn told(names: [&str; 2]) -> Value {
    let paths = names.map(|name| captures().join(name));
    let args = ["replay".as_ref(), "-f".as_ref(), "jsonl".as_ref()];
    let args = args.into_iter().chain(paths.iter().map(|path| path.as_os_str()));
    let run = Dir::new().synscope(args).run().code(0).says("");
    let mut attempts = run.json_lines();
    attempts.retain(|line| line["type"] == "handshake");
    let [attempt] = attempts.as_slice() else { panic!("one attempt: {run:?}") };
    attempt.clone()
}

#[test]
fn the_clock_is_that_of_the_end_that_saw_the_first_segment() {
    for names in
        [["tap-client.pcapng", "tap-server.pcapng"], ["tap-server.pcapng", "tap-client.pcapng"]]
    {
        let attempt = told(names);
        let timing = &attempt["timing"];
        let spans = ["retry_wait", "server_rtt", "syn_ack_wait", "client_rtt", "total"];
        let spans = spans.map(|name| timing[format!("{name}_ns")].clone());
        // The SYN-ACK that was lost is in the server's file alone; the other one reaches the client
        // 10.1 ms after it was sent.
        let expected = [0, 10_250_000, 1_018_150_000, 40_000, 1_028_440_000];
        assert_eq!(json!(spans), json!(expected), "{names:?}");
        let repeats = ["syn_retransmissions", "syn_ack_retransmissions"];
        let repeats = repeats.map(|name| attempt[name].clone());
        assert_eq!((&attempt["outcome"], repeats), (&json!("established"), [json!(0), json!(1)]));
    }
}
