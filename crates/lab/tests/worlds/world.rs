//! Playing a world: real sockets, one thread, and what the kernel reported of each of them.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use capture::live::Live;
use capture::{FrameSource, Next};
use lab::Lab;
use parser::{Frame, LinkType, Timestamp};
use socket2::{Domain, Socket, Type};

use crate::filter;
use crate::forge::Forge;
use crate::plan::{FastOpen, Plan, Target, Then};
use crate::sys;
use crate::truth::{ESTABLISHED, SYN_SENT, Seen, Truth, counters, half_open};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Linux repeats a SYN-ACK after a second, and never sooner.
const SYN_ACK_AGAIN_MS: u64 = 900;
const MESSAGE: &[u8] = b"hello";

/// A frame of the capture.
pub(crate) struct Captured {
    pub(crate) number: u64,
    timestamp: Option<Timestamp>,
    link: LinkType,
    wire_len: u32,
    bytes: Vec<u8>,
}

impl Captured {
    pub(crate) fn frame(&self) -> Frame<'_> {
        let Self { number, timestamp, link, wire_len, .. } = *self;
        Frame { number, timestamp, ..Frame::of_bytes(link, wire_len, &self.bytes) }
    }
}

struct World<'a> {
    plan: &'a Plan,
    begun: Instant,
    listener: Socket,
    /// They keep the kernel from answering at ports where everything vanishes.
    _silent: Vec<Socket>,
    forge: Forge,
    sockets: Vec<Option<Socket>>,
    accepted: Vec<(SocketAddr, Socket)>,
    healed: bool,
    serves_fast_open: bool,
    truth: Truth,
}

/// Plays it in a namespace of its own, which this process enters for good.
pub(crate) fn play(plan: &Plan) -> Done<(Truth, Vec<Captured>)> {
    let lab = Lab::enter()?;
    let mut live = lab.open_capture()?;
    let fast_open = if plan.fast_open == FastOpen::Off { 0 } else { FAST_OPEN };
    setting("tcp_fastopen", fast_open)?;
    setting("tcp_abort_on_overflow", u32::from(plan.aborts))?;
    setting("tcp_syncookies", u32::from(plan.cookies))?;
    let mut world = World::set_up(plan)?;
    let mut captured = Vec::new();
    let lasts = Duration::from_millis(plan.lasts);
    while world.begun.elapsed() < lasts {
        world.tick()?;
        watch(&mut live, &mut captured)?;
    }
    world.look(false)?;
    live.stop_handle().stop();
    while watch(&mut live, &mut captured)? {}
    world.look(true)?;
    if live.stats().dropped != Some(0) {
        return Err("the capture lost frames".into());
    }
    world.truth.counters = counters()?;
    Ok((world.truth, captured))
}

/// Of `net.ipv4.tcp_fastopen`: clients may, servers may, and every listener does (ip-sysctl).
const FAST_OPEN: u32 = 0x1 | 0x2 | 0x400;
const CLIENT_ONLY: u32 = 0x1;

fn setting(name: &str, value: u32) -> io::Result<()> {
    fs::write(format!("/proc/sys/net/ipv4/{name}"), value.to_string())
}

/// Keeps the frames that came, until there are none for a moment; tells whether there may be more.
fn watch(live: &mut Live, captured: &mut Vec<Captured>) -> Done<bool> {
    loop {
        match live.next()? {
            Next::Frame(frame) => captured.push(Captured {
                number: frame.number,
                timestamp: frame.timestamp,
                link: frame.link,
                wire_len: frame.wire_len,
                bytes: frame.bytes.to_vec(),
            }),
            Next::Idle(_) => return Ok(true),
            Next::End => return Ok(false),
        }
    }
}

fn tcp(plan: &Plan) -> io::Result<Socket> {
    let domain = if plan.v6() { Domain::IPV6 } else { Domain::IPV4 };
    let socket = Socket::new(domain, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// A port where everything vanishes.
fn silent(plan: &Plan, end: SocketAddr) -> io::Result<Socket> {
    let socket = tcp(plan)?;
    socket.attach_filter(&filter::everything())?;
    socket.bind(&end.into())?;
    socket.listen(1)?;
    Ok(socket)
}

impl<'a> World<'a> {
    fn set_up(plan: &'a Plan) -> io::Result<Self> {
        let clients = plan.clients.iter().enumerate();
        let silent = clients
            .clone()
            .filter(|(_, client)| client.to == Target::Silent)
            .map(|(index, _)| silent(plan, plan.server_end(index)))
            .collect::<io::Result<Vec<_>>>()?;
        let listener = tcp(plan)?;
        let paths = clients.map(|(index, client)| (plan.client_end(index).port(), client.path));
        listener.attach_filter(&filter::lossy(paths))?;
        listener.bind(&plan.listener_end().into())?;
        listener.listen(plan.backlog.into())?;
        Ok(Self {
            plan,
            begun: Instant::now(),
            listener,
            _silent: silent,
            forge: Forge::open(plan.v6())?,
            sockets: plan.clients.iter().map(|_| None).collect(),
            accepted: Vec::new(),
            healed: false,
            serves_fast_open: plan.fast_open != FastOpen::Off,
            truth: Truth {
                clients: plan.clients.iter().map(|_| Seen::default()).collect(),
                counters: HashMap::new(),
                story: Vec::new(),
            },
        })
    }

    fn now(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    fn tell(&mut self, what: &str) {
        let now = self.now();
        self.truth.story.push(format!("{now:5} ms  {what}"));
    }

    fn tick(&mut self) -> Done {
        let now = self.now();
        self.change_the_world(now)?;
        for index in 0..self.plan.clients.len() {
            if self.truth.clients[index].started.is_none() {
                if self.plan.clients[index].starts <= now {
                    self.connect(index)?;
                }
            } else if self.look_after(index)? == Some(ESTABLISHED) {
                self.go_on(index, now)?;
            }
        }
        for index in self.forge.answer(self.plan)? {
            self.tell(&format!("a router answers client {index} by ICMP"));
        }
        if self.plan.accepts_from.is_some_and(|from| from <= now) {
            self.accept(false)?;
        }
        self.serve();
        Ok(())
    }

    fn change_the_world(&mut self, now: u64) -> io::Result<()> {
        if !self.healed && self.plan.heals_at.is_some_and(|at| at <= now) {
            self.healed = true;
            self.listener.detach_filter()?;
            self.tell("the path to the listener is well again");
        }
        if let FastOpen::On { server_until: Some(until) } = self.plan.fast_open
            && self.serves_fast_open
            && until <= now
        {
            self.serves_fast_open = false;
            setting("tcp_fastopen", CLIENT_ONLY)?;
            self.tell("the server has no Fast Open any more");
        }
        Ok(())
    }

    fn connect(&mut self, index: usize) -> Done {
        let (plan, socket) = (self.plan, tcp(self.plan)?);
        socket.bind(&plan.client_end(index).into())?;
        if let Some(isn) = plan.clients[index].isn {
            sys::begin_with(&socket, isn)?;
            self.truth.clients[index].client_isn = Some(isn);
        }
        let server = plan.server_end(index);
        let now = self.now();
        let seen = &mut self.truth.clients[index];
        (seen.started, seen.looked) = (Some(now), now);
        let tried = match plan.fast_open {
            FastOpen::Off => socket.connect(&server.into()).map(|()| 0),
            // Where there is a cookie the data goes with the SYN; else it asks for one.
            FastOpen::On { .. } => {
                socket.send_to_with_flags(MESSAGE, &server.into(), libc::MSG_FASTOPEN)
            }
        };
        self.tell(&format!("client {index} connects to {server}: {tried:?}"));
        let now = self.now();
        let seen = &mut self.truth.clients[index];
        seen.syn_sent_by = now;
        seen.note(tried.map(|sent| (sent as u32, 0)));
        seen.in_syn = seen.sent;
        if sys::tcp_info(&socket)?.tcpi_state == SYN_SENT || seen.sent > 0 {
            seen.client_isn = Some(sys::next_numbers(&socket)?.0.wrapping_sub(1 + seen.sent));
        }
        self.sockets[index] = Some(socket);
        self.look_after(index).map(drop)
    }

    /// Notes what became of a client's socket, and tells its state.
    fn look_after(&mut self, index: usize) -> Done<Option<u8>> {
        let Some(socket) = &self.sockets[index] else { return Ok(None) };
        let (state, error) = (sys::tcp_info(socket)?.tcpi_state, socket.take_error()?);
        if let Some(error) = error {
            self.truth.clients[index].errno = error.raw_os_error();
            self.tell(&format!("client {index}: {error}"));
        }
        if state == ESTABLISHED && self.truth.clients[index].connected.is_none() {
            let half_open = half_open(self.plan.v6())?;
            let now = self.now();
            let seen = &mut self.truth.clients[index];
            seen.connected = Some(now);
            seen.not_yet = seen.looked;
            seen.taken_at_once = now - seen.looked < SYN_ACK_AGAIN_MS
                && !half_open.contains_key(&self.plan.client_end(index).port());
            self.tell(&format!("client {index} is connected"));
            self.numbers(index)?;
        }
        self.truth.clients[index].looked = self.now();
        Ok(Some(state))
    }

    /// What a connected client does next.
    fn go_on(&mut self, index: usize, now: u64) -> Done {
        let seen = &self.truth.clients[index];
        let since = now.saturating_sub(seen.connected.unwrap_or(now));
        match (self.plan.clients[index].then, &self.sockets[index]) {
            (Then::Sends(after), Some(socket)) if after <= since && seen.sent == seen.in_syn => {
                let sent = socket.send(MESSAGE);
                self.tell(&format!("client {index} sends: {sent:?}"));
                self.truth.clients[index].note(sent.map(|sent| (sent as u32, 0)));
            }
            (Then::Aborts(after), Some(socket)) if after <= since => {
                socket.set_linger(Some(Duration::ZERO))?;
                self.sockets[index] = None;
                self.tell(&format!("client {index} closes with a RST"));
            }
            _ => {}
        }
        Ok(())
    }

    /// Asks a connected socket for J, K and how often it had to send its SYN.
    fn numbers(&mut self, index: usize) -> Done {
        let Some(mut socket) = self.sockets[index].as_ref() else { return Ok(()) };
        let seen = &mut self.truth.clients[index];
        seen.note(socket.read(&mut [0; 64]).map(|received| (0, received as u32)));
        let (sends, receives) = sys::next_numbers(socket)?;
        let info = sys::tcp_info(socket)?;
        seen.client_isn = Some(sends.wrapping_sub(1 + seen.sent));
        seen.server_isn = Some(receives.wrapping_sub(1 + seen.received));
        seen.syn_retries.get_or_insert(info.tcpi_total_retrans);
        seen.syn_data_taken = info.tcpi_options & TCPI_OPT_SYN_DATA != 0;
        Ok(())
    }

    /// What there is to accept; `late` where nobody watches the packets any more.
    fn accept(&mut self, late: bool) -> Done {
        loop {
            let (socket, peer) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let peer = peer.as_socket().ok_or("a peer without an address")?;
            let index = (0..self.plan.clients.len()).find(|&at| self.plan.client_end(at) == peer);
            let index = index.ok_or("a peer that nobody is")?;
            self.tell(&format!("the server accepts client {index}"));
            socket.set_nonblocking(true)?;
            let seen = &mut self.truth.clients[index];
            seen.accepted = true;
            seen.unclear |= late;
            // One that has reset the connection already can't be greeted.
            seen.served |= self.plan.greets && !late && (&socket).write(b"!").is_ok();
            self.accepted.push((peer, socket));
        }
    }

    /// Reads what came to those that were accepted.
    fn serve(&mut self) {
        for at in 0..self.accepted.len() {
            let (peer, mut socket) = (self.accepted[at].0, &self.accepted[at].1);
            let Ok(length @ 1..) = socket.read(&mut [0; 64]) else { continue };
            let now = self.now();
            self.tell(&format!("the server reads {length} bytes from {peer}"));
            let seen = &mut self.truth.clients[usize::from(peer.port() - 20_000)];
            seen.read += length as u32;
            if !seen.syn_data_taken || seen.read > seen.in_syn {
                seen.read_at.get_or_insert(now);
            }
        }
    }

    /// Looks at every socket: first before the capture ends, then `again` after it. What has changed in
    /// between may be in the capture or not.
    fn look(&mut self, again: bool) -> Done {
        let half_open = half_open(self.plan.v6())?;
        for index in 0..self.plan.clients.len() {
            self.look_after(index)?;
            let waits = half_open.get(&self.plan.client_end(index).port()).copied();
            let (mut state, mut retries) = (0, 0);
            if let Some(socket) = &self.sockets[index] {
                let info = sys::tcp_info(socket)?;
                (state, retries) = (info.tcpi_state, info.tcpi_total_retrans);
            }
            match state {
                SYN_SENT => self.truth.clients[index].syn_retries = Some(retries),
                ESTABLISHED => self.numbers(index)?,
                _ => {}
            }
            let seen = &mut self.truth.clients[index];
            let found = (state, retries, waits);
            seen.unclear |= again && found != (seen.state, seen.retries, seen.half_open);
            (seen.state, seen.retries, seen.half_open) = found;
        }
        self.accept(again)?;
        self.serve();
        Ok(())
    }
}

/// The data of the SYN was acknowledged by the SYN-ACK (linux/tcp.h).
const TCPI_OPT_SYN_DATA: u8 = 32;
