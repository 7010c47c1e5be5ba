//! What is wrong with the inputs of a run, in the words that people are told.

use std::io;

use capture::file::Replay;
use capture::{CaptureError, Damage, FrameSource as _};
use render::{Damaged, Faults, Unread};

use crate::status::more_files;

/// Something that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault<'a> {
    /// What is wrong, in a word or two.
    pub(crate) kind: &'static str,
    /// The input, by name.
    pub(crate) source: &'a str,
    /// As on standard error.
    pub(crate) message: String,
}

/// What is wrong with the inputs of a replay by now.
pub(crate) fn of(replay: &Replay) -> Faults {
    Faults {
        unread: replay.refused().iter().map(unread).collect(),
        damaged: replay.damage().iter().map(damaged).collect(),
    }
}

/// Each of them.
pub(crate) fn each(faults: &Faults) -> impl Iterator<Item = Fault<'_>> {
    let unread = faults.unread.iter().map(|unread| {
        let message = can_t_be_read(unread);
        Fault { kind: "unread", source: &unread.source, message }
    });
    let damaged = faults.damaged.iter().map(|damaged| {
        let message = breaks_off(damaged);
        Fault { kind: "damaged", source: &damaged.source, message }
    });
    unread.chain(damaged)
}

/// An unreadable input, with the next step where the error names none.
pub(crate) fn unread(refused: &CaptureError) -> Unread {
    let next = match refused {
        CaptureError::Io { source, .. } => match source.kind() {
            io::ErrorKind::NotFound => "; check the name",
            io::ErrorKind::PermissionDenied => "; ask its owner for permission to read it",
            _ => more_files(source),
        },
        _ => "",
    };
    Unread {
        source: refused.path().display().to_string(),
        reason: format!("{}{next}", refused.reason()),
    }
}

/// The message about an unreadable input.
pub(crate) fn can_t_be_read(Unread { source, reason }: &Unread) -> String {
    format!("{source}: {reason}")
}

/// Input that broke off.
pub(crate) fn damaged(damage: &Damage) -> Damaged {
    let Damage { source, offset, frames, reason } = damage.clone();
    Damaged { source, offset, frames, reason }
}

/// The message about input that broke off.
pub(crate) fn breaks_off(Damaged { source, offset, frames, reason }: &Damaged) -> String {
    let frames = if *frames == 1 { "1 frame".to_owned() } else { format!("{frames} frames") };
    format!(
        "{source}: breaks off at byte {offset}, after {frames}: {reason}; the frames before it count"
    )
}
