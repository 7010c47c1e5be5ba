//! Runs real sockets and times every call: socket, bind, listen, accept, connect, send, recv, close.
//!
//! Each [`Scenario`] has one or more TCP connections (or UDP datagrams), played by real
//! programs on a real kernel, in a network namespace of its own: no privilege is needed and
//! nothing leaves the machine. The packets are there for any capture on `lo` to see; the calls are
//! reported as [`CallEvent`]s with times of the packets' clock.
//!
//! The kernel does what it does: no packet is invented where a kernel can be brought to send it.
//! Where a scenario needs a network that loses segments, socket filters lose them after the capture
//! has seen them. This crate does not know what a handshake means: what an observer must come to
//! say stands in [`Scenario::expected`] in the words of docs/handshake.md, for others to check.
//!
//! A namespace is entered for good, by a process with one thread. A test therefore starts a child
//! process that plays the scenario: `tests/scenarios/main.rs` shows how, with its own binary.
//!
//! ```no_run
//! use capture::live::drop_privileges;
//! use lab::{Lab, Moment, Options, Scenario};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let scenario = Scenario::find("three-way").ok_or("no such scenario")?;
//! // Everything that takes rights comes first, then no rights any more, then threads.
//! let lab = Lab::enter()?;
//! let mut live = lab.open_capture()?;
//! let prepared = lab.prepare(scenario, Options::default())?;
//! drop_privileges()?;
//!
//! let report = prepared.start().watch(&mut live, &mut |moment| match moment {
//!     Moment::Call(event) => println!("{} {}", event.time(), event.call()),
//!     Moment::Frame(frame) => println!("a frame of {} bytes", frame.wire_len),
//!     Moment::Idle(_) => {}
//! })?;
//! assert!(report.connections[0].accepted);
//! # Ok(())
//! # }
//! ```
#![cfg(target_os = "linux")]

mod association;
mod blackhole_port;
mod call;
mod errno;
mod error;
mod filter;
mod journal;
mod lab;
mod namespace;
mod options;
mod raw_sender;
mod record;
mod recorded;
mod report;
mod requirement;
mod scenario;
mod scenarios;
mod socket;
mod stage;
mod sys;
mod watch;
mod witness;

pub use association::{Association, HalfAssociation, PortClass, Protocol, ephemeral_ports};
pub use call::{Actor, Call, CallEvent, Returned, Side};
pub use error::{Need, ScenarioError};
pub use lab::{Lab, Prepared, Progress, Running};
pub use namespace::{Cause, Namespace, NamespaceError, NamespaceStep};
pub use options::Options;
pub use record::Recording;
pub use recorded::Recorded;
pub use report::{Connection, Report, TcpInfo};
pub use scenario::{Expectation, Scenario};
pub use watch::Moment;
pub use witness::{Datagram, Transported};
