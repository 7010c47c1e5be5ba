//! TCP header fields beyond the fixed ones.

mod checksum;
mod flags;
mod options;

pub use checksum::Checksum;
pub use flags::Flags;
pub use options::{Options, TcpOption};
