//! Frames from the interfaces of this host, as they come.
//!
//! The order is a contract: [`Live::open`] opens every socket, gives it its filter and its ring and
//! binds it last, so that nothing unfiltered is ever received; then [`drop_privileges`] gives up
//! every capability; only then may there be threads, and packets are read.
//!
//! Nothing here looks inside a frame, and nothing prints: what happens to an interface is told as
//! a [`Notice`].

mod config;
mod error;
mod interfaces;
mod notice;

#[cfg(target_os = "linux")]
mod channel;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
pub mod health;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod pnet_channel;
#[cfg(target_os = "linux")]
mod privilege;
#[cfg(target_os = "linux")]
mod ring;
#[cfg(target_os = "linux")]
mod sys;
#[cfg(target_os = "linux")]
mod tap;

pub use config::{ANY, Backend, LiveConfig, Subnet};
pub use error::LiveError;
pub use interfaces::{Interface, interfaces};
pub use notice::Notice;

#[cfg(target_os = "linux")]
pub use filter::{Program, tcpdump_expression};
#[cfg(target_os = "linux")]
pub use linux::{Live, StopHandle};
#[cfg(target_os = "linux")]
pub use privilege::{NotPermitted, Obstacle, PrivilegeReport, drop_privileges};
#[cfg(target_os = "linux")]
pub use tap::kernel_filter;

/// How many frames a capture got and lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveStats {
    /// Frames that passed the filter and were kept by the kernel for this capture.
    pub received: u64,
    /// Frames that passed the filter and found no room.
    pub dropped: u64,
}
