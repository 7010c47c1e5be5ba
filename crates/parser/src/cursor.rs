//! What is left of a frame while its layers are peeled off.

use crate::{Reason, Stopped};

/// The part of a frame that is not decoded yet.
///
/// It has two lengths: what was captured and what was on the wire. Headers bound both; the capture
/// bounds only the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    wire: usize,
    offset: usize,
}

impl<'a> Cursor<'a> {
    /// A whole frame. Some writers claim a wire length below what they captured; what is there counts.
    #[inline]
    pub(crate) fn of_frame(wire_len: u32, bytes: &'a [u8]) -> Self {
        Self { bytes, wire: bytes.len().max(wire_len as usize), offset: 0 }
    }

    /// What was captured of it.
    #[inline]
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes of it there were on the wire, by the headers passed so far.
    #[inline]
    pub(crate) fn wire(&self) -> usize {
        self.wire
    }

    /// Where it starts in the frame.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// Whether the capture holds less than the wire had.
    #[inline]
    pub(crate) fn is_cut(&self) -> bool {
        self.bytes.len() < self.wire
    }

    /// The first `N` bytes, as the start of `layer`.
    #[inline]
    pub(crate) fn peek<const N: usize>(&self, layer: &'static str) -> Result<&'a [u8; N], Stopped> {
        self.bytes.first_chunk().ok_or_else(|| self.truncated(layer, N))
    }

    /// Passes the first `N` bytes, which are the start of `layer`.
    #[inline]
    pub(crate) fn take<const N: usize>(
        &mut self,
        layer: &'static str,
    ) -> Result<&'a [u8; N], Stopped> {
        let chunk = self.peek(layer)?;
        self.advance(N);
        Ok(chunk)
    }

    /// Passes `length` bytes, all of which `layer` must have.
    pub(crate) fn skip(&mut self, layer: &'static str, length: usize) -> Result<(), Stopped> {
        if self.bytes.len() < length {
            return Err(self.truncated(layer, length));
        }
        self.advance(length);
        Ok(())
    }

    /// Passes up to `length` bytes: what is there.
    #[inline]
    pub(crate) fn advance(&mut self, length: usize) {
        let length = length.min(self.bytes.len());
        self.bytes = self.bytes.get(length..).unwrap_or_default();
        self.wire = self.wire.saturating_sub(length);
        self.offset += length;
    }

    /// Takes a header's word for how many bytes there are from here on. It may exceed what the
    /// frame had: a header is believed over the length of the frame around it.
    #[inline]
    pub(crate) fn set_wire(&mut self, length: usize) {
        self.bytes = self.bytes.get(..length).unwrap_or(self.bytes);
        self.wire = length;
    }

    /// Decoding stops here, at the start of `layer`.
    #[inline]
    pub(crate) fn stop(&self, layer: &'static str, reason: Reason) -> Stopped {
        Stopped { layer, reason, offset: narrow(self.offset) }
    }

    /// Decoding stops here because of a value that `layer` can't have.
    #[inline]
    pub(crate) fn malformed(&self, layer: &'static str, what: &'static str) -> Stopped {
        self.stop(layer, Reason::Malformed(what))
    }

    /// Decoding stops here because `layer` needs more bytes than there are.
    #[cold]
    pub(crate) fn truncated(&self, layer: &'static str, needed: usize) -> Stopped {
        let (needed, got) = (narrow(needed), narrow(self.bytes.len()));
        self.stop(layer, Reason::Truncated { needed, got })
    }
}

/// A length for a report. Frames have 32-bit lengths; a slice longer than that is held at the edge.
fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
