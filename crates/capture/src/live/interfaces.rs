//! What is told of the interfaces there are.

use std::net::IpAddr;

use pnet::datalink::NetworkInterface;
use pnet::ipnetwork::IpNetwork;

use super::present::present;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// Whether it was switched on.
    pub up: bool,
    /// Whether it works: switched on and connected.
    pub running: bool,
    /// Whether it is the loopback interface.
    pub loopback: bool,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Its hardware address, where it has one.
    pub mac: Option<[u8; 6]>,
    /// Its maximum transmission unit in bytes, where the system tells.
    pub mtu: Option<u32>,
    /// Its `ARPHRD_` number (`linux/if_arp.h`: 1 is Ethernet, 772 loopback), where the system tells.
    pub hardware: Option<u16>,
}

/// The interfaces of this host, by index.
pub fn interfaces() -> Vec<Interface> {
    present().iter().map(describe).collect()
}

fn describe(found: &NetworkInterface) -> Interface {
    #[cfg(target_os = "linux")]
    let (mtu, hardware) = super::linux::facts::mtu_and_hardware(&found.name);
    #[cfg(not(target_os = "linux"))]
    let (mtu, hardware) = (None, None);
    #[cfg(unix)]
    let running = found.is_running();
    // Windows does not tell it apart.
    #[cfg(not(unix))]
    let running = found.is_up();
    Interface {
        name: found.name.clone(),
        index: found.index,
        up: found.is_up(),
        running,
        loopback: found.is_loopback(),
        addresses: found.ips.iter().map(IpNetwork::ip).collect(),
        mac: found.mac.map(|mac| mac.octets()),
        mtu,
        hardware,
    }
}
