//! Records that a view holds back.

use std::io;

use handshake::{Handshake, Pattern};
use hostnames::{EndNames, HostName};
use parser::{Names, Timestamp};
use render::{Record, View};

/// About what a pattern takes, with its words.
const PATTERN: usize = 512;

/// A record that is held back.
pub(crate) struct Held {
    handshake: Handshake,
    patterns: Vec<Pattern>,
    client_name: Option<HostName>,
    server_name: Option<HostName>,
}

impl Held {
    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let beside = size_of::<Self>() - size_of::<Handshake>();
        beside + self.handshake.weight() + self.patterns.len() * PATTERN
    }
}

/// What held records have in common.
#[derive(Default)]
pub(crate) struct Background {
    names: Names,
    capture_start: Option<Timestamp>,
}

impl Background {
    /// Takes a record. All of them must be records of one run.
    pub(crate) fn hold(&mut self, record: &Record<'_>) -> Held {
        self.names.extend_from(record.names);
        self.capture_start = record.capture_start;
        Held {
            handshake: record.handshake.clone(),
            patterns: record.patterns.to_vec(),
            client_name: record.end_names.client.cloned(),
            server_name: record.end_names.server.cloned(),
        }
    }

    /// Shows a record that was held.
    pub(crate) fn show(&self, held: &Held, view: &mut dyn View) -> io::Result<()> {
        let Held { handshake, patterns, client_name, server_name } = held;
        let end_names = EndNames { client: client_name.as_ref(), server: server_name.as_ref() };
        let Self { names, capture_start } = self;
        let capture_start = *capture_start;
        view.handshake(&Record { handshake, patterns, calls: &[], names, end_names, capture_start })
    }
}
