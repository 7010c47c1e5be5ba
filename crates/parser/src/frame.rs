//! A captured frame before anything in it is understood.

use crate::{LinkType, Timestamp};

/// Where a frame was seen: an index into [`Names`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file, or the live capture, counted from 0 in the order given.
    pub source: u16,
    /// The interface within the source, counted from 0; `None` where the source does not tell.
    pub interface: Option<u16>,
}

/// One frame as a capture delivers it. The bytes are borrowed from the capture's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Where it was seen.
    pub origin: Origin,
    /// 1-based within its source, as Wireshark numbers it.
    pub number: u64,
    /// When it was captured; `None` where the source does not say (pcapng simple packets).
    pub timestamp: Option<Timestamp>,
    /// How the bytes begin.
    pub link: LinkType,
    /// Its length on the wire, which exceeds `bytes.len()` where the capture cut it.
    pub wire_len: u32,
    /// What was captured of it.
    pub bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// A frame of which nothing is known but its bytes.
    pub fn of_bytes(link: LinkType, wire_len: u32, bytes: &'a [u8]) -> Self {
        Self { origin: Origin::default(), number: 1, timestamp: None, link, wire_len, bytes }
    }
}

/// The names behind an [`Origin`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    sources: Vec<Source>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Source {
    name: String,
    interfaces: Vec<Option<String>>,
}

impl Names {
    /// Adds a source and returns its index.
    pub fn add_source(&mut self, name: impl Into<String>) -> u16 {
        self.sources.push(Source { name: name.into(), interfaces: Vec::new() });
        (self.sources.len() - 1) as u16
    }

    /// Adds an interface to `source` and returns its index. A capture file may describe an
    /// interface without naming it.
    pub fn add_interface(&mut self, source: u16, name: Option<String>) -> u16 {
        let interfaces = &mut self.sources[usize::from(source)].interfaces;
        interfaces.push(name);
        (interfaces.len() - 1) as u16
    }

    /// Takes over the names that `other`, which began with the same ones, has beyond them.
    pub fn extend_from(&mut self, other: &Self) {
        for (ours, theirs) in self.sources.iter_mut().zip(&other.sources) {
            let beyond = theirs.interfaces.get(ours.interfaces.len()..).unwrap_or_default();
            ours.interfaces.extend_from_slice(beyond);
        }
        let beyond = other.sources.get(self.sources.len()..).unwrap_or_default();
        self.sources.extend_from_slice(beyond);
    }

    /// The names of all sources, in order.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &str> {
        self.sources.iter().map(|source| source.name.as_str())
    }

    /// The name of the source a frame came from.
    pub fn source(&self, origin: Origin) -> Option<&str> {
        self.sources.get(usize::from(origin.source)).map(|source| source.name.as_str())
    }

    /// The name of the interface a frame was seen on.
    pub fn interface(&self, origin: Origin) -> Option<&str> {
        let source = self.sources.get(usize::from(origin.source))?;
        source.interfaces.get(usize::from(origin.interface?))?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_the_indices_they_were_given() {
        let mut names = Names::default();
        assert_eq!([names.add_source("a"), names.add_source("b")], [0, 1]);
        let eth1 = Some("eth1".to_owned());
        assert_eq!([names.add_interface(1, None), names.add_interface(1, eth1)], [0, 1]);
        assert_eq!(names.sources().collect::<Vec<_>>(), ["a", "b"]);
        let at = |source, interface| {
            let origin = Origin { source, interface };
            (names.source(origin), names.interface(origin))
        };
        assert_eq!(at(0, Some(0)), (Some("a"), None));
        assert_eq!(at(1, None), (Some("b"), None));
        assert_eq!(at(1, Some(0)), (Some("b"), None));
        assert_eq!(at(1, Some(1)), (Some("b"), Some("eth1")));
        assert_eq!(at(1, Some(2)), (Some("b"), None));
        assert_eq!(at(2, Some(0)), (None, None));
    }

    #[test]
    fn names_grow_with_those_they_were_taken_from() {
        let mut names = Names::default();
        names.add_source("a");
        names.add_interface(0, Some("lo".to_owned()));
        let mut taken = Names::default();
        taken.extend_from(&names);
        assert_eq!(taken, names);
        names.add_interface(0, None);
        names.add_source("b");
        names.add_interface(1, Some("eth0".to_owned()));
        taken.extend_from(&names);
        assert_eq!(taken, names);
        taken.extend_from(&names);
        assert_eq!(taken, names);
    }
}
