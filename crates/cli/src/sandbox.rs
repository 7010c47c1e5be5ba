//! What is left to the program while it reads what others wrote: the files that it has to read, and the
//! directories of those that it has to write, with all below them. A packet that took control of the
//! program would find no other file, no program and no TCP port.

#[cfg(target_os = "linux")]
mod landlock;

use std::path::{Path, PathBuf};
use std::{fmt, io};

#[cfg(target_os = "linux")]
use anyhow::Context as _;

use crate::remarks::Remarks;
use crate::status;

/// Whose names a message calls; it counts the others.
const MOST_CALLED: usize = 3;

/// What has to be left to the program.
#[derive(Debug, Default)]
pub(crate) struct Sandbox {
    paths: Vec<(PathBuf, Access)>,
    /// A TCP port that is opened later.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Landlock asks for it"))]
    listens: Option<u16>,
}

/// What a path is left for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// To read it, and what is below it.
    Read,
    /// To read and to write files in it, to make and to remove them.
    Write,
    /// The same, and to make directories.
    WriteBelow,
    /// To write to it where it is: a terminal, another device, a pipe.
    WriteInPlace,
}

impl Sandbox {
    /// Leaves a file to read, or a directory with all below it.
    pub(crate) fn reading(self, path: &Path) -> Self {
        self.leaving(path.to_owned(), Access::Read)
    }

    /// Leaves a regular file that is opened later to write. That leaves its directory: it is written under
    /// another name, and then takes its place.
    pub(crate) fn writing(self, path: &Path) -> Self {
        self.leaving(existing(path.parent().unwrap_or(path)), Access::Write)
    }

    /// Leaves a device or a pipe that is opened later to write.
    pub(crate) fn writing_in_place(self, path: &Path) -> Self {
        self.leaving(path.to_owned(), Access::WriteInPlace)
    }

    /// Leaves a directory below which files and directories are made. It may not exist yet.
    pub(crate) fn writing_below(self, directory: &Path) -> Self {
        self.leaving(existing(directory), Access::WriteBelow)
    }

    fn leaving(mut self, path: PathBuf, access: Access) -> Self {
        self.paths.push((path, access));
        self
    }

    /// Leaves a TCP port that is opened later.
    #[cfg(unix)]
    pub(crate) fn listening(self, port: u16) -> Self {
        Self { listens: Some(port), ..self }
    }

    /// Closes the rest to this thread and to those that it starts: begin it before there are others. Where
    /// the system can't do that, the program goes on.
    ///
    /// # Errors
    /// So many files are open that what is left can't be named.
    pub(crate) fn begin(self) -> anyhow::Result<Confined> {
        #[cfg(target_os = "linux")]
        let kept = capture::live::give_up_capturing().err();
        #[cfg(target_os = "linux")]
        let version = landlock::enforce(&self).context("the sandbox can't begin")?;
        #[cfg(not(target_os = "linux"))]
        let (kept, version) = (None, Err("only Linux has Landlock".to_owned()));
        Ok(Confined { sandbox: self, version, kept })
    }
}

/// What became of a sandbox.
#[derive(Debug)]
pub(crate) struct Confined {
    sandbox: Sandbox,
    /// The version of Landlock that enforces it, or why none does.
    version: Result<String, String>,
    /// Why the right to capture could not be given up, where that is so.
    kept: Option<io::Error>,
}

impl Confined {
    /// Says what is left to the program, or why it is not confined, where that is asked for.
    pub(crate) fn tell(&self, remarks: Remarks) {
        if remarks == Remarks::All {
            status::report(self);
        }
    }
}

impl fmt::Display for Confined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Ok(version) => write!(f, "confined by Landlock {version}: {}", self.sandbox)?,
            Err(why) => write!(f, "not confined: {why}")?,
        }
        match &self.kept {
            Some(error) => write!(f, "; CAP_NET_RAW can't be given up: {error}"),
            None => Ok(()),
        }
    }
}

/// The nearest directory that exists.
fn existing(directory: &Path) -> PathBuf {
    let named = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    named.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new(".")).to_owned()
}

impl fmt::Display for Sandbox {
    /// `reads a.pcap; writes in /tmp`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_read = |access| access == Access::Read;
        let called = |read| {
            let of_kind = self.paths.iter().filter(move |(_, access)| is_read(*access) == read);
            let mut paths: Vec<_> = of_kind.map(|(path, _)| path.as_path()).collect();
            // Several files may be written in one directory.
            paths.dedup();
            list(&paths)
        };
        write!(f, "reads {}; writes {}", called(true), called(false))
    }
}

fn list(paths: &[&Path]) -> String {
    if paths.is_empty() {
        return "nothing".to_owned();
    }
    let called = paths.iter().take(MOST_CALLED).map(|path| path.display().to_string());
    let called = called.collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(MOST_CALLED) {
        0 => called,
        more => format!("{called} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_says_what_it_leaves() {
        let nothing = Sandbox::default();
        assert_eq!(nothing.to_string(), "reads nothing; writes nothing");
        let one = nothing.reading(Path::new("/a.pcap")).writing_in_place(Path::new("/dev/null"));
        assert_eq!(one.to_string(), "reads /a.pcap; writes /dev/null");
        let many =
            ["/b", "/c", "/d", "/e"].iter().fold(one, |many, path| many.reading(Path::new(path)));
        let many = many.writing(Path::new("/dev/new")).writing_below(Path::new("/dev/new/below"));
        assert_eq!(many.to_string(), "reads /a.pcap, /b, /c and 2 more; writes /dev/null, /dev");
    }
}
