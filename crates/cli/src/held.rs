//! Records that a view holds back.

use std::io;

use handshake::{Handshake, Pattern};
use parser::{Names, Timestamp};
use render::{Record, View};

/// A record that is held back.
pub(crate) struct Held {
    handshake: Handshake,
    patterns: Vec<Pattern>,
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
        Held { handshake: record.handshake.clone(), patterns: record.patterns.to_vec() }
    }

    /// Shows a record that was held.
    pub(crate) fn show(&self, held: &Held, view: &mut dyn View) -> io::Result<()> {
        let Held { handshake, patterns } = held;
        let Self { names, capture_start } = self;
        let capture_start = *capture_start;
        view.handshake(&Record { handshake, patterns, calls: &[], names, capture_start })
    }
}
