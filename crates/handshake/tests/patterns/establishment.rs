//! Handshakes that succeeded.

use super::{ISNS, OPEN, OVERDUE, V4, finds, lines, of_script, words};

#[test]
fn three_segments() {
    finds(OPEN, "1 three_way 1,2,3: SYN to ACK in 20 ms: server 10 ms, client 10 ms");
    let [differs_from, check_next] = words(OPEN, "three_way");
    assert_eq!(
        differs_from,
        "three segments that only look like a handshake: here the SYN-ACK acknowledges J, and the \
         ACK follows on J and acknowledges K"
    );
    assert_eq!(check_next, "nothing: the handshake is normal");
}

#[test]
fn segments_that_are_not_the_three() {
    let with = |ack: &str| {
        format!(
            "+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S {ack}\n\
             +1ms S > C P. K+1:K+11(10) ack J+21"
        )
    };
    finds(&with(". J+1:J+1(0) ack K+993999"), "");
    finds(&with("P. J+11:J+21(10) ack K+1"), "");
    // No SYN, or no SYN-ACK.
    finds("+0 S > C S. K:K(0) ack J+1\n+1ms C > S . J+1:J+1(0) ack K+1", "");
    finds("+0 C > S S J:J(0)\n+1ms C > S . J+1:J+1(0) ack K+1", "");
    // The ACK was not captured: the server acknowledges more than the SYN.
    finds("+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms S > C . K+1:K+1(0) ack J+11", "");
}

#[test]
fn an_ack_of_data_that_the_server_sent_at_once() {
    finds(
        "+0   C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +0   S > C P. K+1:K+87(86) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+87",
        "1 three_way 1,2,4: SYN to ACK in 2 ms: server 1 ms, client 1 ms",
    );
}

#[test]
fn the_segments_that_are_named_are_those_that_count() {
    // The SYN-ACK came again before its acknowledgment, and the time stamp tells which was meant.
    let repeated = "+0   C > S S J:J(0) <TS val 10 ecr 0>
         +1ms S > C S. K:K(0) ack J+1 <TS val 70 ecr 10>
         =2   S > C S. K:K(0) ack J+1 <TS val 2070 ecr 10>
         +1ms C > S . J+1:J+1(0) ack K+1 <TS val 2011 ecr 2070>";
    finds(
        repeated,
        "1 three_way 1,3,4: SYN to ACK in 2 ms: server 1 ms, client 1 ms; +2 s until the \
         SYN-ACK that was acknowledged",
    );
    assert_eq!(
        words(repeated, "three_way")[1],
        "nothing in these three segments; the other segments of this record show the problem"
    );
    // Without it, either may be.
    finds(
        "+0   C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         =2   S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1",
        "1 three_way 1,2,3,4: SYN, SYN-ACK and ACK: server 1 ms",
    );
    // The K that was acknowledged.
    let script = "+0   C > S S J:J(0)
         +1ms S > C S. K+9999:K+9999(0) ack J+1
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1
         +1ms S > C P. K+1:K+11(10) ack J+1";
    let script = format!("{V4}{}{script}", ISNS[0]);
    assert_eq!(
        lines(&of_script(&script, OVERDUE)),
        [
            "1 three_way 1,3,4: SYN to ACK in 3 ms: server 2 ms, client 1 ms",
            "1 syn_ack_mismatch 2,3: K is 9998 in one SYN-ACK and 4294967295 in another",
        ]
    );
}

#[test]
fn an_ack_that_carries_something() {
    let with =
        |ack: &str| format!("+0 C > S S J:J(0)\n+1ms S > C S. K:K(0) ack J+1\n+1ms C > S {ack}");
    let three = "1 three_way 1,2,3: SYN to ACK in 2 ms: server 1 ms, client 1 ms\n";
    let carries =
        |what: &str| format!("{three}1 ack_with_data 3: the acknowledging segment carries {what}");
    finds(&with("P. J+1:J+518(517) ack K+1"), &carries("517 bytes of data"));
    finds(&with("P. J+1:J+2(1) ack K+1"), &carries("1 byte of data"));
    finds(&with("F. J+1:J+1(0) ack K+1"), &carries("FIN"));
    finds(&with("FP. J+1:J+6(5) ack K+1"), &carries("5 bytes of data and FIN"));
    finds(&with(". J+1:J+1(0) ack K+1"), three);
    // The SYN-ACK was not captured: whether a bare ACK came before the data can't be known.
    finds("+0 C > S S J:J(0)\n+1ms C > S P. J+1:J+11(10) ack K+1", "");
}

/// SYNs with time stamps 1 and 1001, and an answer that echoes `ecr`.
fn late(ecr: u32) -> String {
    format!(
        "+0   C > S S J:J(0) <TS val 1 ecr 0>
         =1   C > S S J:J(0) <TS val 1001 ecr 0>
         +1ms S > C S. K:K(0) ack J+1 <TS val 7 ecr {ecr}>
         +1ms C > S . J+1:J+1(0) ack K+1 <TS val 1003 ecr 7>"
    )
}

#[test]
fn an_answer_to_a_later_syn() {
    finds(
        &late(1001),
        "1 three_way 2,3,4: SYN to ACK in 2 ms: server 1 ms, client 1 ms
         1 late_establish 1,2,3,4: SYN sent 2 times; +1 s waiting until the answered SYN",
    );
    let [differs_from, check_next] = words(&late(1001), "late_establish");
    assert_eq!(differs_from, "a slow server: its round trip counts from the SYN that was answered");
    assert_eq!(
        check_next,
        "the place where the SYN without an answer was dropped: the path (mtr -T -P PORT HOST), or \
         a full queue of the server (on the server nstat -az TcpExtListenOverflows \
         TcpExtListenDrops)"
    );
    assert_eq!(
        words(&late(1001), "three_way")[1],
        "nothing in these three segments; the other segments of this record show the problem"
    );
    // One of the two later ones.
    finds(
        "+0   C > S S J:J(0) <TS val 1 ecr 0>
         =1   C > S S J:J(0) <TS val 1001 ecr 0>
         =3   C > S S J:J(0) <TS val 3001 ecr 0>
         +1ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 1001>
         +1ms C > S . J+1:J+1(0) ack K+1 <TS val 3003 ecr 7>",
        "1 three_way 2,3,4,5: SYN, SYN-ACK and ACK: client 1 ms
         1 late_establish 1,2,3,4,5: SYN sent 3 times; +1 s to +3 s waiting until the answered SYN",
    );
}

#[test]
fn an_answer_of_which_it_is_not_known_what_it_answers() {
    let unknown = "loss: it is not known which SYN was answered, so no SYN is known to be lost";
    finds(
        &late(1),
        "1 three_way 1,2,3,4: SYN, SYN-ACK and ACK: client 1 ms
         1 late_establish 1,2,3,4: SYN sent 2 times; SYN-ACK after 1 s; it echoes the time stamp of the first SYN, so that one arrived; it is not known which SYN it answers",
    );
    assert_eq!(words(&late(1), "late_establish")[0], unknown);
    let bare = "+0   C > S S J:J(0)
         =1   C > S S J:J(0)
         +1ms S > C S. K:K(0) ack J+1
         +1ms C > S . J+1:J+1(0) ack K+1";
    finds(
        bare,
        "1 three_way 1,2,3,4: SYN, SYN-ACK and ACK: client 1 ms
         1 late_establish 1,2,3,4: SYN sent 2 times; SYN-ACK after 1 s; it is not known which SYN it answers",
    );
    assert_eq!(words(bare, "late_establish")[0], unknown);
    finds(
        &late(555),
        "1 three_way 1,3,4: SYN, SYN-ACK and ACK: client 1 ms
         1 late_establish 1,2,3,4: SYN sent 2 times; the answered SYN was not captured; \
         SYN-ACK after 1 s",
    );
    finds(
        "+0 C > S S J:J(0)\n=1 C > S S J:J(0)\n+1ms C > S . J+1:J+1(0) ack K+2",
        "1 late_establish 1,2,3: SYN sent 2 times; its SYN-ACK was not captured",
    );
}

#[test]
fn an_answer_that_came_before_the_syn_came_again() {
    let crossed = "+0    C > S S J:J(0)
         +10ms S > C S. K:K(0) ack J+1
         =1    C > S S J:J(0)
         +10ms S > C S. K:K(0) ack J+1
         +10ms C > S . J+1:J+1(0) ack K+1";
    finds(
        crossed,
        "1 three_way 1,2,4,5: SYN, SYN-ACK and ACK: server 10 ms
         1 late_establish 1,2,3,5: SYN sent 2 times; the SYN-ACK came after 10 ms, before the second SYN; no ACK of it came in time",
    );
    let [differs_from, check_next] = words(crossed, "late_establish");
    assert_eq!(
        differs_from,
        "a lost SYN: here the server answered the first one before the second \
                              came"
    );
    assert_eq!(
        check_next,
        "the place where the SYN-ACK is dropped: the path back to the client (on the server ip \
         route get ADDRESS), or the client's own filters (nft list ruleset)"
    );
}

#[test]
fn a_syn_at_once_after_another_is_not_late() {
    finds(
        "+0    C > S S J:J(0)
         +19ms C > S S J:J(0)
         +1ms  S > C S. K:K(0) ack J+1
         +1ms  C > S . J+1:J+1(0) ack K+1",
        "1 three_way 1,2,3,4: SYN, SYN-ACK and ACK: client 1 ms",
    );
}

#[test]
fn a_syn_that_was_refused_first_was_not_lost() {
    let refused = "+0 C > S S J:J(0) <TS val 1 ecr 0>
         +1ms S > C R. 0:0(0) ack J+1
         +500ms C > S S J:J(0) <TS val 501 ecr 0>
         +1ms S > C S. K:K(0) ack J+1 <TS val 7 ecr 501>
         +1ms C > S . J+1:J+1(0) ack K+1 <TS val 503 ecr 7>";
    finds(
        refused,
        "1 three_way 3,4,5: SYN to ACK in 2 ms: server 1 ms, client 1 ms
         1 late_establish 2,3,4: refused after 1 ms first; the SYN sent again 500 ms later was \
         accepted",
    );
    assert_eq!(
        words(refused, "late_establish")[0],
        "a lost SYN: here the server answered the first one with a refusal"
    );
}
