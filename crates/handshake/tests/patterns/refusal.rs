//! SYNs that a RST answers.

use super::{finds, words};

const CLOSED: &str = "+0 C > S S J:J(0)\n+2ms S > C R. 0:0(0) ack J+1\n";

#[test]
fn a_closed_port() {
    finds(CLOSED, "1 closed_port 1,2: refused after 2 ms");
    assert_eq!(
        words(CLOSED, "closed_port")[0],
        "a firewall that answers in the server's name, which looks the same: no SYN-ACK of this \
         server was captured to compare the hop limit with"
    );
    // Windows tries again.
    finds(
        &format!(
            "{CLOSED}=0.5 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1\n=1 C > S S J:J(0)\n\
             +1ms S > C R. 0:0(0) ack J+1"
        ),
        "1 closed_port 1,2: refused after 2 ms; the client tried 2 times more",
    );
}

#[test]
fn a_reset_that_acknowledges_something_else_refuses_nothing() {
    for ack in ["J", "J+2", "J-4999"] {
        finds(&format!("+0 C > S S J:J(0)\n+2ms S > C R. 0:0(0) ack {ack}"), "");
    }
}

/// A handshake with the server whose SYN-ACK has this hop limit, then a refusal with 64.
fn after_syn_ack(ttl: u8) -> String {
    let script = "host A 192.0.2.1:40001\nhost T 192.0.2.2:81\n+0 A > T S I:I(0)\n\
                  +1ms T > A S. K:K(0) ack I+1 ttl TTL\n+1ms A > T . I+1:I+1(0) ack K+1\n\
                  +1 C > S S J:J(0)\n+2ms S > C R. 0:0(0) ack J+1\n";
    script.replace("TTL", &ttl.to_string())
}

#[test]
fn the_hop_limit_separates_a_firewall_from_the_server() {
    let found = |ttl| {
        let script =
            format!("{}isn J=4294967295 K=4294967295 I=9\n{}", super::V4, after_syn_ack(ttl));
        let found = super::of_script(&script, super::OVERDUE);
        let pattern = &found[1][0];
        (pattern.note.to_string(), pattern.differs_from)
    };
    assert_eq!(
        found(64),
        (
            "refused after 2 ms".to_owned(),
            "a firewall that answers in the server's name: this RST has the hop limit of the \
             server's own SYN-ACKs"
        )
    );
    assert_eq!(
        found(57),
        (
            "refused after 2 ms; the RST came with hop limit 64, the server's SYN-ACKs with 57: a \
             firewall may have answered"
                .to_owned(),
            "a closed port: its RST would have the hop limit of the SYN-ACKs"
        )
    );
}

#[test]
fn a_refusal_after_silence() {
    let stalled = "+0 C > S S J:J(0)\n=1 C > S S J:J(0)\n=3 C > S S J:J(0)\n=7 C > S S J:J(0)\n\
                   =11.2 S > C R. 0:0(0) ack J+1";
    finds(stalled, "1 refused_after_stall 1,2,3,4,5: refused after 11.2 s, SYN sent 4 times");
    // A SYN at once after another does not come out of silence.
    finds(
        "+0 C > S S J:J(0)\n+19ms C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1",
        "1 closed_port 1,2,3: refused after 20 ms",
    );
}

#[test]
fn a_reset_that_no_client_takes_for_an_answer() {
    let goes_on =
        "=1 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1";
    let three = "1 three_way 1,3,4,5: SYN, SYN-ACK and ACK: client 1 ms\n1 late_establish 1,3,4,5: \
                 SYN sent 2 times; SYN-ACK after 1 s; it is not known which SYN it answers\n";
    let again = "the client sent its SYN again 999 ms later; its hop limit is 61, that of the \
                 server's SYN-ACKs 64";
    finds(
        &format!("+0 C > S S J:J(0)\n+1ms S > C R 0:0(0) ttl 61\n{goes_on}"),
        &format!("{three}1 rst_ignored 2,3: RST without an acknowledgment; {again}"),
    );
    finds(
        &format!("+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J-4999 ttl 61\n{goes_on}"),
        &format!("{three}1 rst_ignored 2,3: RST acknowledges J-4999, not J+1; {again}"),
    );
    // The acknowledgment was not captured, and what the client sent after it was.
    finds(
        "+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J-4999\n+1ms S > C S. K:K(0) ack J+1\n\
         +10ms C > S . J+11:J+11(0) ack K+1",
        "1 rst_ignored 2,4: RST acknowledges J-4999, not J+1; the client had completed the \
         handshake 11 ms later; its hop limit is 64, that of the server's SYN-ACKs 64",
    );
    finds(
        "+0 C > S S J:J(0)
         +1ms S > C R 0:0(0) ttl 61
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1",
        "1 three_way 1,3,4: SYN to ACK in 3 ms: server 2 ms, client 1 ms
         1 rst_ignored 2,4: RST without an acknowledgment; the client completed the handshake 2 ms \
         later; its hop limit is 61, that of the server's SYN-ACKs 64",
    );
    // It is taken, as far as was captured.
    finds("+0 C > S S J:J(0)\n+1ms S > C R 0:0(0)", "");
}

#[test]
fn a_reset_that_the_connection_outlived() {
    let outlived = "+0   C > S S J:J(0)
         +1ms S > C R. 0:0(0) ack J+1 ttl 61
         +9ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms S > C P. K+1:K+11(10) ack J+1";
    finds(
        outlived,
        "1 three_way 1,3,4: SYN to ACK in 11 ms: server 10 ms, client 1 ms
         1 rst_ignored 2,4,5: RST of the server, and both sides continued after it; its hop limit is 61, that of the server's SYN-ACKs 64",
    );
    assert_eq!(
        words(outlived, "rst_ignored"),
        [
            "a reset that ended the connection: here the client acknowledged K and the server \
             continued",
            "a middlebox or a security device that forges RSTs: compare the hop limit of the RST \
             with that of the server's segments",
        ]
    );
    // One in the name of the client.
    finds(
        "+0   C > S S J:J(0)
         +9ms S > C S. K:K(0) ack J+1
         +1ms C > S R J+1:J+1(0)
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms S > C P. K+1:K+11(10) ack J+1",
        "1 three_way 1,2,4: SYN to ACK in 11 ms: server 9 ms, client 2 ms
         1 rst_ignored 3,4,5: RST of the client, and both sides continued after it",
    );
    // The server says nothing more: the RST is believed.
    let silent: Vec<&str> = outlived.lines().take(4).collect();
    finds(&silent.join("\n"), "1 closed_port 1,2: refused after 1 ms");
}
