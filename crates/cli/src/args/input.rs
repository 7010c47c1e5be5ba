//! What is read, and how.

use std::path::PathBuf;

use clap::Args;

use crate::memory::Memory;
use crate::moment::StartedIn;
use crate::{help, units};

/// The captures to read, and what reading them may take.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Capture files and directories of them; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Read the captures in the directories below a directory, too
    #[arg(short, long)]
    pub(crate) recursive: bool,

    /// Memory to use, about: with more, more attempts can be open at the same time
    #[arg(long, value_name = "SIZE", default_value = "64MB", value_parser = units::memory)]
    pub(crate) memory: Memory,

    /// Bytes that compressed files may decompress to, beyond 1,100 times their size
    #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = units::size)]
    pub(crate) max_decompressed: u64,

    /// Take only the attempts that began in this time, and read no file that lies far from it
    #[arg(long, value_name = "FROM..TO", default_value = "..", hide_default_value = true, long_help = help::STARTED_IN)]
    pub(crate) started_in: StartedIn,
}

/// Whether hosts are shown by their names, and where these are from.
#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// Show the names of hosts, from DNS answers in the capture and from /etc/hosts; asks no network
    #[arg(long)]
    pub(crate) names: bool,

    /// Read this file of names in place of /etc/hosts
    #[arg(long, value_name = "FILE", requires = "names")]
    pub(crate) hosts: Option<PathBuf>,
}
