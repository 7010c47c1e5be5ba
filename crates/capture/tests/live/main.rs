//! Live capture against the kernel, each case in a user and a network namespace of its own: no
//! privilege is needed where the kernel lets users make namespaces.
//!
//! Entering them needs a process with one thread, so this binary has no test harness: it runs itself
//! again for each case.

mod cases;
mod net;
mod peer;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use capture::live::Backend;
use lab::{Namespace, NamespaceError};
use testkit::Suite;

use cases::{CASES, Case};

fn main() -> ExitCode {
    let helpers = [(peer::PEER, peer::be as fn()), (cases::INTERFACES, cases::change_interfaces)];
    if let Some((_, be)) = helpers.iter().find(|(name, _)| std::env::var_os(name).is_some()) {
        be();
        return ExitCode::SUCCESS;
    }
    let suite = Suite {
        cases: CASES.iter().flat_map(on_its_backends).collect(),
        // Some look at how long something takes, or at what this process uses.
        at_once: 1,
        limit: Duration::from_secs(60),
        name: "live",
        shared: env!("CARGO_TARGET_TMPDIR"),
        is_forbidden: |error| error.downcast_ref().is_some_and(NamespaceError::is_forbidden),
    };
    suite.main()
}

fn on_its_backends(case: &'static Case) -> impl Iterator<Item = testkit::Case> {
    case.backends.iter().map(move |&backend| testkit::Case {
        name: format!("{}::{}", format!("{backend:?}").to_lowercase(), case.name),
        run: Box::new(move || run(case, backend)),
    })
}

fn run(case: &Case, backend: Backend) -> Result<(), Box<dyn Error>> {
    // As root, so that what it starts has its rights too.
    Namespace::enter_as(0, 0)?;
    (case.run)(backend);
    Ok(())
}
