//! Packets and calls on one time line.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use capture::live::Live;
use capture::{FrameSource, Next};
use parser::{Frame, Timestamp};

use crate::call::CallEvent;
use crate::error::ScenarioError;
use crate::lab::Running;
use crate::report::Report;

/// What happens while a scenario is watched.
#[derive(Debug)]
pub enum Moment<'a> {
    /// A program entered a call, or a call returned.
    Call(&'a CallEvent),
    /// A packet was on the loopback.
    Frame(Frame<'a>),
    /// Everything before this time has been reported.
    Idle(Timestamp),
}

impl Running {
    /// Tells what happens in the order of its time, packets and calls alike, until the scenario
    /// has ended and the capture is drained.
    ///
    /// # Errors
    /// What kept the scenario from being played to its end, or the capture from going on.
    /// [`ScenarioError::Stopped`] where somebody else stopped the capture.
    pub fn watch(
        self,
        live: &mut Live,
        on_moment: &mut dyn FnMut(Moment<'_>),
    ) -> Result<Report, ScenarioError> {
        let stop = live.stop_handle();
        let mut calls = Pending::default();
        let mut ended = false;
        loop {
            if !ended && self.is_finished() {
                ended = true;
                stop.stop();
            }
            let next = live.next()?;
            // Whatever comes next, the calls before it are in the channel then.
            self.settle();
            calls.collect(self.calls());
            match next {
                Next::Frame(frame) => {
                    if let Some(time) = frame.timestamp {
                        calls.tell_until(time, on_moment);
                    }
                    on_moment(Moment::Frame(frame));
                }
                Next::Idle(time) => {
                    calls.tell_until(time, on_moment);
                    on_moment(Moment::Idle(time));
                }
                Next::End => break,
            }
        }
        calls.tell_until(Timestamp::from_nanos(i64::MAX), on_moment);
        if ended { self.join() } else { Err(ScenarioError::Stopped) }
    }
}

/// Call events that wait for the packets before them. They come nearly in order: each thread tells
/// its own.
#[derive(Debug, Default)]
struct Pending {
    events: BTreeMap<(Timestamp, u64), CallEvent>,
    count: u64,
}

impl Pending {
    fn collect(&mut self, calls: &Receiver<CallEvent>) {
        for event in calls.try_iter() {
            self.count += 1;
            self.events.insert((event.time(), self.count), event);
        }
    }

    /// Tells those up to and including `time`.
    fn tell_until(&mut self, time: Timestamp, on_moment: &mut dyn FnMut(Moment<'_>)) {
        while let Some(first) = self.events.first_entry()
            && first.key().0 <= time
        {
            on_moment(Moment::Call(&first.remove()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Actor, Call, Returned, Side};
    use std::sync::mpsc;

    fn call(id: u32, entered: i64, returned: Option<i64>) -> CallEvent {
        let actor = Actor { side: Side::Client, number: id };
        let (text, result) = ("close()".to_owned(), "0".to_owned());
        let entered = Timestamp::from_nanos(entered);
        let returned = returned.map(Timestamp::from_nanos);
        match returned {
            Some(at) => {
                let returned = Some(Returned { at, result, errno: None });
                CallEvent::Returned(Call { id, actor, entered, accepted_by: None, text, returned })
            }
            None => CallEvent::Entered(Call {
                id,
                actor,
                entered,
                accepted_by: None,
                text,
                returned: None,
            }),
        }
    }

    #[test]
    fn calls_are_reported_in_order_of_their_time_and_none_too_early() {
        let (sender, receiver) = mpsc::channel();
        let (first, second, third) = (call(1, 10, None), call(2, 5, Some(20)), call(3, 30, None));
        for event in [&second, &first, &third] {
            sender.send(event.clone()).expect("the receiver is there");
        }
        let mut pending = Pending::default();
        pending.collect(&receiver);
        let mut told = Vec::new();
        for until in [9, 20] {
            pending.tell_until(Timestamp::from_nanos(until), &mut |moment| match moment {
                Moment::Call(event) => told.push((until, event.clone())),
                other => panic!("{other:?}"),
            });
        }
        assert_eq!(told, [(20, first), (20, second)]);
        assert_eq!(pending.events.into_values().collect::<Vec<_>>(), [third]);
    }
}
