//! A second host: a process with a network namespace of its own, at the other end of a veth pair.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lab::Namespace;

use crate::net::links;

/// Tells a child to be the peer.
pub(crate) const PEER: &str = "CAPTURE_LIVE_PEER";
/// The addresses of this end and of the peer.
pub(crate) const HERE: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);
pub(crate) const THERE: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 2);
/// Behind the peer, which answers that it is forbidden to go there (ICMP 3/13).
pub(crate) const FORBIDDEN: Ipv4Addr = Ipv4Addr::new(10, 10, 0, 1);
/// This end's interface.
pub(crate) const VETH: &str = "veth0";

/// The peer as the case sees it. It ends with the pipe to it.
pub(crate) struct Peer {
    child: Child,
    /// `None` once the peer has been asked to end.
    orders: Option<ChildStdin>,
    pub(crate) listener: SocketAddr,
}

impl Peer {
    /// Makes a veth pair with a listener at the other end.
    pub(crate) fn start() -> Self {
        let this = std::env::current_exe().unwrap();
        let mut child = Command::new(this)
            .env(PEER, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut orders = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        assert_eq!(line(&mut answers), "born");
        let links = links();
        links.add_veth(VETH, "veth1", Some(child.id()), None).unwrap();
        links.add_address(VETH, HERE, 24).unwrap();
        links.up(VETH).unwrap();
        links.add_route(FORBIDDEN, Some(THERE)).unwrap();
        writeln!(orders, "listen").unwrap();
        let listener = line(&mut answers).parse().unwrap();
        Self { child, orders: Some(orders), listener }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.orders.take());
        let ended = self.child.wait();
        if !std::thread::panicking() {
            assert!(ended.unwrap().success(), "the peer failed");
        }
    }
}

fn line(from: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// What the peer does: takes connections and keeps them until its input ends.
pub(crate) fn be() {
    Namespace::enter().unwrap();
    println!("born");
    let mut order = String::new();
    std::io::stdin().read_line(&mut order).unwrap();
    let links = links();
    links.add_address("veth1", THERE, 24).unwrap();
    links.up("veth1").unwrap();
    // A router that lets nobody through.
    std::fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
    links.add_route(FORBIDDEN, None).unwrap();
    let listener = TcpListener::bind((THERE, 0)).unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let kept: Vec<_> = listener.incoming().collect();
        drop(kept);
    });
    std::io::stdin().read_line(&mut order).unwrap();
}
