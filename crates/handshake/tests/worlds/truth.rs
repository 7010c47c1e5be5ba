//! What was so: who sent what, what passed where, and in which state each end was.

use handshake::Side;
use smoltcp::socket::tcp::State;

use crate::plan::Plan;
use crate::stack::Micros;
use crate::wire::Segment;

#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) attempts: Vec<Attempt>,
    /// Every packet that an end or a firewall sent.
    pub(crate) emissions: Vec<Emission>,
    /// What passed each point, in the order of time.
    pub(crate) passes: [Vec<Pass>; 3],
    pub(crate) delivered: Vec<usize>,
    /// What was lost, and on which link.
    pub(crate) lost: Vec<(usize, usize)>,
    pub(crate) transitions: Vec<Transition>,
    /// When the world ended.
    pub(crate) end: Micros,
}

#[derive(Clone, Debug)]
pub(crate) struct Emission {
    pub(crate) flow: usize,
    pub(crate) from: Side,
    /// Its number among what its sender sent on the flow.
    pub(crate) number: usize,
    pub(crate) attempt: Option<usize>,
    /// For an acknowledgment of the client: the SYN-ACK that it answers.
    pub(crate) answers: Option<usize>,
    /// A firewall sent it.
    pub(crate) forged: bool,
    pub(crate) segment: Segment,
    pub(crate) packet: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    pub(crate) at: Micros,
    pub(crate) emission: usize,
}

/// An end went from one state to another, because of a packet or of its own accord.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transition {
    pub(crate) at: Micros,
    pub(crate) attempt: usize,
    pub(crate) side: Side,
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) by: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) flow: usize,
    pub(crate) client_isn: u32,
    /// Every K with which the server answered; more than one where it began again.
    pub(crate) server_isns: Vec<u32>,
    /// The SYNs that took the server from LISTEN to SYN-RECEIVED.
    pub(crate) answered: Vec<usize>,
    /// When each end got to ESTABLISHED, and by which packet.
    pub(crate) client_established: Option<(Micros, usize)>,
    pub(crate) server_established: Option<(Micros, usize)>,
    /// The RST that the client took for an answer to its SYN.
    pub(crate) refused_by: Option<usize>,
}

impl Attempt {
    pub(crate) fn new(flow: usize, client_isn: u32) -> Self {
        Self {
            flow,
            client_isn,
            server_isns: Vec::new(),
            answered: Vec::new(),
            client_established: None,
            server_established: None,
            refused_by: None,
        }
    }
}

impl Truth {
    pub(crate) fn note(&mut self, transition: Transition) {
        let Transition { at, attempt, side, from, to, by } = transition;
        let attempt = &mut self.attempts[attempt];
        let opened = matches!(to, State::Established | State::CloseWait);
        if let Some(by) = by {
            match (side, from) {
                (Side::Server, State::Listen) => attempt.answered.push(by),
                (Side::Server, State::SynReceived) if opened => {
                    attempt.server_established = Some((at, by));
                }
                (Side::Client, State::SynSent) if to == State::Established => {
                    attempt.client_established = Some((at, by));
                }
                (Side::Client, State::SynSent) if to == State::Closed => {
                    attempt.refused_by = Some(by);
                }
                _ => {}
            }
        }
        self.transitions.push(transition);
    }

    /// What must hold of any world, whatever a tracker says of it.
    pub(crate) fn verify(&self, plan: &Plan) {
        let longest_way = plan.longest_way();
        for (index, attempt) in self.attempts.iter().enumerate() {
            self.verify_attempt(index, attempt);
        }
        for point in 0..3 {
            assert!(self.passes[point].is_sorted_by_key(|pass| pass.at), "time goes on");
        }
        // What was sent has arrived, or was lost on a link, or is still on its way.
        for (index, emission) in self.emissions.iter().enumerate() {
            let (first, last) = if emission.from == Side::Client { (0, 2) } else { (2, 0) };
            let passed =
                |point: usize| self.passes[point].iter().any(|pass| pass.emission == index);
            assert_eq!(passed(last), self.delivered.contains(&index), "who arrives is delivered");
            let was_lost = self.lost.iter().any(|&(lost, _)| lost == index);
            let travels = |pass: &Pass| pass.emission == index && pass.at + longest_way > self.end;
            let travelling = self.passes.iter().flatten().any(travels);
            let begun = emission.forged || passed(first);
            assert!(passed(last) || was_lost || travelling || !begun, "packet {index} is nowhere");
        }
    }

    fn verify_attempt(&self, index: usize, attempt: &Attempt) {
        let j = attempt.client_isn.wrapping_add(1);
        for &syn in &attempt.answered {
            let syn = &self.emissions[syn];
            assert!(syn.segment.is_syn() && syn.attempt == Some(index), "a SYN is answered");
        }
        for emission in self.emissions.iter().filter(|emission| emission.attempt == Some(index)) {
            let segment = &emission.segment;
            if segment.is_syn_ack() {
                assert_eq!(segment.ack, j, "the server acknowledges J+1");
                assert!(!attempt.answered.is_empty(), "a SYN-ACK answers a SYN");
            }
            if segment.is_syn() {
                assert_eq!(segment.seq, attempt.client_isn, "a SYN carries J");
            }
        }
        if let Some((at, by)) = attempt.client_established {
            let by = &self.emissions[by];
            assert!(by.segment.is_syn_ack() && by.attempt == Some(index) && !by.forged);
            let server = attempt.server_established.map(|(at, _)| at);
            assert!(server.is_none_or(|server| server > at), "the client is connected first");
        }
        if let Some((_, by)) = attempt.server_established {
            assert!(attempt.client_established.is_some(), "only a connected client acknowledges");
            let by = &self.emissions[by];
            let ks = &attempt.server_isns;
            assert!(by.segment.is_ack() && ks.contains(&by.segment.ack.wrapping_sub(1)));
        }
        if let Some(by) = attempt.refused_by {
            let by = &self.emissions[by].segment;
            assert!(by.is_rst() && by.ack == j, "a RST refuses J+1");
            assert!(attempt.client_established.is_none(), "who is refused is not connected");
        }
    }
}
