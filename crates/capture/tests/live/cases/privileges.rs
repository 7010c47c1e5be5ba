//! What is left of privileges after they were dropped.

use std::fs;
use std::net::{TcpListener, TcpStream};

use capture::live::health::{Counters, listeners};
use capture::live::{
    Backend, Live, LiveError, Obstacle, PrivilegeReport, drop_privileges, give_up_capturing,
};
use parser::Endpoint;
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

use crate::net::{collect_rest, config, open};

/// No thread has any, no new packet socket opens, and the capture goes on to its end.
pub(super) fn are_gone(backend: Backend) {
    let mut live = open("lo", backend);
    let report = drop_privileges().unwrap();
    let none = PrivilegeReport {
        inheritable: Some(0),
        permitted: Some(0),
        effective: Some(0),
        bounding: Some(0),
        ambient: Some(0),
        no_new_privileges: Some(true),
    };
    assert_eq!(report, none);
    // No debugger of the same user, and no core dump, gets at what was captured.
    let dumpable = rustix::process::dumpable_behavior().unwrap();
    assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
    let in_a_thread = std::thread::spawn(PrivilegeReport::of_this_thread);
    assert_eq!(in_a_thread.join().unwrap(), none);
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let status = fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        for name in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert!(status.contains(&format!("{name}:\t0000000000000000\n")), "{status}");
        }
        assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
    }

    let error = Live::open(&config("lo", backend)).unwrap_err();
    let LiveError::NotPermitted { interface, facts } = error else { panic!("{error}") };
    assert_eq!(interface, "lo");
    assert_eq!(facts.binary, Some(fs::canonicalize(std::env::current_exe().unwrap()).unwrap()));
    assert!(facts.root, "the user id is still that of root");
    for obstacle in [Obstacle::NoNewPrivileges, Obstacle::BoundingSet, Obstacle::UserNamespace] {
        assert!(facts.obstacles.contains(&obstacle), "{facts}");
    }

    let before = Counters::read().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _waiting = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let local = listener.local_addr().unwrap();
    let [found] = listeners(&[local.port().into()]).unwrap()[..] else { panic!("one listener") };
    assert_eq!((found.local, found.queue), (Endpoint::new(local.ip(), local.port()), 1));
    let grown: Vec<_> = Counters::read().unwrap().since(&before).collect();
    assert_eq!(grown, [("ActiveOpens", 1), ("PassiveOpens", 1)]);
    assert_eq!(collect_rest(&mut live).len(), 3);
    assert_eq!(live.stats().received, 3);
}

/// As after `setcap cap_net_raw+p`: a file gives the capability, and nothing is allowed by it yet.
pub(super) fn permitted(backend: Backend) {
    let sets = capabilities(None).unwrap();
    let effective = sets.effective.difference(CapabilitySet::NET_RAW);
    set_capabilities(None, CapabilitySets { effective, ..sets }).unwrap();
    let live = open("lo", backend);
    assert_eq!(capabilities(None).unwrap(), sets, "it is allowed now, and nothing else changes");
    drop(live);
}

/// It can't be got back, and all others stay: by them root reads the files of every user.
pub(super) fn given_up(backend: Backend) {
    let before = PrivilegeReport::of_this_thread();
    give_up_capturing().unwrap();
    let without = |set: Option<u64>| Some(set? & !(1 << 13));
    let expected = PrivilegeReport {
        inheritable: without(before.inheritable),
        permitted: without(before.permitted),
        effective: without(before.effective),
        ..before
    };
    assert_eq!(PrivilegeReport::of_this_thread(), expected);
    assert_ne!(expected, before);
    let error = Live::open(&config("lo", backend)).unwrap_err();
    assert!(matches!(error, LiveError::NotPermitted { .. }), "{error}");
}
