//! UDP, to see what a handshake is good for.

use std::time::Duration;

use crate::requirement::Requirement;
use crate::scenario::Scenario;
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
