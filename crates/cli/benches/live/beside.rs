//! Connections beside one that carries as much as it can.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::load::{Load, Made};
use crate::program::{Program, is_installed};

const LOAD: Load = Load { rate: Some(1000), time: Duration::from_secs(3), most: 8_000 };

/// How much iperf3 carries beside 1000 connections a second, with and without a capture.
pub(crate) fn print_throughput(folder: &Path) -> io::Result<()> {
    println!("\n1000 connections a second beside iperf3, for {} s", LOAD.time.as_secs());
    if !is_installed("iperf3") {
        println!("not installed, left out: iperf3");
        return Ok(());
    }
    println!(
        "{:<24} {:>9} {:>9} {:>10} {:>8} {:>7}",
        "program", "Gbit/s", "kept", "recorded", "dropped", "CPU %"
    );
    let (mut before, _) = carry()?;
    println!("{:<24} {before:>9.1}", "(none)");
    for program in [Program::RING, Program::Tcpdump] {
        if !program.is_installed() {
            continue;
        }
        let running = program.start(folder)?;
        let (carried, made) = carry()?;
        let captured = running.settle_and_end()?;
        let (after, _) = carry()?;
        // iperf3 makes two connections itself.
        let recorded = captured.handshakes.unwrap_or(0).saturating_sub(2);
        println!(
            "{:<24} {:>9.1} {:>9.3} {:>10.5} {:>8} {:>7.1}",
            program.title(),
            carried,
            carried / f64::midpoint(before, after),
            recorded as f64 / made.connections as f64,
            captured.dropped.unwrap_or(0),
            100.0 * captured.usage.cpu.as_secs_f64() / LOAD.time.as_secs_f64(),
        );
        before = after;
    }
    Ok(())
}

/// Gbit/s that iperf3 carried, and the connections made meanwhile.
fn carry() -> io::Result<(f64, Made)> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port().to_string();
    let mut server = Command::new("iperf3")
        .args(["-s", "-1", "-p", &port])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    thread::sleep(Duration::from_millis(300));
    let seconds = LOAD.time.as_secs().to_string();
    let client = Command::new("iperf3")
        .args(["-c", "127.0.0.1", "-p", &port, "-t", &seconds, "-J"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let made = LOAD.make()?;
    let output = client.wait_with_output()?;
    server.wait()?;
    let told: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let bits = told["end"]["sum_received"]["bits_per_second"].as_f64();
    let bits = bits.ok_or_else(|| io::Error::other("iperf3 does not tell what it carried"))?;
    Ok((bits / 1e9, made))
}
