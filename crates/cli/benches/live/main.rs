//! Live capture under load, beside other programs that capture the same.
//!
//! `cargo bench -p synscope --bench live` makes a network namespace of its own, makes connections in
//! it on the loopback interface and lets one program after the other capture them. It takes less than
//! three minutes. Programs that are not installed are named and left out. Nothing here fails on
//! a slow machine: the figures are there to be read. How fast connections can be made changes from
//! second to second on most machines, which is why every rate stands beside one without a capture.

#[cfg(target_os = "linux")]
mod alone;
#[cfg(target_os = "linux")]
mod beside;
#[cfg(target_os = "linux")]
mod figures;
#[cfg(target_os = "linux")]
mod load;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    /// Set for the process that runs in a user namespace.
    const INSIDE: &str = "SYNSCOPE_BENCH_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return figures::print_all();
    }
    // Another user than root, with every capability, handed on to the programs it starts: as root,
    // tcpdump would try to become a user that the namespace doesn't have.
    let mut inside = std::process::Command::new("unshare");
    inside.args("--user --map-user=1000 --map-group=1000 --keep-caps --net --".split(' '));
    inside.arg(std::env::current_exe()?);
    if inside.env(INSIDE, "1").status()?.success() {
        Ok(())
    } else {
        Err(std::io::Error::other("the bench in its own namespace failed, as told above"))
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("live capture is measured on Linux only");
}
