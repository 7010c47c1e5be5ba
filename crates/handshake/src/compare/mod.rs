//! What other programs print of the segments of an attempt, by their own rules (docs/compare.md). They
//! look at whole connections; a record has the handshake.

mod wireshark;
mod zeek;

pub use wireshark::Completeness;
pub use zeek::{ZeekConnection, ZeekState};

use crate::record::Handshake;
use crate::segment::{Kind, SegmentRecord};

/// The TCP segments of an attempt, as they were captured: copies too.
fn tcp(handshake: &Handshake) -> impl Iterator<Item = &SegmentRecord> {
    handshake.segments.iter().filter(|segment| segment.kind != Kind::Icmp)
}
