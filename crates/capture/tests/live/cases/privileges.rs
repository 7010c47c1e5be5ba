//! What is left of privileges after they were dropped.

use std::fs;
use std::net::TcpListener;

use capture::live::{Backend, Live, LiveError, Obstacle, PrivilegeReport, drop_privileges};

use crate::net::{collect_rest, config, connect, open};

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

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _connection = connect(&listener);
    assert_eq!(collect_rest(&mut live).len(), 3);
    assert_eq!(live.stats().received, 3);
}
