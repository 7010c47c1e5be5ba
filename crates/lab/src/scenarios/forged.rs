//! What takes a packet made by hand: a router's ICMP error, a SYN without a socket.

use std::time::Duration;

use parser::{Flags, SeqNumber};

use crate::forge::Crafted;
use crate::props::Prop;
use crate::scenario::{Expectation, Scenario};
use crate::stage::{Stage, both};

/// The initial sequence number of a SYN made by hand.
const FORGED_ISN: SeqNumber = SeqNumber(0x1234_5678);
/// Means nothing: the segment has no ACK bit.
const NO_ACK: SeqNumber = SeqNumber(0);

pub(crate) static UNREACHABLE: Scenario = Scenario {
    name: "unreachable",
    title: "A router answers with ICMP: host unreachable",
    story: "The SYN never reaches a host: a router on the way reports by ICMP that it can't be \
            delivered, quoting the SYN. Linux gives up at once. (The lab plays the router, 127.0.0.254.)",
    notice: &["the ICMP error quotes J: that ties it to this attempt and to no other"],
    expected: &[Expectation::new("unreachable", &["icmp_unreachable"])],
    duration: Duration::from_millis(20),
    props: &[Prop::Forge, Prop::Silence(0)],
    play: |stage| {
        let forge = stage.forge();
        both(
            |signal| {
                signal.ready();
                let syn = forge.wait_for_syn(Stage::server_end())?;
                forge.host_unreachable(&stage.server(1), &syn)
            },
            |wait| {
                wait.ready()?;
                let client = stage.client(1).tcp(Stage::server_end())?;
                // To fail is the story.
                let _ = client.connect(Stage::server_end());
                client.close()
            },
        )
    },
};

/// Which port after the server's is filtered.
const FILTERED: u16 = 2;

pub(crate) static SCAN: Scenario = Scenario {
    name: "scan",
    title: "A port scan: open, closed, filtered",
    story: "A scanner sends SYNs from a raw socket to three ports. The open one answers with SYN-ACK, \
            the closed one with RST, the filtered one not at all. The scanner's own kernel knows of no \
            connection and resets the SYN-ACK, so the server's accept() never learns that anybody \
            was there.",
    notice: &["SYN, SYN-ACK, RST: the door was tried and not entered"],
    expected: &[
        Expectation::new("reset", &["syn_scan"]),
        Expectation::new("refused", &["closed_port"]),
        Expectation::new("unanswered", &[]),
    ],
    duration: Duration::from_millis(150),
    props: &[Prop::Forge, Prop::Silence(FILTERED)],
    play: |stage| {
        let open = Stage::server_end();
        let closed = Stage::server_port(1);
        let filtered = Stage::server_port(FILTERED);
        let listener = stage.server(1).listen(open, 5)?;
        for destination in [open, closed, filtered] {
            let (source, flags) = (Stage::client_end(), Flags::SYN);
            let (seq, ack) = (FORGED_ISN, NO_ACK);
            let syn = Crafted { source, destination, flags, seq, ack };
            stage.forge().send(&stage.client(1), &syn)?;
        }
        listener.patience(Duration::from_millis(100))?;
        // That it waits in vain is the story.
        let _ = listener.accept();
        listener.close()
    },
};
