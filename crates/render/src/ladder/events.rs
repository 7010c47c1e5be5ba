//! Segments and socket calls in one order.

use parser::Timestamp;

use crate::SocketCall;

/// Something that happens, from top to bottom of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// The segment with this index.
    Segment(usize),
    /// A program enters a call, and something else happens before it returns.
    Enters(&'a SocketCall),
    /// It returns.
    Returns(&'a SocketCall),
    /// A call during which nothing happened.
    Calls(&'a SocketCall),
}

/// Merges the calls into the segments, of which the times are given. Segments keep their order,
/// whatever their times say; a call stands before the first segment that is later than it.
pub(super) fn merge<'a>(
    segments: impl Iterator<Item = Option<Timestamp>>,
    calls: impl Iterator<Item = &'a SocketCall>,
) -> Vec<Event<'a>> {
    let mut edges: Vec<(Timestamp, Event<'_>)> = Vec::new();
    for call in calls {
        edges.push((call.entered, Event::Enters(call)));
        edges.extend(call.returned.map(|time| (time, Event::Returns(call))));
    }
    // Stable: a call that takes no time still enters before it returns.
    edges.sort_by_key(|&(time, _)| time);
    let mut edges = edges.into_iter().peekable();
    let mut events = Vec::with_capacity(edges.len());
    for (index, at) in segments.enumerate() {
        if let Some(at) = at {
            while let Some((_, event)) = edges.next_if(|&(time, _)| time < at) {
                push(&mut events, event);
            }
        }
        events.push(Event::Segment(index));
    }
    edges.for_each(|(_, event)| push(&mut events, event));
    events
}

/// Adds an edge; a return right after its own entry makes one event of both.
fn push<'a>(events: &mut Vec<Event<'a>>, event: Event<'a>) {
    match (events.last_mut(), event) {
        (Some(last), Event::Returns(call)) if *last == Event::Enters(call) => {
            *last = Event::Calls(call);
        }
        _ => events.push(event),
    }
}

#[cfg(test)]
mod tests {
    use handshake::{SegmentRecord, Side};

    use super::*;
    use crate::fixture::{self, START};

    fn times(segments: &[SegmentRecord]) -> impl Iterator<Item = Option<Timestamp>> {
        segments.iter().map(|segment| segment.timestamp)
    }

    fn call(entered: i64, returned: Option<i64>, call: &str) -> SocketCall {
        SocketCall {
            side: Side::Client,
            entered: Timestamp::from_nanos(START + entered),
            returned: returned.map(|ns| Timestamp::from_nanos(START + ns)),
            call: call.to_owned(),
            result: "0".to_owned(),
        }
    }

    #[test]
    fn calls_stand_between_the_segments_they_fall_between() {
        let segments = fixture::record("established").segments;
        let calls = [
            call(-9_000, Some(-8_000), "socket()"),
            call(-5_000, Some(65_000), "connect()"),
            call(30_000, None, "accept()"),
        ];
        let expected = [
            Event::Calls(&calls[0]),
            Event::Enters(&calls[1]),
            Event::Segment(0),
            Event::Segment(1),
            Event::Enters(&calls[2]),
            Event::Segment(2),
            Event::Returns(&calls[1]),
        ];
        assert_eq!(merge(times(&segments), calls.iter()), expected);
    }

    #[test]
    fn segments_keep_their_order_when_the_clock_does_not() {
        let segments = fixture::record("clock-back").segments;
        let calls = [call(-5_000, Some(5_000), "connect()")];
        let expected = [
            Event::Enters(&calls[0]),
            Event::Segment(0),
            Event::Segment(1),
            Event::Segment(2),
            Event::Returns(&calls[0]),
        ];
        assert_eq!(merge(times(&segments), calls.iter()), expected);
    }
}
