//! What the kernel reported.

use std::collections::HashMap;
use std::fs;
use std::io;

// States of linux/tcp_states.h.
pub(crate) const ESTABLISHED: u8 = 1;
pub(crate) const SYN_SENT: u8 = 2;
const SYN_RECEIVED: &str = "03";

#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) clients: Vec<Seen>,
    /// Of the namespace, as nstat(8) names them.
    pub(crate) counters: HashMap<String, u64>,
    pub(crate) story: Vec<String>,
}

/// What the calls of one client, and those of the server about it, returned. Times are in milliseconds
/// from the beginning.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to a question of its own")]
pub(crate) struct Seen {
    /// Just before its `connect()`, and just after that had sent a SYN.
    pub(crate) started: Option<u64>,
    pub(crate) syn_sent_by: u64,
    /// When `connect()` was seen to have succeeded, and when it last was seen not to have.
    pub(crate) connected: Option<u64>,
    pub(crate) not_yet: u64,
    /// When its socket was looked at last.
    pub(crate) looked: u64,
    /// The server held it no longer half open when it was connected, and too early for a second SYN-ACK.
    pub(crate) taken_at_once: bool,
    /// What it failed with, or the connection that it made.
    pub(crate) errno: Option<i32>,
    /// Bytes that the kernel took to send; and those that it took with the SYN.
    pub(crate) sent: u32,
    pub(crate) in_syn: u32,
    pub(crate) received: u32,
    pub(crate) client_isn: Option<u32>,
    pub(crate) server_isn: Option<u32>,
    /// How often the SYN was sent again.
    pub(crate) syn_retries: Option<u32>,
    pub(crate) syn_data_taken: bool,
    /// Its state in the end, 0 where it closed its socket, and how often it sent something again.
    pub(crate) state: u8,
    pub(crate) retries: u32,
    /// Where the server holds it half open in the end: how often it sent its SYN-ACK again.
    pub(crate) half_open: Option<u32>,
    /// `accept()` handed it out.
    pub(crate) accepted: bool,
    /// The server sent it something.
    pub(crate) served: bool,
    /// Bytes that the server read, and when it read the first that did not come with the SYN.
    pub(crate) read: u32,
    pub(crate) read_at: Option<u64>,
    /// Something happened when the capture was about to end.
    pub(crate) unclear: bool,
}

impl Seen {
    /// What a call of a socket that does not block returned: bytes sent and received, or an error.
    pub(crate) fn note(&mut self, returned: io::Result<(u32, u32)>) {
        match returned {
            Ok((sent, received)) => {
                self.sent += sent;
                self.received += received;
            }
            Err(error) => match error.raw_os_error() {
                Some(libc::EINPROGRESS | libc::EAGAIN) => {}
                errno => self.errno = errno,
            },
        }
    }
}

impl Truth {
    pub(crate) fn counter(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or_default()
    }
}

/// Those of `/proc/net/netstat`: for each group a line of names and a line of numbers.
pub(crate) fn counters() -> io::Result<HashMap<String, u64>> {
    let text = fs::read_to_string("/proc/net/netstat")?;
    let lines: Vec<&str> = text.lines().collect();
    let mut counters = HashMap::new();
    for pair in lines.chunks_exact(2) {
        let (names, numbers) = (pair[0].split_whitespace(), pair[1].split_whitespace());
        let group = names.clone().next().unwrap_or_default().trim_end_matches(':').to_owned();
        for (name, number) in names.zip(numbers).skip(1) {
            counters.insert(format!("{group}{name}"), number.parse().unwrap_or_default());
        }
    }
    Ok(counters)
}

/// Connections in SYN-RECEIVED by the client's port, and how often the SYN-ACK of each was sent again
/// (`/proc/net/tcp`, whose columns proc(5) tells).
pub(crate) fn half_open(v6: bool) -> io::Result<HashMap<u16, u32>> {
    let text = fs::read_to_string(if v6 { "/proc/net/tcp6" } else { "/proc/net/tcp" })?;
    let waiting = text.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (_, port) = columns.get(2)?.rsplit_once(':')?;
        let retries = u32::from_str_radix(columns.get(6)?, 16).ok()?;
        let port = u16::from_str_radix(port, 16).ok()?;
        (*columns.get(3)? == SYN_RECEIVED).then_some((port, retries))
    });
    Ok(waiting.collect())
}
