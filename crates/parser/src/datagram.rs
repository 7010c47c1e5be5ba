//! A UDP datagram in which no tunnel was found.

use etherparse::UdpHeaderSlice;

use crate::Endpoint;
use crate::cursor::Cursor;
use crate::ip_header::IpHeader;

/// A UDP datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub source: Endpoint,
    /// Who it was sent to.
    pub destination: Endpoint,
    /// What was captured of its data. In a first fragment, the data of that.
    pub payload: &'a [u8],
}

/// The datagram that begins at the cursor, in a packet with this header.
pub(crate) fn datagram<'a>(mut cursor: Cursor<'a>, ip: &IpHeader<'_>) -> Option<Datagram<'a>> {
    let header = UdpHeaderSlice::from_slice(cursor.bytes()).ok()?;
    let (source, destination) = ip.addresses.to_ip();
    cursor.advance(header.slice().len());
    if let Some(length) = usize::from(header.length()).checked_sub(header.slice().len()) {
        cursor.set_wire(length);
    }
    Some(Datagram {
        source: Endpoint::new(source, header.source_port()),
        destination: Endpoint::new(destination, header.destination_port()),
        payload: cursor.bytes(),
    })
}
