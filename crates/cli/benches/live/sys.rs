//! What the standard library does not offer.
#![expect(unsafe_code, reason = "system calls that the standard library doesn't have")]

use std::io;
use std::process::Child;
use std::time::Duration;

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: i64,
}

/// Asks a child to end, as Ctrl-C does.
pub(crate) fn interrupt(child: &Child) -> io::Result<()> {
    // SAFETY: the call takes no pointers; the child has not been waited for, so the id is its own.
    let result = unsafe { libc::kill(child.id().cast_signed(), libc::SIGINT) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

pub(crate) fn wait(child: &Child) -> io::Result<Usage> {
    let mut status = 0;
    // SAFETY: an all-zero rusage is a valid value of that plain C struct.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals of the types that wait4(2) writes, and the child is
    // ours and has not been waited for.
    let waited =
        unsafe { libc::wait4(child.id().cast_signed(), &raw mut status, 0, &raw mut used) };
    if waited < 0 {
        return Err(io::Error::last_os_error());
    }
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec.cast_unsigned())
            + Duration::from_micros(time.tv_usec.cast_unsigned())
    };
    Ok(Usage { cpu: time(used.ru_utime) + time(used.ru_stime), peak_kib: used.ru_maxrss })
}
