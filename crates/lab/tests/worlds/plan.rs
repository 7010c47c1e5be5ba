//! What a world is made of, drawn from its seed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::rng::Rng;

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Where the servers are.
    pub(crate) host: IpAddr,
    pub(crate) backlog: u8,
    /// `net.ipv4.tcp_abort_on_overflow`.
    pub(crate) aborts: bool,
    /// `net.ipv4.tcp_syncookies`: a server with as many half open as its backlog is keeps no more of them,
    /// and answers all the same.
    pub(crate) cookies: bool,
    pub(crate) fast_open: FastOpen,
    /// From when on the server accepts whatever there is; `None` for never.
    pub(crate) accepts_from: Option<u64>,
    /// Whether it sends a byte to whom it accepts.
    pub(crate) greets: bool,
    /// Of how many clients in a hundred a router says something.
    pub(crate) blames: u64,
    /// When the path to the listener is well again.
    pub(crate) heals_at: Option<u64>,
    pub(crate) lasts: u64,
    pub(crate) clients: Vec<Client>,
}

/// Times are in milliseconds from the beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) host: IpAddr,
    pub(crate) starts: u64,
    pub(crate) to: Target,
    pub(crate) path: Path,
    /// J, where the kernel does not choose it.
    pub(crate) isn: Option<u32>,
    /// What a router says of it.
    pub(crate) icmp: Option<Icmp>,
    pub(crate) then: Then,
}

/// Fast Open as both sides have it; from some time on the server may have it no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FastOpen {
    Off,
    On { server_until: Option<u64> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Listener,
    /// A port where nobody listens.
    Closed,
    /// A port where everything vanishes.
    Silent,
}

/// "Destination unreachable" with this code, in answer to the SYN of this number; it quotes that SYN, or
/// a number that the client never had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Icmp {
    pub(crate) code: u8,
    pub(crate) on_syn: u32,
    pub(crate) fits: bool,
}

/// What the way to the listener loses of this client's segments until it heals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    Clear,
    LosesSyns,
    LosesAll,
    LosesAcks,
}

/// What a client does so long after it was connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Waits,
    Sends(u64),
    /// Closes with a RST.
    Aborts(u64),
}

/// Codes of "destination unreachable" (RFC 792 and RFC 1812; RFC 4443).
const CODES_V4: [u8; 6] = [0, 1, 3, 9, 10, 13];
const CODES_V6: [u8; 4] = [0, 1, 3, 4];
const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The whole network is the loopback's.
const OTHER_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const LISTENER_PORT: u16 = 8080;

impl Plan {
    pub(crate) fn draw(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut plan = Self {
            seed,
            host: if rng.chance(50) { V6 } else { V4 },
            backlog: rng.between(1, 4) as u8,
            aborts: rng.chance(30),
            cookies: rng.chance(30),
            fast_open: FastOpen::Off,
            accepts_from: Some(0),
            greets: rng.chance(40),
            blames: 0,
            heals_at: None,
            lasts: rng.between(1_300, 2_600),
            clients: Vec::new(),
        };
        match seed % 6 {
            0 => plan.full_queue(&mut rng),
            1 => plan.overflow(&mut rng),
            2 => plan.fast_open(&mut rng),
            3 => plan.icmp(&mut rng),
            4 => plan.losses(&mut rng),
            _ => plan.mixed(&mut rng),
        }
        plan
    }

    /// Nobody accepts, at least for long.
    fn full_queue(&mut self, rng: &mut Rng) {
        self.accepts_from = rng.chance(60).then(|| rng.between(700, 2_000));
        self.lasts = rng.between(2_300, 3_600);
        let many = u64::from(self.backlog) + rng.between(2, 4);
        self.add(many, 300, &[Target::Listener], &[Path::Clear]);
    }

    /// The ACKs of the first are lost until others have filled the queue.
    fn overflow(&mut self, rng: &mut Rng) {
        // With as many half open as the backlog is, a SYN would be dropped as well.
        self.backlog = rng.between(2, 4) as u8;
        self.aborts = rng.chance(50);
        self.accepts_from = rng.chance(30).then(|| rng.between(1_500, 2_500));
        self.heals_at = Some(rng.between(400, 900));
        self.lasts = rng.between(3_300, 3_900);
        self.add(1, 0, &[Target::Listener], &[Path::LosesAcks]);
        let many = u64::from(self.backlog) + rng.between(1, 3);
        self.add(many, 300, &[Target::Listener], &[Path::Clear]);
    }

    fn fast_open(&mut self, rng: &mut Rng) {
        let server_until = rng.chance(60).then(|| rng.between(200, 700));
        self.fast_open = FastOpen::On { server_until };
        self.accepts_from = rng.chance(80).then_some(0);
        self.heals_at = Some(rng.between(600, 1_200));
        let ways = [Path::Clear, Path::Clear, Path::Clear, Path::LosesSyns];
        self.add(1, 0, &[Target::Listener], &[Path::Clear]);
        let many = rng.between(4, 8);
        self.add(many, 1_000, &[Target::Listener], &ways);
    }

    fn icmp(&mut self, rng: &mut Rng) {
        let to = [Target::Silent, Target::Silent, Target::Silent, Target::Listener, Target::Closed];
        self.blames = 80;
        self.backlog = rng.between(0, 4) as u8;
        self.accepts_from = rng.chance(50).then_some(0);
        let many = rng.between(4, 9);
        self.add(many, 500, &to, &[Path::Clear, Path::Clear, Path::LosesSyns]);
    }

    fn losses(&mut self, rng: &mut Rng) {
        self.heals_at = rng.chance(50).then(|| rng.between(500, 2_000));
        self.lasts = rng.between(1_500, 3_700);
        self.backlog = rng.pick(&[1, 2, 16]);
        let ways = [Path::Clear, Path::LosesSyns, Path::LosesAll, Path::LosesAcks];
        let many = rng.between(4, 8);
        self.add(many, 600, &[Target::Listener, Target::Listener, Target::Silent], &ways);
    }

    fn mixed(&mut self, rng: &mut Rng) {
        if rng.chance(40) {
            self.fast_open = FastOpen::On { server_until: None };
        }
        self.accepts_from = rng.chance(60).then(|| rng.between(0, 1_500));
        self.heals_at = rng.chance(50).then(|| rng.between(300, 1_000));
        self.lasts = rng.between(2_000, 3_700);
        self.blames = 20;
        let to = [Target::Listener, Target::Listener, Target::Closed, Target::Silent];
        let ways = [Path::Clear, Path::Clear, Path::LosesSyns, Path::LosesAcks];
        let many = rng.between(5, 10);
        self.add(many, 600, &to, &ways);
    }

    fn add(&mut self, many: u64, within: u64, to: &[Target], ways: &[Path]) {
        for _ in 0..many {
            let rng = &mut Rng::of(self.seed, &[self.clients.len() as u64]);
            let then = match rng.between(0, 9) {
                0..=3 => Then::Waits,
                4..=7 => Then::Sends(rng.between(0, 400)),
                _ => Then::Aborts(rng.between(0, 400)),
            };
            let to = rng.pick(to);
            let path = if to == Target::Listener { rng.pick(ways) } else { Path::Clear };
            let starts = rng.between(20, 20 + within);
            let host = if !self.v6() && rng.chance(30) { OTHER_V4 } else { self.host };
            let isn = rng.pick(&[None, Some(u32::MAX), Some(u32::MAX - 2), Some(1)]);
            let icmp = rng.chance(self.blames).then(|| Icmp {
                code: if self.v6() { rng.pick(&CODES_V6) } else { rng.pick(&CODES_V4) },
                on_syn: rng.pick(&[1, 1, 2]),
                fits: rng.chance(80),
            });
            self.clients.push(Client { host, starts, to, path, isn, icmp, then });
        }
    }

    pub(crate) fn v6(&self) -> bool {
        self.host.is_ipv6()
    }

    /// Where this client is: a port of its own, so that a 4-tuple is one attempt.
    pub(crate) fn client_end(&self, client: usize) -> SocketAddr {
        SocketAddr::new(self.clients[client].host, 20_000 + client as u16)
    }

    /// What it connects to. Only the listener is shared.
    pub(crate) fn server_end(&self, client: usize) -> SocketAddr {
        let port = match self.clients[client].to {
            Target::Listener => LISTENER_PORT,
            Target::Closed | Target::Silent => 10_000 + client as u16,
        };
        SocketAddr::new(self.host, port)
    }

    pub(crate) fn listener_end(&self) -> SocketAddr {
        SocketAddr::new(self.host, LISTENER_PORT)
    }
}
