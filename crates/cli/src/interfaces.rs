//! `synscope interfaces`: where a live capture can listen.

use std::io::{self, Write as _};

use anyhow::Context as _;
use capture::live::{Interface, interfaces};
use render::escape;

use crate::status::Status;

/// Lists the interfaces of this host.
pub(crate) fn run() -> anyhow::Result<Status> {
    let interfaces = interfaces();
    let names = interfaces.iter().map(|interface| escape(&interface.name).chars().count());
    let width = names.max().unwrap_or_default();
    let mut out = io::stdout().lock();
    for interface in &interfaces {
        writeln!(out, "{}", line(interface, width)).context("standard output")?;
    }
    Ok(Status::Fine)
}

/// Name, state, addresses.
fn line(interface: &Interface, width: usize) -> String {
    let state = match interface {
        Interface { up: false, .. } => "down",
        Interface { running: false, .. } => "no carrier",
        _ => "up",
    };
    let addresses: Vec<_> = interface.addresses.iter().map(ToString::to_string).collect();
    let loopback = if interface.loopback { "  (loopback, the default of `live`)" } else { "" };
    let name = escape(&interface.name);
    format!("{name:<width$}  {state:<10}  {}{loopback}", addresses.join(" ")).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn an_interface_has_state_and_addresses() {
        let lo = Interface {
            name: "lo".to_owned(),
            index: 1,
            up: true,
            running: true,
            loopback: true,
            addresses: vec![Ipv4Addr::LOCALHOST.into()],
            mac: None,
            mtu: Some(65536),
            hardware: Some(772),
        };
        let expected = "lo     up          127.0.0.1  (loopback, the default of `live`)";
        assert_eq!(line(&lo, 5), expected);
        let down = Interface { up: false, loopback: false, addresses: Vec::new(), ..lo.clone() };
        assert_eq!(line(&down, 2), "lo  down");
        let unplugged = Interface { running: false, loopback: false, ..lo };
        assert_eq!(line(&unplugged, 2), "lo  no carrier  127.0.0.1");
    }
}
