//! A file that a ring has made and will remove.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// A file by its name, and what tells it from another one of the same name.
#[derive(Debug)]
pub(super) struct Made {
    path: PathBuf,
    metadata: Metadata,
}

impl Made {
    /// `file` was made at `path`.
    pub(super) fn new(path: PathBuf, file: &File) -> io::Result<Self> {
        Ok(Self { path, metadata: file.metadata()? })
    }

    /// Removes the file, if it is still there: somebody else may have tidied up, and may have put something
    /// else in its place.
    pub(super) fn remove(&self) -> io::Result<()> {
        let removed = match self.path.symlink_metadata() {
            Ok(now) if is_same(&self.metadata, &now) => fs::remove_file(&self.path),
            other => other.map(drop),
        };
        removed.or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })
    }
}

/// Whether both are of one file. The number of a file may be given to another one when it is gone, but not
/// the time when it was made.
#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |metadata: &Metadata| (metadata.dev(), metadata.ino(), metadata.created().ok());
    id(one) == id(other)
}

#[cfg(not(unix))]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.created().ok() == other.created().ok()
}
