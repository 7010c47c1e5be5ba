//! Frames from the interfaces of this host, as they come.
//!
//! The order is a contract: [`Live::open`] opens every socket, gives it its filter and its ring and
//! binds it last, so that nothing unfiltered is ever received; then [`drop_privileges`] gives up
//! every capability; only then may there be threads, and packets are read.
//!
//! Nothing here looks inside a frame, and nothing prints: what happens to an interface is reported
//! as a [`Notice`].

mod config;
mod error;
mod expression;
mod interfaces;
mod notice;
mod present;
mod privilege;

#[cfg(target_os = "linux")]
mod linux;
// Its test runs everywhere, so that what is not in use here is at least compiled.
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(
    target_os = "linux",
    expect(unreachable_pub, clippy::unnecessary_wraps, reason = "nothing is exported here")
)]
mod portable;

pub use config::{ANY, Backend, LiveConfig};
pub use error::LiveError;
pub use expression::tcpdump_expression;
pub use interfaces::{Interface, interfaces};
pub use notice::Notice;
pub use privilege::{NotPermitted, Obstacle, PrivilegeReport};

#[cfg(target_os = "linux")]
pub use linux::{
    Live, Program, StopHandle, drop_privileges, give_up_capturing, health, kernel_filter,
};
#[cfg(not(target_os = "linux"))]
pub use portable::{Live, StopHandle, drop_privileges};

/// How many frames a capture got and lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveStats {
    /// Frames that passed the filter and were kept by the kernel for this capture.
    pub received: u64,
    /// Frames that passed the filter and found no room; `None` where the system doesn't tell.
    pub dropped: Option<u64>,
}
