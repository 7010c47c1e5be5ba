//! Saves an attempt for somebody else.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use render::{JsonLines, Record, Records, Style, Summary, Svg, View};

/// Copies the packets of an attempt into a capture file, or says in a line why that can't be done.
pub type CopyPackets = dyn Fn(&Record<'_>, File) -> Result<(), String> + Send + Sync;

/// The endings of the files.
const ENDINGS: [&str; 3] = ["json", "svg", "pcapng"];

/// Saves an attempt in `directory` as JSON, as SVG, and its packets. No file that is there is written
/// over. Says what was saved.
///
/// # Errors
/// A file can't be created, or not be written.
pub(crate) fn save(
    record: &Record<'_>,
    style: Style,
    directory: &Path,
    copy: &CopyPackets,
) -> io::Result<String> {
    let name = format!("attempt-{}", record.handshake.id);
    let paths = ENDINGS.map(|ending| directory.join(format!("{name}.{ending}")));
    let [json, svg, packets] = create(&paths)?;
    let mut out = BufWriter::new(json);
    JsonLines::new(&mut out, Records::default()).handshake(record)?;
    out.flush()?;
    let mut out = BufWriter::new(svg);
    let mut view = Svg::new(&mut out, Style { width: None, ..style });
    view.handshake(record)?;
    view.end()?;
    view.finish(&Summary::default())?;
    out.flush()?;
    Ok(match copy(record, packets) {
        Ok(()) => format!("saved {name}.json, .svg and .pcapng"),
        Err(why) => {
            let [_, _, packets] = &paths;
            fs::remove_file(packets)?;
            format!("saved {name}.json and .svg; no packets: {why}")
        }
    })
}

/// Creates all of them, or none.
fn create(paths: &[PathBuf; 3]) -> io::Result<[File; 3]> {
    let mut files = Vec::new();
    for path in paths {
        match File::create_new(path) {
            Ok(file) => files.push(file),
            Err(error) => {
                // One that stays is empty.
                paths.iter().take(files.len()).for_each(|made| drop(fs::remove_file(made)));
                let name = path.file_name().unwrap_or_default().display();
                return Err(io::Error::new(error.kind(), format!("{name}: {error}")));
            }
        }
    }
    files.try_into().map_err(|_| io::ErrorKind::Other.into())
}
