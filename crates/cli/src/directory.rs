//! A directory below which the output is written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use parser::Period;

use crate::files::{Distinct, ReadFiles, is_directory};

/// A directory below which files are written.
#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only Parquet is written there"))]
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) path: PathBuf,
    /// When the attempts began that are written.
    pub(crate) started_in: Period,
    /// What the first input is called.
    pub(crate) input: OsString,
    /// What is read: none of it may be written.
    read: ReadFiles,
}

impl Directory {
    /// The directory at a path; `None` where there is none and the user does not say that it is to be one.
    pub(crate) fn at(path: &Path, distinct: &Distinct, started_in: Period) -> Option<Self> {
        is_directory(path).then(|| Self {
            path: path.to_owned(),
            started_in,
            input: distinct.first_name(),
            read: distinct.read().clone(),
        })
    }

    /// Whether the file at this path is an input.
    #[cfg(feature = "parquet")]
    pub(crate) fn reads(&self, path: &Path) -> bool {
        self.read.contain(path)
    }
}
