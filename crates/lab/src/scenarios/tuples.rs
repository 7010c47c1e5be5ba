//! What happens when both ends are clients, or the same one, or meet again.

use std::time::Duration;

use crate::call::pause;
use crate::error::ScenarioError;
use crate::filter::Loss;
use crate::requirement::Requirement;
use crate::scenario::{Expectation, Scenario};
use crate::scenarios::connect::close_all;
use crate::socket::TimedSocket;
use crate::stage::Stage;

pub(crate) static SELF_CONNECT: Scenario = Scenario {
    name: "self-connect",
    title: "A socket connects to itself",
    story: "A client is bound to the port that it connects to. Its SYN comes back to it, and TCP \
            handles this as a simultaneous open: the socket is connected to itself, without any \
            server. This happens by accident if a client retries a closed local port in the \
            ephemeral range.",
    notice: &["source and destination are the same, and the socket receives its own data"],
    expected: &[Expectation::new("established", &["self_connect"])],
    duration: Duration::from_millis(10),
    requirements: &[],
    play: |stage| {
        let client = stage.client(1).tcp(Stage::client_end())?;
        client.bind(Stage::client_end())?;
        client.connect(Stage::client_end())?;
        client.send("echo")?;
        client.recv(64)?;
        client.close()
    },
};

pub(crate) static SIMULTANEOUS: Scenario = Scenario {
    name: "simultaneous",
    title: "Both sides connect at the same time: their SYNs cross",
    story: "Neither side listens: each sends a SYN to the other. Each answers the other's SYN with \
            a SYN-ACK, and one connection results, not two (RFC 9293, 3.5). On one machine a SYN \
            arrives too quickly to cross another. So the first two are lost; one second later the \
            timers of both sockets expire at the same time, and the repeated SYNs cross. (Socket \
            filters of the lab drop the first two.)",
    notice: &["each side goes from SYN-SENT to SYN-RECEIVED; an ordinary client never does"],
    expected: &[Expectation::new("established", &["simultaneous_open"])],
    duration: Duration::from_millis(1100),
    requirements: &[Requirement::LossyClient(Loss::Everything), Requirement::BlackholePort(0)],
    play: |stage| {
        let (here, there) = (Stage::client_end(), Stage::server_end());
        let (first, second) = (stage.lossy(), stage.server(1).tcp(there)?);
        first.bind(here)?;
        // What swallows the first SYN to this port listens at it.
        second.reuse_port()?;
        second.bind(there)?;
        // One thread and no time in between, so that the kernel puts both timers side by side.
        first.non_blocking(true)?;
        second.non_blocking(true)?;
        // That they can't be done at once is what a non-blocking connect() says.
        let _ = first.connect(there);
        let _ = second.connect(here);
        first.lose_nothing()?;
        first.non_blocking(false)?;
        second.non_blocking(false)?;
        first.send("hello")?;
        second.recv(64)?;
        close_all([first, second])
    },
};

pub(crate) static SPLIT: Scenario = Scenario {
    name: "split",
    title: "Both sides connect, and only one SYN arrives: four segments instead of three",
    story: "As in `simultaneous`, but only the first SYN is lost. The second side's SYN reaches a \
            socket that has already sent a SYN. This socket answers with SYN-ACK although it is a \
            client, and the second side acknowledges. Both kernels follow RFC 9293, 3.10.7.3. The \
            same segments were once used in an attack to pass firewalls. (The lab drops the first \
            SYN.)",
    notice: &["the SYN-ACK comes from the side that sent the first SYN"],
    expected: &[Expectation::new("established", &["split_handshake"])],
    duration: Duration::from_millis(10),
    requirements: &[Requirement::BlackholePort(0)],
    play: |stage| {
        let (here, there) = (Stage::client_end(), Stage::server_end());
        let (first, second) = (stage.client(1).tcp(here)?, stage.server(1).tcp(there)?);
        first.bind(here)?;
        second.reuse_port()?;
        second.bind(there)?;
        first.non_blocking(true)?;
        let _ = first.connect(there);
        first.non_blocking(false)?;
        second.connect(here)?;
        first.send("hello")?;
        second.recv(64)?;
        close_all([first, second])
    },
};

pub(crate) static REUSE: Scenario = Scenario {
    name: "reuse",
    title: "The same addresses and ports again: the connections have different J",
    story: "The server closes first, so its end stays in TIME-WAIT for a minute. The client connects \
            again at once from the same port. The server accepts it: J is beyond anything that the old \
            connection sent, so the SYN can't be an old duplicate (RFC 9293, 3.6.1).",
    notice: &["two attempts with equal addresses and ports, and different J and K"],
    expected: &[
        Expectation::new("established", &["three_way"]),
        Expectation::new("established", &["port_reuse"]),
    ],
    duration: Duration::from_millis(30),
    requirements: &[],
    play: |stage| {
        let listener = stage.server(1).listen(Stage::server_end(), 5)?;
        let client = connect_from_known_port(stage, 1)?;
        listener.accept()?.close()?;
        client.recv(64)?;
        client.close()?;
        // The timestamps tick once a millisecond; the new SYN must bear a later one.
        pause(10);
        let client = connect_from_known_port(stage, 2)?;
        let connection = listener.accept()?;
        close_all([client, connection, listener])
    },
};

pub(crate) static HALF_OPEN: Scenario = Scenario {
    name: "half-open",
    title: "One side lost the connection, the other still has it",
    story: "The client disappears and its RST is lost, as when a machine loses power: the server's \
            end is still ESTABLISHED. The client comes back and connects from the same port. The \
            old connection answers the SYN with a bare ACK (RFC 5961), the client answers that ACK \
            with RST, and the old connection ends. The client sends the same SYN again, and it \
            succeeds. (A socket filter of the lab drops the first RST.)",
    notice: &[
        "the ACK that answers the SYN does not acknowledge J+1: it belongs to the old connection",
        "recv() on the old connection fails with ECONNRESET only when the client comes back",
    ],
    expected: &[
        Expectation::new("established", &["three_way"]),
        Expectation::new("established", &["half_open_recovery"]),
    ],
    duration: Duration::from_millis(50),
    requirements: &[Requirement::LossyServer(Loss::RstAck)],
    play: |stage| {
        let listener = stage.lossy().into_listener(Stage::server_end(), 5)?;
        let client = connect_from_known_port(stage, 1)?;
        let old = listener.accept()?;
        client.reset_on_close()?;
        client.close()?;
        let client = connect_from_known_port(stage, 2)?;
        let _ = old.recv(64);
        old.close()?;
        let connection = listener.accept()?;
        close_all([client, connection, listener])
    },
};

fn connect_from_known_port(stage: &Stage, number: u32) -> Result<TimedSocket, ScenarioError> {
    let client = stage.client(number).tcp(Stage::server_end())?;
    client.bind(Stage::client_end())?;
    client.connect(Stage::server_end())?;
    Ok(client)
}
