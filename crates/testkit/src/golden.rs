//! Files that hold what a test expects.

use std::env;
use std::fs;
use std::path::Path;

/// Compares a text with the golden file of the test, which somebody has looked at.
///
/// # Panics
/// They differ, or there is no such file. With `SYNSCOPE_WRITE_GOLDENS` it is written anew.
#[track_caller]
pub fn golden(path: impl AsRef<Path>, text: &str) {
    const HOW: &str = "with SYNSCOPE_WRITE_GOLDENS=1 the test writes it anew";
    let path = path.as_ref();
    let name = path.display();
    if env::var_os("SYNSCOPE_WRITE_GOLDENS").is_some() {
        fs::write(path, text).expect("the golden files can be written");
    }
    let golden = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}; {HOW}"));
    assert!(golden == text, "{name} differs; {HOW}\nexpected:\n{golden}\nfound:\n{text}");
}
