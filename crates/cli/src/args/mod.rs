//! The command line as a user types it. Other modules decide what the arguments mean.

#[cfg(all(test, target_os = "linux"))]
mod documents;
mod input;
mod named;
mod output;
mod select;

#[cfg(unix)]
use std::net::SocketAddr;
#[cfg(unix)]
use std::num::NonZero;
use std::path::PathBuf;
#[cfg(unix)]
use std::time::Duration;

use answers::{By, Sort};
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use handshake::PatternName;
#[cfg(target_os = "linux")]
use lab::Scenario;

#[cfg(unix)]
use crate::memory::Memory;
use crate::{help, units};
pub(crate) use input::{InputArgs, NameArgs};
#[cfg(target_os = "linux")]
pub(crate) use named::Scenarios;
use named::{patterns, sorts};
#[cfg(target_os = "linux")]
use named::{scenario, scenarios};
#[cfg(unix)]
pub(crate) use output::PaceArgs;
pub(crate) use output::{
    Format, Lang, LangArgs, LookArgs, OutputArgs, ScreenArgs, StatsFormat, ThemeName, TimeStyle,
    Verbosity, When,
};
pub(crate) use select::{SelectArgs, ShownArgs, SortKey};

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

    /// Check what is expected of the attempts in capture files
    ///
    /// For scripts and CI: the exit code is 0 if every expectation is met, and 1 if not.
    #[command(after_long_help = help::ASSERT)]
    #[command(mut_arg("time", |it| it.hide(true)), mut_arg("lang", |it| it.hide(true)))]
    Assert(AssertArgs),

    /// Show handshakes on this host as they happen
    ///
    /// Listens on the loopback interface by default. Needs a privilege (on Linux, the capability
    /// `CAP_NET_RAW`), and drops it as soon as the sockets are open. If it is missing, the message
    /// explains how to get it.
    #[cfg(unix)]
    #[command(after_long_help = help::LIVE)]
    #[cfg_attr(feature = "parquet", command(mut_arg("segments", |it| it.hide(true))))]
    Live(LiveArgs),

    /// Make handshakes with real sockets and show them beside the calls that made them
    ///
    /// Runs in its own network namespace: it needs no privilege, and sends no packet to the network.
    #[cfg(target_os = "linux")]
    #[command(after_long_help = help::DEMO)]
    #[cfg_attr(feature = "parquet", command(mut_arg("segments", |it| it.hide(true))))]
    Demo(DemoArgs),

    /// Say what is wrong in capture files, and which servers it hurts most
    ///
    /// Puts the attempts together by server (or by something else), counts outcomes and repeats, and
    /// measures the round-trip times. The findings come first, each with its evidence and the next
    /// step.
    #[command(after_long_help = help::STATS)]
    Stats(StatsArgs),

    /// Write a page of capture files for a browser, to send to somebody
    ///
    /// One HTML file that loads nothing: findings, outcomes, servers, and a list of the attempts that
    /// can be searched and sorted, with the ladders of the worst.
    #[command(after_long_help = help::REPORT)]
    Report(OfAllArgs),

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
    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    /// Wait for more at the end of a file that somebody still writes, or for more files in a directory
    #[cfg(unix)]
    #[arg(long, conflicts_with = "started_in")]
    pub(crate) follow: bool,

    #[cfg(unix)]
    #[command(flatten)]
    pub(crate) bounds: BoundArgs,

    /// Draw the socket calls that `demo --save` wrote beside these packets (pictures only)
    #[cfg(target_os = "linux")]
    #[arg(long, value_name = "FILE.calls.jsonl", conflicts_with_all = ["follow", "tui"])]
    pub(crate) calls: Option<PathBuf>,

    /// Also copy the packets of the attempts that are shown into a capture file, with comments
    #[arg(long, value_name = "FILE.pcapng", conflicts_with = "tui", value_parser = PathBufValueParser::new().try_map(units::file))]
    pub(crate) extract: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) names: NameArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[cfg(unix)]
    #[command(flatten)]
    pub(crate) pace: PaceArgs,

    /// The order of the lines of a table; other than by time, the first 1,000 or --limit are shown
    #[arg(long, value_enum, default_value_t, value_name = "KEY")]
    pub(crate) sort: SortKey,

    #[command(flatten)]
    pub(crate) shown: ShownArgs,
}

/// `synscope stats`.
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// What the attempts of a group have in common: server, host, client, subnet/N, port, vlan,
    /// interface, outcome or minute
    #[arg(long, value_name = "WHAT", default_value = "server", value_parser = units::group)]
    pub(crate) by: By,

    /// The order of the groups
    #[arg(long, value_name = "KEY", default_value = "worst", value_parser = sorts())]
    pub(crate) sort: Sort,

    /// Number of groups to list; the others become one line
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: StatsFormat,

    #[command(flatten)]
    pub(crate) of: OfAllArgs,
}

/// The captures of an output that is about all attempts, and what is shown of them.
#[derive(Debug, Args)]
pub(crate) struct OfAllArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) names: NameArgs,

    #[command(flatten)]
    pub(crate) look: LookArgs,

    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `synscope assert`.
#[derive(Debug, Args)]
pub(crate) struct AssertArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: ReportFormat,

    #[command(flatten)]
    pub(crate) look: LookArgs,

    #[command(flatten)]
    pub(crate) expect: ExpectArgs,
}

/// What is expected, and who is told.
#[derive(Debug, Args)]
#[command(next_help_heading = "Expectations")]
pub(crate) struct ExpectArgs {
    /// What is expected of the attempts, such as 'refused == 0'; may be repeated
    #[arg(long, value_name = "EXPR", action = ArgAction::Append)]
    pub(crate) expect: Vec<String>,

    /// Read expectations from a file (`-` is standard input), one on each line; # begins a comment; may
    /// be repeated
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) expect_file: Vec<PathBuf>,

    /// Accept that there is no attempt to check
    #[arg(long)]
    pub(crate) allow_empty: bool,

    /// Also write a JUnit report: the expectations, and the inputs that can't be read or are damaged
    #[arg(long, value_name = "FILE.xml", value_parser = PathBufValueParser::new().try_map(units::file))]
    pub(crate) junit: Option<PathBuf>,

    /// Also print an annotation for GitHub Actions for each expectation that is not met, and for each input
    /// that can't be read or is damaged
    #[arg(long)]
    pub(crate) github: bool,
}

#[cfg(unix)]
impl ExpectArgs {
    /// Whether any of them is given.
    pub(crate) fn is_given(&self) -> bool {
        let Self { expect, expect_file, allow_empty, junit, github } = self;
        !expect.is_empty() || !expect_file.is_empty() || *allow_empty || junit.is_some() || *github
    }
}

/// `synscope patterns`.
#[derive(Debug, Args)]
pub(crate) struct PatternsArgs {
    /// The pattern to explain; without it, all are listed
    #[arg(value_parser = patterns(), hide_possible_values = true)]
    pub(crate) name: Option<PatternName>,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: ReportFormat,

    #[command(flatten)]
    pub(crate) lang: LangArgs,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
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

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    #[command(flatten)]
    pub(crate) bounds: BoundArgs,

    /// Record the captured frames in a pcapng file: the first 128 bytes of each frame
    #[arg(short, long, value_name = "FILE.pcapng")]
    pub(crate) write: Option<PathBuf>,

    /// Start the next, numbered file before a file exceeds this size, such as 100MB
    #[arg(long, value_name = "SIZE", requires = "write", value_parser = units::size)]
    pub(crate) rotate: Option<u64>,

    /// Number of files to keep with --rotate; the oldest file is removed
    #[arg(long, value_name = "N", requires = "rotate", default_value_t = NonZero::new(5).expect("5 is not 0"))]
    pub(crate) keep: NonZero<usize>,

    /// Serve metrics for Prometheus over HTTP, such as the number of attempts: at a port of the loopback,
    /// or at an address that others can reach. Nothing is printed then but what another option asks for
    #[arg(long, value_name = "[ADDR:]PORT", value_parser = units::metrics_address)]
    pub(crate) metrics: Option<SocketAddr>,

    /// Also capture frames that are addressed to other hosts
    #[arg(long)]
    pub(crate) promiscuous: bool,

    /// Capture all packets of tunnels, so that --host and --port apply inside tunnels
    #[arg(long)]
    pub(crate) tunnels: bool,

    /// Memory to use, about: with more, more attempts can be open at the same time, and more packets
    /// can wait while synscope is busy
    #[arg(long, value_name = "SIZE", default_value = "64MB", value_parser = units::memory)]
    pub(crate) memory: Memory,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) shown: ShownArgs,

    #[command(flatten)]
    pub(crate) expect: ExpectArgs,
}

/// When a capture that goes on ends by itself.
#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct BoundArgs {
    /// Stop after this time, by the clock of the packets, such as 10s or 5m
    #[arg(long = "for", value_name = "DURATION", value_parser = units::duration)]
    pub(crate) duration: Option<Duration>,

    /// Stop after this number of attempts
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<NonZero<u64>>,
}

#[cfg(unix)]
impl BoundArgs {
    /// Whether any of them is given.
    pub(crate) const fn is_given(&self) -> bool {
        self.duration.is_some() || self.count.is_some()
    }

    /// No more attempts are shown than so many.
    pub(crate) fn most_shown(&self) -> Option<u64> {
        self.count.map(NonZero::get)
    }
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
    #[arg(long, conflicts_with = "tui")]
    pub(crate) list: bool,

    /// Save the packets (pcapng), the calls (JSON lines) and the attempts (JSON) in a directory
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,

    /// Draw the attempts that only fill the accept queue, too
    #[arg(long, conflicts_with = "tui")]
    pub(crate) all: bool,

    /// Number of connections in the scenario `many` [default: 50]
    #[arg(long, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(lab::Options::MOST_CONNECTIONS)))]
    pub(crate) connections: Option<u32>,

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) pace: PaceArgs,
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
