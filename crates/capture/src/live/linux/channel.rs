//! What the ring and pnet's channel have in common.

use std::time::Duration;

use parser::{LinkType, Timestamp};

use super::sys::Socket;

/// Frames from one packet socket.
pub(super) trait Channel: Send {
    /// When the next frame arrived; `None` where none is ready. Invalidates what `take` gave.
    fn ready(&mut self) -> Option<Timestamp>;

    /// The frame that `ready` announced.
    fn take(&mut self) -> Option<Captured<'_>>;

    /// Whether nothing is there that `ready` will announce later. To be asked after it said `None`.
    fn is_empty(&self) -> bool;

    /// The socket behind it.
    fn socket(&self) -> &Socket;

    /// How long after its arrival a frame may become ready, at most.
    fn delay(&self) -> Duration;
}

/// A frame as it comes from a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Captured<'a> {
    pub(super) timestamp: Timestamp,
    /// The index of its interface, where the channel tells.
    pub(super) interface: Option<u32>,
    pub(super) link: LinkType,
    pub(super) wire_len: u32,
    pub(super) bytes: &'a [u8],
}
