//! `synscope live`, and `synscope replay` of what it recorded: the same packets, the same records.
//!
//! It takes a network of its own.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use lab::{Lab, Options, Scenario};
use serde_json::Value;
use socket2::{Domain, SockAddr, SockFilter, Socket, Type};

use crate::Test;
use crate::util::{Dir, terminate, text};

pub(crate) const TESTS: &[(&str, Test)] = tests![live_and_replay_say_the_same];

/// The opcode of classic BPF (`linux/bpf_common.h`).
const RETURN: u16 = 0x06;

fn live_and_replay_say_the_same() {
    compare(&Lab::enter().unwrap_or_else(|error| panic!("{error}")));
}

/// Attempts of every kind, watched and recorded at the same time.
fn compare(lab: &Lab) {
    let dir = Dir::new();
    let watching = watch(&dir);
    make_traffic(lab);
    let live = end(watching);
    let replayed = dir.synscope(["replay", "-f", "jsonl", "out.pcapng"]).run().code(0).says("");
    let (live, live_totals) = by_id(live);
    let (replayed, totals) = by_id(replayed.json_lines());

    let outcomes: Vec<_> = live.iter().map(|record| record["outcome"].clone()).collect();
    let both = ["established", "refused", "established", "in_progress", "in_progress"];
    assert_eq!(outcomes, [&both[..], &both[..], &["unreachable"]].concat());
    assert_eq!(live.len(), replayed.len());
    for (mut live, mut replayed) in live.into_iter().zip(replayed) {
        assert_eq!(live["source"].take(), "live");
        assert_eq!(replayed["source"].take(), "out.pcapng");
        if live["outcome"] == "in_progress" {
            forget_the_end(&mut live, &mut replayed);
        }
        assert_eq!(live, replayed);
    }
    for unanswered in ["unanswered", "unacknowledged"] {
        assert_eq!(totals["handshakes"][unanswered], 2, "{totals}");
    }
    assert_eq!(totals["tcp_segments"], live_totals["tcp_segments"]);
}

/// Takes out what a replay says of an attempt only because its file has ended.
fn forget_the_end(live: &mut Value, replayed: &mut Value) {
    let ends = if live["server_isn"].is_null() { "unanswered" } else { "unacknowledged" };
    assert_eq!(replayed["outcome"].take(), ends);
    live["outcome"].take();
    assert!(live["timing"]["failed_after_ns"].is_null(), "{live}");
    assert!(replayed["timing"]["failed_after_ns"].take().is_i64(), "{replayed}");
    let (known, all) = (live["patterns"].take(), replayed["patterns"].take());
    let all = all.as_array().expect("a list");
    assert!(known.as_array().expect("a list").iter().all(|known| all.contains(known)), "{live}");
}

/// The capture, once it listens.
fn watch(dir: &Dir) -> Child {
    let program = dir.synscope(["live", "-f", "jsonl", "-w", "out.pcapng"]);
    let mut command = program.into_command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut line = String::new();
    let stderr = child.stderr.as_mut().expect("it is piped");
    BufReader::with_capacity(1, stderr).read_line(&mut line).expect("it can be read");
    assert_eq!(line, "synscope: listening on lo, tcp, 0 attempts so far\n");
    child
}

/// Stops the capture and gives what it wrote.
fn end(child: Child) -> Vec<Value> {
    terminate(&child);
    let output = child.wait_with_output().expect("the program ends");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "--- stdout\n{stdout}--- stderr\n{stderr}");
    let values: Result<_, _> = stdout.lines().map(serde_json::from_str).collect();
    values.expect("every line is JSON")
}

/// The attempts in the order of their first segments, and the totals.
fn by_id(mut values: Vec<Value>) -> (Vec<Value>, Value) {
    let totals = values.pop().expect("there are totals");
    values.sort_by_key(|record| record["id"].as_u64());
    (values, totals)
}

/// Whatever can become of an attempt in one and a half seconds, over IPv4 and IPv6.
fn make_traffic(lab: &Lab) {
    // Kept until the end: a socket that is closed sends what ends its attempt.
    let mut open = Vec::new();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let address: SocketAddr = address.parse().expect("an address");
        let listener = TcpListener::bind(address).expect("a port is free");
        let server = listener.local_addr().expect("it is bound");
        let client = TcpStream::connect(server).expect("somebody listens");
        drop((client, listener.accept().expect("somebody has connected"), listener));
        TcpStream::connect(server).expect_err("nobody listens any more");

        // The queue of the server has room for one; the next SYN falls.
        let (listener, first, second) = (listen(address), socket(address), socket(address));
        let server = listener.local_addr().expect("it is bound");
        first.connect(&server).expect("there is room");
        begin_to_connect(&second, &server);
        // No SYN-ACK gets through to this one.
        let (idle, deaf) = (listen(address), socket(address));
        deaf.attach_filter(&[SockFilter::new(RETURN, 0, 0, 0)]).expect("root may");
        begin_to_connect(&deaf, &idle.local_addr().expect("it is bound"));
        open.extend([listener, first, second, idle, deaf]);
    }
    let unreachable = Scenario::find("unreachable").expect("there is one");
    let played = lab.run(unreachable, Options::default()).expect("it starts").join();
    played.expect("it is played to its end");
    // Until SYNs and SYN-ACKs are sent again.
    thread::sleep(Duration::from_millis(1_500));
}

fn socket(address: SocketAddr) -> Socket {
    Socket::new(Domain::for_address(address), Type::STREAM, None).expect("a socket")
}

/// A listener with the shortest queue there is.
fn listen(address: SocketAddr) -> Socket {
    let socket = socket(address);
    socket.bind(&address.into()).expect("a port is free");
    socket.listen(0).expect("it is bound");
    socket
}

fn begin_to_connect(client: &Socket, server: &SockAddr) {
    client.set_nonblocking(true).expect("a socket can");
    client.connect(server).expect_err("the answer takes longer");
}
