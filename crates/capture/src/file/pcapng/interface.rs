//! The interfaces of a section, and the packets they lost.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use parser::{LinkType, Names};

use super::clock::Clock;
use super::options::{self, BlockOptions};
use crate::file::budget::Budget;

/// A section may describe as many interfaces, and a file may name as many: what an honest file
/// never reaches and a hostile one can't exceed.
const MAX_INTERFACES: usize = 4096;
/// As many are kept of a file that is not read to its end, whatever the others describe.
const ALWAYS: usize = 4;
/// Bytes of a name that are looked at: more than [`Names`] keep.
const MAX_NAME: usize = 300;

/// What the packets of an interface have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct InterfaceBlock {
    pub(super) link: LinkType,
    /// 0 is no limit.
    pub(super) snaplen: u32,
    pub(super) clock: Clock,
    /// Its index among the source's interfaces.
    pub(super) index: Option<u16>,
    /// Lost packets by the drop counts of its packets.
    counted: Option<u64>,
    /// Lost packets by its latest statistics.
    reported: Option<u64>,
}

/// The interfaces of the current section.
#[derive(Debug)]
pub(super) struct Interfaces {
    source: u16,
    /// Counts all but a few of the descriptions.
    budget: Budget,
    current: Vec<InterfaceBlock>,
    /// The interfaces of all sections: one with the same name in the same place is the same one.
    named: HashMap<(usize, Option<Arc<str>>), u16>,
    /// Lost packets of earlier sections.
    lost_before: Option<u64>,
}

impl Interfaces {
    pub(super) fn new(source: u16, budget: &Budget) -> Self {
        let (budget, current) = (budget.clone(), Vec::new());
        Self { source, budget, current, named: HashMap::new(), lost_before: None }
    }

    pub(super) fn begin_section(&mut self) {
        self.lost_before = self.lost();
        let described = mem::take(&mut self.current).len();
        self.budget.give_back_interfaces(described.saturating_sub(ALWAYS));
    }

    /// Nothing more is read: what was lost is all that is still asked for.
    pub(super) fn end(&mut self) {
        self.begin_section();
        self.named = HashMap::new();
    }

    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<&InterfaceBlock> {
        self.current.get(id as usize)
    }

    /// Takes an interface description.
    pub(super) fn describe(
        &mut self,
        link: u16,
        snaplen: u32,
        options: &BlockOptions<'_>,
        names: &mut Names,
    ) -> Result<(), String> {
        if self.current.len() == MAX_INTERFACES {
            return Err(format!("the section describes more than {MAX_INTERFACES} interfaces"));
        }
        if self.current.len() >= ALWAYS && !self.budget.takes_interfaces(1) {
            return Err("the files describe more interfaces than are kept at once".to_owned());
        }
        let resolution = options.get(options::IF_TSRESOL).and_then(<[u8]>::first).copied();
        let offset = options.u64(options::IF_TSOFFSET).unwrap_or(0).cast_signed();
        let name = options.get(options::IF_NAME).and_then(text);
        let name = name.or_else(|| options.get(options::IF_DESCRIPTION).and_then(text));
        let index = self.index(name.and_then(|name| names.share(&name)), names);
        // Twice the space is much where there are thousands of files.
        if self.current.len() == self.current.capacity() {
            self.current.reserve_exact(1 + self.current.len() / 4);
        }
        self.current.push(InterfaceBlock {
            link: LinkType(u32::from(link)),
            snaplen,
            clock: Clock::new(resolution, offset),
            index,
            counted: None,
            reported: None,
        });
        Ok(())
    }

    fn index(&mut self, name: Option<Arc<str>>, names: &mut Names) -> Option<u16> {
        let key = (self.current.len(), name);
        if let Some(&index) = self.named.get(&key) {
            return Some(index);
        }
        if self.named.len() == MAX_INTERFACES || !names.has_room() {
            return None;
        }
        let index = names.add_shared(self.source, key.1.clone());
        self.named.insert(key, index);
        Some(index)
    }

    /// A packet says that so many were lost just before it.
    pub(super) fn count_lost(&mut self, id: u32, packets: u64) {
        if let Some(interface) = self.current.get_mut(id as usize) {
            add(&mut interface.counted, packets);
        }
    }

    /// Takes interface statistics, whose counts are totals since the capture began.
    pub(super) fn report_lost(&mut self, id: u32, options: &BlockOptions<'_>) {
        let Some(interface) = self.current.get_mut(id as usize) else { return };
        let counts = [options::ISB_IF_DROP, options::ISB_OS_DROP].map(|code| options.u64(code));
        let mut lost = None;
        // All ones is how some writers say that they don't know.
        for count in counts.into_iter().flatten().filter(|&count| count != u64::MAX) {
            add(&mut lost, count);
        }
        interface.reported = lost.or(interface.reported);
    }

    /// Lost packets of all interfaces and sections. Statistics and drop counts tell of the same
    /// packets: the larger number counts.
    pub(super) fn lost(&self) -> Option<u64> {
        let mut sum = self.lost_before;
        for interface in &self.current {
            if let Some(lost) = interface.counted.max(interface.reported) {
                add(&mut sum, lost);
            }
        }
        sum
    }
}

impl Drop for Interfaces {
    fn drop(&mut self) {
        self.end();
    }
}

fn add(sum: &mut Option<u64>, packets: u64) {
    *sum = Some(sum.unwrap_or(0).saturating_add(packets));
}

/// A name; some writers count a terminating zero to it.
fn text(value: &[u8]) -> Option<String> {
    let value = value.split(|&byte| byte == 0).next()?;
    let value = value.get(..value.len().min(MAX_NAME))?;
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}
