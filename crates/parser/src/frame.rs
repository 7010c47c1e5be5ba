//! A captured frame before anything in it is understood.

use std::collections::HashSet;
use std::sync::Arc;

use crate::{LinkType, Timestamp};

/// A longer name of an interface is cut.
const LONGEST: usize = 256;
/// What the names of interfaces take together, in bytes. A capture file can claim any name, so what
/// comes beyond has none.
const ALL_NAMES: usize = 1 << 20;
/// The interfaces of all sources.
const INTERFACES: usize = 1 << 17;

/// Where a frame was seen: an index into [`Names`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Debug, Default)]
pub struct Names {
    sources: Vec<Source>,
    /// The source of each interface, in the order in which they were added.
    added: Vec<u16>,
    /// The names of interfaces: equal ones are kept once.
    shared: HashSet<Arc<str>>,
    /// What `shared` takes.
    bytes: usize,
}

/// The same names are equal in whichever order they came.
impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.sources == other.sources
    }
}

impl Eq for Names {}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Source {
    name: Arc<str>,
    interfaces: Vec<Option<Arc<str>>>,
}

impl Names {
    /// Adds a source and returns its index.
    pub fn add_source(&mut self, name: impl Into<Arc<str>>) -> u16 {
        self.sources.push(Source { name: name.into(), interfaces: Vec::new() });
        (self.sources.len() - 1) as u16
    }

    /// Adds an interface to `source` and returns its index. A capture file may describe an
    /// interface without naming it.
    pub fn add_interface(&mut self, source: u16, name: Option<String>) -> u16 {
        let name = name.and_then(|name| self.share(&name));
        self.add_shared(source, name)
    }

    /// Adds an interface whose name is shared already.
    pub fn add_shared(&mut self, source: u16, name: Option<Arc<str>>) -> u16 {
        let interfaces = &mut self.sources[usize::from(source)].interfaces;
        interfaces.push(name);
        self.added.push(source);
        (interfaces.len() - 1) as u16
    }

    /// Whether more interfaces should be added: sources may claim any number of them.
    pub fn has_room(&self) -> bool {
        self.added.len() < INTERFACES
    }

    /// The one copy of a name of an interface, cut if it is long. `None` if there are too many names.
    pub fn share(&mut self, name: &str) -> Option<Arc<str>> {
        let cut;
        let name = if name.len() > LONGEST {
            let mut ends = (0..=LONGEST - '…'.len_utf8()).rev();
            let end = ends.find(|&end| name.is_char_boundary(end)).unwrap_or(0);
            cut = format!("{}…", &name[..end]);
            &cut
        } else {
            name
        };
        if let Some(known) = self.shared.get(name) {
            return Some(Arc::clone(known));
        }
        if self.bytes + name.len() > ALL_NAMES {
            return None;
        }
        self.bytes += name.len();
        let name: Arc<str> = name.into();
        self.shared.insert(Arc::clone(&name));
        Some(name)
    }

    /// Takes over the names that `other`, which began with the same ones, has beyond them.
    pub fn extend_from(&mut self, other: &Self) {
        let beyond = other.sources.get(self.sources.len()..).unwrap_or_default();
        let named = |source: &Source| Source { interfaces: Vec::new(), ..source.clone() };
        self.sources.extend(beyond.iter().map(named));
        // Not all sources are looked at: there may be thousands, and each brings its own news.
        let added = other.added.get(self.added.len()..).unwrap_or_default();
        for &source in added {
            let index = usize::from(source);
            let known = self.sources[index].interfaces.len();
            let name = other.sources[index].interfaces.get(known).cloned().flatten();
            self.add_shared(source, name);
        }
    }

    /// The names of all sources, in order.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &str> {
        self.sources.iter().map(|source| &*source.name)
    }

    /// The name of the source a frame came from.
    pub fn source(&self, origin: Origin) -> Option<&str> {
        self.sources.get(usize::from(origin.source)).map(|source| &*source.name)
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
    fn a_long_name_is_cut_between_characters() {
        let mut names = Names::default();
        let mut shared = |name: &str| names.share(name).map(|name| name.to_string());
        assert_eq!(shared(&"n".repeat(256)), Some("n".repeat(256)));
        assert_eq!(shared(&"n".repeat(257)), Some("n".repeat(253) + "…"));
        assert_eq!(shared(&"é".repeat(129)), Some("é".repeat(126) + "…"));
    }

    #[test]
    fn names_and_interfaces_have_a_bound_together() {
        let mut names = Names::default();
        names.add_source("a");
        for number in 0..ALL_NAMES / 256 {
            assert!(names.share(&format!("{number:0256}")).is_some(), "{number}");
        }
        assert_eq!(names.share("x"), None);
        // One that is there already is shared.
        assert!(names.share(&"0".repeat(256)).is_some_and(|name| Arc::strong_count(&name) == 2));
        assert_eq!(names.bytes, ALL_NAMES);
        for _ in 0..INTERFACES {
            assert!(names.has_room());
            names.add_shared(0, None);
        }
        assert!(!names.has_room());
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
