//! Frames from pnet's data link channel, on a socket that was prepared here.
//!
//! pnet would open a socket without a filter, see every loopback frame twice and cut frames to its
//! buffer of 4096 bytes silently. It owns the descriptor it is given, so it gets a duplicate.

use std::io;
use std::os::fd::IntoRawFd;
use std::time::Duration;

use parser::{LinkType, Timestamp};
use pnet::datalink::{self, Channel as Opened, Config, DataLinkReceiver, NetworkInterface};

use super::channel::{Captured, Channel};
use super::filter::Layout;
use super::sys::{self, Socket};

/// Room for the longest loopback frame with its link header.
const BUFFER: usize = 1 << 17;
/// What the kernel is asked for; it gives less where it may.
const RECEIVE_BUFFER: i32 = 32 << 20;

/// The kernel stamps frames on arrival some time after it was asked to; until then on reading.
const SETTLE: Duration = Duration::from_millis(5);

/// A channel of pnet's and the frame read from it.
pub(super) struct PnetChannel {
    socket: Socket,
    receiver: Box<dyn DataLinkReceiver>,
    link: LinkType,
    frame: Vec<u8>,
    timestamp: Option<Timestamp>,
}

impl PnetChannel {
    /// Lets pnet bind `socket` to the interface.
    pub(super) fn new(socket: Socket, name: &str, index: u32, layout: Layout) -> io::Result<Self> {
        socket.set_receive_buffer(RECEIVE_BUFFER)?;
        // The first call switches the stamps on. No frame has been read, so it has none to tell.
        drop(socket.last_timestamp());
        std::thread::sleep(SETTLE);
        let config = Config {
            read_buffer_size: BUFFER,
            read_timeout: Some(Duration::ZERO),
            promiscuous: false,
            socket_fd: Some(socket.duplicate()?.into_raw_fd()),
            ..Config::default()
        };
        let interface = NetworkInterface {
            name: name.to_owned(),
            description: String::new(),
            index,
            mac: None,
            ips: Vec::new(),
            flags: 0,
        };
        let Opened::Ethernet(_sender, receiver) = datalink::channel(&interface, config)? else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let link = if layout == Layout::Network { LinkType::RAW } else { LinkType::ETHERNET };
        Ok(Self { socket, receiver, link, frame: Vec::new(), timestamp: None })
    }
}

impl Channel for PnetChannel {
    fn ready(&mut self) -> Option<Timestamp> {
        if self.timestamp.is_none() {
            // Every error means that there is no frame now: time-out, signal, interface down. The
            // last of them stays until it is taken from the socket, which `Tap::on_error` does.
            let bytes = self.receiver.next().ok()?;
            self.frame.clear();
            self.frame.extend_from_slice(bytes);
            self.timestamp = self.socket.last_timestamp().ok().or_else(|| Some(sys::now()));
        }
        self.timestamp
    }

    fn take(&mut self) -> Option<Captured<'_>> {
        Some(Captured {
            timestamp: self.timestamp.take()?,
            interface: None,
            link: self.link,
            wire_len: u32::try_from(self.frame.len()).unwrap_or(u32::MAX),
            bytes: &self.frame,
        })
    }

    fn is_empty(&self) -> bool {
        // What is in the socket's queue can be read at once.
        self.timestamp.is_none()
    }

    fn socket(&self) -> &Socket {
        &self.socket
    }

    fn delay(&self) -> Duration {
        // Between the stamp and the socket's queue lies the kernel's own work on the frame.
        Duration::from_millis(1)
    }
}
