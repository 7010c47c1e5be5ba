//! Saves an attempt for somebody else.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use render::{JsonLines, Record, Records, Style, Summary, Svg, View};

/// Saves an attempt in `directory` as JSON and as SVG. No file that is there is written over. Gives the
/// name without its ending.
///
/// # Errors
/// A file can't be created, or not be written.
pub(crate) fn save(record: &Record<'_>, style: Style, directory: &Path) -> io::Result<String> {
    let name = format!("attempt-{}", record.handshake.id);
    let create = |ending: &str| File::create_new(directory.join(format!("{name}.{ending}")));
    let (json, svg) = (create("json")?, create("svg")?);
    let mut out = BufWriter::new(json);
    JsonLines::new(&mut out, Records::default()).handshake(record)?;
    out.flush()?;
    let mut out = BufWriter::new(svg);
    let mut view = Svg::new(&mut out, Style { width: None, ..style });
    view.handshake(record)?;
    view.end()?;
    view.finish(&Summary::default())?;
    out.flush()?;
    Ok(name)
}
