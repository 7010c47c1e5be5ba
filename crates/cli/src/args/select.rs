//! The arguments that select attempts.

use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use handshake::{Outcome, PatternName};
use parser::{Ports, Subnet};

use super::named::{outcomes, patterns};
use crate::attempt_id::AttemptId;
use crate::moment::Moment;
use crate::{help, units};

/// How many attempts are shown, and which.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (of the attempts to show; the totals count all attempts)")]
pub(crate) struct ShownArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,

    /// Show the first N of the selected attempts; the totals still count all
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
}

/// Which attempts are shown. All are counted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (of the attempts to show; the totals count all attempts)")]
pub(crate) struct SelectArgs {
    /// The attempt with this id, which is the same in all formats, or with this uid, which is the same in all
    /// runs
    #[arg(long, value_name = "ID", action = ArgAction::Append, value_delimiter = ',',
        value_parser = units::id)]
    pub(crate) id: Vec<AttemptId>,

    /// Attempts from or to an address (192.0.2.1) or network (10.0.0.0/8)
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append, value_delimiter = ',')]
    pub(crate) host: Vec<Subnet>,

    /// Attempts from a client address or network
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append, value_delimiter = ',')]
    pub(crate) client: Vec<Subnet>,

    /// Attempts to a server address or network
    #[arg(long, value_name = "ADDR|NET", action = ArgAction::Append, value_delimiter = ',')]
    pub(crate) server: Vec<Subnet>,

    /// Attempts with one of these ports on either side: 443, 80,443, 8000-8100, https
    #[arg(long, value_name = "PORTS", action = ArgAction::Append, value_delimiter = ',',
        value_parser = units::ports)]
    pub(crate) port: Vec<Ports>,

    /// Attempts to one of these ports of a server
    #[arg(long, value_name = "PORTS", action = ArgAction::Append, value_delimiter = ',',
        value_parser = units::ports)]
    pub(crate) server_port: Vec<Ports>,

    /// Attempts with this outcome
    #[arg(long, action = ArgAction::Append, value_delimiter = ',', value_parser = outcomes())]
    pub(crate) outcome: Vec<Outcome>,

    /// Attempts that failed: with any outcome but `established` and `in_progress`
    #[arg(long)]
    pub(crate) failed: bool,

    /// Attempts of which a SYN or a SYN-ACK was sent again
    #[arg(long)]
    pub(crate) retried: bool,

    /// Attempts with this pattern
    #[arg(long, action = ArgAction::Append, value_delimiter = ',', value_parser = patterns(),
        hide_possible_values = true)]
    pub(crate) pattern: Vec<PatternName>,

    /// Completed handshakes that took longer than this time, such as 200ms or 1.5s
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    pub(crate) slower_than: Option<Duration>,

    /// Attempts with a server RTT above this time
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    pub(crate) server_rtt_over: Option<Duration>,

    /// Attempts with a client RTT above this time
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    pub(crate) client_rtt_over: Option<Duration>,

    /// Attempts that began at this time or later
    #[arg(long, value_name = "TIME", long_help = help::FROM)]
    pub(crate) from: Option<Moment>,

    /// Attempts that began before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<Moment>,
}

/// The order of attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortKey {
    /// When they began
    #[default]
    Time,
    /// Failures first, then what took longest
    Worst,
    /// The longest total first
    Total,
    /// The longest server RTT first
    ServerRtt,
    /// The longest client RTT first
    ClientRtt,
}
