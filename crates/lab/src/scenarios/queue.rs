//! What a full accept queue does to clients.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::call::pause;
use crate::error::ScenarioError;
use crate::filter::Loss;
use crate::requirement::Requirement;
use crate::scenario::{Expectation, Scenario};
use crate::scenarios::connect::close_all;
use crate::socket::TimedSocket;
use crate::stage::{CLIENT_PORT, Stage, both};

pub(crate) static BACKLOG: Scenario = Scenario {
    name: "backlog",
    title: "The accept queue is full: the server silently drops SYNs",
    story: "listen(backlog 1) lets two connections wait for accept(). The kernel drops the SYN of \
            a third and sends no RST. The third client repeats its SYN after a second, as after a \
            loss on the network. When the server calls accept(), the next SYN succeeds.",
    notice: &[
        "the queue holds one connection more than the backlog (Linux)",
        "the third connect() takes two or three seconds, and all of that time is waiting for the \
         next retry",
    ],
    expected: &[
        Expectation::filler(),
        Expectation::filler(),
        Expectation::new("established", &["late_establish"]),
    ],
    duration: Duration::from_millis(2100),
    requirements: &[],
    play: |stage| {
        both(
            |signal| {
                let listener = stage.server(1).listen(Stage::server_end(), 1)?;
                signal.ready();
                pause(1500);
                for _ in 0..3 {
                    let connection = listener.accept()?;
                    connection.recv(64)?;
                    connection.close()?;
                }
                listener.close()
            },
            |wait| {
                wait.ready()?;
                let waiting = fill(stage, 1..=2)?;
                let third = stage.client(3).tcp(Stage::server_end())?;
                third.connect(Stage::server_end())?;
                third.close()?;
                close_all(waiting)
            },
        )
    },
};

pub(crate) static OVERFLOW: Scenario = Scenario {
    name: "overflow",
    title: "The client is connected, the server is not: the server dropped the final ACK",
    story: "Between the SYN and the ACK of client 1 the accept queue fills up. The server drops \
            the ACK and all later data, and repeats its SYN-ACK after 1 and 3 seconds. The client \
            has a connection that the server does not have: connect() and send() succeed. (The lab \
            drops the first ACK, to have time to fill the queue; the kernel drops every later one \
            because the queue is full.)",
    notice: &[
        "connect() = 0 proves only that a SYN-ACK arrived",
        "the server repeats its SYN-ACK although the capture has the ACK: this is the sign of an \
         overflow",
    ],
    expected: &[
        Expectation::new("established_client_only", &["accept_queue_overflow"]),
        Expectation::filler(),
    ],
    duration: Duration::from_millis(3500),
    requirements: &[FIRST_ACK_LOST],
    play: |stage| {
        let (listener, victim, waiting) = overflow(stage)?;
        victim.send("hello?")?;
        // Past the SYN-ACKs after 1 s and 3 s.
        victim.patience(Duration::from_millis(3400))?;
        let _ = victim.recv(64);
        listener.close()?;
        victim.close()?;
        close_all(waiting)
    },
};

pub(crate) static ABORT: Scenario = Scenario {
    name: "abort",
    title: "The same overflow with tcp_abort_on_overflow: the server resets",
    story: "As in `overflow`, but net.ipv4.tcp_abort_on_overflow is 1: while the queue is full, \
            the server answers the ACK with RST. The client was connected; a moment later its \
            recv() fails. (The lab drops the first ACK, as in `overflow`.)",
    notice: &["the RST has no ACK bit and the sequence number K+1: no program sent it"],
    expected: &[
        Expectation::new("established_client_only", &["abort_on_overflow"]),
        Expectation::filler(),
    ],
    duration: Duration::from_millis(1100),
    requirements: &[Requirement::Setting("net/ipv4/tcp_abort_on_overflow", "1"), FIRST_ACK_LOST],
    play: |stage| {
        let (listener, victim, waiting) = overflow(stage)?;
        let _ = victim.recv(64);
        victim.close()?;
        listener.close()?;
        close_all(waiting)
    },
};

/// Until the queue is full, what client 1 sends after its SYN is lost.
const FIRST_ACK_LOST: Requirement = Requirement::LossyServer(Loss::AcksFrom(CLIENT_PORT));

/// Connects client 1 without its ACK coming through, then fills the accept queue behind it.
fn overflow(stage: &Stage) -> Result<(TimedSocket, TimedSocket, Vec<TimedSocket>), ScenarioError> {
    // Not less than 2: with client 1 half open, a backlog of 1 would make the kernel send SYN
    // cookies, which know no queue.
    let listener = stage.lossy().into_listener(Stage::server_end(), 2)?;
    let victim = stage.client(1).tcp(Stage::server_end())?;
    victim.bind(Stage::client_end())?;
    victim.connect(Stage::server_end())?;
    let waiting = fill(stage, 2..=4)?;
    // connect() returns before the last ACK has arrived; on a busy machine client 1 could overtake it.
    pause(20);
    listener.lose_nothing()?;
    Ok((listener, victim, waiting))
}

/// Connects these clients, one after another.
fn fill(stage: &Stage, clients: RangeInclusive<u32>) -> Result<Vec<TimedSocket>, ScenarioError> {
    let connect = |number| {
        let client = stage.client(number).tcp(Stage::server_end())?;
        client.connect(Stage::server_end())?;
        Ok(client)
    };
    clients.map(connect).collect()
}
