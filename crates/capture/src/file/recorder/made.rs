//! A file that a ring has made and will remove.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// A file by its name, and what tells it from another one of the same name.
#[derive(Debug)]
pub(super) struct Made {
    path: PathBuf,
    metadata: Metadata,
    /// Its length when it was complete.
    len: u64,
}

impl Made {
    /// `file` was made at `path`.
    pub(super) fn new(path: PathBuf, file: &File) -> io::Result<Self> {
        Ok(Self { path, metadata: file.metadata()?, len: 0 })
    }

    /// It is complete, with this length.
    pub(super) const fn complete(&mut self, len: u64) {
        self.len = len;
    }

    /// Removes the file, if it is still there: somebody else may have tidied up, and may have put something
    /// else in its place.
    pub(super) fn remove(&self) -> io::Result<()> {
        let removed = match self.path.symlink_metadata() {
            Ok(now) if self.is(&now) => fs::remove_file(&self.path),
            other => other.map(drop),
        };
        removed.or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })
    }

    /// Whether this is the file: as long, and made at the same time, where the file system knows that.
    /// An inode may be given to another file, and some file systems give a file another one.
    fn is(&self, other: &Metadata) -> bool {
        let is_as_old = match (self.metadata.created(), other.created()) {
            (Ok(one), Ok(other)) => one == other,
            _ => has_same_inode(&self.metadata, other),
        };
        is_as_old && other.is_file() && other.len() == self.len
    }
}

#[cfg(unix)]
fn has_same_inode(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
const fn has_same_inode(_: &Metadata, _: &Metadata) -> bool {
    true
}
