//! A world that runs: two stacks on each 4-tuple, the path between them, the clock, and a log of what
//! was so.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use handshake::Side;
use smoltcp::socket::tcp::State;

use crate::path;
use crate::plan::{Connection, Ending, Opening, Plan, SECOND};
use crate::stack::{Micros, Stack};
use crate::truth::{Attempt, Emission, Pass, Transition, Truth};
use crate::wire::{self, Segment};

pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    now: Micros,
    queue: BinaryHeap<Reverse<(Micros, usize)>>,
    events: Vec<Event>,
    /// Client and server of each flow.
    stacks: Vec<[Stack; 2]>,
    /// The connection that each flow carries now, and whether its listener is to come back.
    connection: Vec<Option<usize>>,
    /// The attempt that each end is occupied with.
    attempts: Vec<[Option<usize>; 2]>,
    /// How many packets each end has sent.
    pub(crate) sent: Vec<[usize; 2]>,
    /// How many packets concerned each fault that is a wall.
    pub(crate) concerned: Vec<usize>,
    pub(crate) truth: Truth,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Connect(usize),
    LosePatience(usize),
    /// The application acts, if its end still has this attempt.
    Act {
        flow: usize,
        side: Side,
        attempt: usize,
        act: Act,
    },
    Pass {
        emission: usize,
        point: usize,
    },
    Wake {
        flow: usize,
        side: Side,
    },
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Send(usize),
    Close,
    Reset,
    Vanish,
}

/// Runs a plan to its end.
pub(crate) fn run(plan: &Plan) -> Truth {
    let mut world = World::new(plan);
    let end = plan.connections.last().map_or(0, |last| last.at) + 16 * SECOND;
    while let Some(Reverse((at, event))) = world.queue.pop() {
        if at > end {
            break;
        }
        world.now = at;
        world.happen(world.events[event]);
    }
    world.truth.end = end;
    world.truth
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan) -> Self {
        let stacks = plan.flows.iter().map(|flow| {
            [
                Stack::new(flow.client, flow.server, flow.first_isns[0], flow.timestamps[0]),
                Stack::new(flow.server, flow.client, flow.first_isns[1], flow.timestamps[1]),
            ]
        });
        let flows = plan.flows.len();
        let mut world = Self {
            plan,
            now: 0,
            queue: BinaryHeap::new(),
            events: Vec::new(),
            stacks: stacks.collect(),
            connection: vec![None; flows],
            attempts: vec![[None; 2]; flows],
            sent: vec![[0; 2]; flows],
            concerned: vec![0; plan.faults.len()],
            truth: Truth::default(),
        };
        for (index, connection) in plan.connections.iter().enumerate() {
            world.at(connection.at, Event::Connect(index));
            world.at(connection.at + connection.patience, Event::LosePatience(index));
        }
        world
    }

    fn at(&mut self, time: Micros, event: Event) {
        self.queue.push(Reverse((time, self.events.len())));
        self.events.push(event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Connect(index) => self.connect(index),
            Event::LosePatience(index) => {
                let flow = self.plan.connections[index].flow;
                let waits = self.stacks[flow][0].state() == State::SynSent;
                if self.connection[flow] == Some(index) && waits {
                    self.stacks[flow][0].vanish();
                    self.moved(flow, Side::Client, State::SynSent, None);
                }
            }
            Event::Act { flow, side, attempt, act } => self.act(flow, side, attempt, act),
            Event::Pass { emission, point } => self.pass(emission, point),
            Event::Wake { flow, side } => self.poll(flow, side, None),
        }
    }

    fn connect(&mut self, index: usize) {
        let Connection { flow, listening, server_restarts, .. } = self.plan.connections[index];
        self.connection[flow] = Some(index);
        let [client, server] = &mut self.stacks[flow];
        client.connect();
        if !listening {
            server.vanish();
        } else if server_restarts || server.state() == State::Closed {
            server.listen();
        }
        if !listening || server_restarts {
            self.attempts[flow][1] = None;
        }
        self.attempts[flow][0] = None;
        self.poll(flow, Side::Client, None);
    }

    fn act(&mut self, flow: usize, side: Side, attempt: usize, act: Act) {
        let stack = &mut self.stacks[flow][side as usize];
        let before = stack.state();
        let connected =
            !matches!(before, State::Closed | State::Listen | State::SynSent | State::SynReceived);
        if self.attempts[flow][side as usize] != Some(attempt) || !connected {
            return;
        }
        match act {
            Act::Send(bytes) => stack.send(bytes),
            Act::Close => stack.close(),
            Act::Reset => stack.abort(),
            Act::Vanish => stack.vanish(),
        }
        self.moved(flow, side, before, None);
        self.poll(flow, side, None);
    }

    /// Lets an end send what it has to send, because `cause` came or because time passed.
    fn poll(&mut self, flow: usize, side: Side, cause: Option<usize>) {
        let before = self.stacks[flow][side as usize].state();
        let packets = self.stacks[flow][side as usize].egress(self.now);
        for packet in packets {
            self.emit(flow, side, packet, (cause, false));
        }
        self.moved(flow, side, before, None);
        let listens = self.connection[flow].is_some_and(|now| self.plan.connections[now].listening);
        let stack = &mut self.stacks[flow][side as usize];
        if side == Side::Server && listens && stack.state() == State::Closed {
            stack.listen();
        }
        if let Some(at) = stack.wakes_at(self.now) {
            self.at(at, Event::Wake { flow, side });
        }
    }

    /// A packet leaves an end.
    fn emit(&mut self, flow: usize, side: Side, mut packet: Vec<u8>, why: (Option<usize>, bool)) {
        let (cause, reply) = why;
        let number = self.sent[flow][side as usize];
        self.sent[flow][side as usize] += 1;
        if self.plan.counts_ids {
            let id = self.plan.flows[flow].ip_ids[side as usize].wrapping_add(number as u16);
            wire::set_ip_id(&mut packet, id);
        }
        let segment = Segment::read(&packet);
        if segment.is_syn() && self.attempts[flow][0].is_none() {
            self.attempts[flow][0] = Some(self.truth.attempts.len());
            self.truth.attempts.push(Attempt::new(flow, segment.seq));
        }
        let of_cause = cause.and_then(|cause| self.truth.emissions[cause].attempt);
        let attempt = match self.attempts[flow][side as usize] {
            // What a host without a socket, or with another, rejects belongs to what it rejects.
            _ if segment.is_rst() && reply => of_cause,
            attempt => attempt,
        };
        let answers = match attempt {
            Some(attempt) if side == Side::Client && segment.is_ack() => {
                let rejected = cause
                    .filter(|&cause| reply && self.truth.emissions[cause].segment.is_syn_ack());
                rejected.or(self.truth.attempts[attempt].client_established.map(|(_, by)| by))
            }
            _ => None,
        };
        let emission =
            Emission { flow, from: side, number, attempt, answers, forged: false, segment, packet };
        self.note_sent(&emission);
        let point = side as usize * 2;
        let at = self.now + self.plan.thinking[side as usize];
        self.launch(emission, point, at);
    }

    fn note_sent(&mut self, emission: &Emission) {
        let Some(attempt) = emission.attempt else { return };
        let attempt = &mut self.truth.attempts[attempt];
        let k = emission.segment.seq;
        if emission.segment.is_syn_ack() && !attempt.server_isns.contains(&k) {
            attempt.server_isns.push(k);
        }
    }

    /// A packet begins its way at a point.
    pub(crate) fn launch(&mut self, emission: Emission, point: usize, at: Micros) {
        let index = self.truth.emissions.len();
        self.truth.emissions.push(emission);
        self.at(at, Event::Pass { emission: index, point });
    }

    pub(crate) fn now(&self) -> Micros {
        self.now
    }

    /// A packet is seen at a point, and goes on or has arrived.
    fn pass(&mut self, emission: usize, point: usize) {
        self.truth.passes[point].push(Pass { at: self.now, emission });
        let from = self.truth.emissions[emission].from;
        let (last, next) = match from {
            Side::Client => (2, point + 1),
            Side::Server => (0, point.wrapping_sub(1)),
        };
        if point == last {
            return self.deliver(emission, from.other());
        }
        for at in path::cross(self, emission, point.min(next)) {
            self.at(at, Event::Pass { emission, point: next });
        }
    }

    fn deliver(&mut self, emission: usize, side: Side) {
        let (flow, of) = {
            let emission = &self.truth.emissions[emission];
            (emission.flow, emission.attempt)
        };
        self.truth.delivered.push(emission);
        let before = self.stacks[flow][side as usize].state();
        let packet = self.truth.emissions[emission].packet.clone();
        let replies = self.stacks[flow][side as usize].ingress(self.now, &packet);
        let after = self.stacks[flow][side as usize].state();
        if side == Side::Server && before == State::Listen && after == State::SynReceived {
            self.attempts[flow][1] = of;
        }
        self.moved(flow, side, before, Some(emission));
        // smoltcp answers a RST from outside the window; a TCP drops it (RFC 9293, 3.10.7.4).
        let dropped = self.truth.emissions[emission].segment.is_rst();
        for reply in replies.into_iter().filter(|_| !dropped) {
            self.emit(flow, side, reply, (Some(emission), true));
        }
        self.answer(flow, side, before);
        self.poll(flow, side, Some(emission));
    }

    /// Notes that an end is in another state than `before`.
    fn moved(&mut self, flow: usize, side: Side, before: State, by: Option<usize>) {
        let after = self.stacks[flow][side as usize].state();
        let attempt = self.attempts[flow][side as usize];
        if let Some(attempt) = attempt.filter(|_| after != before) {
            let at = self.now;
            self.truth.note(Transition { at, attempt, side, from: before, to: after, by });
        }
    }

    /// The applications do what the plan says once their end is connected or was sent something.
    fn answer(&mut self, flow: usize, side: Side, before: State) {
        let Some(index) = self.connection[flow] else { return };
        let Some(attempt) = self.attempts[flow][side as usize] else { return };
        let plan = &self.plan.connections[index];
        let stack = &mut self.stacks[flow][side as usize];
        let after = stack.state();
        let opened = matches!(before, State::SynSent | State::SynReceived)
            && matches!(after, State::Established | State::CloseWait);
        let act = |at, act| (at, Event::Act { flow, side, attempt, act });
        let mut acts = Vec::new();
        match (opened, side) {
            (true, Side::Client) => {
                match plan.opening {
                    Opening::Silent => {}
                    Opening::Speaks(0, bytes) => stack.send(bytes),
                    Opening::Speaks(wait, bytes) => acts.push(act(wait, Act::Send(bytes))),
                    Opening::Closes => stack.close(),
                    Opening::Resets => stack.abort(),
                }
                acts.extend(ending(plan.ending).map(|(side, what)| {
                    (plan.life, Event::Act { flow, side, attempt, act: what })
                }));
            }
            (true, Side::Server) => match plan.server_speaks {
                Some((0, bytes)) if after == State::Established => stack.send(bytes),
                Some((wait, bytes)) => acts.push(act(wait, Act::Send(bytes))),
                None => {}
            },
            (false, _) => {}
        }
        if stack.state() != State::Closed
            && stack.receive()
            && side == Side::Server
            && plan.server_replies > 0
        {
            stack.send(plan.server_replies);
        }
        // The other side has closed; this one follows.
        if after == State::CloseWait && before != after {
            acts.push(act(1_000, Act::Close));
        }
        self.moved(flow, side, after, None);
        for (wait, event) in acts {
            self.at(self.now + wait, event);
        }
    }
}

fn ending(ending: Ending) -> Option<(Side, Act)> {
    match ending {
        Ending::None => None,
        Ending::Closes(side) => Some((side, Act::Close)),
        Ending::Resets(side) => Some((side, Act::Reset)),
        Ending::Vanishes(side) => Some((side, Act::Vanish)),
    }
}
