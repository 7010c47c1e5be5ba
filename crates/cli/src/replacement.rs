//! A file that takes the place of another one when it is complete.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use capture::file::{create, open_to_write};

/// A file that is being written for the place of another.
#[derive(Debug)]
pub(crate) struct Replacement {
    target: PathBuf,
    /// The name by now. A file without a name vanishes with the process, however that ends.
    part: Option<PathBuf>,
    file: File,
    /// Whether a file is lost if this one is not on the disk when it takes the place.
    replaces: bool,
}

impl Replacement {
    /// Begins a file for the place of `path`. `None` where `path` is no regular file, or where its
    /// directory takes no other file: then only writing in place is left.
    ///
    /// # Errors
    /// Where the file can't be created, or the one in its place may not be written to.
    pub(crate) fn begin(path: &Path) -> io::Result<Option<Self>> {
        let old = match path.metadata() {
            Ok(metadata) if metadata.is_file() => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => {
                return Self::begin_at(path.to_owned(), None).map(Some);
            }
            _ => return Ok(None),
        };
        // What may not be written to may not be replaced either.
        drop(open_to_write(path)?);
        // The name of a file that was deleted leads nowhere.
        let Ok(target) = path.canonicalize() else { return Ok(None) };
        Ok(Self::begin_at(target, Some(&old)).ok())
    }

    fn begin_at(target: PathBuf, old: Option<&Metadata>) -> io::Result<Self> {
        let directory = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let (file, part) = match without_name(directory) {
            Ok(file) => (file, None),
            Err(_) => with_name(directory).map(|(file, part)| (file, Some(part)))?,
        };
        // From here on it is removed where something fails.
        let begun = Self { target, part, file, replaces: old.is_some() };
        if let Some(old) = old {
            take_after(&begun.file, old)?;
        }
        Ok(begun)
    }

    /// Writes a whole file. It changes only when it is complete, where that is possible.
    ///
    /// # Errors
    /// Where it can't be written.
    pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
        match Self::begin(path)? {
            Some(mut replacement) => {
                replacement.file.write_all(content)?;
                replacement.complete()
            }
            None => create(path)?.write_all(content),
        }
    }

    /// The file to write to.
    pub(crate) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Puts the file in its place.
    pub(crate) fn complete(mut self) -> io::Result<()> {
        if self.replaces {
            self.file.sync_all()?;
        }
        match self.take_place() {
            Ok(()) => Ok(()),
            // A file that is mounted has to stay, and only its content can change.
            Err(_) => {
                self.file.rewind()?;
                io::copy(&mut self.file, &mut create(&self.target)?).map(drop)
            }
        }
    }

    fn take_place(&mut self) -> io::Result<()> {
        let part = match self.part.take() {
            Some(part) => part,
            None => give_name(&self.file, &self.target)?,
        };
        let part = self.part.insert(part);
        fs::rename(part, &self.target)?;
        self.part = None;
        Ok(())
    }
}

impl Drop for Replacement {
    /// What was not completed leaves nothing behind.
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            let _ = fs::remove_file(part);
        }
    }
}

/// A file without a name, which not every file system has.
#[cfg(target_os = "linux")]
fn without_name(directory: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};

    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    Ok(File::from(open(directory, flags, Mode::from_raw_mode(0o666))?))
}

#[cfg(not(target_os = "linux"))]
fn without_name(_: &Path) -> io::Result<File> {
    Err(ErrorKind::Unsupported.into())
}

/// Gives a file without a name one beside `target`.
#[cfg(target_os = "linux")]
fn give_name(file: &File, target: &Path) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD, linkat};

    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    with_free_name(target.parent().unwrap_or(Path::new("")), |part| {
        Ok(linkat(CWD, &unnamed, CWD, part, AtFlags::SYMLINK_FOLLOW)?)
    })
    .map(|((), part)| part)
}

#[cfg(not(target_os = "linux"))]
fn give_name(_: &File, _: &Path) -> io::Result<PathBuf> {
    Err(ErrorKind::Unsupported.into())
}

fn with_name(directory: &Path) -> io::Result<(File, PathBuf)> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    with_free_name(directory, |part| options.open(part))
}

/// Makes something under a name in `directory` that is free.
fn with_free_name<T>(
    directory: &Path,
    make: impl Fn(&Path) -> io::Result<T>,
) -> io::Result<(T, PathBuf)> {
    let mut number = 0_u32;
    loop {
        let part = directory.join(format!(".synscope-{}-{number}.part", std::process::id()));
        match make(&part) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            other => return other.map(|it| (it, part)),
        }
    }
}

/// Gives a file the owner and the permissions of the one that it replaces.
fn take_after(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

        // Nobody may read it who may not read the old one, whoever owns it meanwhile.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(file, Some(old.uid()), Some(old.gid()))?;
        }
        file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & 0o777))
    }
    #[cfg(not(unix))]
    file.set_permissions(old.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a file system where every file has a name.
    fn begun_with_name(directory: &Path) -> Replacement {
        let (file, part) = with_name(directory).unwrap();
        let target = directory.join("target");
        Replacement { target, part: Some(part), file, replaces: true }
    }

    #[test]
    fn a_file_with_a_name_loses_it_in_either_case() {
        let directory = std::env::temp_dir().join(format!("synscope-{}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        let count = || fs::read_dir(&directory).unwrap().count();
        let begun = begun_with_name(&directory);
        begun_with_name(&directory).complete().unwrap();
        assert_eq!(count(), 2, "a part and the target");
        drop(begun);
        assert_eq!(count(), 1, "the target");
        let begun = begun_with_name(&directory);
        begun.file().unwrap().write_all(b"complete").unwrap();
        begun.complete().unwrap();
        assert_eq!(fs::read(directory.join("target")).unwrap(), b"complete");
        assert_eq!(count(), 1, "the target");
        fs::remove_dir_all(directory).unwrap();
    }
}
