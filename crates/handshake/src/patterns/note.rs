//! What was found, as it is put into words only where somebody reads it.

use std::fmt::{self, Display as _};

use parser::Endpoint;

use crate::span::Span;

/// What a pattern found in an attempt, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    found: Found,
    /// Whether a segment that is missed here may have been sent.
    doubtful: bool,
}

/// The notes that captures are full of are kept as numbers: not every view writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Always the same.
    Fixed(&'static str),
    /// Of this attempt.
    Own(String),
    /// How long the three segments of an ordinary handshake took, in nanoseconds. The time spent
    /// waiting to send one again is no part of that.
    RoundTrips {
        server: Option<i64>,
        client: Option<i64>,
        /// Until the SYN-ACK that was acknowledged.
        wait: Option<i64>,
    },
    /// How many attempts waited at a server.
    Waiting { attempts: u32, server: Endpoint },
}

impl From<&'static str> for Found {
    fn from(words: &'static str) -> Self {
        Self::Fixed(words)
    }
}

impl From<String> for Found {
    fn from(words: String) -> Self {
        Self::Own(words)
    }
}

impl Note {
    pub(super) const fn new(found: Found, doubtful: bool) -> Self {
        Self { found, doubtful }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fixed(words) => f.write_str(words),
            Self::Own(ref words) => f.write_str(words),
            Self::RoundTrips { server, client, wait } => {
                f.write_str(match (server, client) {
                    (Some(_), Some(_)) => "SYN to ACK in ",
                    _ => "SYN, SYN-ACK and ACK",
                })?;
                let total =
                    server.zip(client).map(|(server, client)| server.saturating_add(client));
                span(f, "", total, "")?;
                span(f, ": server ", server, "")?;
                span(f, if server.is_some() { ", client " } else { ": client " }, client, "")?;
                span(f, "; +", wait, " until the SYN-ACK that was acknowledged")
            }
            Self::Waiting { attempts, server } => write!(
                f,
                "{attempts} attempts waited at {server} at the same time; the SYN of this one was \
                 not repeated"
            ),
        }
    }
}

/// Writes a duration between these words, where it is known.
fn span(f: &mut fmt::Formatter<'_>, before: &str, ns: Option<i64>, after: &str) -> fmt::Result {
    let Some(ns) = ns else { return Ok(()) };
    f.write_str(before)?;
    Span(ns).fmt(f)?;
    f.write_str(after)
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.found.fmt(f)?;
        if self.doubtful {
            f.write_str("; the capture lost packets, so a missing segment may have been sent")?;
        }
        Ok(())
    }
}
