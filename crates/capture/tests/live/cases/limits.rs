//! The end of a capture, and more frames than there is room for.

use std::io::{ErrorKind, Read as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use capture::live::{Backend, Live, LiveConfig, LiveStats};
use capture::{FrameSource, Next};
use socket2::SockRef;

use crate::net::{
    ACK, Connection, SYN, SYN_ACK, Seen, collect_rest, collect_until, config, connect, nanos_now,
    open, stamps_on_arrival,
};

/// Asked to stop right after the last segment, with nothing read before: everything comes, and
/// nothing that is later.
pub(super) fn stop_loses_nothing(backend: Backend) {
    let mut live = open("lo", backend);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connections: Vec<_> = (0..400).map(|_| connect(&listener)).collect();
    live.stop_handle().stop();
    let mut seen = collect_until(&mut live, |seen| !seen.is_empty());
    // The capture is closed from here on.
    let _late = connect(&listener);
    seen.extend(collect_until(&mut live, |_| false));
    let flags: Vec<_> = seen.iter().map(|frame| frame.tcp().flags).collect();
    assert_eq!(flags, [SYN, SYN_ACK, ACK].repeat(connections.len()));
    let stats = live.stats();
    assert_eq!(stats, LiveStats { received: seen.len() as u64, dropped: Some(0) });
    assert!(matches!(live.next().unwrap(), Next::End), "the end stays the end");
}

/// A few frames that the kernel has not handed over when the capture is to stop: it waits for them.
pub(super) fn stop_waits_for_the_last(backend: Backend) {
    let config = LiveConfig { time_out: Duration::from_millis(30), ..config("lo", backend) };
    for _ in 0..5 {
        let mut live = Live::open(&config).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _connection = connect(&listener);
        let flags: Vec<_> = collect_rest(&mut live).iter().map(|frame| frame.tcp().flags).collect();
        assert_eq!(flags, [SYN, SYN_ACK, ACK]);
    }
}

/// What finds no room in a small ring is counted: nothing is lost silently.
pub(super) fn drops_are_counted(backend: Backend) {
    let config = LiveConfig { ring_bytes: 1, ..config("lo", backend) };
    let mut live = Live::open(&config).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let made = 1500;
    for _ in 0..made {
        // No connection outlives its turn: not everybody may have 3,000 files open.
        let Connection { client, mut server } = connect(&listener);
        SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        assert_eq!(server.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
    let seen: Vec<Seen> = collect_rest(&mut live);
    let stats = live.stats();
    assert_eq!(stats.received, seen.len() as u64);
    let dropped = stats.dropped.unwrap();
    assert_eq!(stats.received + dropped, 4 * made, "three segments each, and a RST");
    assert!(dropped > 0);
    assert_eq!(live.stats(), stats, "asking again changes nothing");
}

/// With no frames, the source tells up to when there were none.
pub(super) fn idle(backend: Backend) {
    let config = LiveConfig { idle: Duration::from_millis(1), ..config("lo", backend) };
    let mut live = Live::open(&config).unwrap();
    let mut last = None;
    for _ in 0..20 {
        let Next::Idle(time) = live.next().unwrap() else { panic!("no frames are expected") };
        assert!(last < Some(time), "time goes on");
        last = Some(time);
    }
    let behind = nanos_now() - last.unwrap().as_nanos();
    assert!((0..1_000_000_000).contains(&behind), "{behind} ns behind");
    live.stop_handle().stop();
    assert!(matches!(live.next().unwrap(), Next::End));
}

/// What a caller does in idle times must not wait for silence.
pub(super) fn busy(backend: Backend) {
    let _stamps = stamps_on_arrival(backend);
    let config = LiveConfig { idle: Duration::from_millis(20), ..config("lo", backend) };
    let mut live = Live::open(&config).unwrap();
    let stop = live.stop_handle();
    let traffic = std::thread::spawn(move || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let end = Instant::now() + Duration::from_millis(300);
        while Instant::now() < end {
            drop(connect(&listener));
            std::thread::sleep(Duration::from_millis(1));
        }
        stop.stop();
    });
    let (mut frames, mut idles, mut reached) = (0, 0, None);
    loop {
        match live.next().unwrap() {
            Next::Frame(frame) => {
                frames += 1;
                assert!(frame.timestamp >= reached, "what was said to be delivered comes late");
            }
            Next::Idle(time) => {
                idles += 1;
                reached = Some(time);
            }
            Next::End => break,
        }
    }
    traffic.join().unwrap();
    assert!(frames > 100 && idles > 2, "{idles} idle times among {frames} frames");
}
