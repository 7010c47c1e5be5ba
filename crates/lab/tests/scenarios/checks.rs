//! What else holds of the lab: its errors, and what is there without a capture.

use std::error::Error;
use std::thread;
use std::time::Duration;

use capture::live::drop_privileges;
use lab::{Cause, Lab, Moment, Namespace, Need, Options, Scenario, ScenarioError, Step};

/// A check runs in a process of its own, as scenarios do.
type Check = fn() -> Checked;
type Checked<T = ()> = Result<T, Box<dyn Error>>;

pub(crate) const ALL: [(&str, Check); 5] = [
    ("a-second-thread-keeps-the-namespace-shut", second_thread),
    ("rights-are-missed-by-name", missing_rights),
    ("a-stopped-capture-ends-the-watch", stopped),
    ("a-report-needs-no-capture", without_capture),
    ("calls-in-flight-are-told", in_flight),
];

fn second_thread() -> Checked {
    thread::spawn(|| thread::sleep(Duration::from_secs(60)));
    let error = Namespace::enter().err().ok_or("entered with two threads")?;
    let found = (error.step, error.cause, error.source.raw_os_error());
    same(&found, &(Step::Unshare, Cause::Threads(2), Some(libc::EINVAL)))
}

fn missing_rights() -> Checked {
    let lab = Lab::enter()?;
    drop_privileges()?;
    match lab.prepare(find("scan")?, Options::default()) {
        Err(ScenarioError::Missing { need, source }) => {
            same(&(need, source.raw_os_error()), &(Need::RawSocket, Some(libc::EPERM)))?;
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
