//! The program as its users meet it: arguments in, text and exit codes out.

mod arrows;
mod assert;
mod captures;
mod catalogue;
mod circles;
#[cfg(feature = "parquet")]
mod columns;
mod docs;
mod extract;
#[cfg(target_os = "linux")]
mod files;
#[cfg(unix)]
mod follow;
mod fuzz;
mod help;
#[cfg(target_os = "linux")]
mod hostile;
mod inputs;
mod names;
#[cfg(unix)]
mod recipes;
mod replay;
mod report;
#[cfg(target_os = "linux")]
mod sandbox;
#[cfg(target_os = "linux")]
mod screen;
mod scripts;
mod selection;
mod started_in;
#[cfg(target_os = "linux")]
mod step;
mod tables;
#[cfg(target_os = "linux")]
mod terminal;
mod transcripts;
#[cfg(target_os = "linux")]
mod translation;
mod twins;
mod util;
mod wireshark;
