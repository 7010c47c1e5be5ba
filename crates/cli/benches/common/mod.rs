//! Making captures, and measuring the programs that read them.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Runs a program to its end; `None` where it is not installed.
pub(crate) fn measure(
    program: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Option<Usage> {
    let started = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut usage = wait(&child);
    usage.wall = started.elapsed();
    Some(usage)
}

/// What a program took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: i64,
    pub(crate) status: ExitStatus,
}

#[expect(unsafe_code, reason = "the standard library does not tell what a child has used")]
fn wait(child: &Child) -> Usage {
    let mut status = 0;
    // SAFETY: an all-zero rusage is a valid value of that plain C struct.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals of the types that wait4(2) writes, and the child is
    // ours and has not been waited for.
    unsafe { libc::wait4(child.id().cast_signed(), &raw mut status, 0, &raw mut used) };
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec.cast_unsigned())
            + Duration::from_micros(time.tv_usec.cast_unsigned())
    };
    Usage {
        wall: Duration::ZERO,
        cpu: time(used.ru_utime) + time(used.ru_stime),
        peak_kib: used.ru_maxrss,
        status: ExitStatus::from_raw(status),
    }
}

/// The one in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Where the captures lie.
pub(crate) fn target_folder() -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The pcap file `name`, written unless it is there already. Its frames have `cut` bytes at most.
pub(crate) fn made(
    folder: &Path,
    name: &str,
    cut: u32,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<PathBuf> {
    let path = folder.join(name);
    if !path.exists() {
        let unfinished = path.with_extension("part");
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
        // Nanosecond pcap, little endian, Ethernet.
        file.write_all(&0xa1b2_3c4d_u32.to_le_bytes())?;
        file.write_all(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
        file.write_all(&cut.to_le_bytes())?;
        file.write_all(&[1, 0, 0, 0])?;
        write(&mut file)?;
        file.flush()?;
        std::fs::rename(&unfinished, &path)?;
    }
    Ok(path)
}
