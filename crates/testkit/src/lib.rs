//! Handshakes as text, the frames they stand for, and files of those frames.
//!
//! A [`Script`] is scenario, test and documentation at once:
//!
//! ```
//! let script = testkit::Script::parse(
//!     "client 192.0.2.1:40000   server 192.0.2.2:80
//!      isn J=305419896 K=4294967295
//!      +0       C > S  S   J:J(0) win 64240 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>
//!      +0.010   S > C  S.  K:K(0) ack J+1 win 65160 <mss 1460>
//!      +10us    C > S  .   J+1:J+1(0) ack K+1",
//! )?;
//! assert_eq!(script.frames().len(), 3);
//! let file = testkit::pcap(script.frames(), testkit::Pcap::default());
//! # assert_eq!(file.len(), 24 + 3 * 16 + 74 + 58 + 54);
//! # Ok::<(), testkit::ScriptError>(())
//! ```
//!
//! This crate depends on no other crate of the project, on purpose: what it writes is a second
//! witness for what they read. See [`Script`] for the language.
//!
//! Where amounts count, [`connections`] and [`spoofed_syns`] give as many frames as are wanted.
//!
//! [`Dns`] and [`datagram`] give what name servers send.
//!
//! Besides, it holds what tests need around them: a `Suite` of tests that take a process of their
//! own, `Links` to make interfaces in it, a [`TimeLimit`] for what might wait for ever,
//! [`golden()`] for texts that somebody has looked at, [`fuzz()`] for the targets in `tests/fuzz`.

#![forbid(unsafe_code)]

mod dns;
mod fuzz;
mod golden;
mod limit;
#[cfg(target_os = "linux")]
mod links;
mod packet;
mod pcap;
mod pcapng;
mod relink;
mod script;
#[cfg(unix)]
mod suite;
mod traffic;

pub use dns::{Dns, datagram};
pub use fuzz::fuzz;
pub use golden::golden;
pub use limit::TimeLimit;
#[cfg(target_os = "linux")]
pub use links::Links;
pub use pcap::{Endian, Magic, Pcap, Precision, pcap};
pub use pcapng::{Interface, Pcapng, pcapng};
pub use relink::{Link, relink};
pub use script::{Script, ScriptError};
#[cfg(unix)]
pub use suite::{Case, Suite};
pub use traffic::{Connection, Ip, connections, spoofed_syn, spoofed_syns};

/// One frame, as a capture would deliver it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFrame {
    /// Nanoseconds since the Unix epoch.
    pub timestamp_ns: i64,
    /// Its link type, as capture files number it: 1 (Ethernet) from a script.
    pub link: u32,
    /// Its length on the wire; more than `bytes` has where the script cuts it.
    pub wire_len: u32,
    /// What was captured of it.
    pub bytes: Vec<u8>,
}
