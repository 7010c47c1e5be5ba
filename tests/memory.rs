//! The memory of the whole program, by the kernel's account, while a flood opens more attempts than
//! have room in the 64 MB that it takes by default.
//!
//! Each test has a process of its own: the peak of a child is at least what its parent took.

#[cfg(target_os = "linux")]
#[path = "memory/flood.rs"]
mod flood;
#[cfg(target_os = "linux")]
#[path = "../crates/cli/benches/live/sys.rs"]
#[expect(dead_code, reason = "the bench does more with the programs that it starts")]
mod sys;
#[cfg(target_os = "linux")]
#[expect(dead_code, reason = "the other tests of the program need more of it")]
mod util;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let case = |flood: flood::Flood| testkit::Case {
        name: flood.name.to_owned(),
        run: Box::new(move || Ok(flood.assert_memory()?)),
    };
    let suite = testkit::Suite {
        cases: flood::ALL.into_iter().map(case).collect(),
        at_once: 2,
        limit: std::time::Duration::from_secs(120),
        name: "memory",
        shared: env!("CARGO_TARGET_TMPDIR"),
        is_forbidden: |_| false,
    };
    suite.main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the kernel's account of memory is read on Linux only");
}
