//! DNS answers (RFC 1035), and those of multicast DNS (RFC 6762).

use std::net::IpAddr;
use std::sync::Arc;

use domain::base::Message;
use domain::base::iana::{Class, Opcode};
use domain::base::name::{Label, ParsedName, ToName as _};
use domain::base::record::ParsedRecord;
use domain::rdata::{A, Aaaa};
use parser::{Datagram, Decoder, Frame};

use crate::spelling::spelled;

const DNS: u16 = 53;
const MULTICAST_DNS: u16 = 5353;
/// Records of an answer. Honest answers have a few; one with more is not read.
const MOST_RECORDS: u16 = 64;
/// Multicast DNS marks here a record that replaces older ones (RFC 6762, 10.2).
const REPLACES: u16 = 1 << 15;

/// What a DNS answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsAnswer {
    /// Who it was sent to.
    pub asker: IpAddr,
    /// The addresses in it, each with the name that was asked for, which may be an alias of the name
    /// that has the address. Not empty.
    pub addrs: Vec<(IpAddr, Arc<str>)>,
}

/// Finds DNS answers in frames.
#[derive(Debug, Default)]
pub struct AnswerFinder {
    decoder: Decoder,
}

impl AnswerFinder {
    /// The answer in a frame, where there is one that names an address.
    pub fn find(&mut self, frame: &Frame<'_>) -> Option<DnsAnswer> {
        DnsAnswer::read(&self.decoder.datagram(frame)?)
    }
}

impl DnsAnswer {
    /// Reads the answer in a datagram. What comes before the place where it breaks off counts.
    pub(crate) fn read(datagram: &Datagram<'_>) -> Option<Self> {
        let is_multicast = datagram.source.port == MULTICAST_DNS;
        if datagram.source.port != DNS && !is_multicast {
            return None;
        }
        let message = Message::from_slice(datagram.payload).ok()?;
        let (header, counts) = (message.header(), message.header_counts());
        let is_answer = header.qr() && header.opcode() == Opcode::QUERY && message.no_error();
        if !is_answer || counts.ancount() > MOST_RECORDS {
            return None;
        }
        // Multicast answers repeat no question.
        let addrs = match counts.qdcount() {
            0 if is_multicast => own_names(message),
            1 => asked_name(message)?,
            _ => return None,
        };
        (!addrs.is_empty()).then_some(Self { asker: datagram.destination.addr, addrs })
    }
}

type Name<'a> = ParsedName<&'a [u8]>;

/// The addresses of the name that was asked for, or of what that is an alias of.
fn asked_name(message: &Message<[u8]>) -> Option<Vec<(IpAddr, Arc<str>)>> {
    let asked = spell(message.first_question()?.qname())?;
    let canonical = message.canonical_name()?;
    let of_it = records(message).filter(|record| record.owner().name_eq(&canonical));
    Some(of_it.filter_map(|record| Some((addr(&record)?, Arc::clone(&asked)))).collect())
}

/// The addresses of all names.
fn own_names(message: &Message<[u8]>) -> Vec<(IpAddr, Arc<str>)> {
    let named = |record| Some((addr(&record)?, spell(&record.owner())?));
    records(message).filter_map(named).collect()
}

fn records(message: &Message<[u8]>) -> impl Iterator<Item = ParsedRecord<'_, [u8]>> {
    message.answer().into_iter().flatten().map_while(Result::ok)
}

/// The address that a record holds.
fn addr(record: &ParsedRecord<'_, [u8]>) -> Option<IpAddr> {
    if record.class().to_int() & !REPLACES != Class::IN.to_int() {
        return None;
    }
    let v4 = record.to_record::<A>().ok()?.map(|record| record.data().addr().into());
    let v6 = || Some(record.to_record::<Aaaa>().ok()??.data().addr().into());
    v4.or_else(v6)
}

fn spell(name: &Name<'_>) -> Option<Arc<str>> {
    spelled(name.iter().filter(|label| !label.is_root()).map(Label::as_slice))
}
