//! The numbers that an observer may tell of an attempt, from what passed and what was so.

use handshake::{Range, Side, Timing};

use crate::sight::{Seen, Sight};

/// A number, as far as the packets show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Known(i64),
    /// The packets leave open which of several it is; this is the true one.
    Open(i64),
    /// It may be reported; if it is, it is this one.
    Inferred(i64),
    /// What another attempt on the 4-tuple did makes a rule's guess of it.
    Guessed(i64),
    /// There is none.
    Absent,
}

impl Number {
    /// What is wrong with what was reported, in words without numbers.
    pub(crate) fn check(self, told: Option<i64>, range: Option<Range>) -> Result<(), &'static str> {
        match (self, told) {
            (Self::Known(true_one), Some(told)) if told == true_one => Ok(()),
            (Self::Inferred(true_one), Some(told)) if told == true_one => Ok(()),
            (Self::Inferred(_), None) | (Self::Guessed(_), _) => Ok(()),
            (Self::Known(_) | Self::Inferred(_), Some(_)) => Err("false"),
            (Self::Known(_), None) => Err("missing"),
            (Self::Open(_), Some(_)) => Err("told and can't be known"),
            (Self::Open(true_one), None) => match range {
                Some(Range { min, max }) if (min..=max).contains(&true_one) => Ok(()),
                Some(_) => Err("outside its range"),
                None => Err("without a range"),
            },
            (Self::Absent, Some(_)) => Err("told and there is none"),
            (Self::Absent, None) => Ok(()),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) total: Number,
    pub(crate) retry_wait: Number,
    pub(crate) server_rtt: Number,
    pub(crate) syn_ack_wait: Number,
    pub(crate) client_rtt: Number,
}

/// The numbers of an attempt of which everything that passed was seen.
pub(crate) fn numbers(sight: &Sight<'_>) -> Numbers {
    let first = sight.syns().next().expect("asked only where a SYN passed");
    let syn_ack = sight.syn_acks().next();
    let (mut retry_wait, mut server_rtt) = (Number::Absent, Number::Absent);
    if let Some(syn_ack) = syn_ack {
        let before: Vec<_> = sight.syns().filter(|syn| syn.at <= syn_ack.at).collect();
        let true_one = before.iter().find(|syn| sight.attempt.answered.contains(&syn.id));
        let answered = true_one.expect("the SYN that was answered passed before its answer");
        let number = match known(&before, syn_ack, true) {
            _ if sight.cleared() => Number::Guessed,
            true => Number::Known,
            false => Number::Open,
        };
        retry_wait = number(answered.at - first.at);
        server_rtt = number(syn_ack.at - answered.at);
    }
    let mut total = Number::Absent;
    let (mut syn_ack_wait, mut client_rtt) = (Number::Absent, Number::Absent);
    if let Some(ack) = sight.first_acknowledgment() {
        total = Number::Known(ack.at - first.at);
        let before: Vec<_> = sight.syn_acks().filter(|seen| seen.at <= ack.at).collect();
        let true_one = before.iter().find(|seen| Some(seen.id) == ack.emission.answers);
        let acknowledged = true_one.expect("the SYN-ACK passed before its acknowledgment");
        let number = if known(&before, ack, false) { Number::Known } else { Number::Open };
        syn_ack_wait = number(acknowledged.at - before[0].at);
        client_rtt = number(ack.at - acknowledged.at);
    }
    // Of one SYN-ACK alone it is known that it was acknowledged, if any was.
    if let (None, Some(first), Some((_, by))) =
        (sight.first_acknowledgment(), syn_ack, sight.attempt.client_established)
    {
        let acknowledged = sight.syn_acks().find(|seen| seen.id == by);
        syn_ack_wait =
            acknowledged.map_or(Number::Absent, |seen| Number::Inferred(seen.at - first.at));
    }
    Numbers { total, retry_wait, server_rtt, syn_ack_wait, client_rtt }
}

/// The numbers of an attempt of which packets were missed: each that is reported is the time
/// between two packets that were seen, and none begins with one that was not.
pub(crate) fn as_seen(sight: &Sight<'_>, timing: &Timing) -> Vec<&'static str> {
    let is_one_of = |told: Option<i64>, spans: Vec<i64>| told.is_none_or(|ns| spans.contains(&ns));
    let syns: Vec<_> = sight.syns().collect();
    let syn_acks: Vec<_> = sight.syn_acks().collect();
    let (first, ack) = (syns.first(), sight.acknowledgment());
    let total = first.zip(ack).map(|(syn, ack)| ack.at - syn.at);
    let waits = syns.iter().map(|syn| syn.at - syns[0].at).collect();
    let syn_ack = syn_acks.first();
    let from = |causes: &[&Seen<'_>], answer: Option<&Seen<'_>>| -> Vec<i64> {
        let Some(answer) = answer else { return Vec::new() };
        causes
            .iter()
            .filter(|cause| may_cause(causes, cause, answer))
            .map(|cause| answer.at - cause.at)
            .collect()
    };
    let client_rtt = match syn_ack {
        Some(opens) if first.is_none() && ack.is_some_and(|ack| ack.at < opens.at) => {
            acknowledged_again(sight, opens).into_iter().collect()
        }
        _ => from(&syn_acks, ack),
    };
    let again = syn_acks.iter().map(|seen| seen.at - syn_acks[0].at).collect();
    let right = [
        (is_one_of(timing.total_ns, total.into_iter().collect()), "total"),
        (is_one_of(timing.retry_wait_ns, waits), "retry wait"),
        (is_one_of(timing.server_rtt_ns, from(&syns, syn_ack.copied())), "server RTT"),
        (is_one_of(timing.syn_ack_wait_ns, again), "SYN-ACK wait"),
        (is_one_of(timing.client_rtt_ns, client_rtt), "client RTT"),
    ];
    right.into_iter().filter(|(right, _)| !right).map(|(_, name)| name).collect()
}

/// The client's round trip where it had acknowledged K before the SYN-ACK that `opens` the record, and
/// the SYN was missed. What came before a record is in none; but the client acknowledges a repeated
/// SYN-ACK at once (RFC 9293, 3.10.7.4), and where it truly did that, the time is a round trip too.
/// Nothing shows that the SYN-ACK which it truly answers was missed.
fn acknowledged_again(sight: &Sight<'_>, opens: &Seen<'_>) -> Option<i64> {
    let after = |seen: &&Seen<'_>| seen.segment().is_ack() && seen.at > opens.at;
    let ack = sight.from(Side::Client).find(after)?;
    let answered = sight.syn_acks().find(|seen| Some(seen.id) == ack.emission.answers);
    Some(ack.at - answered.unwrap_or(opens).at)
}

/// Whether `answer` may answer `cause`: where both carry time stamps, it does not if it names a packet
/// that was missed.
fn may_cause(causes: &[&Seen<'_>], cause: &Seen<'_>, answer: &Seen<'_>) -> bool {
    let stamp = |seen: &Seen<'_>| seen.segment().timestamps();
    match (stamp(cause), stamp(answer)) {
        (Some(_), Some((_, echo))) => {
            causes.iter().any(|other| stamp(other).is_some_and(|(stamp, _)| stamp == echo))
        }
        _ => true,
    }
}

/// Whether the packets show which of `candidates` was answered: there is only one, or the answer
/// echoes its time stamp. A server may echo the first SYN that it holds (`latest_only`): then the
/// echo shows it only where it is that of the latest.
fn known(candidates: &[&Seen<'_>], answer: &Seen<'_>, latest_only: bool) -> bool {
    if candidates.len() == 1 {
        return true;
    }
    let Some((_, echo)) = answer.segment().timestamps() else { return false };
    let echoed =
        |seen: &&&Seen<'_>| seen.segment().timestamps().is_some_and(|(stamp, _)| stamp == echo);
    let from = if latest_only { candidates.len() - 1 } else { 0 };
    candidates[from..].iter().filter(echoed).count() == 1
}
