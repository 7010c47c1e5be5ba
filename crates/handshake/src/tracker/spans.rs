//! How long attempts are waited for.

/// An undecided attempt is closed when no segment of it came for twice its last gap (a TCP doubles
/// its waits, RFC 6298), and not before this: Linux waits 64 s between its last SYNs, and its timer
/// may be a seventh late.
pub(super) const WAIT_AT_LEAST_NS: i64 = 75_000_000_000;
/// And not later than this: twice the longest wait that RFC 6298 (5.5) and stacks keep to, 120 s.
pub(super) const WAIT_AT_MOST_NS: i64 = 240_000_000_000;
/// No handshake takes longer than this: RFC 9293 (3.8.3) asks a TCP to send its SYN for at least 3
/// minutes, Linux gives up after 131 s. An attempt that is older than this is cut.
pub(super) const OLD_NS: i64 = 300_000_000_000;
/// It is cut at the next of the points in time that are so far apart, counted from 1970. Wherever
/// reading begins, a SYN that is sent for hours is cut at the same points: what is older than this
/// and [`OLD_NS`] together makes no difference to it. This must be more than [`OLD_NS`] and
/// [`WAIT_AT_MOST_NS`]: then what begins after one point is cut at the next, whatever was before.
pub(super) const CUT_NS: i64 = 600_000_000_000;
const _: () = assert!(CUT_NS > OLD_NS + WAIT_AT_MOST_NS);
/// An attempt lives at most so long after its first segment.
pub(super) const LIFETIME_NS: i64 = OLD_NS + CUT_NS;

/// When an attempt that began at `start` is cut. `None` is after the end of time.
pub(super) fn cut_at(start: i64) -> Option<i64> {
    let old = start.checked_add(OLD_NS)?;
    old.checked_add((CUT_NS - old.rem_euclid(CUT_NS)) % CUT_NS)
}

/// A decided attempt lingers this long: Linux repeats a SYN-ACK after 1 s and 3 s where it dropped
/// the acknowledgment, and Windows a SYN within 0.5 s of a refusal.
pub(super) const LINGER_NS: i64 = 3_500_000_000;

/// Other traffic ends an attempt this much after its time only: captures hold frames out of order,
/// and whether an attempt's own late segment finds it open must not depend on other traffic.
pub(super) const SLACK_NS: i64 = 1_000_000_000;

/// The first retransmission timeout (RFC 6298, 2.1).
pub(super) const FIRST_RTO_NS: i64 = 1_000_000_000;

/// A time further from the one before it than this is not believed at once: captures exist in which a
/// single frame comes from another year.
pub(super) const BELIEVED_NS: i64 = 86_400_000_000_000;
/// It is believed when as many frames in a row bear it out.
pub(super) const BEARING_OUT: u8 = 16;
