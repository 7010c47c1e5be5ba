//! Names of hosts: what DNS answers in a capture say, and what a hosts file says. Nothing here asks the
//! network.
//!
//! An attempt is named by the last answer that came before it, and one that went to its client goes
//! before those to others. Where no answer names an address, the hosts file does.

#![forbid(unsafe_code)]

mod answer;
mod hosts_file;
mod spelling;
mod table;

pub use answer::{AnswerFinder, DnsAnswer};
pub use table::{EndNames, HostName, HostNames, NameSource};

#[cfg(test)]
mod tests;
