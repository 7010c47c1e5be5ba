//! Records in the order of their first segments, though attempts end in another order.

use std::collections::BTreeMap;
use std::io;

use handshake::Handshake;

/// What bounds the memory of an [`Order`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLimits {
    /// Records held at most.
    pub records: usize,
    /// Bytes that they take at most, about.
    pub bytes: usize,
}

impl Default for OrderLimits {
    fn default() -> Self {
        Self { records: 20_000, bytes: 8_000_000 }
    }
}

/// Where records go.
type Emit<'a> = &'a mut dyn FnMut(&Handshake) -> io::Result<()>;

/// Holds ended records until no attempt that began before them is open. Beyond its limits the oldest
/// record is let go before its turn: order is then lost, a record never is.
#[derive(Debug, Default)]
pub struct Order {
    held: BTreeMap<u64, Handshake>,
    bytes: usize,
    limits: OrderLimits,
    /// No open attempt has a smaller id.
    oldest_open: u64,
    let_go: u64,
}

impl Order {
    /// An order that holds to `limits`.
    pub fn new(limits: OrderLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes a record that has ended. It goes to `emit` at once where it is next in order.
    ///
    /// # Errors
    /// Those of `emit`.
    pub fn push(&mut self, handshake: &Handshake, emit: Emit<'_>) -> io::Result<()> {
        if handshake.id <= self.oldest_open {
            return emit(handshake);
        }
        self.bytes += handshake.weight();
        if let Some(same) = self.held.insert(handshake.id, handshake.clone()) {
            self.bytes -= same.weight();
            emit(&same)?;
        }
        while self.held.len() > self.limits.records || self.bytes > self.limits.bytes {
            let Some(oldest) = self.pop(u64::MAX) else { break };
            self.let_go += 1;
            emit(&oldest)?;
        }
        Ok(())
    }

    /// Emits what is in order, given the smallest id among the attempts that have not ended
    /// ([`handshake::Tracker::oldest_open`]); `None` says that all have. Cheap: to be called after
    /// every frame.
    ///
    /// # Errors
    /// Those of `emit`.
    pub fn release(&mut self, oldest_open: Option<u64>, emit: Emit<'_>) -> io::Result<()> {
        self.oldest_open = oldest_open.unwrap_or_default();
        while let Some(next) = self.pop(oldest_open.unwrap_or(u64::MAX)) {
            emit(&next)?;
        }
        Ok(())
    }

    /// How many records were let go before their turn.
    pub const fn let_go(&self) -> u64 {
        self.let_go
    }

    /// Takes out the oldest record, where its id is at most `last`.
    fn pop(&mut self, last: u64) -> Option<Handshake> {
        let oldest = self.held.first_entry()?;
        if *oldest.key() > last {
            return None;
        }
        let handshake = oldest.remove();
        self.bytes -= handshake.weight();
        Some(handshake)
    }
}

#[cfg(test)]
mod tests {
    use handshake::SegmentRecord;
    use parser::{IcmpError, Layer};

    use super::*;
    use crate::fixture;

    fn record(id: u64) -> Handshake {
        Handshake { id, ..fixture::record("established") }
    }

    /// Feeds steps of (records that end, oldest open attempt after that), returns the emitted ids.
    fn run(order: &mut Order, steps: &[(&[u64], Option<u64>)]) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut emit = |handshake: &Handshake| {
            ids.push(handshake.id);
            Ok(())
        };
        for (ended, oldest_open) in steps {
            for &id in *ended {
                order.push(&record(id), &mut emit).expect("emit never fails");
            }
            order.release(*oldest_open, &mut emit).expect("emit never fails");
        }
        ids
    }

    #[test]
    fn records_leave_in_the_order_of_their_ids() {
        let mut order = Order::default();
        let steps: [(&[u64], _); 6] = [
            (&[], Some(1)),
            (&[3], Some(1)),
            (&[2], Some(1)),
            (&[1], Some(4)),
            (&[5, 4], None),
            (&[6], None),
        ];
        assert_eq!(run(&mut order, &steps), [1, 2, 3, 4, 5, 6]);
        assert_eq!((order.let_go(), order.bytes, order.held.len()), (0, 0, 0));
    }

    #[test]
    fn a_record_waits_for_the_open_attempts_before_it() {
        let mut order = Order::default();
        assert_eq!(run(&mut order, &[(&[3, 2], Some(1))]), [0_u64; 0]);
        assert_eq!(run(&mut order, &[(&[], Some(2))]), [2]);
        assert_eq!(run(&mut order, &[(&[], Some(4))]), [3]);
    }

    #[test]
    fn beyond_its_limits_the_oldest_leaves_first_and_none_is_lost() {
        let limits = OrderLimits { records: 2, ..OrderLimits::default() };
        let mut order = Order::new(limits);
        assert_eq!(run(&mut order, &[(&[5, 4, 3, 2], Some(1))]), [3, 2]);
        assert_eq!(order.let_go(), 2);
        assert_eq!(run(&mut order, &[(&[1], None)]), [1, 4, 5]);
        assert_eq!((order.bytes, order.held.len()), (0, 0));

        let bytes = record(1).weight() * 3;
        let mut order = Order::new(OrderLimits { bytes, ..OrderLimits::default() });
        assert_eq!(run(&mut order, &[(&[9, 8, 7, 6], Some(1))]), [6]);
    }

    #[test]
    fn the_same_id_twice_loses_neither() {
        let mut order = Order::default();
        assert_eq!(run(&mut order, &[(&[2, 2], Some(1)), (&[], None)]), [2, 2]);
        assert_eq!((order.bytes, order.held.len()), (0, 0));
    }

    #[test]
    fn a_record_weighs_what_it_holds() {
        let weight = |name| fixture::record(name).weight();
        let (record, segment) = (size_of::<Handshake>(), size_of::<SegmentRecord>());
        assert_eq!(weight("established"), record + 3 * segment);
        assert_eq!(weight("unreachable"), record + 3 * segment + 2 * size_of::<IcmpError>());
        assert_eq!(weight("two-vlans"), record + 6 * segment + 2 * size_of::<Layer>());
    }

    #[test]
    fn an_error_of_the_output_comes_back() {
        let mut order = Order::default();
        let mut fail = |_: &Handshake| Err(io::Error::from(io::ErrorKind::BrokenPipe));
        order.push(&record(2), &mut fail).expect("it is held");
        let error = order.release(None, &mut fail).expect_err("emit failed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
