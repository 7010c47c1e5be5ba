//! What to capture, and how.

use std::time::Duration;

use parser::{Ports, Subnet};

/// The interface name that stands for all of them.
pub const ANY: &str = "any";

/// How frames get from the kernel to this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// A `TPACKET_V3` ring shared with the kernel: Linux only, and the least work for each frame.
    #[default]
    Ring,
    /// pnet's data link channel: portable. It copies each frame, does not tell the wire length of
    /// what it cut, and loses the VLAN tag that the kernel takes off a frame.
    Pnet,
}

/// What to capture, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveConfig {
    /// Names of interfaces. [`ANY`] stands for all of them, those that appear later included.
    pub interfaces: Vec<String>,
    /// How frames get here.
    pub backend: Backend,
    /// Only segments from or to one of these ports, and ICMP errors about them; empty for all.
    pub ports: Vec<Ports>,
    /// Only segments from or to one of these, and ICMP errors about them; empty for all.
    pub hosts: Vec<Subnet>,
    /// Whether to let tunnels through whole (IP in IP, GRE, VXLAN, Geneve, GTP-U, Teredo, MPLS,
    /// `PPPoE`): the kernel can't look for `ports` and `hosts` inside them.
    pub tunnels: bool,
    /// Bytes kept of each frame by [`Backend::Ring`]. 128 holds every header of a plain segment.
    pub snaplen: u32,
    /// Memory of each ring, [`Self::MOST_RING_BYTES`] at most; less where the kernel has less.
    pub ring_bytes: usize,
    /// How long [`Backend::Ring`] lets a frame wait for more of them, in whole milliseconds, 1 at
    /// least: the longer, the less work in traffic.
    pub time_out: Duration,
    /// Whether to ask the interfaces for frames that are addressed to others. It has no meaning
    /// for loopback and [`ANY`].
    pub promiscuous: bool,
    /// How often [`crate::FrameSource::next`] says [`crate::Next::Idle`] in silence: 1 ms at least.
    /// On Linux it says so sooner where it has delivered frames, and then all there are.
    pub idle: Duration,
}

impl LiveConfig {
    /// The memory of a ring, unless another one is asked for: some 10,000 connections.
    pub const RING_BYTES: usize = 8 << 20;
    /// A larger ring is asked for by mistake.
    pub const MOST_RING_BYTES: usize = 1 << 30;

    /// Everything on `interfaces`, with defaults for the rest.
    pub fn on<I: Into<String>>(interfaces: impl IntoIterator<Item = I>) -> Self {
        Self {
            interfaces: interfaces.into_iter().map(Into::into).collect(),
            backend: Backend::default(),
            ports: Vec::new(),
            hosts: Vec::new(),
            tunnels: false,
            snaplen: 128,
            ring_bytes: Self::RING_BYTES,
            time_out: Duration::from_millis(10),
            promiscuous: false,
            idle: Duration::from_millis(100),
        }
    }
}
