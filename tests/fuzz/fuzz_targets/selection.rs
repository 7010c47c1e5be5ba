#![no_main]
#![expect(dead_code, unused_imports, reason = "the rest of the program is not here")]

#[path = "../../../crates/cli/src/args/mod.rs"]
mod args;
#[path = "../../../crates/cli/src/attempt_id.rs"]
mod attempt_id;
#[path = "../../../crates/cli/src/help.rs"]
mod help;
#[path = "../../../crates/cli/src/memory.rs"]
mod memory;
#[path = "../../../crates/cli/src/moment.rs"]
mod moment;
#[path = "../../../crates/cli/src/selection.rs"]
mod selection;
#[path = "../../../crates/cli/src/services.rs"]
mod services;
#[path = "../src/selection.rs"]
mod target;
#[path = "../../../crates/cli/src/units.rs"]
mod units;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::check(data));
