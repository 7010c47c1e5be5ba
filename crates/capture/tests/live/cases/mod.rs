//! The cases.

mod handshakes;
mod interfaces;
mod limits;
mod privileges;

use capture::live::Backend;

pub(crate) use interfaces::{INTERFACES, change as change_interfaces};

/// One case, and the backends it is for.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) backends: &'static [Backend],
    pub(crate) run: fn(Backend),
}

const BOTH: &[Backend] = &[Backend::Ring, Backend::Pnet];
const RING: &[Backend] = &[Backend::Ring];
const PNET: &[Backend] = &[Backend::Pnet];

/// Every case.
pub(crate) const CASES: &[Case] = &[
    Case { name: "handshake_v4", backends: BOTH, run: handshakes::v4 },
    Case { name: "handshake_v6", backends: BOTH, run: handshakes::v6 },
    Case { name: "third_segment_with_data", backends: BOTH, run: handshakes::with_data },
    Case { name: "bulk_is_cut", backends: RING, run: handshakes::bulk_is_cut },
    Case { name: "bulk_is_left_out", backends: PNET, run: handshakes::bulk_is_left_out },
    Case { name: "ports_and_hosts", backends: BOTH, run: handshakes::ports_and_hosts },
    Case { name: "veth_both_directions", backends: BOTH, run: interfaces::veth },
    Case { name: "icmp_error", backends: BOTH, run: interfaces::icmp_error },
    Case { name: "any", backends: BOTH, run: interfaces::any },
    Case { name: "several_interfaces", backends: BOTH, run: interfaces::several },
    Case { name: "vlan_tag_is_put_back", backends: RING, run: interfaces::vlan_tag_is_put_back },
    Case { name: "vlan_tag_is_lost", backends: PNET, run: interfaces::vlan_tag_is_lost },
    Case { name: "down_and_up", backends: BOTH, run: interfaces::down_and_up },
    Case { name: "gone_and_back", backends: BOTH, run: interfaces::gone_and_back },
    Case { name: "renamed", backends: BOTH, run: interfaces::renamed },
    Case { name: "unknown_or_down", backends: BOTH, run: interfaces::unknown_or_down },
    Case { name: "stop_loses_nothing", backends: BOTH, run: limits::stop_loses_nothing },
    Case { name: "stop_waits_for_the_last", backends: BOTH, run: limits::stop_waits_for_the_last },
    Case { name: "drops_are_counted", backends: RING, run: limits::drops_are_counted },
    Case { name: "idle_says_how_far_it_is", backends: BOTH, run: limits::idle },
    Case { name: "idle_comes_in_traffic_too", backends: BOTH, run: limits::busy },
    Case { name: "privileges_are_gone", backends: BOTH, run: privileges::are_gone },
    Case { name: "what_is_permitted_is_enough", backends: BOTH, run: privileges::permitted },
    Case { name: "capturing_can_be_given_up", backends: BOTH, run: privileges::given_up },
];
