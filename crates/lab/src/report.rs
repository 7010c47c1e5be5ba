//! What became of a run.

use std::time::Duration;

use parser::{Endpoint, Timestamp};

use crate::association::{Association, Protocol};
use crate::call::{Actor, Call};
use crate::witness::Datagram;

/// What a scenario did, reported by the two programs and their kernel, not by the packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The scenario's name.
    pub scenario: &'static str,
    /// When it was prepared, by the packets' clock.
    pub started: Timestamp,
    /// When its last socket was closed.
    pub ended: Timestamp,
    /// Every socket call, by entry.
    pub calls: Vec<Call>,
    /// Every connection that a program tried, in that order.
    pub connections: Vec<Connection>,
    /// The datagrams of a scenario without TCP, which no capture of handshakes holds.
    pub datagrams: Vec<Datagram>,
}

/// A connection that a program tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Who tried it.
    pub actor: Actor,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// The client's end; `None` until `connect()` has returned where the kernel chooses the port, and
    /// for good where it had taken it back by then.
    pub client: Option<Endpoint>,
    /// The end it was to reach.
    pub server: Endpoint,
    /// Whether `accept()` ever handed it to the server program.
    pub accepted: bool,
    /// The first error that the client program met, in any of its calls.
    pub errno: Option<i32>,
    /// What the client's kernel reported when `connect()` had succeeded.
    pub kernel: Option<TcpInfo>,
}

impl Connection {
    /// Its name, where both ends are known.
    pub fn association(&self) -> Option<Association> {
        let Self { protocol, server, .. } = *self;
        Some(Association { protocol, client: self.client?, server })
    }
}

/// A part of what the option `TCP_INFO` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpInfo {
    /// The state's name as RFC 9293 spells it.
    pub state: &'static str,
    /// The kernel's smoothed round trip time.
    pub rtt: Duration,
    /// How many segments it sent again, SYNs included.
    pub retransmissions: u32,
    /// The maximum segment size it sends with, options taken off.
    pub send_mss: u32,
    /// Whether both sides agreed on timestamps.
    pub timestamps: bool,
    /// Whether both sides agreed on selective acknowledgment.
    pub sack: bool,
    /// The window scale shifts of its peer and its own, where agreed.
    pub window_scale: Option<(u8, u8)>,
    /// Whether data in the SYN was acknowledged (Fast Open).
    pub syn_data: bool,
}

impl From<libc::tcp_info> for TcpInfo {
    fn from(info: libc::tcp_info) -> Self {
        // The bits of tcpi_options (include/uapi/linux/tcp.h).
        let has = |bit: u8| info.tcpi_options & bit != 0;
        let shifts = info.tcpi_snd_rcv_wscale;
        // Two bit fields of four bits, the peer's shift first.
        let (low, high) = (shifts & 0xf, shifts >> 4);
        let shifts = if cfg!(target_endian = "little") { (low, high) } else { (high, low) };
        Self {
            state: state_name(info.tcpi_state),
            rtt: Duration::from_micros(info.tcpi_rtt.into()),
            retransmissions: info.tcpi_total_retrans,
            send_mss: info.tcpi_snd_mss,
            timestamps: has(1),
            sack: has(2),
            window_scale: has(4).then_some(shifts),
            syn_data: has(32),
        }
    }
}

/// The states by the numbers of `include/net/tcp_states.h`.
fn state_name(number: u8) -> &'static str {
    const NAMES: [&str; 12] = [
        "ESTABLISHED",
        "SYN-SENT",
        "SYN-RECEIVED",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "TIME-WAIT",
        "CLOSED",
        "CLOSE-WAIT",
        "LAST-ACK",
        "LISTEN",
        "CLOSING",
        "SYN-RECEIVED",
    ];
    number.checked_sub(1).and_then(|index| NAMES.get(usize::from(index))).unwrap_or(&"unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_kernels_numbers() {
        let named = [0, 1, 2, 3, 6, 7, 10, 11, 12, 13].map(state_name);
        assert_eq!(
            named,
            [
                "unknown",
                "ESTABLISHED",
                "SYN-SENT",
                "SYN-RECEIVED",
                "TIME-WAIT",
                "CLOSED",
                "LISTEN",
                "CLOSING",
                "SYN-RECEIVED",
                "unknown"
            ]
        );
    }
}
