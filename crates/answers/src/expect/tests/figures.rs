//! What attempts make of expectations.

use std::net::IpAddr;

use handshake::{Facts, Features, Outcome, PatternName, PatternSet};
use parser::{Endpoint, Origin};
use proptest::prelude::*;

use crate::expect::{Check, Found, Kind, Measure};

/// An attempt of which nothing is known but its ends and its outcome.
fn attempt(id: u64, outcome: Outcome) -> Facts {
    Facts {
        id,
        client: "192.0.2.1:40001".parse_end(),
        server: "192.0.2.2:80".parse_end(),
        origin: Origin::default(),
        vlan: None,
        outcome,
        start: None,
        syn_captured: true,
        syn_ack_captured: false,
        syn_retransmissions: 0,
        syn_ack_retransmissions: 0,
        server_rtt_ns: None,
        client_rtt_ns: None,
        waited_ns: None,
        failed_after_ns: None,
        offered: Features::default(),
        accepted: Features::default(),
        patterns: PatternSet::default(),
    }
}

trait ParseEnd {
    fn parse_end(self) -> Endpoint;
}

impl ParseEnd for &str {
    fn parse_end(self) -> Endpoint {
        let end: std::net::SocketAddr = self.parse().unwrap();
        Endpoint { addr: end.ip(), port: end.port() }
    }
}
