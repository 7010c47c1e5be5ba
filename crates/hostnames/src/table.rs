//! Which name an address has.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, BufRead};
use std::net::IpAddr;
use std::sync::Arc;

use parser::named;

use crate::answer::DnsAnswer;
use crate::hosts_file;

/// Answers that are remembered, each for one address. Beyond that the oldest is forgotten. Of a hosts
/// file, further addresses are left out.
pub(crate) const MOST: usize = 16_384;
/// Answers about one address that are looked at: the last ones.
const LOOKED_AT: usize = 16;

named! {
    /// Who says that a host has a name.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum NameSource {
        /// A DNS answer in the capture.
        Dns = "dns",
        /// The hosts file.
        Hosts = "hosts",
    }
}

/// The name of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    /// At most 253 characters, all of them letters, digits, `-`, `_`, `.` or `\`.
    pub name: Arc<str>,
    /// Who says so.
    pub source: NameSource,
}

/// The names of the two ends of an attempt, where they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndNames<'a> {
    /// The client's.
    pub client: Option<&'a HostName>,
    /// The server's.
    pub server: Option<&'a HostName>,
}

/// An address, how many attempts had begun when it was answered, and how many answers came before.
type Place = (IpAddr, u64, u64);

/// An answer about one address.
#[derive(Clone, Debug)]
struct Answered {
    asker: IpAddr,
    name: HostName,
}

/// The names that are known of hosts, of a bounded number.
#[derive(Clone, Debug, Default)]
pub struct HostNames {
    answered: BTreeMap<Place, Answered>,
    /// The keys of `answered`, the oldest first.
    by_age: VecDeque<Place>,
    /// How many answers were remembered so far.
    count: u64,
    from_file: HashMap<IpAddr, HostName>,
}

impl HostNames {
    /// Adds the names of a hosts file. The first line of an address counts.
    ///
    /// # Errors
    /// Where it can't be read.
    pub fn read_hosts(&mut self, file: impl BufRead) -> io::Result<()> {
        hosts_file::read(file, |addr, name| {
            if self.from_file.len() < MOST {
                self.from_file.entry(addr).or_insert(HostName { name, source: NameSource::Hosts });
            }
        })
    }

    /// Adds an answer that came when so many attempts had `begun`, no fewer than at the last one.
    pub fn learn(&mut self, answer: DnsAnswer, begun: u64) {
        let DnsAnswer { asker, addrs } = answer;
        for (addr, name) in addrs {
            let is_known = |known: &Answered| known.asker == asker && known.name.name == name;
            if self.before(addr, u64::MAX).next().is_some_and(is_known) {
                continue;
            }
            if self.by_age.len() >= MOST
                && let Some(oldest) = self.by_age.pop_front()
            {
                self.answered.remove(&oldest);
            }
            let place = (addr, begun, self.count);
            self.count += 1;
            self.by_age.push_back(place);
            let name = HostName { name, source: NameSource::Dns };
            self.answered.insert(place, Answered { asker, name });
        }
    }

    /// The names of the ends of the attempt with this id.
    pub fn of_attempt(&self, id: u64, client: IpAddr, server: IpAddr) -> EndNames<'_> {
        let name = |addr| {
            let before = || self.before(addr, id).take(LOOKED_AT);
            let to_client = before().find(|answered| answered.asker == client);
            let answered = to_client.or_else(|| before().next());
            answered.map(|answered| &answered.name).or_else(|| self.from_file.get(&addr))
        };
        EndNames { client: name(client), server: name(server) }
    }

    /// The last name of an address, where it stands for many attempts.
    pub fn last(&self, addr: IpAddr) -> Option<&HostName> {
        let answered = self.before(addr, u64::MAX).next();
        answered.map(|answered| &answered.name).or_else(|| self.from_file.get(&addr))
    }

    /// The answers about an address that came before the attempt with this id began, the last one first.
    /// Ids count attempts from 1 as they begin.
    fn before(&self, addr: IpAddr, id: u64) -> impl Iterator<Item = &Answered> {
        self.answered.range((addr, 0, 0)..(addr, id, 0)).rev().map(|(_, answered)| answered)
    }
}
