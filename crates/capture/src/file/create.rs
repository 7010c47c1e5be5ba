//! Creating files, also where others may have prepared something under the same name.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// A file that is open to be written anew, and until then is as it was.
///
/// In a directory in which everybody may create files, somebody else may have put something there
/// that this process would write to with its own rights. There a link is not followed, and what
/// exists must be a file of the same user with no other name.
#[derive(Debug)]
pub struct Untouched(File);

impl Untouched {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// What the system says, and [`io::ErrorKind::PermissionDenied`] for what somebody else may
    /// have put there.
    pub fn open(path: &Path) -> io::Result<Self> {
        open(path, File::options().create(true)).map(Self)
    }

    /// Empties it, to be written anew.
    ///
    /// # Errors
    /// What the system says.
    pub fn empty(self) -> io::Result<File> {
        let Self(file) = self;
        // What is no regular file has no length.
        if file.metadata()?.is_file() {
            file.set_len(0)?;
        }
        Ok(file)
    }
}

impl From<File> for Untouched {
    /// A file that is open to write.
    fn from(file: File) -> Self {
        Self(file)
    }
}

/// Creates a file to write to, which is emptied where it exists, as an [`Untouched`] one is.
///
/// # Errors
/// Those of both steps.
pub fn create(path: &Path) -> io::Result<File> {
    // Emptied only when it is known whose it is.
    Untouched::open(path)?.empty()
}

/// Opens a file to write to by the same rule, and leaves what is in it.
///
/// # Errors
/// Those of [`create`].
pub fn open_to_write(path: &Path) -> io::Result<File> {
    open(path, &mut File::options())
}

#[cfg(unix)]
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.write(true);
    if !everybody_may_create_beside(path) {
        return options.open(path);
    }
    // Looked at before it is opened, since opening a pipe would wait for a reader.
    if let Ok(metadata) = path.symlink_metadata() {
        refuse_foreign(&metadata)?;
    }
    let file = options.custom_flags(libc::O_NOFOLLOW).open(path)?;
    // And after, since it may have been replaced in between.
    refuse_foreign(&file.metadata()?)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.write(true).open(path)
}

/// Whether the directory of `path` can be written to by every user, as `/tmp` can.
#[cfg(unix)]
fn everybody_may_create_beside(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    const WRITE_BY_OTHERS: u32 = 0o002;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let metadata = parent.unwrap_or(Path::new(".")).metadata();
    metadata.is_ok_and(|metadata| metadata.permissions().mode() & WRITE_BY_OTHERS != 0)
}

#[cfg(unix)]
fn refuse_foreign(metadata: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let what = if metadata.is_symlink() {
        "it is a link"
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        "it belongs to another user"
    } else if metadata.nlink() > 1 {
        "it has another name"
    } else {
        return Ok(());
    };
    let reason = format!(
        "{what}, in a directory that everybody may write to: remove it, or choose another directory"
    );
    Err(io::Error::new(io::ErrorKind::PermissionDenied, reason))
}
