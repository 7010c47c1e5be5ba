//! The command line as a user types it. Other modules decide what the arguments mean.

#[cfg(all(test, target_os = "linux"))]
mod documents;
mod named;

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use capture::live::Subnet;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use handshake::{Outcome, PatternName};
#[cfg(target_os = "linux")]
use lab::Scenario;

use crate::memory::Memory;
use crate::{help, units};
#[cfg(target_os = "linux")]
pub(crate) use named::Scenarios;
use named::{outcomes, patterns};
#[cfg(target_os = "linux")]
use named::{scenario, scenarios};

/// Makes TCP handshakes visible: the outcome of each connection attempt, with its evidence.
#[derive(Debug, Parser)]
#[command(
    name = "synscope",
    version,
    about = help::ABOUT,
    long_about = help::LONG_ABOUT,
    after_help = help::FIRST_STEPS,
    after_long_help = help::AFTER,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100,
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the handshakes in capture files
    ///
    /// Reads pcap and pcapng in any byte order and precision, plain or compressed with gzip, zstd or
    /// lz4. Merges several files by time and reads them as one capture. Needs no privilege.
    #[command(after_long_help = help::REPLAY)]
    Replay(ReplayArgs),

    /// Show handshakes on this host as they happen
    ///
    /// Listens on the loopback interface by default. Needs a privilege (on Linux, the capability
    /// `CAP_NET_RAW`), and drops it as soon as the sockets are open. If it is missing, the message
    /// explains how to get it.
    #[cfg(unix)]
    #[command(after_long_help = help::LIVE)]
    Live(LiveArgs),

    /// Make handshakes with real sockets and show them beside the calls that made them
    ///
    /// Runs in its own network namespace: it needs no privilege, and sends no packet to the network.
    #[cfg(target_os = "linux")]
    #[command(after_long_help = help::DEMO)]
    Demo(DemoArgs),

    /// List the patterns, or explain one with a picture
    ///
    /// A pattern is a name for a well-known situation: a closed port, a full accept queue, a forged
    /// reset. Each has a source, a look-alike and a next check.
    Patterns(PatternsArgs),

    /// List the interfaces of this host
    Interfaces,

    /// Print the JSON Schema of --format json and jsonl
    Schema,

    /// Print the completions for a shell
    #[command(after_long_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },

    /// Print the manual page
    #[command(after_long_help = help::MAN)]
    Man {
        /// Write this page and the pages of all subcommands into a directory; create it if needed
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// `synscope replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Capture files and directories of them; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Memory to use, about: with more, more attempts can be open at the same time
    #[arg(long, value_name = "SIZE", default_value = "64MB", value_parser = units::memory)]
    pub(crate) memory: Memory,

    /// Bytes that compressed files may decompress to, beyond 1,100 times their size
    #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = units::size)]
    pub(crate) max_decompressed: u64,

    /// Also copy the packets of the attempts that are shown into a capture file, with comments
    #[arg(long, value_name = "FILE.pcapng")]
    pub(crate) extract: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `synscope patterns`.
#[derive(Debug, Args)]
pub(crate) struct PatternsArgs {
    /// The pattern to explain; without it, all are listed
    #[arg(value_parser = patterns(), hide_possible_values = true)]
    pub(crate) name: Option<PatternName>,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: CatalogueFormat,
}

/// The form of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CatalogueFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// `synscope live`.
#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct LiveArgs {
    /// Interface to listen on, or `any`; may be repeated [default: the loopback interface]
    #[arg(short, long, value_name = "IFACE", action = ArgAction::Append)]
    pub(crate) interface: Vec<String>,

    /// How to capture frames
    #[arg(long, value_enum, default_value_t)]
    pub(crate) backend: LiveBackend,

    /// Stop after this time, such as 10s or 5m
    #[arg(long = "for", value_name = "DURATION", value_parser = units::duration)]
    pub(crate) duration: Option<Duration>,

    /// Stop after this number of attempts
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,

    /// Record the captured frames in a pcapng file: the first 128 bytes of each frame
    #[arg(short, long, value_name = "FILE.pcapng")]
    pub(crate) write: Option<PathBuf>,

    /// Start the next, numbered file before a file exceeds this size, such as 100MB
    #[arg(long, value_name = "SIZE", requires = "write", value_parser = units::size)]
    pub(crate) rotate: Option<u64>,

    /// Number of files to keep with --rotate; the oldest file is removed
    #[arg(long, value_name = "N", requires = "rotate", default_value_t = NonZero::new(5).expect("5 is not 0"))]
    pub(crate) keep: NonZero<usize>,

    /// Also capture frames that are addressed to other hosts
    #[arg(long)]
    pub(crate) promiscuous: bool,

    /// Capture all packets of tunnels, so that --host and --port apply inside tunnels
    #[arg(long)]
    pub(crate) tunnels: bool,

    /// Memory to use, about: with more, more attempts can be open at the same time
    #[arg(long, value_name = "SIZE", default_value = "64MB", value_parser = units::memory)]
    pub(crate) memory: Memory,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// How frames get from the kernel to this process.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LiveBackend {
    /// A ring buffer in memory shared with the kernel: the fastest way
    #[default]
    Ring,
    /// The channel of the pnet library: portable and slower; it loses VLAN tags
    Pnet,
}

/// `synscope demo`.
#[cfg(target_os = "linux")]
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The scenario to play (see --list), or `all` for all scenarios, one after another
    #[arg(default_value = "three-way", value_parser = scenarios(), hide_possible_values = true)]
    pub(crate) scenario: Scenarios,

    /// The scenario that this process plays of `all`: each scenario needs its own process
    #[arg(long, value_name = "SCENARIO", value_parser = scenario(), hide = true,
        hide_possible_values = true)]
    pub(crate) only: Option<&'static Scenario>,

    /// List the scenarios
    #[arg(long)]
    pub(crate) list: bool,

    /// Save the packets (pcapng), the calls (JSON lines) and the attempts (JSON) in a directory
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,

    /// Number of connections in the scenario `many` [default: 50]
    #[arg(long, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(lab::Options::MOST_CONNECTIONS)))]
    pub(crate) connections: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The target and the look of the output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct OutputArgs {
    /// The output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,

    /// Leave the segments out of each record (json and jsonl only)
    #[arg(long)]
    pub(crate) no_segments: bool,

    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Explain each attempt with the rules of RFC 9293
    #[arg(long)]
    pub(crate) explain: bool,

    /// Add what Wireshark and Zeek print of the handshake (timeline, json and jsonl only)
    #[arg(long)]
    pub(crate) compare: bool,

    /// The format of times
    #[arg(long, value_enum, default_value_t, value_name = "STYLE")]
    pub(crate) time: TimeStyle,

    /// When to use colours
    #[arg(long, long_help = help::COLOR, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: When,

    /// Draw with ASCII characters only; this is the default if the locale is not UTF-8
    #[arg(long)]
    pub(crate) ascii: bool,

    /// Columns of the output [default: the width of the terminal, or 100 without a terminal]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=1000))]
    pub(crate) width: Option<u16>,

    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

/// How much is reported beside the output.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Verbosity {
    /// Print no totals and no remarks; errors are still printed
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print more on standard error: the dropped privileges and the skipped files
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Which attempts are shown. All are counted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (of the attempts to show; the totals count all attempts)")]
pub(crate) struct SelectArgs {
    /// Attempts from or to an address (192.0.2.1) or network (10.0.0.0/8)
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append)]
    pub(crate) host: Vec<Subnet>,

    /// Attempts from a client address or network
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append)]
    pub(crate) client: Vec<Subnet>,

    /// Attempts to a server address or network
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append)]
    pub(crate) server: Vec<Subnet>,

    /// Attempts with this port on either side
    #[arg(long, value_name = "PORT", action = ArgAction::Append, value_parser = units::port)]
    pub(crate) port: Vec<u16>,

    /// Attempts with this outcome
    #[arg(long, action = ArgAction::Append, value_parser = outcomes())]
    pub(crate) outcome: Vec<Outcome>,

    /// Attempts with this pattern
    #[arg(long, action = ArgAction::Append, value_parser = patterns(), hide_possible_values = true)]
    pub(crate) pattern: Vec<PatternName>,

    /// Completed handshakes that took longer than this time, such as 200ms or 1.5s
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    pub(crate) slower_than: Option<Duration>,
}

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A ladder for each attempt, segment by segment
    #[default]
    Timeline,
    /// One line for each attempt
    Table,
    /// One JSON document
    Json,
    /// One JSON object on each line, printed when an attempt ends
    Jsonl,
    /// Comma-separated values
    Csv,
    /// Totals only
    Summary,
}

/// When something is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How times are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimeStyle {
    /// Since the first segment of the attempt
    #[default]
    Relative,
    /// Time of day, UTC
    Utc,
    /// Time of day, local time zone
    Local,
    /// Seconds since 1970-01-01 UTC
    Epoch,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_declarations_are_consistent() {
        Cli::command().debug_assert();
    }
}
