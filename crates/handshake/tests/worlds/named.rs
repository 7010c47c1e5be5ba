//! The patterns that an observer must name, and those that he may.

use handshake::{Outcome, Side};

use crate::outcome::outcomes;
use crate::plan::Plan;
use crate::sight::{Seen, Sight};

const SECOND: i64 = 1_000_000_000;
/// No timer is shorter (docs/handshake.md, How look-alikes differ).
const LEAST_SILENCE: i64 = SECOND / 50;
/// So many servers or ports are a scan.
const SCAN: usize = 10;
const TWO_MSL: i64 = 240 * SECOND;

/// Names that must be there, and names that may.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) must: Vec<&'static str>,
    pub(crate) may: Vec<&'static str>,
    /// Names of which one must be there.
    pub(crate) one_of: &'static [&'static str],
}

impl Names {
    /// `name` where it is `due`; if it is not, nothing may claim it.
    fn exactly(&mut self, name: &'static str, due: bool) {
        if due {
            self.must.push(name);
        }
    }

    /// One of `names` where it is `due`.
    fn one_of(&mut self, names: &'static [&'static str], due: bool) {
        self.may.extend(names);
        if due {
            self.one_of = names;
        }
    }

    fn perhaps(&mut self, name: &'static str, possible: bool) {
        if possible {
            self.may.push(name);
        }
    }
}

/// The names for an attempt of which everything that passed was seen, and of which `outcome`, one of
/// the true ones, was reported. `others` are the attempts beside it, at the same point.
pub(crate) fn names(
    plan: &Plan,
    sight: &Sight<'_>,
    others: &[Sight<'_>],
    outcome: Outcome,
) -> Names {
    let mut names = Names::default();
    success(&mut names, sight, outcome);
    failure(&mut names, plan, sight, others, outcome);
    resets(&mut names, plan, sight, others, outcome);
    beside(&mut names, plan, sight, others, outcome);
    let stamps = plan.flows[sight.attempt.flow].timestamps;
    let answered = sight.syns().next().is_some() && sight.syn_acks().next().is_some();
    let refused = answered && stamps[0].is_some() && stamps[1].is_none();
    names.exactly("option_refused", refused && outcome != Outcome::Refused);
    names.perhaps("option_refused", refused);
    names.perhaps("duplicate_capture", sight.copied);
    names
}

fn success(names: &mut Names, sight: &Sight<'_>, outcome: Outcome) {
    let connected = matches!(outcome, Outcome::Established | Outcome::EstablishedClientOnly);
    let ack = sight.first_acknowledgment();
    let whole = sight.syn_acks().next().is_some() && ack.is_some();
    names.exactly("three_way", outcome == Outcome::Established && whole);
    let with_data = ack.is_some_and(|ack| ack.segment().has_data());
    names.exactly("ack_with_data", connected && with_data);
    let answer = sight.syn_acks().next().map_or(0, |seen| seen.at);
    let late = connected && ack.is_some() && repeated_before(sight, answer);
    names.exactly("late_establish", late && !sight.cleared());
    names.perhaps("late_establish", connected && sight.syns().count() > 1);
    if let Some(ack) = sight.acknowledgment() {
        names.perhaps("accept_queue_overflow", sight.repeated_after(ack) > 0);
        let aborted = |seen: &Seen<'_>| seen.at > ack.at && sight.is_bare_reset(seen);
        names.perhaps("abort_on_overflow", sight.seen.iter().any(aborted));
    }
}

fn failure(
    names: &mut Names,
    plan: &Plan,
    sight: &Sight<'_>,
    others: &[Sight<'_>],
    outcome: Outcome,
) {
    let silent = outcome == Outcome::Unanswered && sight.seen.iter().all(is_syn);
    let syns = sight.syns().count();
    names.exactly("syn_timeout", silent && syns > 1 && !sight.is_answered_for_another());
    names.perhaps("syn_timeout", silent || outcome == Outcome::Unanswered && is_as_silent(sight));
    let waits = outcome == Outcome::Unacknowledged && sight.syns().next().is_some();
    // A client that completes another attempt is neither spoofed nor gone.
    let client = |other: &Sight<'_>| plan.flows[other.attempt.flow].client.ip();
    let is_there = others
        .iter()
        .any(|other| client(other) == client(sight) && other.acknowledgment().is_some());
    // One that sends something else, whatever it is, is not either.
    let is_silent = sight.from(Side::Client).all(is_syn);
    let is_due = waits && sight.syn_acks().count() > 1 && is_silent && !is_there;
    names.exactly("embryonic", is_due);
    names.perhaps("embryonic", waits);
    if let Some(rst) = sight.refusal().filter(|_| outcome == Outcome::Refused) {
        let repeated = repeated_before(sight, rst.at);
        names.exactly("closed_port", !repeated);
        names.exactly("refused_after_stall", repeated);
    }
}

/// Whether the client repeated its SYN out of silence before that: of two SYNs that are nearer than
/// any timer one was overtaken, and no silence shows.
fn repeated_before(sight: &Sight<'_>, at: i64) -> bool {
    let before: Vec<_> = sight.syns().filter(|syn| syn.at <= at).collect();
    before.windows(2).any(|two| two[1].at - two[0].at >= LEAST_SILENCE)
}

/// Whether nothing shows that what answered was for this attempt: a RST that acknowledges J no more
/// than the J of the newer attempt, whose SYN passed before it, may be for that one.
fn is_as_silent(sight: &Sight<'_>) -> bool {
    let next = sight.attempt.client_isn.wrapping_add(1);
    sight.seen.iter().all(|seen| {
        let rst = seen.segment().is_rst() && !seen.segment().refuses(next);
        is_syn(seen) || rst && seen.is_from(Side::Server) && sight.is_followed_before(seen.at)
    })
}

fn is_syn(seen: &Seen<'_>) -> bool {
    seen.segment().is_syn()
}

fn resets(
    names: &mut Names,
    plan: &Plan,
    sight: &Sight<'_>,
    others: &[Sight<'_>],
    outcome: Outcome,
) {
    let next = sight.attempt.client_isn.wrapping_add(1);
    let probe = outcome == Outcome::Reset
        && sight.syn_acks().next().is_some()
        && sight.reset_by_client().is_some();
    // An acknowledgment that follows leaves open whose the RST was.
    if probe {
        let told = targets(plan, sight, others);
        names.one_of(told, sight.acknowledgment().is_none());
    }
    let first_syn_ack = sight.syn_acks().next().map_or(i64::MAX, |seen| seen.at);
    let refused = |rst: &&Seen<'_>| rst.segment().is_rst() && !rst.segment().refuses(next);
    let ending = sight.refusal().or(sight.reset_by_client()).map_or(i64::MAX, |seen| seen.at);
    let went_on = |rst: &Seen<'_>| {
        sight.from(Side::Client).any(|seen| {
            let goes_on = seen.segment().is_syn() || seen.segment().is_ack();
            goes_on && seen.at > rst.at && seen.at < ending
        })
    };
    let ignored = sight
        .from(Side::Server)
        .find(refused)
        .is_some_and(|rst| rst.at < first_syn_ack && went_on(rst));
    let disproved = outcome == Outcome::Established && sight.refusal().is_some();
    names.exactly("rst_ignored", ignored || disproved);
    let forged = sight.seen.iter().any(|seen| seen.emission.forged);
    // What the server sent before its own RST may have been held up, and look like proof against it.
    let held_up = sight.confirmation().is_some_and(|seen| {
        sight.from(Side::Server).any(|rst| rst.segment().is_rst() && rst.at < seen.at)
    });
    names.perhaps("rst_ignored", forged || held_up || sight.is_answered_for_another());
}

/// The names that a probe may have: a scan tries 10 servers or ports. How many of them were tried
/// when its record is closed depends on when that is.
fn targets(plan: &Plan, sight: &Sight<'_>, others: &[Sight<'_>]) -> &'static [&'static str] {
    let client = plan.flows[sight.attempt.flow].client.ip();
    let tried = |by: i64| {
        let mut tried: Vec<_> = others
            .iter()
            .filter(|other| other.syns().next().is_some_and(|syn| syn.at <= by))
            .map(|other| &plan.flows[other.attempt.flow])
            .filter(|flow| flow.client.ip() == client)
            .map(|flow| flow.server)
            .collect();
        tried.sort_unstable();
        tried.dedup();
        tried.len()
    };
    let first = sight.syns().next().map_or(i64::MIN, |syn| syn.at);
    match (tried(first), tried(i64::MAX)) {
        (SCAN.., _) => &["syn_scan"],
        (_, SCAN..) => &["syn_scan", "syn_probe"],
        _ => &["syn_probe"],
    }
}

/// What other attempts have to do with it.
fn beside(
    names: &mut Names,
    plan: &Plan,
    sight: &Sight<'_>,
    others: &[Sight<'_>],
    outcome: Outcome,
) {
    let Some(first) = sight.syns().next() else { return };
    let last = sight.syns().last().map_or(first.at, |syn| syn.at);
    let flow = sight.attempt.flow;
    let same_flow = |other: &&Sight<'_>| other.attempt.flow == flow && other.index != sight.index;
    let before: Vec<_> = others
        .iter()
        .filter(same_flow)
        .filter(|other| other.seen.first().is_some_and(|seen| seen.at < first.at))
        .collect();
    // What is still on its way when the next attempt begins may end the one before it later.
    let ended = before.iter().filter_map(|other| other.seen.last()).map(|seen| seen.at).max();
    let recent = ended.is_some_and(|ended| ended <= first.at && first.at - ended <= TWO_MSL);
    names.exactly("port_reuse", recent);
    names.perhaps("port_reuse", !before.is_empty());
    let met_the_old = !before.is_empty();
    names.perhaps("time_wait_hit", met_the_old && outcome == Outcome::Unanswered);
    for name in ["half_open_recovery", "old_duplicate_syn", "challenge_ack"] {
        names.perhaps(name, met_the_old);
    }
    let silent = outcome == Outcome::Unanswered && sight.seen.iter().all(is_syn);
    let latest = before.iter().max_by_key(|other| other.seen[0].at);
    let was_connected = latest
        .is_some_and(|other| !other.blurred && outcomes(other, other) == [Outcome::Established]);
    let unheard = silent && !sight.is_answered_for_another();
    names.exactly("time_wait_hit", unheard && recent && was_connected);
    let answer = |from: i64, to: i64, any_client: bool| {
        // A repeated SYN-ACK shows less than one that answers.
        let most = if any_client { usize::MAX } else { 1 };
        let here = &plan.flows[flow];
        others.iter().filter(|other| other.index != sight.index).any(|other| {
            let there = &plan.flows[other.attempt.flow];
            there.server == here.server
                && (any_client || there.client.ip() != here.client.ip())
                && other.syn_acks().take(most).any(|seen| (from..=to).contains(&seen.at))
        })
    };
    let waited = unheard && last > first.at;
    names.exactly("listener_stalled", waited && answer(first.at + 1, last - 1, false));
    names.perhaps("listener_stalled", silent && answer(first.at - SECOND, last, true));
}
