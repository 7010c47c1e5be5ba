//! A real TCP: smoltcp with one socket on one 4-tuple.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::SocketAddr;

use smoltcp::iface::{Config, Interface, PollIngressSingleResult, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpCidr, IpEndpoint};

/// Microseconds since the world began.
pub(crate) type Micros = u64;

thread_local! {
    /// What the socket that is being polled writes as TSval: smoltcp asks a plain function for it.
    static TSVAL: Cell<u32> = const { Cell::new(0) };
}

/// One end of one 4-tuple.
pub(crate) struct Stack {
    interface: Interface,
    cable: Cable,
    sockets: SocketSet<'static>,
    socket: Option<SocketHandle>,
    local: SocketAddr,
    remote: SocketAddr,
    /// What its time stamps begin with, where it sends any.
    timestamps: Option<u32>,
}

impl Stack {
    /// `first_isn` is the first initial sequence number that it will draw.
    pub(crate) fn new(
        local: SocketAddr,
        remote: SocketAddr,
        first_isn: u32,
        timestamps: Option<u32>,
    ) -> Self {
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed_for(first_isn);
        let mut cable = Cable::default();
        let mut interface = Interface::new(config, &mut cable, instant(0));
        let bits = if local.is_ipv4() { 32 } else { 128 };
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(local.ip().into(), bits)).unwrap();
        });
        let sockets = SocketSet::new(Vec::new());
        Self { interface, cable, sockets, socket: None, local, remote, timestamps }
    }

    pub(crate) fn connect(&mut self) {
        let handle = self.fresh_socket();
        let socket = self.sockets.get_mut::<Socket<'_>>(handle);
        let (remote, local) = (IpEndpoint::from(self.remote), IpEndpoint::from(self.local));
        socket.connect(self.interface.context(), remote, local).unwrap();
    }

    pub(crate) fn listen(&mut self) {
        let handle = self.fresh_socket();
        self.sockets.get_mut::<Socket<'_>>(handle).listen(IpEndpoint::from(self.local)).unwrap();
    }

    fn fresh_socket(&mut self) -> SocketHandle {
        self.vanish();
        let buffer = || SocketBuffer::new(vec![0; 2048]);
        let mut socket = Socket::new(buffer(), buffer());
        if self.timestamps.is_some() {
            socket.set_tsval_generator(Some(|| TSVAL.get()));
        }
        let handle = self.sockets.add(socket);
        self.socket = Some(handle);
        handle
    }

    /// The process is gone, and its kernel says nothing.
    pub(crate) fn vanish(&mut self) {
        if let Some(handle) = self.socket.take() {
            self.sockets.remove(handle);
        }
    }

    pub(crate) fn abort(&mut self) {
        self.socket_mut().abort();
    }

    pub(crate) fn close(&mut self) {
        self.socket_mut().close();
    }

    pub(crate) fn send(&mut self, bytes: usize) {
        let _ = self.socket_mut().send_slice(&vec![0; bytes]);
    }

    /// Takes what has arrived; whether there was anything.
    pub(crate) fn receive(&mut self) -> bool {
        let mut buffer = [0; 2048];
        let socket = self.socket_mut();
        socket.can_recv() && socket.recv_slice(&mut buffer).is_ok_and(|bytes| bytes > 0)
    }

    /// CLOSED where there is no socket.
    pub(crate) fn state(&self) -> State {
        let socket = self.socket.map(|handle| self.sockets.get::<Socket<'_>>(handle));
        socket.map_or(State::Closed, Socket::state)
    }

    fn socket_mut(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.socket.expect("only an end with a socket acts"))
    }

    /// Takes a packet and gives the answer that it calls for at once.
    pub(crate) fn ingress(&mut self, now: Micros, packet: &[u8]) -> Vec<Vec<u8>> {
        self.set_clock(now);
        self.cable.arrived.push_back(packet.to_vec());
        let (interface, cable, sockets) = (&mut self.interface, &mut self.cable, &mut self.sockets);
        while interface.poll_ingress_single(instant(now), cable, sockets)
            != PollIngressSingleResult::None
        {}
        std::mem::take(&mut self.cable.sent)
    }

    /// What it has to send by now.
    pub(crate) fn egress(&mut self, now: Micros) -> Vec<Vec<u8>> {
        self.set_clock(now);
        loop {
            let before = self.cable.sent.len();
            self.interface.poll_egress(instant(now), &mut self.cable, &mut self.sockets);
            if self.cable.sent.len() == before {
                return std::mem::take(&mut self.cable.sent);
            }
        }
    }

    /// When it wants to be asked again; never now, for it has just been asked.
    pub(crate) fn wakes_at(&mut self, now: Micros) -> Option<Micros> {
        let at = self.interface.poll_at(instant(now), &self.sockets)?;
        Some((at.total_micros().cast_unsigned()).max(now + 1_000))
    }

    fn set_clock(&self, now: Micros) {
        let base = self.timestamps.unwrap_or_default();
        TSVAL.set(base.wrapping_add((now / 1_000) as u32));
    }
}

fn instant(now: Micros) -> Instant {
    Instant::from_micros(now.cast_signed())
}

/// The seed from which smoltcp draws `first` as its first number: its generator is one step of a
/// congruence and a shift by what the three highest bits say, here 29. The world's own assertions
/// notice if a later smoltcp draws otherwise.
fn seed_for(first: u32) -> u64 {
    const FACTOR: u64 = 0xbb2e_fcec_3c39_611d;
    const ADDEND: u64 = 0x7590_ef39;
    // Newton's iteration doubles the right bits of an inverse modulo 2^64; it begins with 3.
    let inverse = (0..5).fold(FACTOR, |inverse: u64, _| {
        inverse.wrapping_mul(2_u64.wrapping_sub(FACTOR.wrapping_mul(inverse)))
    });
    (u64::from(first) << 29).wrapping_sub(ADDEND).wrapping_mul(inverse)
}

/// What lies between a stack and the path.
#[derive(Default)]
struct Cable {
    arrived: VecDeque<Vec<u8>>,
    sent: Vec<Vec<u8>>,
}

impl Device for Cable {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Sent<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Arrived, Sent<'_>)> {
        let packet = self.arrived.pop_front()?;
        Some((Arrived(packet), Sent(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sent<'_>> {
        Some(Sent(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = 1500;
        capabilities
    }
}

struct Arrived(Vec<u8>);

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

struct Sent<'a>(&'a mut Vec<Vec<u8>>);

impl TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut packet = vec![0; len];
        let result = f(&mut packet);
        self.0.push(packet);
        result
    }
}
