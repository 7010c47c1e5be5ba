//! ICMP errors that quote a segment of an attempt.

use parser::{Frame, IcmpError, Layer, Timestamp};

use super::attempt::Attempt;
use super::attempts::Attempts;
use super::copies;
use super::flow::scope;
use super::keep::icmp_record;
use super::report::OnEvent;
use super::state::Phase;
use super::table::Place;
use crate::record::IcmpEvidence;
use crate::segment::{Kind, Sender, Verdict};

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
        let encapsulation = self.encapsulation(layers, scope(layers));
        let place = copies::Place {
            origin: frame.origin,
            ttl: error.ttl,
            encapsulation: Some(encapsulation),
        };
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

impl Attempts {
    /// An ICMP error that quotes a segment.
    pub(super) fn on_icmp(
        &mut self,
        frame: &Frame<'_>,
        layers: &[Layer],
        error: &IcmpError,
        on_event: OnEvent<'_>,
    ) {
        let Some(index) = self.find_quoted(frame, error, on_event) else { return };
        let before = self.decision(index);
        let attempt = &mut self.table[index];
        attempt.take_error(frame, layers, error, self.now, self.limits.segments);
        self.table.weigh(index);
        self.requeue(index);
        self.report_decision(index, before, on_event);
        self.make_room_for_full(on_event);
    }

    /// The attempt of which an ICMP error quotes a segment. One that is over by then ends.
    fn find_quoted(
        &mut self,
        frame: &Frame<'_>,
        error: &IcmpError,
        on_event: OnEvent<'_>,
    ) -> Option<u32> {
        let quoted = &error.quoted;
        let flow = self.hasher.flow(&quoted.source, &quoted.destination);
        let time = frame.timestamp.map(Timestamp::as_nanos);
        loop {
            let index = match self.table.find_quoted(flow, quoted)? {
                Place::Plain(at) => self.unfold(at),
                Place::Full(at) => at,
            };
            if !self.table[index].is_over_at(time, Kind::Icmp) {
                return Some(index);
            }
            self.close_at_deadline(index, on_event);
        }
    }
}
