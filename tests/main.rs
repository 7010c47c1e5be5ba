//! The program as its users meet it: arguments in, text and exit codes out.

mod arrows;
mod captures;
#[cfg(target_os = "linux")]
mod demo;
mod docs;
mod help;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod live;
mod replay;
mod scripts;
mod twins;
mod util;
