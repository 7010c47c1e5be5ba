//! ICMP errors that quote a segment of an attempt.

use parser::{Frame, IcmpError, Layer, Timestamp};

use super::attempt::Attempt;
use super::copies::Place;
use super::keep::icmp_record;
use super::state::Phase;
use crate::record::IcmpEvidence;
use crate::segment::{Sender, Verdict};

impl Attempt {
    /// Takes an ICMP error that quotes a segment of the attempt.
    pub(super) fn take_error(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        error: &IcmpError,
        now: i64,
        limit: usize,
    ) {
        let encapsulation = self.encapsulation(layers);
        let place =
            Place { origin: frame.origin, ttl: error.ttl, encapsulation: Some(encapsulation) };
        let by_client = self.client == error.quoted.source;
        let from = match error.sender {
            sender if sender == self.server.addr => Sender::Server,
            sender if sender == self.client.addr => Sender::Client,
            _ => Sender::Network,
        };
        let verdict = if self.holds_error(error, place, frame.timestamp) {
            Verdict::DuplicateCapture
        } else if by_client && self.state.phase == Phase::SynSent && self.state.ending().is_none() {
            Verdict::Advanced
        } else {
            Verdict::Stray
        };
        if verdict != Verdict::DuplicateCapture {
            self.touch(frame.timestamp.map(Timestamp::as_nanos), now);
        }
        let kept = self.keep(icmp_record(frame, error, from, encapsulation, verdict), limit);
        // A path MTU report, a source quench or a redirect is no refusal (RFC 1122, RFC 8201).
        let counts = by_client && error.is_unreachable() && verdict != Verdict::DuplicateCapture;
        if counts && self.rare(|rare| rare.icmp).is_none() {
            self.icmp_index = kept;
            self.rare_mut().icmp = Some(IcmpEvidence {
                frame: frame.number,
                family: error.family,
                kind: error.kind,
                code: error.code,
                sender: error.sender,
                mtu: error.mtu,
            });
        }
    }
}
