//! What each fuzz target does with its input: an assertion that holds of any bytes.
//!
//! `fuzz_targets/` lets libFuzzer call these functions; `tests/fuzz.rs` calls them in every run of the
//! tests, with what lies in `seeds/` and changes of it.

pub mod compression;
pub mod decode;
pub mod dns;
pub mod expectations;
mod files;
pub mod glance;
pub mod options;
pub mod pcap;
pub mod pcapng;
pub mod scripts;
pub mod tracker;
pub mod views;
