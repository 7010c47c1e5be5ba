//! UDP, to see what a handshake is good for.

use std::time::Duration;

use crate::call::pause;
use crate::filter::Loss;
use crate::requirement::Requirement;
use crate::scenario::{Expectation, Scenario};
use crate::scenarios::connect::close_all;
use crate::stage::Stage;

pub(crate) static UDP: Scenario = Scenario {
    name: "udp",
    title: "UDP: there is no handshake, and messages keep their boundaries",
    story: "connect() on a datagram socket sends nothing: it only stores the destination. Two \
            send()s are two datagrams and two recv()s. If a datagram is lost, UDP does not report \
            it. A send() to a closed port also succeeds; the next call returns the ICMP error.",
    notice: &[
        "there is no SYN, because there is no connection",
        "ECONNREFUSED comes one call late, from recv()",
    ],
    expected: &[],
    duration: Duration::from_millis(10),
    requirements: &[Requirement::Witness],
    play: |stage| {
        let server_end = Stage::server_end();
        let server = stage.server(1).udp(server_end)?;
        server.bind(server_end)?;
        let client = stage.client(1).udp(server_end)?;
        client.connect(server_end)?;
        client.send("one")?;
        client.send("two")?;
        server.recv(64)?;
        server.recv(64)?;
        let closed = Stage::server_port(1);
        let unlucky = stage.client(2).udp(closed)?;
        unlucky.connect(closed)?;
        unlucky.send("anybody?")?;
        // This call must fail.
        let _ = unlucky.recv(64);
        stage.note_datagrams()?;
        close_all([unlucky, client, server])
    },
};

pub(crate) static UNRELIABLE: Scenario = Scenario {
    name: "unreliable",
    title: "A lost datagram is gone, lost bytes of a stream come again",
    story: "A client sends three datagrams, and the network loses the second one. No call fails: \
            the server receives the first and the third, and nobody learns of the loss. Then a \
            client sends \"one\" and \"two\" on a TCP connection, and the network loses \"one\". The \
            server's recv() waits until the client's kernel, without an ACK, has sent it again: \
            the program receives all bytes, in order. (Socket filters of the lab drop both.)",
    notice: &[
        "send() returns the same for the datagram that is lost: it only says that the kernel took it",
        "the recv() that returns \"one\" begins after 20 ms, and the next call comes after 200 ms: so \
         long the kernel waits for an ACK before it sends again",
    ],
    expected: &[Expectation::new("established", &["three_way"])],
    duration: Duration::from_millis(300),
    requirements: &[Requirement::Witness, Requirement::LossyServer(Loss::Data)],
    play: |stage| {
        let end = Stage::server_port(1);
        let receiver = stage.server(2).udp(end)?;
        receiver.bind(end)?;
        let sender = stage.client(1).udp(end)?;
        sender.connect(end)?;
        sender.send("one")?;
        receiver.recv(64)?;
        stage.note_datagrams()?;
        receiver.lose(Loss::Everything)?;
        sender.send("two")?;
        stage.note_lost_datagram()?;
        receiver.lose_nothing()?;
        sender.send("three")?;
        receiver.recv(64)?;
        stage.note_datagrams()?;
        close_all([sender, receiver])?;
        let listener = stage.lossy().into_listener(Stage::server_end(), 5)?;
        let client = stage.client(2).tcp(Stage::server_end())?;
        client.connect(Stage::server_end())?;
        let connection = listener.accept()?;
        client.send("one")?;
        // The kernel sends again after 200 ms at the earliest.
        pause(20);
        connection.lose_nothing()?;
        connection.recv(64)?;
        client.send("two")?;
        connection.recv(64)?;
        close_all([client, connection, listener])
    },
};
