//! The files that a run reads and writes. None may be both, and none may be written twice.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use capture::file::{Input, is_of_ring};

use crate::sandbox::Sandbox;

/// As many links one after another lead to a file, before the system says that they go in circles.
const MOST_LINKS: usize = 40;

/// The files of a run, by what the user calls them.
#[derive(Debug, Default)]
pub(crate) struct Files {
    inputs: Vec<Input>,
    written: Vec<Written>,
    /// The path of a recording in numbered files, and the option that names it.
    ring: Option<(PathBuf, &'static str)>,
}

/// A file to write.
#[derive(Debug)]
struct Written {
    /// What a message calls it.
    name: String,
    /// The option that names it; none for standard output.
    option: Option<&'static str>,
    /// As the user names it; none for standard output.
    path: Option<PathBuf>,
    identity: Option<Identity>,
}

/// That no file of the run is both read and written, nor written twice.
#[derive(Debug)]
pub(crate) struct Distinct {
    inputs: Vec<Input>,
    /// The files that these are, where any may be written to.
    read: ReadFiles,
    written: Vec<PathBuf>,
}

/// The files that a run reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadFiles(Vec<Identity>);

impl Distinct {
    /// What the first input is called on the command line, without the directory that it is in. Where that
    /// is no name, as `.`, the name behind it.
    pub(crate) fn first_name(&self) -> OsString {
        match self.inputs.first() {
            Some(Input::Path(path) | Input::Tree(path)) => {
                let behind = || path.canonicalize().ok()?.file_name().map(OsStr::to_owned);
                path.file_name().map(OsStr::to_owned).or_else(behind).unwrap_or_default()
            }
            Some(Input::Memory(name, _)) => name.into(),
            Some(Input::Stdin) => "standard_input".into(),
            None => OsString::new(),
        }
    }

    /// The files that are read.
    pub(crate) const fn read(&self) -> &ReadFiles {
        &self.read
    }

    /// Looks once more, just before a file is opened for writing: while a pipe waited for its writer,
    /// somebody may have made a link to an input there.
    pub(crate) fn still_differs(&self, path: &Path) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.read.contain(path),
            "{}: is an input file by now; give another name",
            path.display()
        );
        Ok(())
    }

    /// Leaves these files to the program, none of which is open yet.
    pub(crate) fn sandbox(&self) -> Sandbox {
        let reading = self.inputs.iter().fold(Sandbox::default(), |sandbox, input| match input {
            Input::Path(path) | Input::Tree(path) => sandbox.reading(path),
            Input::Stdin | Input::Memory(..) => sandbox,
        });
        self.written.iter().fold(reading, |sandbox, path| leave_to_write(sandbox, path))
    }
}

impl ReadFiles {
    fn of(inputs: &[Input]) -> Self {
        Self(read(inputs))
    }

    /// Whether the file at this path is one of them.
    pub(crate) fn contain(&self, path: &Path) -> bool {
        Identity::of_input(path).is_some_and(|file| self.are(&file))
    }

    fn are(&self, file: &Identity) -> bool {
        self.0.iter().any(|read| read.is_same(file))
    }
}

impl Files {
    /// The inputs, and the directories that are read with them.
    pub(crate) fn reading(inputs: &[Input], directories: &[PathBuf]) -> Self {
        let directories = directories.iter().cloned().map(Input::Path);
        Self { inputs: inputs.iter().cloned().chain(directories).collect(), ..Self::default() }
    }

    /// One more file that is read; `-` is standard input.
    pub(crate) fn and_reading(mut self, path: &Path) -> Self {
        let input = if is_stdin(path) { Input::Stdin } else { Input::Path(path.to_owned()) };
        self.inputs.push(input);
        self
    }

    /// A file to write, and the option that names it.
    pub(crate) fn writing(mut self, path: &Path, option: &'static str) -> Self {
        self.written.push(Written {
            name: path.display().to_string(),
            option: Some(option),
            path: Some(path.to_owned()),
            identity: Identity::of(path),
        });
        self
    }

    /// A recording in numbered files. It takes only numbers that are free.
    #[cfg(unix)]
    pub(crate) fn writing_ring(mut self, path: &Path, option: &'static str) -> Self {
        self.ring = Some((path.to_owned(), option));
        self
    }

    /// Where the output goes: `--output`, or else standard output.
    pub(crate) fn output(mut self, file: Option<&Path>) -> Self {
        match file {
            Some(path) => self.writing(path, "--output"),
            None => {
                let identity = stream::stdout();
                let name = "standard output".to_owned();
                self.written.push(Written { name, option: None, path: None, identity });
                self
            }
        }
    }

    /// Compares all of them, before any is opened for writing: that would empty it.
    pub(crate) fn check(self) -> anyhow::Result<Distinct> {
        let may_lose = |file: &Written| file.identity.is_some() || file.path.is_some();
        let is_needed = self.written.iter().any(may_lose);
        let read = if is_needed { ReadFiles::of(&self.inputs) } else { ReadFiles::default() };
        self.written.iter().try_for_each(|file| file.differs_from_inputs(&read))?;
        for (index, file) in self.written.iter().enumerate() {
            let before = self.written.iter().take(index);
            before.clone().try_for_each(|other| file.differs_from(other))?;
            self.is_outside_ring(file)?;
            self.written.iter().try_for_each(|other| file.is_outside_days(other))?;
        }
        let written = self.written.into_iter().filter_map(|file| file.path).collect();
        Ok(Distinct { inputs: self.inputs, read, written })
    }

    fn is_outside_ring(&self, file: &Written) -> anyhow::Result<()> {
        let path = file.identity.as_ref().and_then(|identity| identity.path.as_deref());
        let (Some((ring, option)), Some(path)) = (&self.ring, path) else { return Ok(()) };
        let directory = behind_links(&Path::new(".").join(ring.parent().unwrap_or(Path::new(""))));
        let name = path.file_name().unwrap_or_default();
        anyhow::ensure!(
            path.parent() != Some(&directory) || !is_of_ring(ring, name),
            "{}: {option} with --rotate may give a file this name; {}",
            file.name,
            file.remedy()
        );
        Ok(())
    }
}

impl Written {
    fn differs_from_inputs(&self, read: &ReadFiles) -> anyhow::Result<()> {
        let is_read = match &self.path {
            Some(path) => read.contain(path),
            None => self.identity.as_ref().is_some_and(|file| read.are(file)),
        };
        anyhow::ensure!(!is_read, "{}: is an input file; {}", self.name, self.remedy());
        Ok(())
    }

    fn differs_from(&self, other: &Self) -> anyhow::Result<()> {
        let both = self.identity.as_ref().zip(other.identity.as_ref());
        anyhow::ensure!(
            !both.is_some_and(|(one, other)| one.is_same(other)),
            "{}: {} writes this file too; {}",
            self.name,
            other.option.unwrap_or("standard output"),
            self.remedy()
        );
        Ok(())
    }

    /// That it is no file by day below a directory that is written to.
    fn is_outside_days(&self, other: &Self) -> anyhow::Result<()> {
        let path = self.identity.as_ref().and_then(|identity| identity.path.as_deref());
        let directory = other.path.as_deref().filter(|path| is_directory(path));
        anyhow::ensure!(
            !path.zip(directory).is_some_and(|(path, directory)| is_of_day(directory, path)),
            "{}: {} may give a file by day this name; {}",
            self.name,
            other.option.unwrap_or("standard output"),
            self.remedy()
        );
        Ok(())
    }

    fn remedy(&self) -> String {
        match self.option {
            Some(option) => format!("give {option} another name"),
            None => "redirect it to another file".to_owned(),
        }
    }
}

/// What is read: the inputs, and the files of those that are directories.
fn read(inputs: &[Input]) -> Vec<Identity> {
    let mut read = Vec::new();
    for input in inputs {
        match input {
            Input::Memory(..) => {}
            Input::Stdin => read.extend(stream::stdin()),
            Input::Path(path) | Input::Tree(path) => match fs::read_dir(path) {
                Ok(entries) => {
                    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
                    read.extend(paths.filter_map(|path| Identity::of_input(&path)));
                }
                Err(_) => read.extend(Identity::of_input(path)),
            },
        }
    }
    read
}

/// What tells a file from others, whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    /// The device and the inode of a file that exists, where the system has them.
    inode: Option<(u64, u64)>,
    /// Where it is or will be, where that is known.
    path: Option<PathBuf>,
}

impl Identity {
    /// `None` for what can't be lost by writing to it: a device, a pipe.
    fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok();
        if metadata.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            return None;
        }
        let inode = inode(metadata.as_ref());
        Some(Self { inode, path: Some(behind_links(path)) })
    }

    /// The same, and a pipe: a run that writes to the pipe that it reads would wait for itself.
    fn of_input(path: &Path) -> Option<Self> {
        let pipe = || path.metadata().ok().filter(is_pipe);
        Self::of(path).or_else(|| Some(Self { inode: inode(Some(&pipe()?)), path: None }))
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.inode.is_some() && self.inode == other.inode)
            || (self.path.is_some() && self.path == other.path)
    }
}

#[cfg(unix)]
fn inode(metadata: Option<&Metadata>) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    metadata.map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn inode(_: Option<&Metadata>) -> Option<(u64, u64)> {
    None
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Whether there is a directory, or the user says that there is to be one.
pub(crate) fn is_directory(path: &Path) -> bool {
    let is_separator = |byte: &u8| std::path::is_separator(char::from(*byte));
    path.as_os_str().as_encoded_bytes().last().is_some_and(is_separator) || path.is_dir()
}

/// Whether a file that is written by the day below this directory may be called so:
/// `date=DAY/NAME.parquet`.
fn is_of_day(directory: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(behind_links(directory)) else { return false };
    let is_of_folder = below.to_str().is_some_and(|below| below.starts_with("date="));
    is_of_folder && below.components().count() == 2 && below.extension() == Some("parquet".as_ref())
}

/// Leaves what the user names to write and what is not open yet.
pub(crate) fn leave_to_write(sandbox: Sandbox, path: &Path) -> Sandbox {
    if is_directory(path) {
        return sandbox.writing_below(path);
    }
    match Identity::of(path).and_then(|identity| identity.path) {
        Some(file) => sandbox.writing(&file),
        None => sandbox.writing_in_place(path),
    }
}

/// Whether it stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// The path without links, also where its end does not exist yet.
fn behind_links(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    let path = std::path::absolute(&path).unwrap_or(path);
    let end: Vec<&OsStr> = path.iter().collect();
    let existing =
        path.ancestors().find_map(|ancestor| Some((ancestor, ancestor.canonicalize().ok()?)));
    let Some((ancestor, directory)) = existing else { return path };
    directory.join(end.into_iter().skip(ancestor.iter().count()).collect::<PathBuf>())
}

/// The files behind standard input and standard output, where they are regular ones.
mod stream {
    use super::{Identity, Metadata};

    #[cfg(unix)]
    fn of(
        stream: &impl std::os::fd::AsFd,
        counts: impl FnOnce(&Metadata) -> bool,
    ) -> Option<Identity> {
        let file = std::fs::File::from(stream.as_fd().try_clone_to_owned().ok()?);
        let metadata = file.metadata().ok()?;
        counts(&metadata).then(|| Identity { inode: super::inode(Some(&metadata)), path: None })
    }

    #[cfg(not(unix))]
    fn of<T>(_: &T, _: impl FnOnce(&Metadata) -> bool) -> Option<Identity> {
        None
    }

    pub(super) fn stdin() -> Option<Identity> {
        of(&std::io::stdin(), |metadata| metadata.is_file() || super::is_pipe(metadata))
    }

    pub(super) fn stdout() -> Option<Identity> {
        of(&std::io::stdout(), Metadata::is_file)
    }
}
