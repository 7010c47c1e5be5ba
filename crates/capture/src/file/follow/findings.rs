//! What is to be told of files, beside their frames.

use std::path::{Path, PathBuf};

use super::super::capture_file::CaptureFile;
use super::super::replay::MAX_FILES;
use crate::{CaptureError, Damage, DamagedTimes};

/// Something that happened to a file that is followed, and that need not be a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It was written anew after a whole record. What was written to it before and was not read yet
    /// is lost, if there was anything.
    WrittenAnew(PathBuf),
    /// The one file that is followed was removed. It is read on while its writer has it open, and
    /// then another file of this name.
    Removed(PathBuf),
}

#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) damage: Vec<Damage>,
    pub(super) damaged_times: Vec<DamagedTimes>,
    pub(super) lost: Option<u64>,
    pub(super) refused: Vec<CaptureError>,
    pub(super) skipped: Vec<CaptureError>,
    pub(super) happened: Vec<Happened>,
}

impl Findings {
    pub(super) fn note_damage(&mut self, damage: Damage) {
        if self.damage.len() < MAX_FILES {
            self.damage.push(damage);
        }
    }

    /// Takes that a file is gone whose turn had not come.
    pub(super) fn note_missed(&mut self, path: &Path) {
        self.note_damage(Damage {
            source: path.to_string_lossy().into_owned(),
            offset: 0,
            frames: 0,
            reason: "it was removed or written anew before it was read".into(),
        });
    }

    /// Takes what a file says that is not read on.
    pub(super) fn note_end(&mut self, file: &CaptureFile) {
        self.lost = sum(self.lost, file.lost());
        if let Some(times) = file.damaged_times()
            && self.damaged_times.len() < MAX_FILES
        {
            self.damaged_times.push(times.clone());
        }
    }
}

/// The packets that two files say were lost; `None` where neither says anything.
pub(super) fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    [one, other].into_iter().flatten().reduce(u64::saturating_add)
}
