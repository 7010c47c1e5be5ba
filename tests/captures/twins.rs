//! The twins of one capture: the same packets in another form.

use serde_json::{Value, json};

use super::{all, told};

/// What is reported of a capture, without what its form decides (a `uid`
/// is another one in a VLAN), and the layers around its packets.
fn essence(name: &str) -> (Vec<Value>, Vec<Value>) {
    let (mut attempts, _) = told(name);
    let mut layers = Vec::new();
    for attempt in &mut attempts {
        for field in ["source", "interface", "uid"] {
            attempt[field].take();
        }
        layers.push(attempt["encapsulations"].take());
    }
    (attempts, layers)
}

#[test]
fn twins_differ_in_nothing_but_their_form() {
    let (original, _) = essence("textbook.pcapng");
    let names = all();
    let twins: Vec<_> = names.iter().filter(|name| name.starts_with("twins/")).collect();
    assert!(twins.len() >= 16, "twins are missing: {twins:?}");
    for name in twins {
        let (twin, layers) = essence(name);
        assert_eq!(twin, original, "{name}");
        let expected = match name.as_str() {
            "twins/vlan.pcap" => json!([["vlan 100"]]),
            "twins/vxlan.pcap" => json!([["vxlan 42"]]),
            _ => json!([]),
        };
        assert_eq!(layers, [expected], "{name}");
    }
}
