//! What an attempt counts as.

use handshake::{Facts, Outcome};

/// Whether an attempt failed before the capture ended.
pub(crate) const fn is_failure(facts: &Facts) -> bool {
    facts.outcome.is_failure() && !facts.cut_off
}

/// Whether an attempt failed or was retried.
pub(crate) const fn is_hurt(facts: &Facts) -> bool {
    is_failure(facts) || facts.is_retried()
}

/// Whether a part of an established attempt was not captured.
pub(crate) fn is_partial(facts: &Facts) -> bool {
    facts.outcome == Outcome::Established && !(facts.syn_captured && facts.syn_ack_captured)
}

/// No measured duration is negative.
pub(crate) fn nanoseconds(duration: Option<i64>) -> Option<u64> {
    duration.and_then(|duration| u64::try_from(duration).ok())
}
