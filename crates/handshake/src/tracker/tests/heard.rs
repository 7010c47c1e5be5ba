//! Which parts of the attempts a capture holds.

use super::*;

/// Attempts of which the client, the server, and a segment without SYN was captured.
fn heard(script: &str) -> (u64, u64, u64) {
    let [v4, v6] = [V4, V6].map(|hosts| run(&format!("{hosts}{script}")).counters);
    assert_eq!(v4, v6, "IPv6 differs from IPv4");
    (v4.client_heard, v4.server_heard, v4.beyond_syn)
}

#[test]
fn what_is_heard_of_each_side_is_counted() {
    let syn = "+0 C > S S J:J(0)";
    let syn_ack = "+1ms S > C S. K:K(0) ack J+1";
    let ack = "+1ms C > S . J+1:J+1(0) ack K+1";
    for (packets, counts) in [
        (vec![syn], (1, 0, 0)),
        (vec![syn, syn_ack], (1, 1, 0)),
        (vec![syn, syn_ack, ack], (1, 1, 1)),
        (vec![syn, ack], (1, 0, 1)),
        (vec!["+0 S > C S. K:K(0) ack J+1"], (0, 1, 0)),
        (vec!["+0 S > C S. K:K(0) ack J+1", "+1ms S > C . K+1:K+1(0) ack J+9"], (0, 1, 1)),
        // What a router says is heard of neither.
        (vec![syn, "+1ms R > C icmp unreachable host quoting J"], (1, 0, 0)),
        (vec![syn, "+1 C > S S J+9:J+9(0)"], (2, 0, 0)),
    ] {
        assert_eq!(heard(&packets.join("\n")), counts, "{packets:?}");
    }
}
