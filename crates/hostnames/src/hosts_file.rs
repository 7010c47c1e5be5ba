//! Hosts files: lines of an address and its names, as hosts(5) has them.

use std::io::{self, BufRead};
use std::net::IpAddr;
use std::sync::Arc;

use crate::spelling::spelled;

/// So many bytes of a file are read.
const MOST_BYTES: u64 = 4 << 20;

/// Gives each address and its first name to `take`. Lines that are something else say nothing.
pub(crate) fn read(
    file: impl BufRead,
    mut take: impl FnMut(IpAddr, Arc<str>),
) -> Result<(), io::Error> {
    for line in file.take(MOST_BYTES).split(b'\n') {
        if let Some((addr, name)) = entry(&line?) {
            take(addr, name);
        }
    }
    Ok(())
}

fn entry(line: &[u8]) -> Option<(IpAddr, Arc<str>)> {
    let line = line.split(|&byte| byte == b'#').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let addr = std::str::from_utf8(words.next()?).ok()?;
    // A zone says which interface leads there: `fe80::1%eth0`.
    let addr = addr.split('%').next()?.parse().ok()?;
    let name = words.next()?;
    let name = name.strip_suffix(b".").unwrap_or(name);
    Some((addr, spelled(name.split(|&byte| byte == b'.'))?))
}
