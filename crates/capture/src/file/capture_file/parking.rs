//! Files that are closed for others to be open, and opened again later.

use std::io;

use super::super::buffer::Buffer;
use super::{Broken, CaptureFile, Damage, LOOK, Packed, RecordStage, chunk};

impl CaptureFile {
    /// Whether the file has been closed for the time being, and will be opened again.
    pub(in super::super) const fn is_parked(&self) -> bool {
        self.buffer.is_parked()
    }

    /// Whether the next record asks for that, and it is allowed.
    pub(in super::super) fn is_to_be_opened(&mut self) -> bool {
        self.leave_record();
        let offset = self.buffer.offset();
        let is_allowed = |packed: &Packed| packed.allowance.budget().would_allow_again(offset);
        self.buffer.is_parked()
            && !self.holds_record()
            && self.packed.as_deref().is_none_or(is_allowed)
    }

    /// What decompressing it took when it was closed, in bytes.
    pub(in super::super) fn took(&self) -> usize {
        self.packed.as_ref().map_or(0, |packed| packed.took)
    }

    /// What decompressing takes, that of all files together.
    fn held(&self) -> usize {
        self.packed.as_ref().map_or(0, |packed| packed.allowance.budget().held())
    }

    /// Whether it takes long to come back to where reading stands, and others have taken turns with the
    /// file by then: those that wait for their first turn stand near their beginning.
    pub(in super::super) const fn is_worth_a_hoard(&self) -> bool {
        self.packed.is_some() && self.place.size.is_some() && self.frames > 0
    }

    /// Closes the file for the time being, where it can be opened a second time, as a pipe can't. It keeps
    /// `hoard` bytes of what comes next. [`CaptureFile::peek`] opens it again when these are used up.
    pub(in super::super) fn park(&mut self, hoard: usize) {
        if self.place.size.is_none() || self.stage == RecordStage::Ended {
            return;
        }
        self.leave_record();
        self.record.total_len = 0;
        let before = self.held();
        self.buffer.park(hoard);
        let freed = before.saturating_sub(self.held());
        if let Some(packed) = &mut self.packed {
            // If it was closed before, nothing became free.
            packed.took = packed.took.max(freed);
        }
        self.stage = RecordStage::Delivered;
    }

    pub(super) fn reopen(&mut self) -> Result<(), Damage> {
        let offset = self.buffer.offset();
        if let Some(Packed { layers, allowance, .. }) = self.packed.as_deref()
            && let Some(layer) = layers.first()
            && !allowance.budget().allows_again(offset)
        {
            let reason = format!(
                "more compressed files overlap in time than can be read at once: \
                 decompress some of them first (`{}`)",
                layer.command()
            );
            return Err(self.damaged(Broken { offset, reason }));
        }
        match self.stream_at(offset) {
            Ok(buffer) => {
                self.buffer = buffer;
                Ok(())
            }
            Err(error) => {
                let reason = format!("the file can't be opened again: {error}");
                Err(self.damaged(Broken { offset, reason }))
            }
        }
    }

    /// Opens the file and goes to an offset in what it holds.
    fn stream_at(&self, offset: u64) -> io::Result<Buffer> {
        let Some(Packed { layers, allowance, .. }) = self.packed.as_deref() else {
            return Ok(Buffer::new(self.place.open(offset)?, offset, self.capacity as usize));
        };
        let mut buffer = Buffer::new(self.place.open(0)?, 0, LOOK);
        for layer in layers {
            // Read in the same pieces as the first time, a broken stream ends at the same place.
            buffer.ensure(1);
            buffer = Buffer::new(layer.decompress(buffer.into_stream(), allowance), 0, LOOK);
        }
        buffer.set_capacity(self.capacity as usize);
        if !buffer.skip(offset) {
            return Err(io::Error::other("it has become shorter"));
        }
        buffer.read_ahead(chunk(&self.place, self.capacity as usize), allowance.budget().readers());
        Ok(buffer)
    }
}
