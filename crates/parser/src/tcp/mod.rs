//! The TCP header: its fixed fields and its checksum.

mod checksum;
mod segment;

pub use checksum::Checksum;
pub(crate) use segment::{FIXED, fixed_header, header_len, segment};
