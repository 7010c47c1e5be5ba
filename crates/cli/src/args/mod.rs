//! The command line as a user types it. Other modules decide what the arguments mean.

#[cfg(all(test, target_os = "linux"))]
mod documents;
mod named;

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use capture::live::Subnet;
use clap::builder::TypedValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use handshake::{Outcome, PatternName};
#[cfg(target_os = "linux")]
use lab::Scenario;

use crate::{help, units};
use named::Named;

/// Makes TCP handshakes visible: what happened to each connection attempt, with its evidence.
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

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the handshakes in capture files
    ///
    /// Reads pcap and pcapng in any byte order and precision, plain or compressed with gzip, zstd or
    /// lz4. Several files are read as one capture, merged by time. No privilege is needed.
    #[command(after_long_help = help::REPLAY)]
    Replay(ReplayArgs),

    /// Show handshakes on this host as they happen
    ///
    /// Listens on the loopback interface by default. It takes a privilege (on Linux, the capability
    /// to open raw sockets), which is dropped as soon as the sockets are open; where it is missing,
    /// the message says how to get it.
    #[cfg(unix)]
    #[command(after_long_help = help::LIVE)]
    Live(LiveArgs),

    /// Make handshakes with real sockets and show them beside the calls that made them
    ///
    /// Everything happens in a network namespace of the program's own: no privilege is needed, and
    /// nothing leaves this host.
    #[cfg(target_os = "linux")]
    #[command(after_long_help = help::DEMO)]
    Demo(DemoArgs),

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
        /// Write this page and those of all subcommands into a directory instead
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

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `synscope live`.
#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct LiveArgs {
    /// Interface to listen on, or `any`; may be repeated [default: the loopback interface]
    #[arg(short, long, value_name = "IFACE", action = ArgAction::Append)]
    pub(crate) interface: Vec<String>,

    /// How frames get here
    #[arg(long, value_enum, default_value_t)]
    pub(crate) backend: LiveBackend,

    /// Stop after this time, such as 10s or 5m
    #[arg(long = "for", value_name = "DURATION", value_parser = units::duration)]
    pub(crate) duration: Option<Duration>,

    /// Stop after so many handshakes
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,

    /// Record what is captured in a pcapng file: the first 128 bytes of each frame
    #[arg(short, long, value_name = "FILE.pcapng")]
    pub(crate) write: Option<PathBuf>,

    /// Begin another, numbered file before one exceeds this size, such as 100MB
    #[arg(long, value_name = "SIZE", requires = "write", value_parser = units::size)]
    pub(crate) rotate: Option<u64>,

    /// How many files are kept when rotating; the oldest is removed
    #[arg(long, value_name = "N", requires = "rotate", default_value_t = NonZero::new(5).expect("5 is not 0"))]
    pub(crate) keep: NonZero<usize>,

    /// Ask the interfaces for frames that are addressed to others, too
    #[arg(long)]
    pub(crate) promiscuous: bool,

    /// Let tunnels pass the kernel's filter whole, so that --host and --port apply inside them
    #[arg(long)]
    pub(crate) tunnels: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// How frames get from the kernel to this process.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LiveBackend {
    /// A ring shared with the kernel: the least work for each frame
    #[default]
    Ring,
    /// pnet's channel: portable and slower; VLAN tags are lost
    Pnet,
}

/// `synscope demo`.
#[cfg(target_os = "linux")]
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// What is to happen (see --list), or `all` for one after another
    #[arg(default_value = "three-way", value_parser = scenarios(), hide_possible_values = true)]
    pub(crate) scenario: Scenarios,

    /// The scenario to play of those of `all`, which gives each of them a process
    #[arg(long, value_name = "SCENARIO", value_parser = scenario(), hide = true,
        hide_possible_values = true)]
    pub(crate) only: Option<&'static Scenario>,

    /// List the scenarios
    #[arg(long)]
    pub(crate) list: bool,

    /// Keep the packets (pcapng), the calls (JSON lines) and the handshakes (JSON) in files in a directory
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,

    /// How many connections the scenario `many` makes [default: 50]
    #[arg(long, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(lab::Options::MOST_CONNECTIONS)))]
    pub(crate) connections: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Which scenarios are played.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scenarios {
    One(&'static Scenario),
    All,
}

/// The name of [`Scenarios::All`].
#[cfg(target_os = "linux")]
const ALL: &str = "all";

/// Where the output goes and what it looks like.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// What to show
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,

    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Explain what each handshake shows, with the rules of RFC 9293 behind it
    #[arg(long)]
    pub(crate) explain: bool,

    /// How times are written
    #[arg(long, value_enum, default_value_t, value_name = "STYLE")]
    pub(crate) time: TimeStyle,

    /// When to use colours
    #[arg(long, long_help = help::COLOR, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: When,

    /// Draw with ASCII characters only; the default where the locale is not UTF-8
    #[arg(long)]
    pub(crate) ascii: bool,

    /// Columns to use; the default is the terminal's width, or 100 where there is none
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=1000))]
    pub(crate) width: Option<u16>,

    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

/// How much is said beside the output.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Verbosity {
    /// Leave out the totals and remarks; errors are still told
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more on standard error: how privileges were dropped, which files were passed over
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Which attempts are shown. All are counted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (of what is shown; the totals count everything)")]
pub(crate) struct SelectArgs {
    /// Attempts from or to an address (192.0.2.1) or network (10.0.0.0/8)
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append)]
    pub(crate) host: Vec<Subnet>,

    /// Attempts opened from an address or network
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append)]
    pub(crate) client: Vec<Subnet>,

    /// Attempts to an address or network
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append)]
    pub(crate) server: Vec<Subnet>,

    /// Attempts with this port on either side
    #[arg(long, value_name = "PORT", action = ArgAction::Append, value_parser = units::port)]
    pub(crate) port: Vec<u16>,

    /// Attempts that ended like this
    #[arg(long, action = ArgAction::Append, value_parser = outcomes())]
    pub(crate) outcome: Vec<Outcome>,

    /// Attempts in which this pattern was recognised
    #[arg(long, action = ArgAction::Append, value_parser = patterns(), hide_possible_values = true)]
    pub(crate) pattern: Vec<PatternName>,

    /// Completed handshakes that took longer, such as 200ms or 1.5s
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    pub(crate) slower_than: Option<Duration>,
}

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A ladder for each attempt, segment by segment
    #[default]
    Timeline,
    /// One line for each attempt
    Table,
    /// One JSON document
    Json,
    /// One JSON object a line, as attempts end
    Jsonl,
    /// Comma-separated values
    Csv,
    /// Totals only
    Summary,
}

/// When something is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// Where it makes sense
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
    /// Time of day here
    Local,
    /// Seconds since 1970-01-01 UTC
    Epoch,
}

/// The outcomes by their names.
fn outcomes() -> impl TypedValueParser<Value = Outcome> {
    Named::new(Outcome::ALL.map(Outcome::name)).try_map(|name| {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name).ok_or("no such outcome")
    })
}

/// The patterns by their names.
fn patterns() -> impl TypedValueParser<Value = PatternName> {
    Named::new(PatternName::ALL.iter().map(|pattern| pattern.name()))
        .try_map(|name| PatternName::from_name(&name).ok_or("no such pattern"))
}

/// The scenarios by their names.
#[cfg(target_os = "linux")]
fn scenario() -> impl TypedValueParser<Value = &'static Scenario> {
    Named::new(Scenario::all().iter().map(|scenario| scenario.name))
        .try_map(|name| Scenario::find(&name).ok_or("no such scenario"))
}

/// The scenarios by their names, or `all`.
#[cfg(target_os = "linux")]
fn scenarios() -> impl TypedValueParser<Value = Scenarios> {
    let names = Scenario::all().iter().map(|scenario| scenario.name);
    Named::new(names.chain([ALL])).try_map(|name| match name.as_str() {
        ALL => Ok(Scenarios::All),
        name => Scenario::find(name).map(Scenarios::One).ok_or("no such scenario"),
    })
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
