//! How many attempts have room in 64 MB, and that a flood takes no room from those who answer.

use handshake::{End, Limits, Outcome, Reporting, Tracker};
use parser::{Frame, LinkType, Origin, Timestamp};
use testkit::{Connection, Ip, TestFrame, spoofed_syn};

/// What `synscope --memory 64MB` leaves to the open attempts where only totals are wanted.
const FOR_TOTALS: usize = 47_000_000;
/// The same where records are wanted.
const FOR_RECORDS: usize = 39_500_000;

/// Attempts that are open together before one is evicted, for IPv4 and for IPv6.
type Room = [u32; 2];

/// Attempts of one SYN.
const SYNS_IN_TOTALS: Room = [500_000, 350_000];
const SYNS_IN_RECORDS: Room = [218_000, 150_000];
/// Attempts of a SYN, a SYN-ACK and an ACK.
const HANDSHAKES_IN_TOTALS: Room = [272_000, 240_000];
const HANDSHAKES_IN_RECORDS: Room = [121_500, 98_000];

struct Watched {
    tracker: Tracker,
    frames: u64,
}

impl Watched {
    fn new(reporting: Reporting, share: usize) -> Self {
        let whole = if reporting == Reporting::Facts { FOR_TOTALS } else { FOR_RECORDS };
        let limits = Limits { memory: whole / share, ..Limits::DEFAULT };
        Self { tracker: Tracker::new(limits, reporting), frames: 0 }
    }

    fn take(&mut self, frame: &TestFrame) {
        self.frames += 1;
        let frame = Frame {
            origin: Origin::default(),
            number: self.frames,
            timestamp: Some(Timestamp::from_nanos(frame.timestamp_ns)),
            link: LinkType(frame.link),
            wire_len: frame.wire_len,
            bytes: &frame.bytes,
        };
        self.tracker.on_frame(&frame, &mut |_| {});
    }

    fn evicted(&self) -> u64 {
        self.tracker.counters().evicted.iter().sum()
    }
}

/// Opens attempts of so many segments, all of them within a second.
fn assert_room(reporting: Reporting, segments: u32, room: Room) {
    for (ip, room) in [Ip::V4, Ip::V6].into_iter().zip(room) {
        let mut watched = Watched::new(reporting, 1);
        for number in 0..room {
            for step in 0..segments {
                watched.take(&Connection { ip, number }.packet(step, i64::from(number) * 1_000));
            }
        }
        assert_eq!(watched.evicted(), 0, "{ip:?}: so many of {room} have no room");
    }
}

#[test]
fn totals_have_room_for_syns() {
    assert_room(Reporting::Facts, 1, SYNS_IN_TOTALS);
}

#[test]
fn records_have_room_for_syns() {
    assert_room(Reporting::Records, 1, SYNS_IN_RECORDS);
}

#[test]
fn totals_have_room_for_handshakes() {
    assert_room(Reporting::Facts, Connection::HANDSHAKE, HANDSHAKES_IN_TOTALS);
}

#[test]
fn records_have_room_for_handshakes() {
    assert_room(Reporting::Records, Connection::HANDSHAKE, HANDSHAKES_IN_RECORDS);
}

/// The flood is a fifth of a million SYNs, in a fifth of the memory.
const SHARE: u32 = 5;
const SPOOFED: u32 = 1_000_000 / SHARE;
const SPOOFED_NS: i64 = 10_000;
const HONEST: u32 = 20_000 / SHARE;
/// Spoofed SYNs from one honest SYN to the next.
const APART: u32 = SPOOFED / HONEST;
/// Spoofed SYNs while an honest end waits for the other's next packet: 100 ms.
const MEANWHILE: u32 = 10_000;

/// Honest clients complete their handshakes while a flood fills the memory several times.
fn assert_honest(reporting: Reporting, ip: Ip) {
    let mut watched = Watched::new(reporting, SHARE as usize);
    for number in 0..SPOOFED + Connection::HANDSHAKE * MEANWHILE {
        let now = i64::from(number) * SPOOFED_NS;
        watched.take(&spoofed_syn(ip, number, now));
        for step in 0..Connection::HANDSHAKE {
            let begun = number.checked_sub(step * MEANWHILE);
            let begun = begun.filter(|begun| begun.is_multiple_of(APART) && *begun < SPOOFED);
            if let Some(number) = begun.map(|begun| begun / APART) {
                watched.take(&Connection { ip, number }.packet(step, now));
            }
        }
    }
    assert!(watched.evicted() > u64::from(SPOOFED) / 2, "the flood is greater than the room");
    watched.tracker.finish(End::Complete, &mut |_| {});
    let outcomes = watched.tracker.counters().outcomes;
    let of = |wanted| Outcome::ALL.iter().zip(outcomes).find(|(it, _)| **it == wanted);
    let established = of(Outcome::Established).map_or(0, |(_, count)| count);
    assert!(established * 1_000 >= u64::from(HONEST) * 999, "{established} of {HONEST}");
}

#[test]
fn totals_of_honest_clients_survive_a_flood() {
    assert_honest(Reporting::Facts, Ip::V4);
    assert_honest(Reporting::Facts, Ip::V6);
}

#[test]
fn records_of_honest_clients_survive_a_flood() {
    assert_honest(Reporting::Records, Ip::V4);
}

#[test]
fn records_of_honest_clients_survive_a_flood_of_ipv6() {
    assert_honest(Reporting::Records, Ip::V6);
}
