//! UDP, to see what a handshake is good for.

use std::time::Duration;

use crate::call::pause;
use crate::error::ScenarioError;
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
    title: "Datagrams are lost and come out of order; a stream is whole and in order",
    story: "A client sends four datagrams. The network loses the second one and holds the third one \
            back, so that the fourth one comes first. No call fails: the server receives the first, \
            the fourth and the third, and nobody learns of it. Then a client sends \"one\" and \
            \"two\" on a TCP connection. The network loses \"one\", so \"two\" comes first: the \
            server's kernel keeps it, and the client's kernel sends \"one\" again. The server's \
            recv() returns all bytes, in order. (Socket filters of the lab drop what is lost; the \
            lab takes the third datagram off its way and delivers it with a raw socket.)",
    notice: &[
        "send() returns the same for the datagram that is lost: it only says that the kernel took it",
        "send(\"three\") stands before send(\"four\"), and recv() returns \"four\" before \"three\"",
        "recv() on the stream returns \"onetwo\", though \"two\" came first",
    ],
    expected: &[Expectation::new("established", &["three_way"])],
    duration: Duration::from_millis(300),
    requirements: &[Requirement::Witness, Requirement::LossyServer(Loss::Data)],
    play: |stage| {
        datagrams(stage)?;
        let listener = stage.lossy().into_listener(Stage::server_end(), 5)?;
        let client = stage.client(2).tcp(Stage::server_end())?;
        client.no_delay()?;
        client.connect(Stage::server_end())?;
        let connection = listener.accept()?;
        client.send("one")?;
        // The kernel sends again after 200 ms at the earliest, unless it hears of "two".
        pause(5);
        connection.lose_nothing()?;
        client.send("two")?;
        connection.recv(64)?;
        close_all([client, connection, listener])
    },
};

/// Four datagrams, of which one is lost and one comes late.
fn datagrams(stage: &Stage) -> Result<(), ScenarioError> {
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
    sender.send("three")?;
    let late = stage.hold_datagram()?;
    receiver.lose_nothing()?;
    sender.send("four")?;
    receiver.recv(64)?;
    stage.deliver(late)?;
    receiver.recv(64)?;
    stage.note_datagrams()?;
    close_all([sender, receiver])
}
