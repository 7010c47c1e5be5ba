//! From the bytes of a frame to the TCP segment in it, and the vocabulary the whole project speaks.
//!
//! This crate is pure: it does no I/O, reads no clock and allocates nothing for a packet. It knows
//! nothing of connections: what a segment *means* is the business of the `handshake` crate.
//!
//! An observer represents what it saw and never refuses it. A segment with SYN and FIN, with port 0
//! or with a bad checksum is a [`Segment`] like any other; a frame that breaks off is decoded as far
//! as it goes, and [`Stopped`] says where and why.

#![forbid(unsafe_code)]

mod cursor;
mod datagram;
mod decode;
mod endpoint;
mod ether_types;
mod flags;
mod frame;
mod glance;
mod icmp;
mod ip;
mod ip_header;
mod link;
mod link_type;
mod named;
mod options;
mod other;
mod packet;
mod period;
mod ports;
mod seq;
mod subnet;
mod tcp;
mod time;
mod tunnel;
mod walk;

pub use datagram::Datagram;
pub use decode::Decoder;
pub use endpoint::Endpoint;
pub use flags::Flags;
pub use frame::{Frame, Names, Origin};
pub use glance::Glance;
pub use link_type::LinkType;
pub use options::{Options, TcpOption};
pub use other::{Other, Tally};
pub use packet::{
    Content, Fragment, IcmpError, IcmpFamily, Layer, Packet, Quoted, Reason, Segment, Stopped,
};
pub use period::Period;
pub use ports::{Ports, PortsError};
pub use seq::SeqNumber;
pub use subnet::{Subnet, SubnetError, seeming_port};
pub use tcp::Checksum;
pub use time::Timestamp;

#[cfg(test)]
mod tests;
