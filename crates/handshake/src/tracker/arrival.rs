//! A segment that comes, before it is known which attempt it belongs to.

use parser::{Frame, Layer, Segment};

use super::flow::FlowKey;
use super::seen::Seen;
use super::table::Places;

/// A segment, with what surrounds it.
pub(super) struct Arrival<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) layers: &'a [Layer],
    pub(super) segment: &'a Segment<'a>,
    pub(super) seen: Seen,
    pub(super) flow: FlowKey<'a>,
    /// The open attempts on its 4-tuple.
    pub(super) rivals: &'a mut Places,
    pub(super) scope: u64,
    /// Its numbers are those of an attempt that has ended rather than of one that is open.
    pub(super) is_foreign: bool,
}
