//! An observer's record of a world, tracked, beside what was so.

use std::collections::BTreeMap;

use handshake::{Outcome, Side};

use crate::clock::{Number, as_seen, numbers};
use crate::named::{Names, names};
use crate::observe::{Captured, Told, observe, track};
use crate::outcome::outcomes;
use crate::plan::{Plan, Scope, Sees, View};
use crate::record::consistent;
use crate::sight::Sight;
use crate::truth::Truth;

/// Something that was reported and is not so.
#[derive(Clone, Debug)]
pub(crate) struct Contradiction {
    pub(crate) view: View,
    pub(crate) attempt: usize,
    /// What kind it is, the same for all of its kind.
    pub(crate) kind: String,
    /// The record, where there is one.
    pub(crate) told: Option<Told>,
}

/// How much was compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) views: usize,
    pub(crate) attempts: usize,
    /// Attempts of which even a complete view can't tell enough.
    pub(crate) blurred: usize,
    /// How often each outcome was the only true one, and each name had to be reported.
    pub(crate) due: BTreeMap<&'static str, usize>,
}

/// Every contradiction in one view.
pub(crate) fn contradictions(
    plan: &Plan,
    truth: &Truth,
    view: View,
    tally: &mut Tally,
) -> Vec<Contradiction> {
    let whole = observe(truth, View { sees: Sees::Both, ..view });
    let captured = observe(truth, view);
    let all = sights(truth, View { sees: Sees::Both, ..view }, &whole);
    let sights = sights(truth, view, &captured);
    let told = track(&captured);
    tally.views += 1;
    let mut found = Vec::new();
    for (sight, all_of_it) in sights.iter().zip(&all) {
        let mut checked = Checked {
            plan,
            sight,
            all: all_of_it,
            others: &all,
            captured: &captured,
            tally: &mut *tally,
            found: Vec::new(),
        };
        let records = records_of(plan, truth, sight, &told);
        let told = checked.existence(&records);
        if let Some(told) = told {
            checked.record(told);
        }
        found.extend(checked.found.into_iter().map(|kind| Contradiction {
            view,
            attempt: sight.index,
            kind: format!("{} {kind}", class(view)),
            told: told.cloned(),
        }));
    }
    let known = |told: &&Told| {
        let isn = told.handshake.client_isn.0;
        sights.iter().any(|sight| sight.attempt.client_isn == isn)
    };
    for told in told.iter().filter(|told| !known(told)) {
        let kind = format!("{} a record of what never was", class(view));
        found.push(Contradiction { view, attempt: 0, kind, told: Some(told.clone()) });
    }
    found
}

fn sights<'a>(truth: &'a Truth, view: View, captured: &[Captured]) -> Vec<Sight<'a>> {
    (0..truth.attempts.len()).map(|index| Sight::of(truth, index, view, captured)).collect()
}

fn records_of<'a>(
    plan: &Plan,
    truth: &Truth,
    sight: &Sight<'_>,
    told: &'a [Told],
) -> Vec<&'a Told> {
    let attempt = &truth.attempts[sight.index];
    let flow = &plan.flows[attempt.flow];
    told.iter()
        .filter(|told| {
            told.ends() == (flow.client, flow.server)
                && told.handshake.client_isn.0 == attempt.client_isn
        })
        .collect()
}

/// Whether what was seen of an attempt makes a record.
fn opens(sight: &Sight<'_>) -> bool {
    sight.syns().next().is_some() || sight.syn_acks().next().is_some()
}

fn class(view: View) -> &'static str {
    match (view.sees, view.scope) {
        (Sees::Both, Scope::Plain | Scope::Vlan(_)) => "both ways:",
        (Sees::Both, Scope::VlanEachWay(..)) => "a VLAN each way:",
        (Sees::Both, Scope::Twice(_)) => "twice:",
        (Sees::Both, Scope::Routed(..)) => "routed:",
        (Sees::Most(_), _) => "most:",
        (Sees::Only(Side::Client), _) => "client only:",
        (Sees::Only(Side::Server), _) => "server only:",
    }
}

/// The comparison of one attempt with its record.
struct Checked<'a> {
    plan: &'a Plan,
    sight: &'a Sight<'a>,
    /// What passed the point, whatever the observer saw of it.
    all: &'a Sight<'a>,
    others: &'a [Sight<'a>],
    captured: &'a [Captured],
    tally: &'a mut Tally,
    found: Vec<String>,
}

impl Checked<'_> {
    fn existence<'a>(&mut self, records: &[&'a Told]) -> Option<&'a Told> {
        match (opens(self.sight), records.len()) {
            // A SYN-ACK without its SYN may be the answer to an old duplicate of another attempt's.
            (true, 0) if self.sight.is_doubtful() => {}
            (true, 0) => self.found.push("no record".to_owned()),
            (true, 2..) if !self.all.blurred && !self.sight.blurred => {
                self.found.push("two records".to_owned());
            }
            (false, 1..) => self.found.push("a record of nothing".to_owned()),
            (true, _) => return records.first().copied(),
            (false, 0) => {}
        }
        // What follows from that is no kind of its own.
        None
    }

    fn record(&mut self, told: &Told) {
        let outcome = told.handshake.outcome;
        let allowed = outcomes(self.all, self.sight);
        self.tally.attempts += 1;
        if self.all.blurred || self.sight.blurred {
            self.tally.blurred += 1;
            return;
        }
        if let [only] = allowed[..] {
            *self.tally.due.entry(only.name()).or_default() += 1;
        }
        if !allowed.contains(&outcome) {
            let allowed: Vec<_> = allowed.iter().map(|outcome| outcome.name()).collect();
            self.found.push(format!("{} told as {}", allowed.join(" or "), outcome.name()));
            // What follows from a false outcome is no kind of its own.
            return;
        }
        self.isns(told);
        self.numbers(told);
        self.patterns(told);
        self.found.extend(consistent(&told.handshake).map(str::to_owned));
        if self.sight.is_complete() {
            self.found.extend(self.sight.segments(told, self.captured).map(str::to_owned));
        }
    }

    /// Whether everything that passed has a part in what was reported. After a RST that was
    /// believed nothing has to be read any more.
    fn all_counts(&self, told: &Told) -> bool {
        let outcome = told.handshake.outcome;
        let after_rst = match outcome {
            Outcome::Refused => true,
            Outcome::Reset => self.all.acknowledgment().is_some(),
            _ => false,
        };
        self.sight.is_complete() && !after_rst
    }

    fn isns(&mut self, told: &Told) {
        let shown = self.sight.syn_acks().next().or(self.sight.acknowledgment()).is_some();
        let k = self.sight.attempt.server_isns.first().copied();
        let told_k = told.handshake.server_isn.map(|k| k.0);
        // K is guessed from the acknowledgment where the SYN-ACK was missed.
        let guessed = self.sight.syn_acks().next().is_none();
        if told_k.is_some() && told_k != k && !guessed {
            self.found.push("K is false".to_owned());
        } else if shown && told_k.is_none() && self.all_counts(told) {
            self.found.push("K is missing".to_owned());
        }
    }

    fn numbers(&mut self, told: &Told) {
        if let Sees::Most(_) = self.sight.view.sees {
            let wrong = as_seen(self.sight, &told.handshake.timing);
            self.found.extend(wrong.into_iter().map(|name| format!("{name} false")));
            return;
        }
        if self.all.syns().next().is_none() {
            return;
        }
        let due = numbers(self.all);
        let timing = &told.handshake.timing;
        let counts = self.all_counts(told);
        let mut check = |name: &str, number: Number, told, range| {
            let number = self.sight.shown(name, number, told, counts);
            if let Err(what) = number.check(told, range) {
                self.found.push(format!("{name} {what}"));
            }
        };
        check("total", due.total, timing.total_ns, timing.total_range_ns);
        check("retry wait", due.retry_wait, timing.retry_wait_ns, timing.retry_wait_range_ns);
        check("server RTT", due.server_rtt, timing.server_rtt_ns, timing.server_rtt_range_ns);
        let (wait, range) = (timing.syn_ack_wait_ns, timing.syn_ack_wait_range_ns);
        check("SYN-ACK wait", due.syn_ack_wait, wait, range);
        check("client RTT", due.client_rtt, timing.client_rtt_ns, timing.client_rtt_range_ns);
    }

    fn names(&self, sight: &Sight<'_>, told: &Told) -> Names {
        names(self.plan, sight, self.others, told.handshake.outcome)
    }

    /// The names that are due in this view, and those that may be reported. What was not seen
    /// wholly may show less, and looks like something else where nothing in it tells the two apart.
    fn due_names(&self, told: &Told) -> Names {
        let mut names = self.names(self.all, told);
        let sight = self.sight;
        let nothing_proved = ["rst_ignored", "syn_timeout", "listener_stalled"];
        if sight.is_complete() {
            if sight.is_copied_in_time() {
                names.must.push("duplicate_capture");
            }
            // A RST that proves nothing has no part in an attempt that is seen in another VLAN.
            if matches!(sight.view.scope, Scope::VlanEachWay(..)) {
                names.must.retain(|&name| name != "rst_ignored");
                names.may.extend(nothing_proved);
            }
            return names;
        }
        names.may.append(&mut names.must);
        names.one_of = &[];
        names.may.retain(|&name| name != "three_way");
        if let Sees::Most(_) = sight.view.sees {
            let seen = self.names(sight, told);
            names.may.extend(seen.must.into_iter().chain(seen.may));
            let in_part = ["old_duplicate_syn", "challenge_ack", "embryonic", "ack_with_data"];
            names.may.extend(in_part.into_iter().chain(["rst_ignored"]));
            if told.handshake.outcome == Outcome::Unanswered {
                names.may.extend(nothing_proved);
            }
            // Of the servers and ports that the client tried, some were missed.
            if names.may.contains(&"syn_scan") {
                names.may.push("syn_probe");
            }
        }
        let possible = [
            ("syn_timeout", sight.seen.iter().all(|seen| seen.segment().is_syn())),
            ("backscatter", sight.syns().next().is_none() && sight.confirmation().is_none()),
            ("duplicate_capture", sight.copied),
        ];
        names.may.extend(possible.into_iter().filter(|(_, may)| *may).map(|(name, _)| name));
        names
    }

    fn patterns(&mut self, told: &Told) {
        let names = self.due_names(told);
        for name in &names.must {
            *self.tally.due.entry(name).or_default() += 1;
            if !told.patterns.contains(name) {
                self.found.push(format!("{name} not named"));
            }
        }
        let one_of = names.one_of;
        if let [only] = one_of {
            *self.tally.due.entry(only).or_default() += 1;
        }
        if !one_of.is_empty() && !one_of.iter().any(|name| told.patterns.contains(name)) {
            self.found.push(format!("{} not named", one_of.join(" or ")));
        }
        for name in &told.patterns {
            if !names.must.contains(name) && !names.may.contains(name) {
                self.found.push(format!("{name} named"));
            }
        }
    }
}

impl Sight<'_> {
    /// What is left of a number where not everything was seen, or not everything `counts`: it may be
    /// missing, and it has to be absent where one of its ends was not seen.
    fn shown(&self, name: &str, number: Number, told: Option<i64>, counts: bool) -> Number {
        if counts {
            return number;
        }
        let (syn, answer) = (self.syns().next().is_some(), self.syn_acks().next().is_some());
        let ack = self.first_acknowledgment().is_some();
        let ends = match name {
            "total" => syn && ack,
            "retry wait" => syn,
            "server RTT" => syn && answer,
            "SYN-ACK wait" => answer,
            _ => answer && ack,
        };
        match number {
            Number::Guessed(_) if ends => number,
            Number::Known(true_one) | Number::Open(true_one) | Number::Inferred(true_one)
                if ends && told.is_some() =>
            {
                Number::Known(true_one)
            }
            _ => Number::Absent,
        }
    }
}
