//! `--format parquet` below a directory: files by the day on which attempts began.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use columns::{ColumnsFile, Content, ROOM, Rows};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use parser::{Period, Timestamp};
use render::{Record, Style, Summary, View};

use crate::directory::Directory;
use crate::replacement::Replacement;

/// What bounds the memory and the open files.
struct Limits {
    /// About how many bytes the rows take that wait. Beyond it those of the fullest day are written.
    room: usize,
    /// So many files are open at once. Beyond it the one that was written to least lately is complete.
    open: usize,
    /// A file that has so many row groups is complete: the end of a file, which has something about each
    /// of them, is in memory until then.
    groups: usize,
}

const LIMITS: Limits = Limits { room: ROOM, open: 16, groups: 64 };

/// The longest name of an input in the names of files, in bytes.
const LONGEST_NAME: usize = 100;

/// The UTC day on which attempts began; `None` where they have no time.
type Day = Option<Date>;

/// A view that writes the attempts of each day to files of their own.
pub(crate) struct Partitions<N> {
    directory: Directory,
    content: Content,
    notes: N,
    style: Style,
    limits: Limits,
    /// What the names of the files begin with: the name of the first input, and the window.
    name: String,
    waiting: BTreeMap<Day, Rows>,
    /// About how many bytes the rows take that wait.
    bytes: usize,
    open: BTreeMap<Day, Open>,
    /// How many files each day has.
    files: BTreeMap<Day, u32>,
    /// How many row groups were written.
    groups: u64,
}

/// A file that is being written.
struct Open {
    file: ColumnsFile<BufWriter<File>>,
    replacement: Replacement,
    /// The number of its last row group.
    last_group: u64,
}

impl<N: io::Write> Partitions<N> {
    /// Writes files with this content below a directory, and the totals to `notes`, which look so.
    pub(crate) fn new(directory: Directory, content: Content, notes: N, style: Style) -> Self {
        Self {
            directory,
            content,
            notes,
            style,
            limits: LIMITS,
            name: String::new(),
            waiting: BTreeMap::new(),
            bytes: 0,
            open: BTreeMap::new(),
            files: BTreeMap::new(),
            groups: 0,
        }
    }

    /// Writes the rows of a day that wait.
    fn write(&mut self, day: Day) -> io::Result<()> {
        let Some(mut rows) = self.waiting.remove(&day) else { return Ok(()) };
        self.bytes -= rows.bytes();
        let mut open = match self.open.remove(&day) {
            Some(open) => open,
            None => self.begin(day)?,
        };
        open.file.write(&mut rows)?;
        self.groups += 1;
        open.last_group = self.groups;
        if open.file.groups() >= self.limits.groups {
            return open.complete();
        }
        self.open.insert(day, open);
        Ok(())
    }

    /// Begins the next file of a day.
    fn begin(&mut self, day: Day) -> io::Result<Open> {
        if self.open.len() >= self.limits.open {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.last_group);
            let oldest = oldest.map(|(day, _)| *day);
            oldest.and_then(|day| self.open.remove(&day)).map_or(Ok(()), Open::complete)?;
        }
        let number = self.files.entry(day).or_default();
        let path =
            self.directory.path.join(folder(day)).join(format!("{}-{number}.parquet", self.name));
        *number += 1;
        let begin = || {
            if self.directory.reads(&path) {
                return Err(io::Error::other("is an input file; give --output another directory"));
            }
            refuse_links(&path)?;
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            let replacement = Replacement::begin(&path)?
                .ok_or_else(|| io::Error::other("is no file that can be replaced"))?;
            let file = ColumnsFile::new(BufWriter::new(replacement.file()?), self.content);
            Ok(Open { file, replacement, last_group: 0 })
        };
        begin().map_err(|error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })
    }

    /// The day of which most bytes wait.
    fn fullest(&self) -> Option<Day> {
        self.waiting.iter().max_by_key(|(_, rows)| rows.bytes()).map(|(day, _)| *day)
    }
}

impl<N: io::Write> View for Partitions<N> {
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()> {
        if self.name.is_empty() {
            self.name =
                name_of_input(&self.directory.input) + &name_of_window(self.directory.started_in);
        }
        let day = record.handshake.timing.start.and_then(day_of);
        let rows = self.waiting.entry(day).or_insert_with(|| Rows::new(self.content));
        let before = rows.bytes();
        rows.push(record);
        self.bytes += rows.bytes() - before;
        if rows.are_full() {
            self.write(day)?;
        }
        while self.bytes > self.limits.room
            && let Some(day) = self.fullest()
        {
            self.write(day)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        while let Some(&day) = self.waiting.keys().next() {
            self.write(day)?;
        }
        std::mem::take(&mut self.open).into_values().try_for_each(Open::complete)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        summary.write(&mut self.notes, self.style)
    }
}

impl Open {
    /// Puts the file in its place.
    fn complete(mut self) -> io::Result<()> {
        self.file.finish()?;
        self.replacement.complete()
    }
}

/// That neither a file nor the directory of its day is a link. It may lead where the sandbox leaves
/// nothing to the program, and what becomes of links shall not depend on the kernel.
fn refuse_links(path: &Path) -> io::Result<()> {
    let refusal = if path.parent().is_some_and(Path::is_symlink) {
        "its directory is a link, and links below --output are not followed: put a directory there"
    } else if path.is_symlink() {
        "it is a link, and links below --output are not followed: remove it"
    } else {
        return Ok(());
    };
    Err(io::Error::other(format!("{refusal}, or give --output another directory")))
}

/// `date=2026-11-22`, as Hive and what came after it name a partition.
fn folder(day: Day) -> PathBuf {
    match day {
        Some(date) => format!("date={date}").into(),
        None => "date=__HIVE_DEFAULT_PARTITION__".into(),
    }
}

fn day_of(time: Timestamp) -> Day {
    let time = jiff::Timestamp::from_nanosecond(time.as_nanos().into()).ok()?;
    Some(time.to_zoned(TimeZone::UTC).date())
}

/// What files are called that hold the attempts of an input with this name: nothing in it means anything to a
/// shell, and readers of a directory don't pass it over, as they do where a name begins with `_` or `.`. Where
/// it is not the whole name of the input, a sum of that tells inputs apart.
fn name_of_input(input: &OsStr) -> String {
    let input_text = input.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let plain: String = input_text.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let fits = |&(at, c): &(usize, char)| at + c.len_utf8() <= LONGEST_NAME;
    let begun = plain.trim_start_matches(['.', '-', '_']).char_indices();
    let name: String = begun.take_while(fits).map(|(_, c)| c).collect();
    if name == input_text && !name.is_empty() {
        return name;
    }
    if input.is_empty() {
        return "capture".to_owned();
    }
    let name = if name.is_empty() { "capture" } else { &name };
    format!("{name}-{:08x}", sum(input.as_encoded_bytes()))
}

/// The 32 bits of FNV-1a, the same on every machine.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, &byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// `-2026-11-26T010000Z..2026-11-26T020000Z`: runs over windows of one capture have the same input.
fn name_of_window(Period { from, to }: Period) -> String {
    let time = |time: Timestamp| jiff::Timestamp::from_nanosecond(time.as_nanos().into()).ok();
    let bound = |bound: Option<Timestamp>| bound.and_then(time).map(|it| it.to_string());
    match [from, to].map(bound) {
        [None, None] => String::new(),
        // Not every system takes a colon.
        bounds => format!("-{}", bounds.map(Option::unwrap_or_default).join("..")).replace(':', ""),
    }
}

#[cfg(test)]
mod tests;
