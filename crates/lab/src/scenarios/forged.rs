//! What takes a packet made by hand: a router's ICMP error, a SYN without a socket.

use std::time::Duration;

use parser::{Flags, SeqNumber};

use crate::raw_sender::Crafted;
use crate::requirement::Requirement;
use crate::scenario::{Expectation, Scenario};
use crate::scenarios::connect::close_all;
use crate::stage::{Stage, both};

/// The initial sequence number of a SYN made by hand.
const FORGED_ISN: SeqNumber = SeqNumber(0x1234_5678);
/// Means nothing: the segment has no ACK bit.
const NO_ACK: SeqNumber = SeqNumber(0);

pub(crate) static UNREACHABLE: Scenario = Scenario {
    name: "unreachable",
    title: "A router answers with ICMP: host unreachable",
    story: "The SYN never reaches a host: a router on the path sends an ICMP error that quotes the \
            SYN and says that the host is unreachable. Linux gives up at once. (The lab plays the \
            router, 127.0.0.254.)",
    notice: &["the ICMP error quotes J, so it belongs to this attempt and to no other"],
    expected: &[Expectation::new("unreachable", &["icmp_unreachable"])],
    duration: Duration::from_millis(20),
    requirements: &[Requirement::RawSender, Requirement::BlackholePort(0)],
    play: |stage| {
        let raw_sender = stage.raw_sender();
        both(
            |signal| {
                signal.ready();
                let syn = raw_sender.wait_for_syn(Stage::server_end())?;
                raw_sender.host_unreachable(&stage.router(), &syn)
            },
            |wait| {
                wait.ready()?;
                let client = stage.client(1).tcp(Stage::server_end())?;
                // This call must fail.
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
    story: "A scanner sends SYNs from a raw socket to three ports. The open one answers with \
            SYN-ACK, the closed one with RST, and the filtered one does not answer. The scanner's \
            own kernel has no such connection and answers the SYN-ACK with RST, so the server's \
            accept() never returns this connection.",
    notice: &["SYN, SYN-ACK, RST: the scanner found the port open and did not connect"],
    expected: &[
        Expectation::new("reset", &["syn_probe"]),
        Expectation::new("refused", &["closed_port"]),
        Expectation::new("unanswered", &[]),
    ],
    duration: Duration::from_millis(150),
    requirements: &[Requirement::RawSender, Requirement::BlackholePort(FILTERED)],
    play: |stage| {
        let open = Stage::server_end();
        let closed = Stage::server_port(1);
        let filtered = Stage::server_port(FILTERED);
        let listener = stage.server(1).listen(open, 5)?;
        for (number, destination) in (1..).zip([open, closed, filtered]) {
            let (source, flags) = (Stage::client_end(), Flags::SYN);
            let (seq, ack) = (FORGED_ISN, NO_ACK);
            let syn = Crafted { source, destination, flags, seq, ack };
            stage.raw_sender().send(&stage.client(number), &syn)?;
        }
        listener.patience(Duration::from_millis(100))?;
        // No answer may come.
        let _ = listener.accept();
        listener.close()
    },
};

pub(crate) static EMBRYONIC: Scenario = Scenario {
    name: "embryonic",
    title: "A SYN without an ACK after it: the server repeats its SYN-ACK",
    story: "A SYN comes from an address without a host, as in a SYN flood. The server answers and \
            waits in SYN-RECEIVED for an ACK that does not come; it repeats the SYN-ACK after 1, \
            3, 7, 15 and 31 seconds before it gives up. accept() never returns this connection. \
            (The lab sends the SYN from a raw socket, and waits for two repetitions.)",
    notice: &["one SYN costs the server six segments and a minute of memory"],
    expected: &[Expectation::new("unacknowledged", &["embryonic"])],
    duration: Duration::from_millis(3300),
    requirements: &[Requirement::RawSender, Requirement::BlackholePort(NOBODY)],
    play: |stage| {
        let listener = stage.server(1).listen(Stage::server_end(), 5)?;
        let (source, destination) = (Stage::server_port(NOBODY), Stage::server_end());
        let (flags, seq, ack) = (Flags::SYN, FORGED_ISN, NO_ACK);
        let syn = Crafted { source, destination, flags, seq, ack };
        stage.raw_sender().send(&stage.client(1), &syn)?;
        listener.patience(Duration::from_millis(3200))?;
        // No answer may come.
        let _ = listener.accept();
        listener.close()
    },
};

/// The port of the forged SYN, counted from the server's.
const NOBODY: u16 = 3;

pub(crate) static CHALLENGE: Scenario = Scenario {
    name: "challenge",
    title: "A server challenges a forged SYN on an open connection: it does no harm",
    story: "An attacker who knows both addresses and ports sends a SYN into an open connection. By \
            RFC 793 this SYN would have reset the connection if its number had been in the window. \
            Today the server answers with a bare ACK with its current numbers (RFC 5961). A peer that \
            had really restarted would answer with RST. This client still has the connection, so it \
            ignores the ACK and continues. (The lab sends the SYN from a raw socket.)",
    notice: &["the ACK does not acknowledge the forged SYN", "later data arrive normally"],
    expected: &[
        Expectation::new("established", &["three_way"]),
        Expectation::new("unanswered", &["challenge_ack"]),
    ],
    duration: Duration::from_millis(20),
    requirements: &[Requirement::RawSender],
    play: |stage| {
        let (here, there) = (Stage::client_end(), Stage::server_end());
        let listener = stage.server(1).listen(there, 5)?;
        let client = stage.client(1).tcp(there)?;
        client.bind(here)?;
        client.connect(there)?;
        let connection = listener.accept()?;
        let (flags, seq, ack) = (Flags::SYN, FORGED_ISN, NO_ACK);
        let syn = Crafted { source: here, destination: there, flags, seq, ack };
        stage.raw_sender().send(&stage.client(2), &syn)?;
        client.send("still here")?;
        connection.recv(64)?;
        close_all([client, connection, listener])
    },
};
