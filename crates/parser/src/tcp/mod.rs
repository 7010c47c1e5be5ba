//! The TCP header: its fixed fields, its checksum and its options.

mod checksum;
mod flags;
mod options;
mod segment;

pub use checksum::Checksum;
pub use flags::Flags;
pub use options::{Options, TcpOption};
pub(crate) use segment::{FIXED, fixed_header, header_len, segment};
