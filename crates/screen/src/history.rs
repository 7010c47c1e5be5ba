//! The attempts that the screen remembers.

use std::collections::BTreeMap;
use std::mem::size_of;

use handshake::{Handshake, Pattern, SegmentRecord};
use hostnames::{EndNames, HostName};
use parser::{Names, Timestamp};
use render::{Record, SocketCall};

/// Attempts that are remembered, at most.
pub(crate) const MOST: usize = 10_000;

/// A copy of what a record lends.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) handshake: Handshake,
    patterns: Vec<Pattern>,
    calls: Vec<SocketCall>,
    client_name: Option<HostName>,
    server_name: Option<HostName>,
    /// What a filter is compared with, in small letters; empty until the history has it.
    words: String,
}

/// The attempts by their ids, the latest of them.
#[derive(Debug)]
pub(crate) struct History {
    attempts: BTreeMap<u64, Attempt>,
    bytes: usize,
    most_bytes: usize,
    /// Attempts that were shown, or could have been, and are not there any more.
    pub(crate) gone: u64,
}

impl Attempt {
    pub(crate) fn of(record: &Record<'_>) -> Self {
        let Record { handshake, patterns, calls, end_names, .. } = *record;
        Self {
            handshake: handshake.clone(),
            patterns: patterns.to_vec(),
            calls: calls.to_vec(),
            client_name: end_names.client.cloned(),
            server_name: end_names.server.cloned(),
            words: String::new(),
        }
    }

    /// Writes down what a filter is compared with.
    fn spell(&mut self) {
        let Handshake { client, server, outcome, .. } = &self.handshake;
        let mut words = format!("{client} {server} {}", outcome.name());
        let names = [&self.client_name, &self.server_name].into_iter().flatten();
        let patterns = self.patterns.iter().map(|pattern| pattern.name.name());
        for word in names.map(|name| &*name.name).chain(patterns) {
            words.push(' ');
            words.push_str(word);
        }
        words.make_ascii_lowercase();
        self.words = words;
    }

    /// About the memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        // Options, layers and frames of patterns are small beside the segments.
        let segments = self.handshake.segments.capacity() * (size_of::<SegmentRecord>() + 32);
        // The words of a filter, and those of the calls.
        let words = 128 + self.calls.len() * (size_of::<SocketCall>() + 64);
        size_of::<Self>() + segments + self.patterns.len() * 512 + words
    }

    /// The record, for views.
    pub(crate) fn record<'a>(
        &'a self,
        names: &'a Names,
        capture_start: Option<Timestamp>,
    ) -> Record<'a> {
        let Self { handshake, patterns, calls, client_name, server_name, words: _ } = self;
        let end_names = EndNames { client: client_name.as_ref(), server: server_name.as_ref() };
        Record { handshake, patterns, calls, names, end_names, capture_start }
    }

    /// Whether each word of the filter, in small letters, is in it.
    pub(crate) fn matches(&self, filter: &str) -> bool {
        filter.split_whitespace().all(|word| self.words.contains(word))
    }

    /// How much it deserves to be looked at: failures first, then repeats, then what took long.
    pub(crate) fn trouble(&self) -> (bool, u32, i64) {
        let Handshake { outcome, timing, syn_retransmissions, syn_ack_retransmissions, .. } =
            &self.handshake;
        let repeats = syn_retransmissions.saturating_add(*syn_ack_retransmissions);
        let took = timing.failed_after_ns.or(timing.total_ns).unwrap_or_default();
        (outcome.is_failure(), repeats, took)
    }
}

impl History {
    /// A history of at most so many bytes.
    pub(crate) const fn new(most_bytes: usize) -> Self {
        Self { attempts: BTreeMap::new(), bytes: 0, most_bytes, gone: 0 }
    }

    /// Adds an attempt in place of what was known of it. The oldest make room.
    pub(crate) fn insert(&mut self, mut attempt: Attempt) {
        let id = attempt.handshake.id;
        let oldest = self.attempts.first_key_value().map(|(id, _)| *id);
        if self.gone > 0 && oldest.is_some_and(|oldest| id < oldest) {
            // It was counted when it left.
            return;
        }
        attempt.spell();
        self.bytes += attempt.bytes();
        if let Some(before) = self.attempts.insert(id, attempt) {
            self.bytes -= before.bytes();
        }
        while (self.attempts.len() > MOST || self.bytes > self.most_bytes)
            && let Some((_, oldest)) = self.attempts.pop_first()
        {
            self.bytes -= oldest.bytes();
            self.gone += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.attempts.len()
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Attempt> {
        self.attempts.get(&id)
    }

    /// All of them, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u64, &Attempt)> {
        self.attempts.iter().rev().map(|(id, attempt)| (*id, attempt))
    }
}
