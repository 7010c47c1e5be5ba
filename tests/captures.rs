//! The bundled captures: what captures/README.md says of them, and what holds for each of them.

mod findings;
mod prefixes;
mod scripts;
mod table;
mod taps;
mod twins;
mod variants;
#[path = "../crates/handshake/tests/variations/mod.rs"]
mod variations;
mod witness;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::util::{Dir, Run};

/// Where the captures are.
fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

fn read(name: &str) -> Vec<u8> {
    let path = captures().join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_text(name: &str) -> String {
    String::from_utf8(read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files of a directory in `captures()`, as paths from there.
fn files_in(directory: &str) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(captures().join(directory)).expect("the directory can be read");
    let files = entries.map(|entry| entry.expect("the directory can be read").path());
    let directory = PathBuf::from(directory);
    files.filter(|path| path.is_file()).map(move |path| {
        let name = directory.join(path.file_name().expect("a file has a name"));
        name.into_os_string().into_string().expect("the names of captures are UTF-8")
    })
}

/// The names of all captures: three-way.pcapng, twins/vlan.pcap.
fn all() -> BTreeSet<String> {
    let is_capture = |name: &String| name.contains(".pcap");
    files_in("").chain(files_in("twins")).filter(is_capture).collect()
}

/// What the program says about a capture, which has no fault.
fn replay(name: &str) -> Run {
    let path = captures().join(name);
    let args = ["replay".as_ref(), "-f".as_ref(), "json".as_ref(), path.as_os_str()];
    Dir::new().synscope(args).run().code(0).says("")
}

/// The attempts in a capture, in the order of their first segments, and the totals.
fn told(name: &str) -> (Vec<Value>, Value) {
    let run = replay(name);
    let mut document: Value = serde_json::from_str(run.stdout()).expect("it is JSON");
    let Value::Array(attempts) = document["handshakes"].take() else { panic!("{run:?}") };
    (attempts, document["summary"].take())
}
