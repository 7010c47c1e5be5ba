//! Capture files: reading them, several at once merged by time, and recording one.
//!
//! [`Replay`] reads pcap and pcapng in either byte order, compressed with gzip, zstd or lz4 or not,
//! from files, directories and standard input. It recognises a file by its content, never by its
//! name. `Follow` (on Unix) reads files that somebody still writes. [`Recorder`] writes pcapng.

mod ahead;
mod allowance;
mod budget;
mod buffer;
mod capture_file;
mod chain;
mod compression;
mod content;
mod create;
mod descriptors;
#[cfg(unix)]
mod follow;
mod hoards;
mod input;
mod pcap;
mod pcapng;
mod progress;
mod record;
mod recorder;
mod replay;
mod stream;

pub use create::{Untouched, create, open_to_write};
#[cfg(unix)]
pub use follow::{Follow, Happened};
pub use input::{Found, Input};
pub use progress::{Progress, ReadSoFar};
pub use recorder::{Recorder, RecordingFile, Rotation, Settings, is_of_ring};
pub use replay::{Extent, Replay};

#[cfg(test)]
mod tests;
