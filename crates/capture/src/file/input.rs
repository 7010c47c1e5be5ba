//! Where captures are read from.

use std::collections::{HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::CaptureError;

use super::stream::Stream;

/// An input as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A capture file, or a directory whose files are taken in the order of their names (not those
    /// of directories in it).
    Path(PathBuf),
    /// The same, with the files of the directories in a directory, at any depth. Each directory is read
    /// once, whatever links lead to it.
    Tree(PathBuf),
    /// Standard input.
    Stdin,
    /// A capture that the program holds, under a name.
    Memory(&'static str, &'static [u8]),
}

/// What standard input is called where files are called by their path.
pub(super) const STDIN: &str = "standard input";

/// As many directories may be in one that is a tree.
const MOST_DIRECTORIES: usize = 1 << 16;

/// One place to read a capture from.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) input: Input,
    /// The directory it was found in, where it was not named itself: an index into
    /// [`Found::directories`].
    pub(super) directory: Option<u32>,
    /// Its size, where it has one. Then it can also be opened again.
    pub(super) size: Option<u64>,
    /// How far it has been read.
    pub(super) read: Arc<AtomicU64>,
}

impl Place {
    /// A place of which nothing else is known.
    pub(super) fn new(input: Input) -> Self {
        Self { input, directory: None, size: None, read: Arc::default() }
    }

    pub(super) fn path(&self) -> PathBuf {
        match &self.input {
            Input::Path(path) | Input::Tree(path) => path.clone(),
            Input::Stdin => STDIN.into(),
            Input::Memory(name, _) => name.into(),
        }
    }

    /// What frames and damage call it.
    pub(super) fn name(&self) -> String {
        self.path().to_string_lossy().into_owned()
    }

    /// Opens it at `offset`, which must be 0 where it has no size.
    pub(super) fn open(&self, offset: u64) -> io::Result<Stream> {
        let inner: Stream = match &self.input {
            Input::Stdin => Box::new(Stdin(io::stdin())),
            Input::Memory(_, bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                Box::new(bytes.get(start..).unwrap_or_default())
            }
            Input::Path(path) | Input::Tree(path) => {
                let mut file = self.open_file(path)?;
                if offset > 0 {
                    file.seek(SeekFrom::Start(offset))?;
                }
                Box::new(file)
            }
        };
        Ok(self.counted(inner, offset))
    }

    /// A stream of it from `offset` on, which tells how far it has been read.
    pub(super) fn counted(&self, inner: Stream, offset: u64) -> Stream {
        Box::new(Counted { inner, position: offset, read: Arc::clone(&self.read) })
    }

    /// Opens the file that `path` leads to by now. Where that was a regular file it must be one still:
    /// a pipe in its place would wait for a writer, and a device may never end.
    pub(super) fn open_file(&self, path: &Path) -> io::Result<File> {
        let was_regular = self.size.is_some();
        let mut options = File::options();
        options.read(true);
        #[cfg(unix)]
        if was_regular {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
        }
        let file = options.open(path)?;
        if was_regular && !file.metadata()?.is_file() {
            return Err(io::Error::other("it was replaced by something that is no regular file"));
        }
        Ok(file)
    }

    /// The file, opened once more, if it is a regular one.
    pub(super) fn regular_file(&self) -> Option<File> {
        match &self.input {
            Input::Path(path) | Input::Tree(path) => {
                self.size.and_then(|_| self.open_file(path).ok())
            }
            Input::Stdin | Input::Memory(..) => None,
        }
    }

    /// The bytes of a file from `offset` on, `most` of them at most.
    pub(super) fn part(file: &mut File, offset: u64, most: u64) -> io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// That nothing more will be read of it.
    pub(super) fn done(&self) {
        self.read.fetch_max(self.size.unwrap_or(0), Ordering::Relaxed);
    }
}

/// Standard input, which another process that shares it may have set not to wait.
struct Stdin(io::Stdin);

impl Read for Stdin {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        loop {
            use rustix::event::{PollFd, PollFlags, poll};
            match self.0.read(space) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], None) {
                        Ok(_) | Err(rustix::io::Errno::INTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                result => return result,
            }
        }
        #[cfg(not(unix))]
        self.0.read(space)
    }
}

/// Tells how far a stream has been read.
struct Counted {
    inner: Stream,
    position: u64,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(space)?;
        self.position += count as u64;
        // A file that is opened again is not counted again.
        self.read.fetch_max(self.position, Ordering::Relaxed);
        Ok(count)
    }
}

/// The files behind the inputs. What can't be a capture for its kind is refused, or passed over
/// where it was found in a directory.
#[derive(Debug, Default)]
pub struct Found {
    pub(super) places: Vec<Place>,
    pub(super) directories: Vec<PathBuf>,
    /// The directories in those that are trees.
    pub(super) below: Vec<PathBuf>,
    pub(super) refused: Vec<CaptureError>,
    pub(super) skipped: Vec<CaptureError>,
    /// The regular files among the places.
    files: HashSet<FileId>,
}

impl Found {
    /// Looks for the files behind these inputs. None is opened.
    pub fn of(inputs: &[Input]) -> Self {
        let mut found = Self::default();
        for input in inputs {
            match input {
                Input::Stdin => found.add_stdin(),
                Input::Memory(_, bytes) => found.add(input.clone(), None, Some(bytes.len() as u64)),
                Input::Path(path) | Input::Tree(path) => {
                    let is_tree = matches!(input, Input::Tree(_));
                    if let Err(source) = found.add_path(path, is_tree) {
                        found.refused.push(CaptureError::Io { path: path.into(), source });
                    }
                }
            }
        }
        found
    }

    /// Whether one of them may come as slowly as somebody captures it: standard input, or a pipe.
    pub fn has_stream(&self) -> bool {
        self.places.iter().any(|place| place.size.is_none())
    }

    /// The directories whose files are read because they are in a directory that was named.
    pub fn directories_below(&self) -> &[PathBuf] {
        &self.below
    }

    /// The links in directories that lead to files, which may be anywhere.
    pub fn links(&self) -> impl Iterator<Item = &Path> {
        let in_directories = self.places.iter().filter(|place| place.directory.is_some());
        in_directories.filter_map(|place| match &place.input {
            Input::Path(path) if path.is_symlink() => Some(path.as_path()),
            _ => None,
        })
    }

    fn add_stdin(&mut self) {
        if self.places.iter().any(|place| place.input == Input::Stdin) {
            self.refused.push(not_a_capture(STDIN, "it can be read only once"));
        } else if io::stdin().is_terminal() {
            self.refused.push(not_a_capture(STDIN, "it is a terminal: pipe a capture into it"));
        } else {
            self.add(Input::Stdin, None, None);
        }
    }

    fn add_path(&mut self, path: &Path, is_tree: bool) -> io::Result<()> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return if is_tree {
                self.add_tree(path, MOST_DIRECTORIES)
            } else {
                self.add_directory(path)
            };
        }
        if let Some(kind) = unreadable_kind(metadata.file_type()) {
            let reason = format!("it is {kind}, not a capture file");
            self.refused.push(not_a_capture(path, reason));
        } else if metadata.is_file() {
            self.add_file(path.into(), None, &metadata);
        } else {
            self.add(Input::Path(path.into()), None, None);
        }
        Ok(())
    }

    fn add_directory(&mut self, path: &Path) -> io::Result<()> {
        let entries = entries(path)?;
        self.directories.push(path.into());
        for path in self.add_files(entries) {
            self.skipped.push(not_a_capture(path, "it is a directory, not a capture file"));
        }
        Ok(())
    }

    /// Adds the files of a directory, and of so many below it.
    pub(super) fn add_tree(&mut self, root: &Path, most: usize) -> io::Result<()> {
        let mut seen = HashSet::from([root.canonicalize()?]);
        let mut entries_of_next = entries(root)?;
        self.directories.push(root.into());
        let mut left = VecDeque::new();
        loop {
            for path in self.add_files(entries_of_next) {
                if path.canonicalize().is_ok_and(|real| seen.insert(real)) {
                    left.push_back(path);
                }
            }
            entries_of_next = loop {
                let Some(path) = left.pop_front() else { return Ok(()) };
                if self.below.len() >= most {
                    let reason = format!("it is beyond the {most} directories of a tree");
                    self.refused.push(not_a_capture(path, reason));
                    return Ok(());
                }
                self.below.push(path.clone());
                match entries(&path) {
                    Ok(entries) => break entries,
                    Err(source) => self.refused.push(CaptureError::Io { path, source }),
                }
            };
        }
    }

    /// Adds the files among the entries of the directory that was added last, and returns the directories.
    fn add_files(&mut self, entries: Vec<PathBuf>) -> Vec<PathBuf> {
        let directory = self.directories.len() as u32 - 1;
        let mut directories = Vec::new();
        for path in entries {
            match fs::metadata(&path) {
                Err(source) if leads_nowhere(&source) => {
                    self.skipped
                        .push(not_a_capture(path, "it is gone, or a link to a file that is"));
                }
                Err(source) => self.refused.push(CaptureError::Io { path, source }),
                Ok(metadata) if metadata.is_file() => {
                    self.add_file(path, Some(directory), &metadata);
                }
                Ok(metadata) if metadata.is_dir() => directories.push(path),
                // Opening a pipe would wait for its writer.
                Ok(metadata) => {
                    let kind = unreadable_kind(metadata.file_type()).unwrap_or("a pipe");
                    let reason = format!("it is {kind}, not a capture file");
                    self.skipped.push(not_a_capture(path, reason));
                }
            }
        }
        directories
    }

    /// Adds a regular file, unless it is one of those before it under another name: its packets would
    /// seem to have been captured twice.
    fn add_file(&mut self, path: PathBuf, directory: Option<u32>, metadata: &fs::Metadata) {
        if self.files.insert(identity(&path, metadata)) {
            self.add(Input::Path(path), directory, Some(metadata.len()));
        } else {
            self.skipped.push(not_a_capture(path, "it is read already, under another name"));
        }
    }

    fn add(&mut self, input: Input, directory: Option<u32>, size: Option<u64>) {
        self.places.push(Place { directory, size, ..Place::new(input) });
    }
}

/// What is the same for all names of a file.
#[cfg(unix)]
fn identity(_: &Path, metadata: &fs::Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &fs::Metadata) -> FileId {
    path.canonicalize().unwrap_or_else(|_| path.into())
}

#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = PathBuf;

/// What is in a directory, by name.
/// Whether a name in a directory leads to nothing: the file was there when the directory was read, or never,
/// where a link leads nowhere or to itself.
fn leads_nowhere(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::ELOOP) {
        return true;
    }
    error.kind() == io::ErrorKind::NotFound
}

fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
    paths.sort_unstable();
    Ok(paths)
}

/// What a file is that can't hold a capture; pipes and regular files can.
fn unreadable_kind(kind: fs::FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_socket() {
            return Some("a socket");
        } else if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    kind.is_dir().then_some("a directory")
}

pub(super) fn not_a_capture(path: impl Into<PathBuf>, reason: impl Into<String>) -> CaptureError {
    CaptureError::NotACapture { path: path.into(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_is_taken_once() {
        const TWICE: &str = "standard input: it can be read only once";
        let added_to = |input| {
            let mut found = Found { places: vec![Place::new(input)], ..Found::default() };
            found.add_stdin();
            let refused = found.refused.first().map(ToString::to_string);
            (found.places.len(), refused)
        };
        assert_eq!(added_to(Input::Stdin), (1, Some(TWICE.to_owned())));
        // Beside a file it is taken, unless the tests run on a terminal.
        let terminal = "standard input: it is a terminal: pipe a capture into it".to_owned();
        let expected = if io::stdin().is_terminal() { (1, Some(terminal)) } else { (2, None) };
        assert_eq!(added_to(Input::Path("x".into())), expected);
    }
}
