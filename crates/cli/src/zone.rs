//! The time zone of the environment, before anything is read from where it says.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::Path;

/// Bytes of a file of a time zone: its header at least, and far more than any has.
const SIZES: std::ops::RangeInclusive<u64> = 44..=1 << 20;

/// Refuses a `TZ` that leads to what is no file of a time zone. Whoever reads it would read to the end,
/// and a device or a pipe may have none.
pub(crate) fn check(tz: &OsStr) -> anyhow::Result<()> {
    let value = tz.to_string_lossy();
    let name = value.strip_prefix(':').unwrap_or(&value);
    if render::is_zone_name(name) {
        return Ok(());
    }
    let can_be_read = match fs::metadata(Path::new(name)) {
        Ok(metadata) => ends_soon(&metadata),
        // It is no file, but a rule such as `CET-1CEST`, or a mistake.
        Err(_) => true,
    };
    anyhow::ensure!(
        can_be_read,
        "TZ={value}: is no file of a time zone; set TZ to a name such as Europe/Berlin, or use --time utc"
    );
    Ok(())
}

/// A directory can't be read at all.
fn ends_soon(metadata: &Metadata) -> bool {
    metadata.is_dir() || metadata.is_file() && SIZES.contains(&metadata.len())
}
