//! Inputs of the fuzz targets: the seeds in the repository, and changes of them that are the same in
//! every run.

use std::fs;
use std::path::Path;

/// Calls `check`, the body of the fuzz target `name`, with each file in `tests/fuzz/seeds/NAME`, and
/// with so many `changes` of these: always the same ones. If it panics, the input is printed.
///
/// # Panics
/// If the target has no seeds, or if `check` panics.
pub fn fuzz(name: &str, changes: usize, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/seeds").join(name);
    let files = fs::read_dir(folder).expect("a target has a folder of seeds");
    let mut files: Vec<_> = files.map(|file| file.expect("it can be listed").path()).collect();
    files.sort();
    let seeds: Vec<_> = files.iter().map(|file| fs::read(file).expect("it can be read")).collect();
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for (file, seed) in files.iter().zip(&seeds) {
        let _shown = Shown { name: &file.display().to_string(), input: seed };
        check(seed);
    }
    let mut dice = Dice(0);
    for number in 0..changes {
        let input = dice.input(&seeds);
        let _shown = Shown { name: &format!("change {number} of {name}"), input: &input };
        check(&input);
    }
}

/// Prints an input if a panic passes by.
struct Shown<'a> {
    name: &'a str,
    input: &'a [u8],
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let hex: Vec<_> = self.input.iter().map(|byte| format!("{byte:02x}")).collect();
            eprintln!("{}: {}", self.name, hex.concat());
        }
    }
}

/// Numbers that are the same in every run (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    /// A seed with a few changes.
    fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.roll(seeds.len())].clone();
        for _ in 0..=self.roll(4) {
            let other = &seeds[self.roll(seeds.len())];
            self.change(&mut input, other);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        // Lists and headers are at the beginning: half of the places are there.
        let among = if self.roll(2) == 0 { input.len().min(64) } else { input.len() };
        let at = self.roll(among + 1);
        let end = at + self.roll((input.len() - at).min(64) + 1);
        match self.roll(7) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => {
                let again = input[at..end].to_vec();
                input.splice(at..at, again);
            }
            3 => {
                let from = self.roll(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            kind => {
                let Some(byte) = input.get_mut(at) else { return };
                *byte = match kind {
                    4 => *byte ^ 1 << self.roll(8),
                    5 => [0, 1, 0x7f, 0x80, 0xfe, 0xff][self.roll(6)],
                    _ => self.roll(256) as u8,
                };
            }
        }
    }
}
