//! What else holds of the lab: its errors, and what is there without a capture.

use std::error::Error;
use std::path::Path;
use std::thread;
use std::time::Duration;

use capture::file::{Input, Replay};
use capture::live::drop_privileges;
use capture::{FrameSource, Next};
use lab::{
    Cause, Connection, Lab, Moment, Namespace, NamespaceStep, Need, Options, Recorded, Scenario,
    ScenarioError,
};
use parser::{Content, Decoder};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use serde_json::{Value, json};

/// A check runs in a process of its own, as scenarios do.
type Check = fn() -> Checked;
type Checked<T = ()> = Result<T, Box<dyn Error>>;

pub(crate) const ALL: [(&str, Check); 9] = [
    ("a-second-thread-keeps-the-namespace-shut", second_thread),
    ("a-process-that-is-not-dumpable-enters", not_dumpable),
    ("rights-are-missed-by-name", missing_rights),
    ("a-stopped-capture-ends-the-watch", stopped),
    ("a-report-needs-no-capture", without_capture),
    ("calls-in-flight-are-reported", in_flight),
    ("no-namespaces-left", no_namespaces_left),
    ("with-rights-the-network-namespace-alone-will-do", privileged),
    ("a-recording-holds-packets-and-calls", recording),
];

fn second_thread() -> Checked {
    thread::spawn(|| thread::sleep(Duration::from_secs(60)));
    let error = Namespace::enter().err().ok_or("entered with two threads")?;
    let found = (error.step, error.cause, error.error.raw_os_error());
    same(&found, &(NamespaceStep::Unshare, Cause::Threads(2), Some(libc::EINVAL)))
}

/// Nor is one whose executable has file capabilities.
fn not_dumpable() -> Checked {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Namespace::enter()?;
    Ok(())
}

fn missing_rights() -> Checked {
    let lab = Lab::enter()?;
    drop_privileges()?;
    match lab.prepare(find("scan")?, Options::default()) {
        Err(ScenarioError::Missing { need, error }) => {
            same(&(need, error.raw_os_error()), &(Need::RawSocket, Some(libc::EPERM)))?;
        }
        other => return Err(format!("{other:?}").into()),
    }
    let fine = lab.run(find("refused")?, Options::default())?;
    fine.join()?;
    Ok(())
}

fn stopped() -> Checked {
    let lab = Lab::enter()?;
    let mut live = lab.open_capture()?;
    let stop = live.stop_handle();
    let running = lab.run(find("timeout")?, Options::default())?;
    let mut calls = Vec::new();
    let result = running.watch(&mut live, &mut |moment| match moment {
        Moment::Call(event) => calls.push(event.call().to_string()),
        Moment::Frame(_) => stop.stop(),
        Moment::Idle(_) => {}
    });
    same(&calls.last().map(String::as_str), &Some("connect(127.0.0.1:8080) ..."))?;
    match result {
        Err(ScenarioError::Stopped) => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

fn without_capture() -> Checked {
    let lab = Lab::enter()?;
    let running = lab.run(find("refused")?, Options::default())?;
    let report = running.join()?;
    let [connection] = report.connections.as_slice() else {
        return Err(format!("{:?}", report.connections).into());
    };
    same(&(connection.accepted, connection.errno), &(false, Some(libc::ECONNREFUSED)))
}

fn in_flight() -> Checked {
    let lab = Lab::enter()?;
    let running = lab.run(find("late")?, Options::default())?;
    let entered = "connect(127.0.0.1:8080) ...";
    let told = running.calls().iter().any(|event| event.call().to_string() == entered);
    same(&(told, running.is_finished()), &(true, false))?;
    running.join()?;
    Ok(())
}

/// The limit is set in a user namespace of this process's own, where it binds this process alone.
fn no_namespaces_left() -> Checked {
    let _first = Namespace::enter_as(0, 0)?;
    std::fs::write("/proc/sys/user/max_user_namespaces", "0")?;
    drop_privileges()?;
    let error = Namespace::enter().err().ok_or("entered beyond the limit")?;
    let found = (error.step, error.cause, error.error.raw_os_error());
    same(&found, &(NamespaceStep::Unshare, Cause::UserNamespacesOff, Some(libc::ENOSPC)))
}

/// In its first namespace the process has every right, as root has on a host.
fn privileged() -> Checked {
    let _first = Namespace::enter_as(0, 0)?;
    std::fs::write("/proc/sys/user/max_user_namespaces", "0")?;
    // Forbidden here is what this check is about, and no reason to leave it out.
    let second = Lab::enter().map_err(|error| error.to_string())?;
    let report = second.run(find("scan")?, Options::default())?.join()?;
    same(&report.scenario, &"scan")
}

fn recording() -> Checked {
    let directory = std::env::temp_dir().join(format!("synscope-lab-{}", std::process::id()));
    std::fs::create_dir(&directory)?;
    let recorded = record_into(&directory);
    std::fs::remove_dir_all(&directory)?;
    recorded
}

fn record_into(directory: &Path) -> Checked {
    let report = Lab::enter()?.record(find("refused")?, Options::default(), directory)?;
    let mut replay = Replay::open(&[Input::Path(directory.join("refused.pcapng"))]);
    let mut decoder = Decoder::new();
    let mut segments = Vec::new();
    while let Next::Frame(frame) = replay.next()? {
        match decoder.decode(&frame).content {
            Content::Tcp(segment) => segments.push(segment.flags.to_string()),
            other => return Err(format!("{other:?}").into()),
        }
    }
    same(&segments, &vec!["SYN".to_owned(), "RST,ACK".to_owned()])?;
    let text = std::fs::read_to_string(directory.join("refused.calls.jsonl"))?;
    let calls: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let connect = report.calls.get(1).ok_or("no second call")?;
    let returned = connect.returned.as_ref().ok_or("connect() never returned")?;
    let expected = json!({
        "type": "call", "id": 2, "side": "client", "number": 1, "accepted_by": null,
        "call": "connect(127.0.0.1:8080)", "entered_ns": connect.entered.as_nanos(), "returned_ns": returned.at.as_nanos(),
        "result": "-1 ECONNREFUSED (Connection refused)", "errno": 111,
    });
    same(&(calls.len(), calls.get(1)), &(4, Some(&expected)))?;
    let recorded = Recorded::read(&directory.join("refused.calls.jsonl"))?;
    same(&recorded.calls, &report.calls)?;
    let connections = report.connections.iter().cloned();
    let connections: Vec<_> = connections.map(|one| Connection { kernel: None, ..one }).collect();
    same(&recorded.connections, &connections)?;
    damaged(directory, &text)
}

/// What somebody has changed in a recording of calls is refused with the line.
fn damaged(directory: &Path, text: &str) -> Checked {
    let path = directory.join("damaged.calls.jsonl");
    for (from, to) in [
        ("\"client\"", "\"neither\""),
        ("\"call\",", "\"cell\","),
        ("\"tcp\"", "\"sctp\""),
        ("127.0.0.1:8080\"", "127.0.0.1:80800\""),
        ("\"errno\":null}", "\"errno\":"),
        ("\"result\":\"0\"", "\"result\":null"),
    ] {
        std::fs::write(&path, text.replace(from, to))?;
        let Err(error) = Recorded::read(&path) else {
            return Err(format!("{from} is taken").into());
        };
        same(&error.to_string().ends_with(" is no call and no connection"), &true)?;
    }
    std::fs::write(&path, text.replace("connect(", &"long".repeat(1000)))?;
    let longest = Recorded::read(&path)?.calls.into_iter().map(|call| call.text.len()).max();
    same(&longest, &Some(200))
}

fn find(name: &str) -> Checked<&'static Scenario> {
    Scenario::find(name).ok_or(format!("no scenario {name}").into())
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Checked {
    if found == expected {
        Ok(())
    } else {
        Err(format!("found {found:?}, expected {expected:?}").into())
    }
}
