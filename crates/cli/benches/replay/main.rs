//! Replaying large captures, beside other programs that read the same files.
//!
//! `cargo bench -p synscope --bench replay` makes captures under `target/bench/replay/` (2.5 GB), says for
//! each whether synscope finds what was made, runs every program on it, in rounds, and prints for each
//! the median of the ratio to `tcpdump -r` with a filter, round by round, and its peak memory. At last
//! it does so once for captures of several sizes. Programs that are not installed are named and left out.
//! Nothing here fails on a slow machine: the figures are there to be read.
//!
//! It prints Markdown. With `--write` the same goes into `docs/benchmarks.md`, with a drawing. `--quick`
//! takes captures of a tenth of the size, to try the bench.

#[path = "../common/mod.rs"]
mod common;
mod connection;
mod packets;
mod plot;
mod programs;
mod sweep;
mod text;
mod traffic;
mod verdicts;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use text::{head, megabytes, table, thousands};
use traffic::Traffic;
use verdicts::Verdicts;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [make, name, connections] = &arguments[..]
        && make == MAKE
    {
        let traffic = traffic::ALL.iter().find(|traffic| traffic.name == name);
        let connections = connections.parse().map_err(io::Error::other)?;
        return write(&traffic.expect("it is one of them").sized(connections));
    }
    let is_set = |option| arguments.iter().any(|argument| argument == option);
    let divisor = if is_set("--quick") { 10 } else { 1 };
    let mut report = Report::default();
    let mut verdicts = vec![head(&["capture", "outcome", "made", "totals", "records", "right"])];
    for traffic in traffic::ALL {
        let traffic = traffic.sized(traffic.connections / divisor);
        let file = made(&traffic)?;
        let found = Verdicts::of(&traffic, &file)?;
        verdicts.extend(found.rows(traffic.name));
        report.add(&format!(
            "**{}**: {}. {} packets of {} connections, {}. {}",
            traffic.name,
            traffic.about,
            thousands(found.frames),
            thousands(u64::from(traffic.connections)),
            megabytes(file.metadata()?.len()),
            found.right(),
        ));
        report.add(&programs::compare(&file)?);
    }
    report.add("What synscope said of these connections, beside what was made:");
    report.add(&table(&verdicts));
    let (sizes, drawing) = sweep::sweep(traffic::CONNECTIONS.connections / divisor)?;
    report.add("**connections** in several sizes, one run each, time and peak memory:");
    report.add(&sizes);
    report.add(&format!("![Time and memory against the size of the capture]({DRAWING})"));
    if is_set("--write") { report.write(&drawing) } else { Ok(()) }
}

/// The file of the drawing, beside the document.
const DRAWING: &str = "benchmarks.svg";
/// Has a capture made, and does nothing else.
const MAKE: &str = "--make";

/// The capture of the traffic, which is made unless it is there already. The peak of a child is at least
/// that of the process that starts it, so another one makes it.
fn made(traffic: &Traffic) -> io::Result<PathBuf> {
    let connections = traffic.connections.to_string();
    Command::new(std::env::current_exe()?).args([MAKE, traffic.name, &connections]).status()?;
    Ok(folder()?.join(file_name(traffic)))
}

fn write(traffic: &Traffic) -> io::Result<()> {
    let write = |file: &mut _| connection::write(traffic, file);
    common::made(&folder()?, &file_name(traffic), traffic.cut, write).map(drop)
}

fn file_name(traffic: &Traffic) -> String {
    format!("{}-{}.pcap", traffic.name, traffic.connections)
}

fn folder() -> io::Result<PathBuf> {
    let folder = common::target_folder()?.join("replay");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// What is printed, for the document.
#[derive(Default)]
struct Report(String);

impl Report {
    fn add(&mut self, text: &str) {
        let text = format!("{}\n\n", text.trim_end());
        print!("{text}");
        self.0 += &text;
    }

    /// Puts it between the two marks in the document, and the drawing beside that.
    fn write(&self, drawing: &str) -> io::Result<()> {
        const BEGIN: &str = "<!-- The bench writes from here -->\n";
        const END: &str = "<!-- to here. -->\n";
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let path = docs.join("benchmarks.md");
        let document = fs::read_to_string(&path)?;
        let parts = document.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = parts.ok_or_else(|| io::Error::other("the marks are missing"))?;
        fs::write(&path, format!("{before}{BEGIN}\n{}{END}{after}", self.0))?;
        fs::write(docs.join(DRAWING), drawing)
    }
}
