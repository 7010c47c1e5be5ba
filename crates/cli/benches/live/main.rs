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
mod soak;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    // Another user than root, with every capability, handed on to the programs it starts: as root,
    // tcpdump would try to become a user that the namespace doesn't have.
    lab::Namespace::enter_as(1000, 1000).map_err(std::io::Error::other)?;
    hand_capabilities_on()?;
    let mut words = std::env::args();
    if words.any(|word| word == "--soak") {
        let minutes = words.next().and_then(|minutes| minutes.parse().ok());
        return soak::print(minutes.ok_or(std::io::Error::other("--soak takes minutes"))?);
    }
    figures::print_all()
}

/// Lets every program that is started from now on have the capabilities of this one.
#[cfg(target_os = "linux")]
fn hand_capabilities_on() -> std::io::Result<()> {
    use rustix::thread;
    let mut sets = thread::capabilities(None)?;
    sets.inheritable = sets.permitted;
    thread::set_capabilities(None, sets)?;
    for capability in sets.permitted.iter() {
        thread::configure_capability_in_ambient_set(capability, true)?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("live capture is measured on Linux only");
}
