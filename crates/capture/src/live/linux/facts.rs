//! What the kernel says of an interface.

use super::sys;

/// What the kernel says of an interface beyond what pnet does.
pub(in crate::live) fn mtu_and_hardware(interface: &str) -> (Option<u32>, Option<u16>) {
    let facts = sys::interface_facts(interface);
    facts.map_or((None, None), |facts| (Some(facts.mtu), Some(facts.hardware)))
}
