//! What a network that loses segments does to a handshake.

use std::time::Duration;

use crate::call::pause;
use crate::filter::Loss;
use crate::requirement::Requirement;
use crate::scenario::{Expectation, Scenario};
use crate::scenarios::connect::close_all;
use crate::stage::{Stage, both};

pub(crate) static LATE: Scenario = Scenario {
    name: "late",
    title: "The first SYN is lost: connect() takes a second longer",
    story: "The network loses the first SYN. The client's kernel waits one second for an answer \
            and sends the same SYN again; the second one arrives. (A socket filter of the lab \
            drops the first SYN.)",
    notice: &["the second SYN has the same sequence number J: this is the same attempt, not \
               another one"],
    expected: &[Expectation::new("established", &["late_establish"])],
    duration: Duration::from_millis(1050),
    requirements: &[Requirement::LossyServer(Loss::Syn)],
    play: |stage| {
        both(
            |signal| {
                let listener = stage.lossy().into_listener(Stage::server_end(), 5)?;
                signal.ready();
                pause(300);
                listener.lose_nothing()?;
                let connection = listener.accept()?;
                connection.recv(64)?;
                close_all([connection, listener])
            },
            |wait| {
                wait.ready()?;
                let client = stage.client(1).tcp(Stage::server_end())?;
                client.connect(Stage::server_end())?;
                client.send("at last")?;
                client.close()
            },
        )
    },
};

pub(crate) static LOSSY: Scenario = Scenario {
    name: "lossy",
    title: "The SYN-ACK is lost: both sides send again",
    story: "The server answers, and the network loses its SYN-ACK. The client can't know whether \
            its SYN or the answer was lost: it repeats the SYN. The server also repeats its \
            SYN-ACK by its own timer, and it answers every repeated SYN again. (A socket filter of \
            the lab drops the SYN-ACK.)",
    notice: &["the repeated SYN-ACK has the same K: the server kept the half-open connection"],
    expected: &[Expectation::new("established", &[])],
    duration: Duration::from_millis(2050),
    requirements: &[Requirement::LossyClient(Loss::SynAck)],
    play: |stage| {
        let listener = stage.server(1).listen(Stage::server_end(), 5)?;
        let client = stage.lossy();
        both(
            |signal| {
                signal.ready();
                client.connect(Stage::server_end())?;
                client.send("at last").map(|_| ())
            },
            |wait| {
                wait.ready()?;
                // Past the first retries of both sides: which of the two comes first is chance.
                pause(1500);
                client.lose_nothing()?;
                let connection = listener.accept()?;
                connection.recv(64)?;
                connection.close()
            },
        )?;
        close_all([client, listener])
    },
};

pub(crate) static TIMEOUT: Scenario = Scenario {
    name: "timeout",
    title: "No host answers: the client repeats its SYN",
    story: "The SYN is lost, as behind a firewall that drops it. Without an answer there is no \
            refusal: the client repeats the SYN until it gives up. By default Linux tries for more \
            than two minutes; this client sets TCP_USER_TIMEOUT, so connect() fails after six \
            seconds.",
    notice: &["the gaps between the SYNs: since Linux 6.5 the first ones are 1 s each; before, \
               they were 1, 2 and 4 s"],
    expected: &[Expectation::new("unanswered", &["syn_timeout"])],
    duration: Duration::from_millis(6100),
    requirements: &[Requirement::BlackholePort(0)],
    play: |stage| {
        let client = stage.client(1).tcp(Stage::server_end())?;
        client.user_timeout(Duration::from_secs(6))?;
        // This call must fail.
        let _ = client.connect(Stage::server_end());
        client.close()
    },
};
