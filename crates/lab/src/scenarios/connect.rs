//! What a client and a server can do to each other without any help.

use std::time::Duration;

use parser::Endpoint;

use crate::call::pause;
use crate::error::ScenarioError;
use crate::options::Options;
use crate::requirement::Requirement;
use crate::scenario::{Expectation, Scenario};
use crate::socket::TimedSocket;
use crate::stage::{Stage, both};

type Played = Result<(), ScenarioError>;

pub(crate) static THREE_WAY: Scenario = Scenario {
    name: "three-way",
    title: "A normal handshake: SYN, SYN-ACK, ACK",
    story: "A server waits in accept(), and a client calls connect(). After three segments both \
            are connected: the client when the SYN-ACK arrives, the server when the ACK arrives.",
    notice: &[
        "connect() returns after the client sent the third segment: the client never waits for the \
         ACK to arrive",
        "the kernels send all three segments; accept() only returns the result",
    ],
    expected: &[Expectation::new("established", &["three_way"])],
    duration: Duration::from_millis(20),
    requirements: &[],
    play: |stage| greet(stage, Stage::server_end()),
};

pub(crate) static IPV6: Scenario = Scenario {
    name: "ipv6",
    title: "The same handshake over IPv6",
    story: "The three-way handshake on [::1]: only the IP header differs, TCP is the same.",
    notice: &["the maximum segment size is 20 bytes smaller: an IPv6 header is 20 bytes longer"],
    expected: &[Expectation::new("established", &["three_way"])],
    duration: Duration::from_millis(20),
    // A host may have switched IPv6 off for interfaces to come.
    requirements: &[Requirement::Setting("net/ipv6/conf/lo/disable_ipv6", "0")],
    play: |stage| greet(stage, Stage::server_end_v6()),
};

fn greet(stage: &Stage, server: Endpoint) -> Played {
    both(
        |signal| {
            let listener = stage.server(1).listen(server, 5)?;
            signal.ready();
            let connection = listener.accept()?;
            connection.recv(64)?;
            connection.send("welcome")?;
            connection.recv(64)?;
            connection.close()?;
            listener.close()
        },
        |wait| {
            wait.ready()?;
            let client = stage.client(1).tcp(server)?;
            client.connect(server)?;
            client.send("hello")?;
            client.recv(64)?;
            client.close()
        },
    )
}

pub(crate) static REFUSED: Scenario = Scenario {
    name: "refused",
    title: "No program listens: the kernel answers with RST",
    story: "A client connects to a port without a server. The kernel answers the SYN with RST+ACK, \
            and connect() fails at once. A refusal is an answer, a timeout is not.",
    notice: &["the RST acknowledges J+1: the client would ignore any other RST"],
    expected: &[Expectation::new("refused", &["closed_port"])],
    duration: Duration::from_millis(10),
    requirements: &[],
    play: |stage| {
        let client = stage.client(1).tcp(Stage::server_end())?;
        // This call must fail.
        let _ = client.connect(Stage::server_end());
        client.close()
    },
};

pub(crate) static ONE_PORT: Scenario = Scenario {
    name: "one-port",
    title: "One port, one server, many connections: the 4-tuple tells them apart",
    story: "A server listens at port 8080. A second program wants the same port: its bind() fails, \
            because a port at which a program listens belongs to that program. Two clients connect \
            to the one port. The kernel gives each of them an ephemeral port, so that the two \
            associations (protocol, both addresses, both ports) differ in one number. A segment \
            that arrives at port 8080 carries all of them: so the kernel knows which connection it \
            belongs to, and each accepted socket receives its own data.",
    notice: &[
        "bind() fails with EADDRINUSE before any segment is sent",
        "both connections have the same half-association at the server; the halves of the clients \
         differ in the port (--explain prints them)",
    ],
    expected: &[
        Expectation::new("established", &["three_way"]),
        Expectation::new("established", &["three_way"]),
    ],
    duration: Duration::from_millis(20),
    requirements: &[],
    play: |stage| {
        let server = Stage::server_end();
        let listener = stage.server(1).listen(server, 5)?;
        let second = stage.server(2).tcp(server)?;
        // This call must fail.
        let _ = second.bind(server);
        second.close()?;
        let clients = [stage.client(1).tcp(server)?, stage.client(2).tcp(server)?];
        let mut accepted = Vec::new();
        for client in &clients {
            client.connect(server)?;
            accepted.push(listener.accept()?);
        }
        for (client, name) in clients.iter().zip(["first", "second"]) {
            client.send(name)?;
        }
        for connection in &accepted {
            connection.recv(64)?;
        }
        close_all(clients.into_iter().chain(accepted).chain([listener]))
    },
};

pub(crate) static NO_ACCEPT: Scenario = Scenario {
    name: "no-accept",
    title: "The kernel completes the handshake, although no program calls accept()",
    story: "The server listens, but is busy with other work. The client connects and sends, and \
            both calls succeed. Many drawings show accept() as a part of the handshake: it is not. \
            The kernel queues completed connections with their data, and accept() takes one from \
            the queue.",
    notice: &[
        "connect() and send() return long before the server calls accept()",
        "accept() does not wait: the connection and its data are already there",
    ],
    expected: &[Expectation::new("established", &["three_way"])],
    duration: Duration::from_millis(230),
    requirements: &[],
    play: |stage| {
        let listener = stage.server(1).listen(Stage::server_end(), 5)?;
        let client = stage.client(1).tcp(Stage::server_end())?;
        client.connect(Stage::server_end())?;
        client.send("are you there?")?;
        pause(200);
        let connection = listener.accept()?;
        connection.recv(64)?;
        close_all([client, connection, listener])
    },
};

pub(crate) static STREAM: Scenario = Scenario {
    name: "stream",
    title: "TCP keeps the order of bytes, not the boundaries of messages",
    story: "The client sends three times; the server receives once and gets all bytes together. \
            TCP carries a stream of bytes; the programs themselves must mark the end of each \
            message.",
    notice: &["three segments with data, one recv()"],
    expected: &[Expectation::new("established", &["three_way"])],
    duration: Duration::from_millis(130),
    requirements: &[],
    play: |stage| {
        let listener = stage.server(1).listen(Stage::server_end(), 5)?;
        let client = stage.client(1).tcp(Stage::server_end())?;
        client.no_delay()?;
        client.connect(Stage::server_end())?;
        for message in ["one,", "two,", "three"] {
            client.send(message)?;
        }
        pause(100);
        let connection = listener.accept()?;
        connection.recv(64)?;
        close_all([client, connection, listener])
    },
};

pub(crate) static MANY: Scenario = Scenario {
    name: "many",
    title: "Many connections, one after another",
    story: "One server and one client program make many connections, one after another, for tables \
            and statistics.",
    notice: &["each connection has another client port: this is the only difference between them"],
    expected: &[Expectation::new("established", &["three_way"])],
    duration: Duration::from_millis(50),
    requirements: &[],
    play: |stage| {
        let count = stage.options.connections.min(Options::MOST_CONNECTIONS);
        both(
            |signal| {
                let listener = stage.server(1).listen(Stage::server_end(), 128)?;
                signal.ready();
                for _ in 0..count {
                    let connection = listener.accept()?;
                    // The client closes first, and keeps the TIME-WAIT state.
                    connection.recv(64)?;
                    connection.close()?;
                }
                listener.close()
            },
            |wait| {
                wait.ready()?;
                for number in 1..=count {
                    let client = stage.client(number).tcp(Stage::server_end())?;
                    client.connect(Stage::server_end())?;
                    client.close()?;
                }
                Ok(())
            },
        )
    },
};

/// Closes sockets in this order.
pub(crate) fn close_all(sockets: impl IntoIterator<Item = TimedSocket>) -> Played {
    sockets.into_iter().try_for_each(TimedSocket::close)
}
