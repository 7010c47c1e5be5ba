//! What a view is given.

use std::io;

use handshake::{Handshake, Pattern, Side};
use hostnames::EndNames;
use parser::{Names, Timestamp};

use crate::{Exchange, Summary};

/// One connection attempt with everything a view may want to say about it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The attempt.
    pub handshake: &'a Handshake,
    /// The patterns recognised in it.
    pub patterns: &'a [Pattern],
    /// The socket calls of both programs, where they were recorded (the demo does). Only the timeline
    /// shows them.
    pub calls: &'a [SocketCall],
    /// The names behind its origins.
    pub names: &'a Names,
    /// The names of its two hosts, where they are wanted and known.
    pub end_names: EndNames<'a>,
    /// When the capture began: the time of its first frame that has one.
    pub capture_start: Option<Timestamp>,
}

/// One call of a program at its socket, as the program itself timed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketCall {
    /// Whose program.
    pub side: Side,
    /// When it was entered, by the clock that stamps the packets.
    pub entered: Timestamp,
    /// When it returned; `None` where it never did.
    pub returned: Option<Timestamp>,
    /// The call: `connect(127.0.0.1:8080)`.
    pub call: String,
    /// What it returned: `0`, `ECONNREFUSED`. Empty where it never did.
    pub result: String,
}

impl SocketCall {
    /// The name of the call, without its arguments.
    pub(crate) fn name(&self) -> &str {
        self.call.split('(').next().unwrap_or_default()
    }
}

/// Turns records into one kind of output.
pub trait View {
    /// Shows an attempt.
    ///
    /// # Errors
    /// Where the writer fails.
    fn handshake(&mut self, record: &Record<'_>) -> io::Result<()>;

    /// Shows what was sent without a connection, where a view draws that.
    ///
    /// # Errors
    /// Where the writer fails.
    fn exchange(&mut self, _: &Exchange<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Shows what was held back, where a view holds something: no attempt follows.
    ///
    /// # Errors
    /// Where the writer fails.
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Shows the totals and ends the output. Nothing may follow.
    ///
    /// # Errors
    /// Where the writer fails.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}
