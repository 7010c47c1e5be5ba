//! The program as its users meet it: arguments in, text and exit codes out.

mod arrows;
mod help;
mod replay;
mod scripts;
mod util;
