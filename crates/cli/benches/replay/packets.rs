//! Packets into a pcap file.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use etherparse::{EtherType, Ethernet2Header, IpNumber, Ipv4Header, TcpHeader};

use crate::traffic::mix;

pub(crate) struct Packets<'a> {
    file: &'a mut BufWriter<File>,
    cut: usize,
    frame: Vec<u8>,
    /// What the data of every segment begins with.
    data: Vec<u8>,
}

impl<'a> Packets<'a> {
    /// Of each frame, `cut` bytes at most go to the file.
    pub(crate) fn new(file: &'a mut BufWriter<File>, cut: u32) -> Self {
        let data = (0..1448).map(|number| mix(number) as u8).collect();
        Self { file, cut: cut as usize, frame: Vec::new(), data }
    }

    /// Writes a segment with `len` bytes of data, with right checksums.
    pub(crate) fn write(
        &mut self,
        nanos: u64,
        source: [u8; 4],
        destination: [u8; 4],
        mut tcp: TcpHeader,
        len: usize,
    ) -> io::Result<()> {
        const ETHERNET: Ethernet2Header = Ethernet2Header {
            source: [2, 0, 0, 0, 0, 2],
            destination: [2, 0, 0, 0, 0, 1],
            ether_type: EtherType::IPV4,
        };
        let data = &self.data[..len];
        let ip_len = tcp.header_len_u16() + len as u16;
        let ip = Ipv4Header::new(ip_len, 64, IpNumber::TCP, source, destination)
            .map_err(io::Error::other)?;
        tcp.checksum = tcp.calc_checksum_ipv4(&ip, data).map_err(io::Error::other)?;
        self.frame.clear();
        ETHERNET.write(&mut self.frame)?;
        ip.write(&mut self.frame)?;
        tcp.write(&mut self.frame)?;
        self.frame.extend(data);
        let kept = self.frame.len().min(self.cut);
        let second = 1_000_000_000;
        let times = [(nanos / second) as u32, (nanos % second) as u32];
        for field in times.into_iter().chain([kept as u32, self.frame.len() as u32]) {
            self.file.write_all(&field.to_le_bytes())?;
        }
        self.file.write_all(&self.frame[..kept])
    }
}
