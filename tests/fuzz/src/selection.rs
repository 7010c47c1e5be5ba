//! Words of a command line: they select the attempts that a plain reading of them selects.
//!
//! The program is no crate that others can use. So this file is not in the library beside it: whoever
//! includes it has the program's modules around it.

use std::net::IpAddr;

use clap::Parser as _;
use handshake::{End, Event, Handshake, Limits, Reporting, Tracker, recognise};
use parser::{Frame, LinkType, Timestamp};

use crate::args::{Cli, Command};
use crate::selection::Selection;

const OPTIONS: [&str; 11] = [
    "--host",
    "--client",
    "--server",
    "--port",
    "--outcome",
    "--pattern",
    "--slower-than",
    "--server-port",
    "--server-rtt-over",
    "--client-rtt-over",
    "--id",
];

/// 38 bytes are an attempt. Each line behind them is an option, by its first byte, with its value.
pub(crate) fn check(data: &[u8]) {
    let Some((attempt, lines)) = data.split_first_chunk() else { return };
    let attempt = self::attempt(attempt);
    let text = String::from_utf8_lossy(lines);
    let pairs = text.lines().filter_map(|line| line.split_at_checked(1));
    let pairs = pairs.map(|(option, value)| (self::option(option.as_bytes()[0]), value));
    let pairs: Vec<_> = pairs.collect();
    let words = pairs.iter().flat_map(|(option, value)| [*option, value]);
    let words: Vec<_> = ["synscope", "replay", "file"].into_iter().chain(words).collect();
    let Ok(cli) = Cli::try_parse_from(&words) else { return };
    let Command::Replay(args) = cli.command else { panic!("{words:?} is another command") };
    let selection = Selection::try_from(&args.shown).expect("no option is a time");
    assert_eq!(selection.is_empty(), pairs.is_empty(), "{words:?}");
    let patterns = recognise(&attempt);
    let taken = selection.takes(&attempt) && selection.takes_patterns(&patterns);
    // Values of one option are alternatives, and each option that is there must be met.
    let expected = OPTIONS.iter().all(|option| {
        let mut values = pairs.iter().filter(|(name, _)| name == option).map(|(_, value)| *value);
        let is_there = pairs.iter().any(|(name, _)| name == option);
        !is_there || values.any(|value| meets(option, value, &attempt))
    });
    assert_eq!(taken, expected, "{words:?}: {attempt:?}");
    let conditions = selection.conditions();
    let one_by_one = conditions
        .iter()
        .all(|(_, condition)| condition.takes(&attempt) && condition.takes_patterns(&patterns));
    assert_eq!(one_by_one, taken, "{conditions:?}");
    assert!(conditions.iter().all(|(name, _)| pairs.iter().any(|(option, _)| option == name)));
    assert!(!taken || selection.takes_ends(attempt.client, attempt.server));
}

/// `b` is the first option.
fn option(byte: u8) -> &'static str {
    OPTIONS[usize::from(byte.wrapping_sub(b'b')) % OPTIONS.len()]
}

/// Whether the attempt meets an option with a value that was taken.
fn meets(option: &str, value: &str, attempt: &Handshake) -> bool {
    let (client, server) = (attempt.client, attempt.server);
    let named = |name: &str| name.replace('_', "-") == value.replace('_', "-");
    match option {
        "--host" => within(value, client.addr) || within(value, server.addr),
        "--client" => within(value, client.addr),
        "--server" => within(value, server.addr),
        "--port" => among(value, client.port) || among(value, server.port),
        "--server-port" => among(value, server.port),
        "--id" => value.split(',').any(|id| {
            id.to_lowercase() == attempt.uid().to_string() || id.parse() == Ok(attempt.id)
        }),
        "--outcome" => named(attempt.outcome.name()),
        "--pattern" => recognise(attempt).iter().any(|found| named(found.name.name())),
        _ => {
            let timing = &attempt.timing;
            let ns = match option {
                "--server-rtt-over" => timing.server_rtt_ns,
                "--client-rtt-over" => timing.client_rtt_ns,
                _ => timing.total_ns,
            };
            ns.is_some_and(|ns| i128::from(ns) > nanoseconds(value))
        }
    }
}

/// Whether the port is one of these: numbers, ranges and names.
fn among(value: &str, port: u16) -> bool {
    value.split(',').any(|one| match one.split_once('-').map(|(a, b)| (a.parse(), b.parse())) {
        Some((Ok(first), Ok(last))) => (first..=last).contains(&port),
        _ => one.parse().ok().or_else(|| crate::services::port(one)) == Some(port),
    })
}

/// Whether the first bits of both addresses are the same.
fn within(net: &str, addr: IpAddr) -> bool {
    let bits = |addr: IpAddr| match addr {
        IpAddr::V4(addr) => format!("{:032b}", addr.to_bits()),
        IpAddr::V6(addr) => format!("{:0128b}", addr.to_bits()),
    };
    let (net, prefix) = net.split_once('/').unwrap_or((net, "128"));
    let (ours, theirs) = (bits(net.parse().expect("an address")), bits(addr));
    let prefix = prefix.parse::<usize>().expect("a number").min(ours.len());
    ours.len() == theirs.len() && ours[..prefix] == theirs[..prefix]
}

fn nanoseconds(text: &str) -> i128 {
    let (number, unit) = text.split_at(text.find(char::is_alphabetic).expect("a unit"));
    let unit: i128 = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => panic!("{unit} was taken"),
    };
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let digits: i128 = number.replace('.', "").parse().expect("digits");
    digits * unit / 10_i128.pow(decimals as u32)
}

/// An attempt between any two ends: unanswered, refused, or established after some time.
fn attempt(bytes: &[u8; 38]) -> Handshake {
    let (&[kind, time], ends) = bytes.split_first_chunk().expect("it is long enough");
    let is_v4 = kind & 1 == 0;
    let (client, server, ports) = (&ends[..16], &ends[16..32], &ends[32..]);
    let packet = |flags: u8, seq: u8, ack: u8| {
        let is_reversed = flags & 0x12 == 0x12 || flags & 4 != 0;
        let (from, to) = if is_reversed { (server, client) } else { (client, server) };
        let (near, far) = if is_reversed { (2, 0) } else { (0, 2) };
        let addresses = if is_v4 { [&from[..4], &to[..4]] } else { [from, to] }.concat();
        let ip: &[u8] = if is_v4 {
            &[0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0]
        } else {
            &[0x60, 0, 0, 0, 0, 20, 6, 64]
        };
        let tcp = [0, 0, 0, seq, 0, 0, 0, ack, 0x50, flags, 1, 0, 0, 0, 0, 0];
        [ip, &addresses, &ports[near..near + 2], &ports[far..far + 2], &tcp].concat()
    };
    let packets = match kind >> 1 & 3 {
        0 => vec![packet(0x02, 1, 0)],
        1 => vec![packet(0x02, 1, 0), packet(0x14, 0, 2)],
        _ => vec![packet(0x02, 1, 0), packet(0x12, 7, 2), packet(0x10, 2, 8)],
    };
    let mut tracker = Tracker::new(Limits::default(), Reporting::Records);
    let mut ended = None;
    let mut on_event = |event: Event<'_>| {
        if let Event::Ended(record) = event {
            ended.get_or_insert_with(|| record.clone());
        }
    };
    for (number, bytes) in (1_u32..).zip(&packets) {
        // From a nanosecond to some seconds between them.
        let nanos = i64::from(number - 1) << (time & 31);
        let (number, timestamp) = (number.into(), Some(Timestamp::from_nanos(nanos)));
        let frame = Frame::of_bytes(LinkType::RAW, bytes.len() as u32, bytes);
        tracker.on_frame(&Frame { number, timestamp, ..frame }, &mut on_event);
    }
    tracker.finish(End::Complete, &mut on_event);
    ended.expect("a SYN is an attempt")
}

#[test]
fn what_is_selected_is_what_the_words_say() {
    testkit::fuzz("selection", 1_000, check);
}
