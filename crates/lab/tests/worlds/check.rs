//! The capture of a world, tracked, beside what the kernel reported.

use std::fmt::Write;

use handshake::{End, Event, Handshake, Limits, Outcome, Reporting, TcpState, Tracker, recognise};
use parser::{Content, Decoder, Endpoint};

use crate::expected::Expected;
use crate::plan::{FastOpen, Plan};
use crate::truth::{ESTABLISHED, SYN_SENT, Seen, Truth};
use crate::world::Captured;

/// What a tracker says of one attempt.
struct Told {
    handshake: Handshake,
    patterns: Vec<&'static str>,
}

fn track(captured: &[Captured]) -> Vec<Told> {
    let mut told = Vec::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            let patterns = recognise(record).iter().map(|pattern| pattern.name.name()).collect();
            told.push(Told { handshake: record.clone(), patterns });
        }
    };
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    for captured in captured {
        tracker.on_frame(&captured.frame(), &mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    told
}

/// The outcomes and names that were due and reported, or how the observer contradicts the kernel.
pub(crate) fn check(
    plan: &Plan,
    truth: &Truth,
    captured: &[Captured],
) -> Result<Vec<&'static str>, String> {
    let told = track(captured);
    let mut wrong = Vec::new();
    let mut due = Vec::new();
    let mut clear = true;
    for (index, seen) in truth.clients.iter().enumerate() {
        let end = |address: std::net::SocketAddr| Endpoint::new(address.ip(), address.port());
        let ends = (end(plan.client_end(index)), end(plan.server_end(index)));
        let is_its = |told: &&Told| (told.handshake.client, told.handshake.server) == ends;
        let records: Vec<&Told> = told.iter().filter(is_its).collect();
        clear &= !seen.unclear;
        match (seen.started, &records[..]) {
            (None, []) => {}
            (Some(_), _) if seen.unclear => {}
            (Some(_), [told]) => compare(plan, truth, index, told, &mut due)
                .unwrap_or_else(|why| wrong.push(format!("client {index}: {why}"))),
            (_, records) => wrong.push(format!("client {index}: {} records", records.len())),
        }
    }
    let started = truth.clients.iter().filter(|seen| seen.started.is_some()).count();
    if told.len() > started {
        wrong.push(format!("{} records of {started} attempts", told.len()));
    }
    let named = told.iter().filter(|told| told.patterns.contains(&"fast_open_accepted")).count();
    if clear && named as u64 != truth.counter("TcpExtTCPFastOpenPassive") {
        wrong.push(format!("fast_open_accepted named {named} times"));
    }
    if wrong.is_empty() { Ok(due) } else { Err(story(plan, truth, captured, &told, &wrong)) }
}

fn compare(
    plan: &Plan,
    truth: &Truth,
    index: usize,
    told: &Told,
    due: &mut Vec<&'static str>,
) -> Result<(), String> {
    let seen = &truth.clients[index];
    let Told { handshake, patterns } = told;
    let Expected { outcomes, must, may } = Expected::of(plan, truth, index)?;
    if !outcomes.contains(&handshake.outcome) {
        let allowed: Vec<_> = outcomes.iter().map(|outcome| outcome.name()).collect();
        return Err(format!("{} told as {}", allowed.join(" or "), handshake.outcome.name()));
    }
    if seen.client_isn.is_some_and(|isn| isn != handshake.client_isn.0) {
        return Err(format!("J is {:?}, told {}", seen.client_isn, handshake.client_isn.0));
    }
    if seen.server_isn != handshake.server_isn.map(|isn| isn.0) && seen.connected.is_some() {
        return Err(format!("K is {:?}, told {:?}", seen.server_isn, handshake.server_isn));
    }
    states(seen, handshake)?;
    let retries = seen.syn_retries.filter(|_| plan.fast_open == FastOpen::Off);
    if retries.is_some_and(|retries| retries != handshake.syn_retransmissions) {
        let told = handshake.syn_retransmissions;
        return Err(format!("SYN sent again {retries:?} times, told {told}"));
    }
    if let Some(name) = must.iter().find(|name| !patterns.contains(name)) {
        return Err(format!("{name} not named"));
    }
    if let Some(name) = patterns.iter().find(|name| !must.contains(name) && !may.contains(name)) {
        return Err(format!("{name} named"));
    }
    if let [only] = outcomes[..] {
        due.push(only.name());
    }
    due.extend(must);
    Ok(())
}

/// The states of both ends, where the kernel tells them, and that nothing was missed of a handshake.
fn states(seen: &Seen, told: &Handshake) -> Result<(), String> {
    let client = match (seen.state, told.outcome) {
        (ESTABLISHED, _) => Some(TcpState::Established),
        (SYN_SENT, _) => Some(TcpState::SynSent),
        (_, Outcome::Refused) => Some(TcpState::Closed),
        _ => None,
    };
    let server = match (seen.half_open, told.outcome) {
        // What the server took after all of an ACK that was sent again is not always shown.
        (Some(_), Outcome::EstablishedClientOnly) => Some(TcpState::SynReceived),
        (None, _) if seen.taken_at_once && seen.accepted => Some(TcpState::Established),
        _ => None,
    };
    if client.is_some() && told.client_state != client {
        return Err(format!("the client is in {client:?}, told {:?}", told.client_state));
    }
    if server.is_some() && told.server_state != server {
        return Err(format!("the server is in {server:?}, told {:?}", told.server_state));
    }
    let captured = (told.syn_captured, told.syn_ack_captured, told.ack_captured);
    if told.outcome == Outcome::Established && captured != (true, true, true) {
        return Err(format!("SYN, SYN-ACK and ACK were captured, told {captured:?}"));
    }
    Ok(())
}

fn story(
    plan: &Plan,
    truth: &Truth,
    captured: &[Captured],
    told: &[Told],
    wrong: &[String],
) -> String {
    let mut text = format!("KERNEL_WORLDS_SEED={} KERNEL_WORLDS_COUNT=1\n{plan:#?}\n", plan.seed);
    for line in &truth.story {
        let _ = writeln!(text, "{line}");
    }
    for (index, seen) in truth.clients.iter().enumerate() {
        let _ = writeln!(text, "# client {index}: {seen:?}");
    }
    for name in ["ListenOverflows", "ListenDrops", "TCPFastOpenPassive", "TCPFastOpenActive"] {
        let _ = writeln!(text, "# {name}: {}", truth.counter(&format!("TcpExt{name}")));
    }
    let mut decoder = Decoder::new();
    for captured in captured {
        let (number, frame) = (captured.number, captured.frame());
        let time = frame.timestamp.map(|time| time.to_string()).unwrap_or_default();
        let _ = match decoder.decode(&frame).content {
            Content::Tcp(segment) => writeln!(
                text,
                "frame {number} {time} {} > {} {} seq {} ack {:?} len {}",
                segment.source,
                segment.destination,
                segment.flags,
                segment.seq,
                segment.ack(),
                segment.len
            ),
            other => writeln!(text, "frame {number} {time} {other:?}"),
        };
    }
    for Told { handshake, patterns } in told {
        let _ = writeln!(
            text,
            "# told: {} > {}: {} {patterns:?}",
            handshake.client,
            handshake.server,
            handshake.outcome.name()
        );
    }
    for line in wrong {
        let _ = writeln!(text, "# WRONG: {line}");
    }
    text
}
