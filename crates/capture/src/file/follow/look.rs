//! Looks for files to take up.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::super::capture_file::Unopened;
use super::super::input::not_a_capture;
use super::growing::Growing;
use super::listing::{Found, Known, Look, Stamp, State};
use super::{Current, Follow, Happened, Waiting, io_error};
use crate::{CaptureError, Damage};

/// A look at a directory takes no more than one part in so many of the time.
const SHARE: u32 = 20;

impl Follow {
    /// Whether there is another file to take up; looks for one where none is known.
    pub(super) fn has_waiting(&mut self) -> Result<bool, CaptureError> {
        if self.waiting.is_empty() && (self.is_stopping() || Instant::now() >= self.next_look) {
            self.look()?;
        }
        Ok(!self.waiting.is_empty())
    }

    pub(super) fn next_waiting(&mut self) -> Result<Option<Waiting>, CaptureError> {
        self.has_waiting()?;
        Ok(self.waiting.pop_front())
    }

    /// Looks for files to take up.
    pub(super) fn look(&mut self) -> Result<(), CaptureError> {
        let begun = Instant::now();
        if let Some(Current { id, file, .. }) = &self.current
            && let Some(known) = self.listing.get_mut(*id)
        {
            // A file that is shorter than what was read of it was written anew.
            known.stamp.len = file.file.place().read.load(Ordering::Relaxed);
        }
        let was_removed = self.listing.is_removed;
        let found = self.listing.look(&self.root, self.is_alone);
        let Found { looks, missed } = found.map_err(|error| gone(&self.root, error))?;
        for path in missed {
            self.findings.note_missed(&path);
        }
        if self.listing.is_removed && !was_removed {
            self.findings.happened.push(Happened::Removed(self.root.clone()));
        }
        for (path, stamp, look) in looks {
            self.look_at(path, stamp, look)?;
        }
        self.waiting
            .make_contiguous()
            .sort_by(|one, other| (one.first, &one.path).cmp(&(other.first, &other.path)));
        self.next_look = begun + begun.elapsed() * SHARE;
        Ok(())
    }

    /// Looks at a file in which there may be something new.
    fn look_at(&mut self, path: PathBuf, stamp: Stamp, look: Look) -> Result<(), CaptureError> {
        let first = Growing::first(&path, self.is_alone, &self.budget);
        if first.is_err() && !Stamp::of(&path).is_ok_and(|now| now.extends(stamp)) {
            // It was emptied or taken away in this moment; the next look will tell.
            return Ok(());
        }
        match (first, look) {
            (Ok(Some(first)), Look::Longer(before)) if first == before => {
                self.note_growth(&path, stamp);
            }
            (Ok(Some(first)), look) => {
                if matches!(look, Look::Waiting(before) if before != first) {
                    self.findings.note_missed(&path);
                }
                self.listing.set(Known { stamp, state: State::Waiting { first } });
                self.waiting.push_back(Waiting { first, path });
            }
            (Ok(None), Look::Longer(_)) => {}
            (Ok(None), _) => self.listing.set(Known { stamp, state: State::Nothing }),
            (Err(Unopened::Refused(error)), _) if self.is_alone => return Err(error),
            (Err(unopened), _) => {
                self.listing.set(Known { stamp, state: State::Nothing });
                match unopened {
                    _ if std::mem::replace(&mut self.listing.name(&path).is_told, true) => {}
                    Unopened::Refused(error) => self.findings.refused.push(error),
                    Unopened::Skipped(error) => self.findings.skipped.push(error),
                }
            }
        }
        Ok(())
    }

    /// Takes the stamp of a file that was written since; one that was taken for complete should not be.
    fn note_growth(&mut self, path: &Path, stamp: Stamp) {
        let Some(known) = self.listing.get_mut(stamp.id) else { return };
        let before = std::mem::replace(&mut known.stamp, stamp);
        // Told once: nobody wants to hear of each packet of another program.
        if let State::Read { frames, .. } = &mut known.state
            && stamp.len > before.len
            && let Some(frames) = frames.take()
        {
            self.findings.note_damage(Damage {
                source: path.to_string_lossy().into_owned(),
                offset: before.len,
                frames,
                reason: "more was written to it after another file had begun".into(),
            });
        }
    }
}

/// Why a place can't be looked at that could be.
fn gone(root: &Path, error: io::Error) -> CaptureError {
    match error.kind() {
        io::ErrorKind::NotFound => not_a_capture(
            root,
            "the directory was removed or renamed: start again once it is there",
        ),
        _ => io_error(root, error),
    }
}
