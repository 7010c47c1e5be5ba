//! What an observer may say of a client, after what the kernel said.

use handshake::Outcome;

use crate::plan::{FastOpen, Path, Plan, Target};
use crate::truth::{Seen, Truth};

/// The outcomes that are true or can't be distinguished, the names that are due, and those that may
/// be reported as well.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) must: Vec<&'static str>,
    pub(crate) may: Vec<&'static str>,
}

/// What the server read so late may not have been acknowledged before the capture ended.
const DELAYED_ACK_MS: u64 = 300;

impl Expected {
    fn new(outcome: Outcome, must: &[&'static str]) -> Self {
        Self { outcomes: vec![outcome], must: must.to_vec(), may: Vec::new() }
    }

    pub(crate) fn of(plan: &Plan, truth: &Truth, index: usize) -> Result<Self, String> {
        let (client, seen) = (&plan.clients[index], &truth.clients[index]);
        let mut expected = match (seen.connected, seen.errno) {
            (Some(_), None) => Self::connected(plan, truth, seen)?,
            // This error is that of a connected socket, even where nobody saw it connected.
            (_, Some(libc::ECONNRESET)) if plan.aborts && !seen.accepted => {
                let mut aborted = Self::new(Outcome::EstablishedClientOnly, &["abort_on_overflow"]);
                aborted.may.push("late_establish");
                // The kernel resets each segment of the client: two RSTs that nothing tells from one
                // that was captured twice (no time stamp, IP id 0 or none).
                aborted.may.push("duplicate_capture");
                aborted
            }
            (None, None) => Self::unanswered(plan, truth, index),
            (None, Some(libc::ECONNREFUSED)) if client.to == Target::Closed => {
                Self::new(Outcome::Refused, &["closed_port"])
            }
            (None, Some(_)) if client.icmp.is_some_and(|icmp| icmp.fits) => {
                Self::new(Outcome::Unreachable, &["icmp_unreachable"])
            }
            (None, Some(errno)) => return Err(format!("connect() failed with {errno}: why?")),
            (Some(_), Some(errno)) => return Err(format!("reset with {errno}: why?")),
        };
        if plan.fast_open != FastOpen::Off {
            expected.fast_open(truth, seen, client.path);
        }
        Ok(expected)
    }

    fn unanswered(plan: &Plan, truth: &Truth, index: usize) -> Self {
        let seen = &truth.clients[index];
        let retries = u64::from(seen.syn_retries.unwrap_or_default());
        if retries == 0 {
            return Self::new(Outcome::Unanswered, &[]);
        }
        let mut expected = Self::new(Outcome::Unanswered, &["syn_timeout"]);
        if plan.clients[index].to != Target::Listener {
            return expected;
        }
        // Those who were answered between the first SYN and the last, or in the second before. SYNs
        // are sent each second, and late rather than early.
        let first = seen.syn_sent_by.saturating_sub(950);
        let last = seen.started.unwrap_or_default() + 990 * retries;
        let is_other =
            |other: &usize| *other != index && plan.clients[*other].to == Target::Listener;
        let others = (0..plan.clients.len()).filter(is_other).map(|other| &truth.clients[other]);
        let mut answered = others.filter_map(|other| Some((other.not_yet, other.connected?)));
        if answered.clone().any(|(after, before)| first <= after && before < last) {
            expected.must.push("listener_stalled");
        } else if answered.next().is_some() {
            // Of a repeated SYN-ACK no call tells.
            expected.may.push("listener_stalled");
        }
        expected
    }

    fn connected(plan: &Plan, truth: &Truth, seen: &Seen) -> Result<Self, String> {
        let mut expected = Self::new(Outcome::Established, &[]);
        expected.must.push("three_way");
        match seen.syn_retries {
            Some(0) => {}
            Some(_) => expected.must.push("late_establish"),
            None => expected.may.push("late_establish"),
        }
        let by_cookie = truth.counter("TcpExtSyncookiesSent") > 0;
        match (seen.taken_at_once, seen.accepted) {
            (true, true) => return Ok(expected),
            // Who has a cookie repeats no SYN-ACK: that it drops an ACK shows nowhere.
            (true, false) if !by_cookie => return Err("taken, and never there to accept".into()),
            _ => {}
        }
        // The server may have taken an ACK that was sent again: of that an observer knows only what
        // the server went on to send.
        let sent_by_server =
            seen.served || seen.read_at.is_some_and(|at| at + DELAYED_ACK_MS < plan.lasts);
        match seen.half_open {
            // One more SYN-ACK may be answered by an ACK that is taken; after two it is the same, and
            // the silence that would tell is not over.
            Some(2..) if !seen.syn_data_taken => {
                expected.outcomes = vec![Outcome::EstablishedClientOnly];
                expected.must.push("accept_queue_overflow");
            }
            None if sent_by_server => expected.may.push("accept_queue_overflow"),
            _ => {
                expected.outcomes.push(Outcome::EstablishedClientOnly);
                expected.may.push("accept_queue_overflow");
            }
        }
        // The kernel does not tell whether all three were seen the first time.
        expected.must.retain(|&name| name != "three_way");
        expected.may.push("three_way");
        Ok(expected)
    }

    fn fast_open(&mut self, truth: &Truth, seen: &Seen, path: Path) {
        let clear = path == Path::Clear && truth.counter("TcpExtListenDrops") == 0;
        if seen.connected.is_none() || seen.in_syn == 0 {
            // The kernel repeats a SYN without the option.
            match seen.syn_retries {
                Some(0) => {}
                Some(_) => self.must.push("fast_open_fallback"),
                None => self.may.push("fast_open_fallback"),
            }
        }
        match (seen.in_syn, seen.connected) {
            (0, _) => self.must.push("fast_open_cookie_request"),
            (_, None) => {}
            (_, Some(_)) if seen.syn_data_taken => self.must.push("fast_open_accepted"),
            (_, Some(_)) => {
                // What was not taken is sent again with the ACK or after it, and the kernel counts it
                // with the SYNs that were.
                let unknown = ["three_way", "late_establish"];
                self.must.retain(|name| !unknown.contains(name));
                self.may.extend(unknown);
                self.may.push("ack_with_data");
                if clear {
                    self.must.push("fast_open_ignored");
                } else {
                    self.may.extend(["fast_open_ignored", "fast_open_fallback"]);
                }
            }
        }
    }
}
