//! What files are read from.

use std::io::Read;

/// A stream of (decompressed) bytes.
pub(super) type Stream = Box<dyn Read + Send>;
