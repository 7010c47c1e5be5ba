//! What the frames were, whether or not there was a segment in them.

use parser::{Frame, Stopped, Tally, Timestamp};

/// Totals over all frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames.
    pub frames: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// The earliest time of a frame.
    pub first: Option<Timestamp>,
    /// The latest.
    pub last: Option<Timestamp>,
    /// Frames with an ICMP error that quotes a TCP header.
    pub icmp_errors: u64,
    /// Other frames without TCP, by what they hold.
    pub without_tcp: Tally,
    /// Frames that could not be decoded to the end.
    pub undecoded: Vec<Undecoded>,
}

/// Frames whose decoding stopped at one layer, for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecoded {
    /// The layer.
    pub layer: &'static str,
    /// The kind of reason.
    pub reason: &'static str,
    /// How many.
    pub count: u64,
}

impl Traffic {
    #[inline]
    pub(super) fn count(&mut self, frame: &Frame<'_>) {
        self.frames += 1;
        self.bytes = self.bytes.saturating_add(u64::from(frame.wire_len));
        if let Some(time) = frame.timestamp {
            if self.first.is_none_or(|first| time < first) {
                self.first = Some(time);
            }
            if self.last.is_none_or(|last| time > last) {
                self.last = Some(time);
            }
        }
    }

    /// There are few layers and few reasons, so that a list is the fastest table.
    pub(super) fn count_undecoded(&mut self, stopped: &Stopped) {
        let (layer, reason) = (stopped.layer, stopped.reason.name());
        self.add_undecoded(layer, reason, 1);
    }

    /// Counts the fragments of TCP headers that the decoder could not put together.
    pub(super) fn count_fragmented(&mut self, headers: u64) {
        if headers > 0 {
            self.add_undecoded("tcp", "fragmented TCP header, not reassembled", headers);
        }
    }

    fn add_undecoded(&mut self, layer: &'static str, reason: &'static str, count: u64) {
        match self.undecoded.iter_mut().find(|like| like.layer == layer && like.reason == reason) {
            Some(like) => like.count += count,
            None => self.undecoded.push(Undecoded { layer, reason, count }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parser::{LinkType, Origin, Reason};

    #[test]
    fn frames_that_stopped_alike_are_counted_together() {
        let mut traffic = Traffic::default();
        for needed in [20, 40] {
            let reason = Reason::Truncated { needed, got: 3 };
            traffic.count_undecoded(&Stopped { layer: "ipv4", reason, offset: 14 });
        }
        for layer in ["tcp", "ipv4"] {
            traffic.count_undecoded(&Stopped { layer, reason: Reason::TooDeep, offset: 0 });
        }
        let counts: Vec<_> = traffic.undecoded.iter().map(|one| (one.layer, one.count)).collect();
        assert_eq!(counts, [("ipv4", 2), ("tcp", 1), ("ipv4", 1)]);
    }

    #[test]
    fn headers_that_were_never_put_together_are_counted_where_there_are_any() {
        let mut traffic = Traffic::default();
        traffic.count_fragmented(0);
        assert_eq!(traffic.undecoded, []);
        traffic.count_fragmented(3);
        let reason = "fragmented TCP header, not reassembled";
        assert_eq!(traffic.undecoded, [Undecoded { layer: "tcp", reason, count: 3 }]);
    }

    #[test]
    fn the_span_is_from_the_earliest_time_to_the_latest() {
        let mut traffic = Traffic::default();
        for time in [Some(5), Some(3), None, Some(9), Some(7)] {
            traffic.count(&Frame {
                origin: Origin::default(),
                number: 1,
                timestamp: time.map(Timestamp::from_nanos),
                link: LinkType(1),
                wire_len: 60,
                bytes: &[],
            });
        }
        let [first, last] = [3, 9].map(|ns| Some(Timestamp::from_nanos(ns)));
        assert_eq!(traffic, Traffic { frames: 5, bytes: 300, first, last, ..Traffic::default() });
    }
}
