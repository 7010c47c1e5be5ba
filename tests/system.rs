//! The program with rights and networks of its own: each test in a process that has moved into a user
//! namespace and a network namespace, where it is root. Nothing of the host is touched.
//!
//! `cargo test -p synscope --test system -- NAME` runs one.

/// Tests by their names.
#[cfg(target_os = "linux")]
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        &[$((concat!(module_path!(), "::", stringify!($test)), $test as Test)),+]
    };
}

#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod live_replay;
#[cfg(target_os = "linux")]
mod metrics;
#[cfg(target_os = "linux")]
#[expect(dead_code, reason = "the other tests of the program need more of it")]
mod terminal;
#[cfg(target_os = "linux")]
mod transcripts;
#[cfg(target_os = "linux")]
#[expect(dead_code, reason = "the other tests of the program need more of it")]
mod util;

#[cfg(target_os = "linux")]
type Test = fn();

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use std::time::Duration;

    use lab::{Namespace, NamespaceError};

    let tests = [demo::TESTS, live::TESTS, live_replay::TESTS, metrics::TESTS].concat();
    let case = |(name, test): (&str, Test)| testkit::Case {
        name: name.to_owned(),
        run: Box::new(move || {
            Namespace::enter_as(0, 0)?;
            test();
            Ok(())
        }),
    };
    let suite = testkit::Suite {
        cases: tests.into_iter().map(case).collect(),
        at_once: 4,
        limit: Duration::from_secs(60),
        name: "system",
        shared: env!("CARGO_TARGET_TMPDIR"),
        is_forbidden: |error| error.downcast_ref().is_some_and(NamespaceError::is_forbidden),
    };
    suite.main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("there are namespaces on Linux only");
}

/// Takes `CAP_NET_RAW` out of what programs started from now on can get.
#[cfg(target_os = "linux")]
fn without_net_raw() {
    use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
    remove_capability_from_bounding_set(CapabilitySet::NET_RAW).expect("root may");
}
