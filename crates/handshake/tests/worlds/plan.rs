//! What a world consists of before it runs, drawn from a seed. A plan is data, so that a part of it
//! can be left out and the rest run again unchanged.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use handshake::Side;

use crate::rng::Rng;
use crate::stack::Micros;

pub(crate) const MS: Micros = 1_000;
pub(crate) const SECOND: Micros = 1_000_000;

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// How long a packet takes from the client to the middle, and from there to the server.
    pub(crate) delays: [Micros; 2],
    /// By how much that varies for each packet.
    pub(crate) jitter: Micros,
    /// How long the client and the server take to answer.
    pub(crate) thinking: [Micros; 2],
    /// Whether packets are numbered (IPv4); smoltcp leaves the field 0.
    pub(crate) counts_ids: bool,
    pub(crate) flows: Vec<Flow>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) views: Vec<View>,
}

/// A 4-tuple.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) client: SocketAddr,
    pub(crate) server: SocketAddr,
    /// The first J and the first K.
    pub(crate) first_isns: [u32; 2],
    /// The first TSval of client and server; `None` where that end sends no time stamps.
    pub(crate) timestamps: [Option<u32>; 2],
    /// The first IP identification of client and server.
    pub(crate) ip_ids: [u16; 2],
}

/// A call of `connect()`.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) flow: usize,
    pub(crate) at: Micros,
    /// Whether anybody listens.
    pub(crate) listening: bool,
    /// Whether the server host forgets the connection before this one.
    pub(crate) server_restarts: bool,
    /// How long the client waits for the SYN-ACK; then its socket is gone.
    pub(crate) patience: Micros,
    /// What the client does the moment that it is connected.
    pub(crate) opening: Opening,
    /// After so long, counted from its own ESTABLISHED, the server sends so much.
    pub(crate) server_speaks: Option<(Micros, usize)>,
    /// What the server sends when it was sent something.
    pub(crate) server_replies: usize,
    pub(crate) ending: Ending,
    /// How long the client is connected before the ending.
    pub(crate) life: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// It only acknowledges.
    Silent,
    /// It sends data, with the acknowledgment where that is at once.
    Speaks(Micros, usize),
    /// It closes at once: FIN with the acknowledgment.
    Closes,
    /// It resets instead of acknowledging.
    Resets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    None,
    Closes(Side),
    Resets(Side),
    /// Its host forgets the connection.
    Vanishes(Side),
}

/// What happens to packets on their way. A packet is named by its flow, its sender and its number
/// among what that sender sent on the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Lose(Which),
    Delay(Which, Micros),
    /// The packet twice, so far apart.
    Copy(Which, Micros),
    Wall(Wall),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Which {
    pub(crate) flow: usize,
    pub(crate) from: Side,
    pub(crate) number: usize,
    /// 0 between client and middle, 1 between middle and server.
    pub(crate) link: usize,
}

/// A firewall on a link, for the packets from the `from`th to before the `to`th that concern it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wall {
    pub(crate) flow: usize,
    pub(crate) link: usize,
    pub(crate) rule: Rule,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    DropSyn,
    /// RST+ACK to the client, and the SYN goes no further.
    RejectSyn,
    /// RST+ACK to the client, and the SYN goes on.
    ForgeRefusal,
    /// A RST without ACK to the client, which discards it; the SYN goes on.
    ForgeBareRst,
    /// A RST that acknowledges something else.
    ForgeWrongRst,
    DropSynAck,
    /// For a SYN-ACK, a RST to the server in the client's name.
    ForgeClientRst,
    DropAck,
    /// For an ACK, a RST to the client in the server's name, with sequence number K+1.
    ForgeServerRst,
}

/// An observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// 0 at the client, 1 in the middle, 2 at the server.
    pub(crate) point: usize,
    pub(crate) sees: Sees,
    pub(crate) scope: Scope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sees {
    Both,
    /// Only what this side sends.
    Only(Side),
    /// Most packets: which ones are missed is drawn from this seed.
    Most(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Plain,
    Vlan(u16),
    /// One VLAN from client to server, another back.
    VlanEachWay(u16, u16),
    /// Each packet twice, so far apart.
    Twice(Micros),
    /// Each packet before and after a router, in two VLANs: a routed SPAN.
    Routed(Micros, u16, u16),
}

impl Plan {
    pub(crate) fn draw(seed: u64) -> Self {
        let rng = &mut Rng::new(seed);
        let v6 = rng.chance(40);
        let scan = rng.chance(4);
        let flows = draw_flows(rng, v6, scan);
        let mut connections = draw_connections(rng, flows.len());
        if scan {
            for connection in &mut connections {
                connection.at = rng.between(0, 6 * SECOND);
                connection.opening = Opening::Resets;
            }
            connections.sort_by_key(|connection| connection.at);
        }
        let slow = rng.chance(20);
        let delay = |rng: &mut Rng| rng.between(300, if slow { 250 * MS } else { 30 * MS });
        let delays = [delay(rng), delay(rng)];
        let jitter = if rng.chance(30) { rng.between(1, delays[0].min(delays[1])) } else { 0 };
        let faults = (0..rng.between(0, 5)).map(|_| draw_fault(rng, flows.len())).collect();
        Self {
            seed,
            delays,
            jitter,
            thinking: [rng.between(30, 500), rng.between(30, 500)],
            counts_ids: rng.chance(50),
            connections,
            faults,
            views: draw_views(rng),
            flows,
        }
    }

    /// No packet takes longer from end to end.
    pub(crate) fn longest_way(&self) -> Micros {
        let held = self.faults.iter().map(|fault| match fault {
            Fault::Delay(_, by) | Fault::Copy(_, by) => *by,
            Fault::Lose(_) | Fault::Wall(_) => 0,
        });
        self.delays.iter().sum::<Micros>() + 2 * self.jitter + held.sum::<Micros>() + 2 * MS
    }
}

/// An initial sequence number: anywhere, at the wrap, or where the sign changes.
fn draw_isn(rng: &mut Rng) -> u32 {
    match rng.between(0, 5) {
        0 => u32::MAX,
        1 => (rng.next() as u32 % 600).wrapping_neg(),
        2 => (i32::MAX as u32).wrapping_sub(rng.next() as u32 % 300),
        _ => rng.next() as u32,
    }
}

/// A few, or as many as a `scan` takes: all of one client, each to a port of its own.
fn draw_flows(rng: &mut Rng, v6: bool, scan: bool) -> Vec<Flow> {
    let address = |host: u8, port: u16| -> SocketAddr {
        if v6 {
            (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host.into()), port).into()
        } else {
            (Ipv4Addr::new(192, 0, 2, host), port).into()
        }
    };
    let mut flows = Vec::new();
    let count = if scan { rng.between(8, 13) } else { rng.between(1, 3) };
    for number in 0..count {
        let stamped = [rng.chance(60), rng.chance(75)];
        let stamp = |rng: &mut Rng, sends: bool| sends.then(|| draw_isn(rng));
        flows.push(Flow {
            client: address(if scan { 1 } else { rng.pick(&[1, 1, 9]) }, 40_000 + number as u16),
            server: address(2, if scan { 1 + number as u16 } else { rng.pick(&[80, 80, 443]) }),
            first_isns: [draw_isn(rng), draw_isn(rng)],
            timestamps: [stamp(rng, stamped[0]), stamp(rng, stamped[1])],
            ip_ids: [rng.next() as u16, rng.next() as u16],
        });
    }
    flows
}

fn draw_connections(rng: &mut Rng, flows: usize) -> Vec<Connection> {
    let mut connections: Vec<Connection> = Vec::new();
    for flow in 0..flows {
        let mut at = rng.between(0, 3 * SECOND);
        for _ in 0..rng.pick(&[1, 1, 1, 2, 2, 3]) {
            connections.push(draw_connection(rng, flow, at));
            at += match rng.between(0, 3) {
                0 => rng.between(10 * MS, SECOND),
                1 => rng.between(SECOND, 5 * SECOND),
                _ => rng.between(5 * SECOND, 25 * SECOND),
            };
        }
    }
    connections.sort_by_key(|connection| connection.at);
    connections
}

fn draw_connection(rng: &mut Rng, flow: usize, at: Micros) -> Connection {
    let size = |rng: &mut Rng| rng.between(1, 600) as usize;
    let pause = |rng: &mut Rng| if rng.chance(50) { 0 } else { rng.between(1, 3 * SECOND) };
    let either = |rng: &mut Rng| rng.pick(&[Side::Client, Side::Server]);
    Connection {
        flow,
        at,
        listening: rng.chance(85),
        server_restarts: rng.chance(60),
        patience: rng.between(SECOND / 2, 9 * SECOND),
        opening: match rng.between(0, 9) {
            0..=3 => Opening::Silent,
            4..=7 => Opening::Speaks(pause(rng), size(rng)),
            8 => Opening::Closes,
            _ => Opening::Resets,
        },
        server_speaks: rng.chance(30).then(|| (pause(rng), size(rng))),
        server_replies: if rng.chance(60) { size(rng) } else { 0 },
        ending: match rng.between(0, 9) {
            0..=1 => Ending::None,
            2..=6 => Ending::Closes(either(rng)),
            7 => Ending::Resets(either(rng)),
            _ => Ending::Vanishes(either(rng)),
        },
        life: rng.between(MS, 6 * SECOND),
    }
}

fn draw_fault(rng: &mut Rng, flows: usize) -> Fault {
    let flow = rng.next() as usize % flows;
    let link = rng.next() as usize % 2;
    // The first packets of each side are those of the handshake.
    let number = rng.pick(&[0, 0, 0, 1, 1, 2, 2, 3, 4, 6]);
    let from = rng.pick(&[Side::Client, Side::Server]);
    let which = Which { flow, from, number, link };
    match rng.between(0, 9) {
        0..=3 => Fault::Lose(which),
        4 => {
            let by = rng.pick(&[2 * MS, 30 * MS, 900 * MS, 3 * SECOND]);
            Fault::Delay(which, rng.between(1, by))
        }
        5 => Fault::Copy(which, rng.between(2, 15 * MS)),
        _ => {
            let rule = rng.pick(&[
                Rule::DropSyn,
                Rule::DropSyn,
                Rule::RejectSyn,
                Rule::ForgeRefusal,
                Rule::ForgeBareRst,
                Rule::ForgeWrongRst,
                Rule::DropSynAck,
                Rule::ForgeClientRst,
                Rule::DropAck,
                Rule::ForgeServerRst,
            ]);
            let from = rng.pick(&[0, 0, 0, 1, 2]);
            let to = from + rng.pick(&[1, 1, 2, 3, 1000]);
            Fault::Wall(Wall { flow, link, rule, from, to })
        }
    }
}

/// Each point sees everything, and something less or more.
fn draw_views(rng: &mut Rng) -> Vec<View> {
    let mut views = Vec::new();
    for point in 0..3 {
        views.push(View { point, sees: Sees::Both, scope: Scope::Plain });
        let sees =
            rng.pick(&[Sees::Both, Sees::Both, Sees::Only(Side::Client), Sees::Only(Side::Server)]);
        // Mostly at once; where packets carry an identity a copy may come after the answer, but not
        // through a router: the answer comes back through it.
        let apart = if rng.chance(75) { rng.between(1, 25) } else { rng.between(1, 15 * MS) };
        let scope = match rng.between(0, 5) {
            0 => Scope::Vlan(7),
            1 => Scope::VlanEachWay(300, 50),
            2 => Scope::Twice(apart),
            3 | 4 => Scope::Routed(apart.min(25), 300, 50),
            _ => Scope::Plain,
        };
        let view = View { point, sees, scope };
        if !views.contains(&view) {
            views.push(view);
        }
    }
    let (point, seed) = (rng.next() as usize % 3, rng.next());
    views.push(View { point, sees: Sees::Most(seed), scope: Scope::Plain });
    views
}
