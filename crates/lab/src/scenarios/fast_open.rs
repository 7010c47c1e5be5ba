//! Data in the SYN.

use std::time::Duration;

use crate::error::ScenarioError;
use crate::requirement::Requirement;
use crate::scenario::{Expectation, Scenario};
use crate::scenarios::connect::close_all;
use crate::socket::TimedSocket;
use crate::stage::Stage;

pub(crate) static FAST_OPEN: Scenario = Scenario {
    name: "fast-open",
    title: "TCP Fast Open: the second connection sends data in its SYN",
    story: "With net.ipv4.tcp_fastopen = 3 the first connection asks for a cookie in its SYN and \
            gets one in the SYN-ACK; its data waits for the handshake, as usual. The second SYN \
            carries the cookie and the data, and the server may answer before the handshake is \
            complete (RFC 7413).",
    notice: &["the second SYN-ACK acknowledges more than J+1: the data came with the SYN"],
    expected: &[
        Expectation::new("established", &["fast_open_cookie_request"]),
        Expectation::new("established", &["fast_open_accepted"]),
    ],
    duration: Duration::from_millis(20),
    requirements: &[Requirement::Setting("net/ipv4/tcp_fastopen", "3")],
    play: |stage| {
        let listener = stage.server(1).listen(Stage::server_end(), 5)?;
        listener.fast_open(5)?;
        talk(stage, &listener, 1, "a cookie, please")?;
        talk(stage, &listener, 2, "data in the SYN")?;
        listener.close()
    },
};

fn talk(
    stage: &Stage,
    listener: &TimedSocket,
    number: u32,
    data: &str,
) -> Result<(), ScenarioError> {
    let client = stage.client(number).tcp(Stage::server_end())?;
    client.connect_with_data(Stage::server_end(), data)?;
    let connection = listener.accept()?;
    connection.recv(64)?;
    close_all([client, connection])
}
