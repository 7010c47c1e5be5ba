//! The interfaces there are, as pnet finds them.

use pnet::datalink::{self, NetworkInterface};

/// The interfaces of this host, by index.
pub(super) fn present() -> Vec<NetworkInterface> {
    let mut present = datalink::interfaces();
    present.sort_by_key(|interface| interface.index);
    present
}
