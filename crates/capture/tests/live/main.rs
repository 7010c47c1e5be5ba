//! Live capture against the kernel, each case in a network namespace of its own.
//!
//! Making a namespace needs a process with one thread, so this binary has no test harness: it runs
//! itself again for each case, under `unshare`. No privilege is needed where the kernel lets users
//! make namespaces; where it does not, the cases fail and say so.

mod cases;
mod net;
mod peer;

use std::io::Read;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use capture::live::Backend;

use cases::{CASES, Case};

/// Names the case that a child is to run.
const CASE: &str = "CAPTURE_LIVE_CASE";
/// No case takes a tenth of this.
const LIMIT: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    if std::env::var_os(peer::PEER).is_some() {
        peer::be();
        return ExitCode::SUCCESS;
    }
    if let Ok(wanted) = std::env::var(CASE) {
        let (case, backend) = all().find(|one| name(one) == wanted).expect("a case of this binary");
        net::set_up_loopback();
        (case.run)(backend);
        return ExitCode::SUCCESS;
    }
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let chosen = all().filter(|one| filter.as_ref().is_none_or(|part| name(one).contains(part)));
    let (mut passed, mut failed) = (0, 0);
    for one in chosen {
        match run(&name(&one)) {
            Ok(()) => {
                println!("test {} ... ok", name(&one));
                passed += 1;
            }
            Err(why) => {
                println!("test {} ... FAILED\n{why}", name(&one));
                failed += 1;
            }
        }
    }
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn all() -> impl Iterator<Item = (Case, Backend)> {
    let backends = [Backend::Ring, Backend::Pnet];
    CASES.iter().flat_map(move |case| {
        let used = backends.into_iter().filter(|backend| case.backends.contains(backend));
        used.map(|backend| (*case, backend))
    })
}

fn name((case, backend): &(Case, Backend)) -> String {
    format!("{}::{}", format!("{backend:?}").to_lowercase(), case.name)
}

/// Runs a case in namespaces of its own; the error is what to show of a failure.
fn run(name: &str) -> Result<(), String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let child = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "--"])
        .arg(this)
        .env(CASE, name)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let child = child.map_err(|error| format!("unshare (util-linux) is needed: {error}"))?;
    let (code, output) = finish(child)?;
    if code == Some(0) {
        return Ok(());
    }
    let hint = if output.contains("unshare failed") {
        "\nThis kernel or sandbox forbids user namespaces, which root needs here too: look at \
         user.max_user_namespaces, kernel.unprivileged_userns_clone and \
         kernel.apparmor_restrict_unprivileged_userns."
    } else {
        ""
    };
    Err(format!("{output}{hint}"))
}

/// The exit code of a case, and what it wrote to standard error.
fn finish(mut child: Child) -> Result<(Option<i32>, String), String> {
    let mut errors = child.stderr.take().ok_or("standard error is piped")?;
    let reader = std::thread::spawn(move || {
        let mut output = String::new();
        errors.read_to_string(&mut output).map(|_| output)
    });
    let end = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
                return Err(format!("no end after {LIMIT:?}"));
            }
            Err(error) => return Err(error.to_string()),
        }
    };
    let output = reader.join().map_err(|_| "the reader panicked")?;
    Ok((status.code(), output.map_err(|error| error.to_string())?))
}
